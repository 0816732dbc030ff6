import { countText, groupDigits } from '../../core/counts.ts'
import { printable, quote } from '../../core/printable.ts'
import { ActionError, type ErrorCode } from '../../errors.ts'
import type { PublicRecord } from './outcome.ts'

/** What a person is told when something failed. Every line is printable and holds no secret. */
export interface Explanation {
  readonly code: ErrorCode
  /** `CODE: message`. */
  readonly headline: string
  /** `Expected: …  Found: …` in one line, or nothing. */
  readonly comparison: string | undefined
  /** `What to do: …`. */
  readonly advice: string
  /** The three of them, a line each: the text of the annotation. */
  readonly annotation: string
  /** Stack and causes, for the debug log alone. */
  readonly debug: readonly string[]
}

const MOST_MESSAGE = 1000
const MOST_VALUE = 500
const MOST_CAUSES = 8

/**
 * Anything but an ActionError is a bug of ours. Its message stays out of the annotation: nobody has vouched that it holds
 * no part of a token, as JSON.parse quotes what it could not read.
 */
export function asActionError(error: unknown): ActionError {
  if (error instanceof ActionError) return error
  const kind = error instanceof Error ? error.name : typeof error
  return new ActionError('INTERNAL', `an unforeseen ${quote(kind, 60)} ended the action`, {
    cause: error,
    hint: 'This is a bug in the action. Please report it with the version and, from a run with debug logging, the lines that follow.',
  })
}

/** Takes whatever was thrown. */
export function explain(thrown: unknown): Explanation {
  const error = asActionError(thrown)
  const headline = `${error.code}: ${printable(error.message, MOST_MESSAGE)}`
  const comparison = compare(error)
  const advice = `What to do: ${printable(error.hint, MOST_MESSAGE)}`
  return {
    code: error.code,
    headline,
    comparison,
    advice,
    annotation: [headline, ...(comparison === undefined ? [] : [comparison]), advice].join('\n'),
    debug: causes(error),
  }
}

function compare({ expected, found }: ActionError): string | undefined {
  const parts = [
    ...(expected === undefined ? [] : [`Expected: ${printable(expected, MOST_VALUE)}`]),
    ...(found === undefined ? [] : [`Found: ${printable(found, MOST_VALUE)}`]),
  ]
  return parts.length === 0 ? undefined : parts.join('  ')
}

/** The stacks of an error and of what caused it, outermost first. */
function causes(error: unknown): readonly string[] {
  const lines: string[] = []
  let at: unknown = error
  for (let depth = 0; depth < MOST_CAUSES && at !== undefined; depth++) {
    const text = at instanceof Error ? (at.stack ?? at.message) : String(typeof at)
    lines.push(...text.split('\n').map((line) => printable(line, MOST_MESSAGE)))
    at = at instanceof Error ? at.cause : undefined
  }
  return lines
}

/** What stands in public although the run failed, a sentence each; empty if nothing does. */
export function explainPublic(records: readonly PublicRecord[]): readonly string[] {
  if (records.length === 0) return []
  return [
    `Although the run failed, ${amountText(records)}:`,
    ...records.map((record) => publicText(record)),
    'They name this workflow and, in an entry, the digest of the file, for ever. Run the job again: a file whose bundle was written is not logged a second time.',
  ]
}

const isSure = (record: PublicRecord): boolean =>
  record.kind === 'certificate' ? record.perhaps !== true : record.index !== undefined

/** What is only possible does not pass for a fact. */
function amountText(records: readonly PublicRecord[]): string {
  const sure = records.filter(isSure).length
  const open = records.length - sure
  if (sure === 0) return `${countText(open, 'record')} may have become public`
  const known = `${countText(sure, 'record')} became public and cannot be taken back`
  return open === 0 ? known : `${known}, and ${groupDigits(open)} more may have`
}

/** One record in words, printable. */
export function publicText(record: PublicRecord): string {
  if (record.kind === 'certificate') {
    const issuer = record.issuer === undefined ? '' : `, issuer ${printable(record.issuer)}`
    const sure = record.perhaps === true ? 'perhaps (its answer was lost or unusable) ' : ''
    return `${sure}a certificate for ${printable(record.identity, MOST_VALUE)}${issuer}, in the certificate transparency log`
  }
  const subject = record.subject === undefined ? '' : ` for ${quote(record.subject)}`
  const place =
    record.index === undefined ? 'perhaps an entry (its answer was lost)' : `entry ${record.index.toString()}`
  return `${place}${subject} in the log ${printable(record.log)}`
}
