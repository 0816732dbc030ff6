import { countText } from '../../core/counts.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Evidence } from '../../sigstore/evidence.ts'
import { findPredicateFault, lightEvidence, verifyPolicy } from '../../sigstore/policy.ts'
import { verifySubjectName } from '../../sigstore/statement.ts'
import { verifyBundle } from '../../sigstore/verifier.ts'
import type { SubjectOutcome, UnusedBundle } from '../report/outcome.ts'
import type { FoundBundle, ReadableBundle } from './verify-bundles.ts'
import type { ReadSubject, VerifyRun } from './verify-subject.ts'

/** What one bundle means for one subject: it counts or fails, or it holds and is of a type that nobody asked for. */
export type Judgement =
  | { readonly kind: 'row'; readonly row: SubjectOutcome }
  | { readonly kind: 'unused'; readonly unused: UnusedBundle }

/** Verifies a bundle that binds to the subject. Whatever is wrong with it is in the row. */
export async function judge(one: FoundBundle, subject: ReadSubject, run: VerifyRun): Promise<Judgement> {
  const { path } = one
  const source =
    path === undefined ? ({ source: 'github' } as const) : ({ source: 'file', bundlePath: path } as const)
  const row = { ...subject.row, ...source }
  if ('error' in one) return { kind: 'row', row: { ...row, error: one.error } }
  let proven: Evidence | undefined
  try {
    proven = prove(one, subject, run)
    const evidence = verifyPolicy(proven, run.policy)
    // A release's assets are known by their names: an attestation of the same bytes under another one is not about this.
    if (run.namesCount && proven.statement !== undefined) {
      verifySubjectName(proven.statement, subject.artifact, subject.row.name)
    }
    const reason = findPredicateFault(evidence, run.policy)
    if (reason !== undefined) return { kind: 'unused', unused: { bundle: one.place, reason } }
    const statementPath = await run.statements.keep(evidence)
    const light = lightEvidence(evidence)
    return {
      kind: 'row',
      row: { ...row, evidence: light, ...(statementPath !== undefined && { statementPath }) },
    }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return { kind: 'row', row: { ...row, error, ...signerOf(proven) } }
  }
}

const prove = ({ bundle }: ReadableBundle, { artifact }: ReadSubject, { trust, now }: VerifyRun): Evidence =>
  verifyBundle(bundle, artifact, { trust: trust.root, now: now() })

/** Of a bundle that is good but not by whom the policy names, the reader wants to know who it was. */
function signerOf(proven: Evidence | undefined): Pick<SubjectOutcome, 'signer'> {
  if (proven?.signer.kind !== 'certificate') return {}
  const { name, claims } = proven.signer
  return { signer: { name, claims } }
}

/** What is wrong with a subject for which nothing counted. `others` is what was looked at, `sought` where. */
export function nothingCounts(
  row: SubjectOutcome,
  unused: readonly UnusedBundle[],
  { others, sought }: { readonly others: number; readonly sought: string },
): ActionError {
  if (unused.length > 0) {
    return new ActionError('PREDICATE_TYPE', `no bundle for ${quote(row.name)} is of a type that counts`, {
      found: unused.map(({ bundle, reason }) => `${bundle}: ${reason}`).join('; '),
    })
  }
  if (others === 0) {
    return new ActionError('BUNDLE_MISSING', `there is no bundle for ${quote(row.name)} ${sought}`)
  }
  const digest = row.digest === undefined ? {} : { expected: `a bundle for sha256:${row.digest}` }
  return new ActionError('BUNDLE_MISSING', `no bundle ${sought} is about ${quote(row.name)} as it is now`, {
    ...digest,
    found: `${others === 1 ? 'a bundle' : countText(others, 'bundle')} for other content`,
    hint: 'Nothing proves who made this file: it was changed after signing, or it was never signed.',
  })
}
