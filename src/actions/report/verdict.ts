import { countText, groupDigits } from '../../core/counts.ts'
import { sortSubjects } from './facts.ts'
import type { ActionOutcome, SubjectOutcome } from './outcome.ts'

/** What a tired person reads first: one short line, and a sentence of what it means. Words of ours only. */
export interface Verdict {
  readonly mark: '✅' | '❌' | '⚪'
  readonly line: string
  readonly meaning: string
}

export function verdictOf(outcome: ActionOutcome): Verdict {
  switch (outcome.result) {
    case 'signed':
      return signedVerdict(outcome)
    case 'verified':
      return {
        mark: '✅',
        line: `Verified: ${countText(countNames(outcome.subjects), nounOf(outcome.subjects))}`,
        meaning: `Every ${nounOf(outcome.subjects)} is the one that was signed, by the signer that was asked for.`,
      }
    case 'empty':
      return {
        mark: '⚪',
        line: 'Nothing to sign: no file matched',
        meaning: 'Nothing was requested from any service, and nothing became public.',
      }
    case 'dry-run':
      return {
        mark: '⚪',
        line: `Dry run: ${countText(outcome.subjects.length, nounOf(outcome.subjects))} would be signed`,
        meaning: 'No identity token was asked for, and nothing became public.',
      }
    case 'failed':
      return outcome.action === 'sign' ? notSignedVerdict(outcome) : notVerifiedVerdict(outcome)
  }
}

function signedVerdict({ subjects }: ActionOutcome): Verdict {
  const kept = subjects.filter((subject) => subject.kept === true).length
  const made = subjects.length - kept
  const split = kept === 0 ? '' : ` (${groupDigits(made)} now, ${groupDigits(kept)} kept)`
  const keptText =
    kept === 0 ? '' : ' Kept ones were made earlier and still hold; they were not logged again.'
  const verb = subjects.some(({ evidence }) => evidence?.statement !== undefined) ? 'Attested' : 'Signed'
  return {
    mark: '✅',
    line: `${verb}: ${countText(subjects.length, nounOf(subjects))}${split}`,
    meaning: `Every bundle was verified as a stranger would before it was written.${keptText}`,
  }
}

/** What is known by its digest alone is no file. */
const nounOf = (subjects: readonly SubjectOutcome[]): string =>
  subjects.every(({ path }) => path !== undefined) ? 'file' : 'subject'

/** Several bundles of one file are several outcomes and one file. */
const countNames = (subjects: readonly SubjectOutcome[]): number =>
  new Set(subjects.map(({ name }) => name)).size

function failedText({ subjects }: ActionOutcome): string {
  const failed = countNames(sortSubjects(subjects).failed)
  if (failed === 0) return ''
  return `: ${groupDigits(failed)} of ${countText(countNames(subjects), nounOf(subjects))} failed`
}

function notSignedVerdict(outcome: ActionOutcome): Verdict {
  const { good } = sortSubjects(outcome.subjects)
  const written =
    good.length === 0
      ? 'No bundle was written.'
      : `${countText(countBundles(good), 'bundle')} had been written and verified; a new run keeps what is there.`
  return { mark: '❌', line: `Not signed${failedText(outcome)}`, meaning: `The step failed. ${written}` }
}

/** The subjects of a statement share what was proven. */
const countBundles = (good: readonly SubjectOutcome[]): number =>
  new Set(good.map(({ evidence }) => evidence)).size

const notVerifiedVerdict = (outcome: ActionOutcome): Verdict => ({
  mark: '❌',
  line: `Not verified${failedText(outcome)}`,
  meaning: 'Do not use these files: not one of them, as long as one fails.',
})
