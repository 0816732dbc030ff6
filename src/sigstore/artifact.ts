import { encodeHex, equalBytes } from '../core/bytes.ts'
import { digest, type HashName } from '../core/digest.ts'
import { startsLikePae } from '../core/dsse.ts'
import { type PublicKey, signatureMatches, signatureMatchesDigest } from '../core/public-key.ts'

/** What a bundle is to be about: a file, or only its digest. */
export interface Artifact {
  /** undefined where that digest is not known. */
  readonly digest: (hash: HashName) => Uint8Array | undefined
  /** Whether the signature is over the whole content. SIG_DIGEST_ONLY where that cannot be told from a digest. */
  readonly signatureMatches: (key: PublicKey, hash: HashName, signature: Uint8Array) => boolean
  /** Whether the content begins with `DSSEv1 `; of a digest nobody can tell. */
  readonly looksSigned: boolean
}

export const artifactOfBytes = (bytes: Uint8Array): Artifact => ({
  digest: digestOnce(bytes),
  signatureMatches: (key, hash, signature) => signatureMatches(key, hash, bytes, signature),
  looksSigned: startsLikePae(bytes),
})

/** A bundle asks for the same digest in several places, and a file has several bundles. */
function digestOnce(bytes: Uint8Array): Artifact['digest'] {
  const known = new Map<HashName, Uint8Array>()
  return (hash) => {
    const value = known.get(hash) ?? digest(hash, bytes)
    known.set(hash, value)
    return value
  }
}

export const artifactOfDigests = (
  digests: Readonly<Partial<Record<HashName, Uint8Array>>>,
  looksSigned = false,
): Artifact => ({
  digest: (hash) => digests[hash],
  signatureMatches: (key, hash, signature) => {
    const known = digests[hash]
    return known !== undefined && signatureMatchesDigest(key, hash, known, signature)
  },
  looksSigned,
})

/** The same digests in hexadecimal, each encoded once: an artifact is compared with many subjects. */
export function hexDigests({ digest: known }: Artifact): (hash: HashName) => string | undefined {
  const encoded = new Map<HashName, string | undefined>()
  return (hash) => {
    if (!encoded.has(hash)) {
      const value = known(hash)
      encoded.set(hash, value === undefined ? undefined : encodeHex(value))
    }
    return encoded.get(hash)
  }
}

/** Whether two artifacts agree in a digest that both know. */
export const sameDigest = (artifact: Artifact, hash: HashName, expected: Uint8Array): boolean => {
  const found = artifact.digest(hash)
  return found !== undefined && equalBytes(found, expected)
}
