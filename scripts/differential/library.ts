import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import {
  type TrustMaterial,
  toSignedEntity,
  toTrustMaterial,
  type VerificationPolicy,
  Verifier,
} from '@sigstore/verify'

/** What `@sigstore/verify` says of a bundle: `accepted`, or the first line of its refusal. */
export type Library = (bundle: Uint8Array, file: Uint8Array, policy?: VerificationPolicy) => string

/**
 * For one trusted root, read once. One entry, one SCT and one time are demanded, as its own callers do; GitHub's instance
 * has neither logs nor CT logs. The file is looked at for a message signature only: of an envelope the library has no
 * opinion about the artifact.
 */
export function createLibrary(root: unknown, isGitHub: boolean): Library {
  const material = toTrustMaterial(TrustedRoot.fromJSON(root))
  for (const { certChain } of [...material.certificateAuthorities, ...material.timestampAuthorities])
    for (const certificate of certChain) remember(certificate)
  const logs = isGitHub ? 0 : 1
  const verifier = new Verifier(material, {
    ctlogThreshold: logs,
    tlogThreshold: logs,
    timestampThreshold: 1,
  })
  return (bundle, file, policy) => {
    try {
      const parsed = bundleFromJSON(JSON.parse(Buffer.from(bundle).toString('utf8')))
      const entity = toSignedEntity(parsed, Buffer.from(file))
      if (entity.key.$case === 'certificate') encodeOnce(entity.key.certificate.root)
      verifier.verify(entity, policy)
      return 'accepted'
    } catch (error) {
      return String(error).split('\n')[0] ?? ''
    }
  }
}

type TrustedCertificate = TrustMaterial['certificateAuthorities'][number]['certChain'][number]

/**
 * For every bundle the library encodes the certificates of the trusted root anew and verifies them by one another. That is
 * most of its work, and always comes out the same.
 */
function remember(certificate: TrustedCertificate): void {
  encodeOnce(certificate.root)
  const verify = certificate.verify.bind(certificate)
  const verdicts = new Map<TrustedCertificate | undefined, boolean>()
  certificate.verify = (issuer) => {
    const verdict = verdicts.get(issuer) ?? verify(issuer)
    verdicts.set(issuer, verdict)
    return verdict
  }
}

function encodeOnce(node: TrustedCertificate['root']): void {
  for (const part of node.subs) encodeOnce(part)
  const der = node.toDER()
  node.toDER = () => der
}

/** Its policy is an unanchored regular expression; this one means exactly the name. */
export const exactPolicy = (name: string, issuer: string): VerificationPolicy => ({
  subjectAlternativeName: `^${name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}$`,
  extensions: { issuer },
})
