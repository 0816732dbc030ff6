import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, type VerificationPolicy, Verifier } from '@sigstore/verify'

/** What `@sigstore/verify` says of a bundle: `accepted`, or the first line of its refusal. */
export type Library = (bundle: Uint8Array, file: Uint8Array, policy?: VerificationPolicy) => string

/**
 * For one trusted root, read once. One entry, one SCT and one time are demanded, as its own callers do; GitHub's instance
 * has neither logs nor CT logs. The file is looked at for a message signature only: of an envelope the library has no
 * opinion about the artifact.
 */
export function createLibrary(root: unknown, isGitHub: boolean): Library {
  const material = toTrustMaterial(TrustedRoot.fromJSON(root))
  const logs = isGitHub ? 0 : 1
  const verifier = new Verifier(material, {
    ctlogThreshold: logs,
    tlogThreshold: logs,
    timestampThreshold: 1,
  })
  return (bundle, file, policy) => {
    try {
      const parsed = bundleFromJSON(JSON.parse(Buffer.from(bundle).toString('utf8')))
      verifier.verify(toSignedEntity(parsed, Buffer.from(file)), policy)
      return 'accepted'
    } catch (error) {
      return String(error).split('\n')[0] ?? ''
    }
  }
}

/** Its policy is an unanchored regular expression; this one means exactly the name. */
export const exactPolicy = (name: string, issuer: string): VerificationPolicy => ({
  subjectAlternativeName: `^${name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}$`,
  extensions: { issuer },
})
