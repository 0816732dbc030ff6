import { createPublicKey, type KeyObject, publicDecrypt, verify, X509Certificate } from 'node:crypto'
import { encodeNull, encodeOctetString, encodeOid, encodeSequence } from '../src/core/der-encode.ts'
import { ecdsaMatches } from './ecdsa-digest.ts'

/** The hash of whatever a key of this kind signs when nothing else is said. */
export function defaultHash(key: KeyObject): 'sha256' | 'sha384' | 'sha512' {
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (curve === 'secp384r1') return 'sha384'
  return curve === 'secp521r1' ? 'sha512' : 'sha256'
}

/** The key of a certificate or of a public key, in PEM; undefined if it is neither. */
export function keyOfPem(pem: string): KeyObject | undefined {
  try {
    return pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem)
  } catch {
    return undefined
  }
}

export function keyOfCertificate(der: Uint8Array): KeyObject | undefined {
  try {
    return new X509Certificate(der).publicKey
  } catch {
    return undefined
  }
}

export function keyOfSpki(der: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

export function signs(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(key.asymmetricKeyType === 'ed25519' ? null : defaultHash(key), data, key, signature)
  } catch {
    return false
  }
}

const DIGEST_OIDS: Readonly<Record<number, string>> = {
  32: '2.16.840.1.101.3.4.2.1',
  48: '2.16.840.1.101.3.4.2.2',
  64: '2.16.840.1.101.3.4.2.3',
}

/** The same by digest. Ed25519 signs data, never a digest. */
export function signsDigest(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  if (key.asymmetricKeyType === 'ec') return ecdsaMatches(key, digest, signature)
  const oid = DIGEST_OIDS[digest.length]
  if (key.asymmetricKeyType !== 'rsa' || oid === undefined) return false
  try {
    const info = encodeSequence(encodeSequence(encodeOid(oid), encodeNull()), encodeOctetString(digest))
    return Buffer.from(info).equals(publicDecrypt(key, signature))
  } catch {
    return false
  }
}
