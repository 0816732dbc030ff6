import { countText, groupDigits } from '../../core/counts.ts'
import { printable } from '../../core/printable.ts'
import type { Evidence } from '../../sigstore/evidence.ts'
import { explain } from './explain.ts'
import { entriesText, sharedBundle, signerOf, sortSubjects, timeText, vouchers } from './facts.ts'
import type { ActionOutcome, SubjectOutcome } from './outcome.ts'
import { publishedLines } from './published.ts'
import { storedLines } from './stored-lines.ts'
import { verdictOf } from './verdict.ts'

const MOST_LINES = 100

/** The result for the log: a line for each subject, failures first, then the verdict. Every line is printable. */
export function logLines(outcome: ActionOutcome): readonly string[] {
  const { failed, good, open } = sortSubjects(outcome.subjects)
  const subjects = [...failed, ...good, ...open]
  const more = subjects.length - MOST_LINES
  const { mark, line, meaning } = verdictOf(outcome)
  const shared = sharedBundle(good)
  return [
    ...(shared === undefined
      ? []
      : [factsLine(`✓ ${countText(good.length, 'subject')} in one bundle`, shared)]),
    ...subjects.slice(0, MOST_LINES).map((subject) => subjectLine(subject, shared !== undefined)),
    ...(more > 0 ? [`… and ${groupDigits(more)} more: the JSON report has them all`] : []),
    ...publishedLines(outcome).map((text) => printable(text, 1500)),
    ...storedLines(outcome).map((text) => printable(text, 1500)),
    `${mark} ${line}. ${meaning}`,
  ]
}

/** Facts that stand above already are not said again. */
function subjectLine(subject: SubjectOutcome, isShared: boolean): string {
  const name = printable(subject.name, 300)
  const { error, evidence } = subject
  if (error !== undefined) {
    const { headline, comparison } = explain(error)
    return [`✗ ${name}: ${headline}`, ...(comparison === undefined ? [] : [comparison])].join('  ')
  }
  if (evidence === undefined) return `– ${name}: not reached`
  return isShared ? `✓ ${name}` : factsLine(`✓ ${name}`, { ...subject, evidence })
}

type Proven = Pick<SubjectOutcome, 'kept' | 'source'> & { readonly evidence: Evidence }

function factsLine(head: string, subject: Proven): string {
  const { evidence } = subject
  const signer = signerOf(subject)
  const when = evidence.times[0]
  const facts = [
    subject.kept === true ? 'kept' : '',
    evidence.statement === undefined ? '' : `attestation ${evidence.statement.predicateType}`,
    signer === undefined ? '' : `signed by ${signer.name.value}`,
    signer?.claims.sourceRepositoryDigest === undefined
      ? ''
      : `commit ${signer.claims.sourceRepositoryDigest}`,
    when === undefined ? '' : `at ${timeText(when.at)} by ${vouchers(evidence)}`,
    entriesText(evidence),
    subject.source === 'github' ? "attestation from GitHub's store" : '',
  ]
  return printable(`${head}: ${facts.filter((fact) => fact !== '').join(', ')}`, 1500)
}
