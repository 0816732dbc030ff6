import { parseHex } from '../../core/bytes.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { type Artifact, artifactOfDigests } from '../../sigstore/artifact.ts'
import type { Bundle } from '../../sigstore/bundle.ts'
import type { ClaimedDigest } from '../../sigstore/claimed-digests.ts'
import type { Evidence, Verified } from '../../sigstore/evidence.ts'
import type { Identity } from '../../sigstore/identity.ts'
import { verifyIdentity } from '../../sigstore/policy.ts'
import { verifyBundle } from '../../sigstore/verifier.ts'
import type { SignPlan } from './sign-plan.ts'

export function artifactOfClaim(claim: ClaimedDigest): Artifact {
  const at = claim.indexOf(':')
  return artifactOfDigests({ [claim.slice(0, at)]: parseHex(claim.slice(at + 1), 'INTERNAL', 'the digest') })
}

/** OUTPUT_EXISTS unless the bundle is by this very signer, from the same repository, commit and ref. */
export function assertSame(evidence: Evidence, identity: Identity, name: string): Verified<Evidence> {
  try {
    const same = verifyIdentity(evidence, { name: identity.name.value, issuer: identity.issuer })
    assertSameSource(same, identity)
    return same
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    const { expected, found } = error
    throw new ActionError('OUTPUT_EXISTS', `the bundle of ${quote(name)} is valid, but ${error.message}`, {
      cause: error,
      ...(expected !== undefined && { expected }),
      ...(found !== undefined && { found }),
    })
  }
}

/** Whether a bundle of the same source is by this very signer too: another workflow of the repository may be as well. */
export const isSameSigner = ({ signer }: Evidence, { name }: Identity): boolean =>
  signer.kind === 'certificate' && signer.name.value === name.value

/**
 * The bundle holds for what has the digest, and was made by this workflow or by another one of its repository, from the
 * commit and ref of this run. IDENTITY_MISMATCH and whatever the verifier refuses.
 */
export function proveSource(
  { trust, now }: Pick<SignPlan, 'trust' | 'now'>,
  identity: Identity,
  bundle: Bundle,
  claim: ClaimedDigest,
): Evidence {
  const evidence = verifyBundle(bundle, artifactOfClaim(claim), { trust: trust.root, now: now() })
  assertSameSource(evidence, identity)
  if (!isSameSigner(evidence, identity)) assertOwnWorkflow(evidence, identity)
  return evidence
}

/** Whoever verifies takes another repository's workflow only if it is named to them. */
function assertOwnWorkflow({ signer }: Evidence, { github, server }: Identity): void {
  const found = signer.kind === 'certificate' ? signer.name.value : ''
  const start = `${server}/${github.repository}/.github/workflows/`
  const end = `@${github.ref}`
  if (found.startsWith(start) && found.endsWith(end)) return
  throw new ActionError('IDENTITY_MISMATCH', 'its signer is no workflow of this repository at this ref', {
    expected: `${start}…${end}`,
    found,
  })
}

/** Where the issuer tells no repository, the name itself is all that there is to compare. */
function assertSameSource({ signer }: Evidence, { name, issuer, github, server }: Identity): void {
  const found = signer.kind === 'certificate' ? signer : undefined
  const { repository, sha, ref } = github
  const pairs: readonly (readonly [string, string | undefined, string | undefined])[] =
    repository === undefined
      ? [
          ['issuer', issuer, found?.claims.issuer],
          ['signer', name.value, found?.name.value],
        ]
      : [
          ['issuer', issuer, found?.claims.issuer],
          ['source repository', `${server}/${repository}`, found?.claims.sourceRepositoryUri],
          ['source commit', sha, found?.claims.sourceRepositoryDigest],
          ['source ref', ref, found?.claims.sourceRepositoryRef],
        ]
  for (const [what, expected, other] of pairs) {
    if (expected === other) continue
    throw new ActionError('IDENTITY_MISMATCH', `its ${what} is another one`, {
      expected: expected ?? 'none',
      found: other ?? 'none',
    })
  }
}
