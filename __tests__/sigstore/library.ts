import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, type VerificationPolicy, Verifier } from '@sigstore/verify'

/** What `@sigstore/verify` is shown. */
export interface Shown {
  /** As it is stored. */
  readonly bundle: Uint8Array
  /** For a message signature; the library never looks at it for an envelope. */
  readonly artifact: Uint8Array
  /** JSON of the trusted root. */
  readonly root: unknown
  readonly policy?: VerificationPolicy
  /** GitHub's instance has neither logs nor CT logs; anybody else's has, and the thresholds are one. */
  readonly isGitHub: boolean
}

/** `accepted`, or why the library refuses. */
export function libraryVerdict({ bundle, artifact, root, policy, isGitHub }: Shown): string {
  const logs = isGitHub ? 0 : 1
  try {
    const material = toTrustMaterial(TrustedRoot.fromJSON(root))
    const parsed = bundleFromJSON(JSON.parse(Buffer.from(bundle).toString('utf8')))
    const thresholds = { ctlogThreshold: logs, tlogThreshold: logs, timestampThreshold: 1 }
    new Verifier(material, thresholds).verify(toSignedEntity(parsed, Buffer.from(artifact)), policy)
    return 'accepted'
  } catch (error) {
    return String(error).split('\n')[0] ?? ''
  }
}
