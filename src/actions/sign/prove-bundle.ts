import type { Artifact } from '../../sigstore/artifact.ts'
import { parseBundle } from '../../sigstore/bundle.ts'
import type { Evidence, Verified } from '../../sigstore/evidence.ts'
import { verifyIdentity } from '../../sigstore/policy.ts'
import { verifyBundle } from '../../sigstore/verifier.ts'
import type { CertifiedKey } from './certified-keys.ts'
import type { SignPlan } from './sign-plan.ts'

/** As strictly as a stranger would, under exactly the identity and certificate of this run, and about this artifact. */
export function proveBundle(
  { trust, now }: SignPlan,
  { signer }: CertifiedKey,
  artifact: Artifact,
  text: Uint8Array,
): Verified<Evidence> {
  const evidence = verifyBundle(parseBundle(text), artifact, { trust: trust.root, now: now() })
  return verifyIdentity(evidence, {
    name: signer.name.value,
    issuer: signer.claims.issuer ?? '',
    certificate: signer.certificate,
  })
}
