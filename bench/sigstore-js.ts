import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import type { TrustedRootJson } from '../sandbox/trust-files.ts'

/** The verifier that GitHub's and npm's own tools use, its trusted root read once. Throws on what it refuses. */
export type SigstoreJs = (
  bundle: Uint8Array,
  artifact: Uint8Array | undefined,
  identity?: { readonly name: string; readonly issuer: string },
) => void

export function createSigstoreJs(trustedRoot: TrustedRootJson): SigstoreJs {
  const material = toTrustMaterial(TrustedRoot.fromJSON(trustedRoot))
  const verifier = new Verifier(material, { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 })
  return (bytes, artifact, identity) => {
    const bundle = bundleFromJSON(JSON.parse(Buffer.from(bytes).toString('utf8')))
    const entity = toSignedEntity(bundle, artifact === undefined ? undefined : Buffer.from(artifact))
    const policy = identity && {
      subjectAlternativeName: identity.name,
      extensions: { issuer: identity.issuer },
    }
    verifier.verify(entity, policy)
  }
}
