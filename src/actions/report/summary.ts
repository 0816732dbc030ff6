import { countText } from '../../core/counts.ts'
import type { ActionError } from '../../errors.ts'
import { explainPublic, publicText } from './explain.ts'
import { policyFacts, trustText } from './facts.ts'
import { byteLength, codeBlock, codeSpan, prose, tableHead, tableRow } from './markdown.ts'
import type { ActionOutcome } from './outcome.ts'
import { publishedLines } from './published.ts'
import { storedLines } from './stored-lines.ts'
import { encodeSection, factRows, fixed, KIB, type Section } from './summary-section.ts'
import {
  checkSections,
  failureSections,
  groupSigners,
  signerSections,
  subjectSections,
} from './summary-subjects.ts'
import { verdictOf } from './verdict.ts'

/** Bytes. The runner drops a summary over 1 MiB in silence; this leaves room for those of other steps. */
export const MAX_SUMMARY_BYTES = 200 * 1024

/**
 * One block of Markdown of at most 200 KiB: verdict, what failed, what became public, each subject, its signers, the
 * policy, the trusted root, the checks, and how to verify elsewhere. Pure.
 */
export function encodeSummary(outcome: ActionOutcome, recipes = ''): string {
  const groups = groupSigners(outcome.subjects)
  const before = [
    ...verdictSections(outcome),
    ...failureSections(outcome.subjects),
    ...publicSections(outcome),
    ...publishedSections(outcome),
    ...storedSections(outcome),
  ]
  const after = [
    ...signerSections(groups, outcome.action === 'sign' ? outcome.identity : undefined),
    ...policySections(outcome),
    ...trustSections(outcome),
    ...checkSections(outcome.subjects),
    ...listSections(outcome),
    ...recipeSections(recipes),
  ].map(encodeSection)
  const first = before.map(encodeSection)
  const used = byteLength([...first, ...after].join('\n\n')) + 4 * KIB
  const table = subjectSections(outcome.subjects, groups, {
    fileTitle: outcome.result === 'failed' ? 'Good file' : 'File',
    openTitle: outcome.result === 'dry-run' ? 'Would be signed' : 'Not reached',
    budget: MAX_SUMMARY_BYTES - used,
  }).map(encodeSection)
  return `${[...first, ...table, ...after].join('\n\n')}\n`
}

function verdictSections(outcome: ActionOutcome): Section[] {
  const { mark, line, meaning } = verdictOf(outcome)
  const { error, subjects } = outcome
  const shownBelow =
    error !== undefined &&
    subjects.some((subject) => subject.error !== undefined && [error, error.cause].includes(subject.error))
  const sections = [fixed([`## ${mark} ${line}`, '', meaning])]
  return error === undefined || shownBelow ? sections : [...sections, fixed(errorLines(error))]
}

/** What happened, expected and found side by side, what to do. */
function errorLines({ code, message, expected, found, hint }: ActionError): string[] {
  const compared =
    expected === undefined && found === undefined
      ? []
      : [
          tableHead(['Expected', 'Found']),
          tableRow([codeSpan(expected ?? 'not said'), codeSpan(found ?? 'not said')]),
          '',
        ]
  return [
    `**What failed:** ${codeSpan(code)} ${prose(message)}`,
    '',
    ...compared,
    `**What to do:** ${prose(hint)}`,
  ]
}

function publicSections(outcome: ActionOutcome): Section[] {
  if (outcome.action !== 'sign' || outcome.public.length === 0) return []
  const [first = '', ...others] = explainPublic(outcome.public)
  const last = others.at(-1) ?? ''
  return [
    {
      head: [`**What became public:** ${prose(first)}`, ''],
      rows: outcome.public.map((record) => `- Public: ${prose(publicText(record))}`),
      foot: ['', `Note: ${prose(last)}`],
      unit: 'records',
      most: 8 * KIB,
    },
  ]
}

function publishedSections(outcome: ActionOutcome): Section[] {
  const [first, ...others] = publishedLines(outcome)
  if (first === undefined) return []
  return listSection(
    `**Published:** ${prose(first)}`,
    others.map((text) => `- Published: ${prose(text)}`),
    'records',
  )
}

function storedSections(outcome: ActionOutcome): Section[] {
  const [first, ...others] = storedLines(outcome)
  if (first === undefined) return []
  const rows = others.map((text) => `- Stored: ${prose(text)}`)
  return listSection(`**Stored:** ${prose(first)}`, rows, 'attestations')
}

function policySections(outcome: ActionOutcome): Section[] {
  if (outcome.action !== 'verify' || outcome.policy === undefined) return []
  return [
    {
      head: [tableHead(['What was asked for', ''])],
      rows: factRows(policyFacts(outcome.policy)),
      unit: 'rules',
      most: 8 * KIB,
    },
  ]
}

function trustSections({ trust }: ActionOutcome): Section[] {
  if (trust === undefined) return []
  return [
    fixed([
      `**Trusted root:** ${codeSpan(trust.name)}, ${prose(trustText(trust))}, SHA-256 ${codeSpan(trust.digest)}`,
    ]),
  ]
}

function listSections(outcome: ActionOutcome): Section[] {
  const unused = outcome.action === 'verify' ? (outcome.unused ?? []) : []
  return [
    ...listSection(
      `**Unused bundles:** ${countText(unused.length, 'bundle')} proved nothing about these files and did no harm.`,
      unused.map(({ bundle, reason }) => `- Unused: ${codeSpan(bundle)} ${prose(reason)}`),
      'bundles',
    ),
    ...listSection(
      '**Notes**',
      (outcome.notes ?? []).map((note) => `- Note: ${prose(note)}`),
      'notes',
    ),
  ]
}

const listSection = (head: string, rows: readonly string[], unit: string): Section[] =>
  rows.length === 0 ? [] : [{ head: [head, ''], rows, unit, most: 4 * KIB }]

/**
 * To be copied, so nothing in it may be escaped: with a name that would need it, or too long to read, only the output
 * has them.
 */
function recipeSections(recipes: string): Section[] {
  if (recipes === '') return []
  const block = codeBlock('sh', recipes.trimEnd())
  if (byteLength(block) > 16 * KIB || /[<>&`]/.test(recipes)) {
    return [fixed(['**How to verify elsewhere:** the commands are in the output `verify-commands`.'])]
  }
  return [fixed(['<details><summary>How to verify elsewhere</summary>', '', block, '', '</details>'])]
}
