import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HINTS } from '../src/errors.ts'

/** Writes docs/errors.md from the table in src/errors.ts. A test compares the two. */

export const ERRORS_DOC = join(import.meta.dirname, '..', 'docs', 'errors.md')

/** Titles of the families, by the beginning of their codes; the first that fits counts. */
const FAMILIES: readonly (readonly [title: string, beginnings: readonly string[]])[] = [
  ['Inputs', ['INPUT_']],
  ['Files', ['FILE_', 'OUTPUT_']],
  ['The job', ['ENVIRONMENT', 'EVENT_', 'REPOSITORY_', 'REF_']],
  ['The identity token', ['TOKEN_']],
  ['Fulcio and its certificate', ['FULCIO_', 'CERT_', 'SCT_']],
  ['The transparency log', ['TLOG_']],
  ['Timestamps', ['TSA_', 'TIME_MISSING']],
  ['Trusted root and signing config', ['TRUST_', 'CONFIG_']],
  ['Bundles and attestations', ['BUNDLE_', 'SIG_', 'STATEMENT_', 'SUBJECT_', 'PREDICATE_']],
  ['Policy and verdict', ['POLICY_', 'IDENTITY_', 'TIME_', 'VERIFY_']],
  ['Network and clock', ['NET_', 'CLOCK']],
  ['How a run can end', ['CANCELLED', 'INTERNAL']],
]
const REST = 'Others'

const INTRO = `# Error codes

Every failure has one of these codes. It stands in the annotation, in the step summary, in the JSON report and in the
output \`error-code\`, so that a later step can tell failures apart. The code is stable; the wording around it is not.
Behind each code stands what to do; where a run knows better than this page, it says so instead.

<!-- Made from src/errors.ts by \`node scripts/errors-doc.ts\`. Do not edit. -->
`

const familyOf = (code: string): string =>
  FAMILIES.find(([, beginnings]) => beginnings.some((beginning) => code.startsWith(beginning)))?.[0] ?? REST

/** The whole of docs/errors.md. */
export function encodeErrorsDoc(): string {
  const titles = [...FAMILIES.map(([title]) => title), REST]
  const sections = titles.flatMap((title) => {
    const rows = Object.entries(HINTS)
      .filter(([code]) => familyOf(code) === title)
      .map(([code, hint]) => `- \`${code}\`: ${hint}`)
    return rows.length === 0 ? [] : [`\n## ${title}\n\n${rows.join('\n')}\n`]
  })
  return INTRO + sections.join('')
}

if (import.meta.main) {
  writeFileSync(ERRORS_DOC, encodeErrorsDoc())
  console.log(`wrote docs/errors.md: ${Object.keys(HINTS).length} codes`)
}
