import { type Bundle, bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import {
  type SignedEntity,
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
  const leaves = new Map<string, Certificate>()
  return (bundle, file, policy) => {
    try {
      const parsed = bundleFromJSON(JSON.parse(Buffer.from(bundle).toString('utf8')))
      const entity = toSignedEntity(parsed, Buffer.from(file))
      verifier.verify({ ...entity, key: sharedKey(entity.key, parsed, leaves) }, policy)
      return 'accepted'
    } catch (error) {
      return String(error).split('\n')[0] ?? ''
    }
  }
}

type Certificate = TrustMaterial['certificateAuthorities'][number]['certChain'][number]
type Key = SignedEntity['key']

/** Leaves that are remembered: more than there are specimens, few enough for memory. */
const MOST_LEAVES = 200

/** The same key, as an object that remembers what bundles with this leaf have asked it before. */
function sharedKey(
  key: Key,
  { verificationMaterial: { content } }: Bundle,
  known: Map<string, Certificate>,
): Key {
  if (key.$case !== 'certificate') return key
  const encoded =
    content.$case === 'x509CertificateChain'
      ? content.x509CertificateChain.certificates[0]
      : content.$case === 'certificate' && content.certificate
  if (!encoded) return key
  const name = encoded.rawBytes.toString('base64')
  const found = known.get(name)
  if (found !== undefined) return { ...key, certificate: found }
  remember(key.certificate)
  if (known.size < MOST_LEAVES) known.set(name, key.certificate)
  return key
}

/**
 * For every bundle the library encodes the certificates anew and verifies them by one another. That is most of its work,
 * and always comes out the same.
 */
function remember(certificate: Certificate): void {
  encodeOnce(certificate.root)
  const verify = certificate.verify.bind(certificate)
  const verdicts = new Map<Certificate | undefined, boolean>()
  certificate.verify = (issuer) => {
    const verdict = verdicts.get(issuer) ?? verify(issuer)
    verdicts.set(issuer, verdict)
    return verdict
  }
}

function encodeOnce(node: Certificate['root']): void {
  for (const part of node.subs) encodeOnce(part)
  const encode = node.toDER.bind(node)
  let der: Buffer | undefined
  node.toDER = () => {
    der ??= encode()
    return der
  }
}

/** Its policy is an unanchored regular expression; this one means exactly the name. */
export const exactPolicy = (name: string, issuer: string): VerificationPolicy => ({
  subjectAlternativeName: `^${name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}$`,
  extensions: { issuer },
})
