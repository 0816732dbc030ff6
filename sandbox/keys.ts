import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { encodeNull, encodeOid, encodeSequence } from '../src/core/der-encode.ts'
import type { HashName } from '../src/core/digest.ts'

export type Curve = 'P-256' | 'P-384' | 'P-521'

/** A private key with all that its owner has to say about it. */
export interface SigningKey {
  readonly kind: 'ecdsa' | 'ed25519' | 'rsa'
  readonly hash: HashName
  readonly privateKey: KeyObject
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** PEM of the same. */
  readonly pem: string
  /** PublicKeyDetails of sigstore_common.proto. */
  readonly keyDetails: string
  /** DER AlgorithmIdentifier of its signatures. */
  readonly algorithm: Uint8Array
  /** ECDSA signatures are DER, RSA ones PKCS#1 v1.5. */
  readonly sign: (data: Uint8Array) => Uint8Array
}

const CURVES = {
  'P-256': { hash: 'sha256', details: 'PKIX_ECDSA_P256_SHA_256' },
  'P-384': { hash: 'sha384', details: 'PKIX_ECDSA_P384_SHA_384' },
  'P-521': { hash: 'sha512', details: 'PKIX_ECDSA_P521_SHA_512' },
} as const

const ECDSA_OIDS: Readonly<Record<HashName, string>> = {
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
}

const RSA_OIDS: Readonly<Record<HashName, string>> = {
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
}

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

function signingKey(
  pair: KeyPair,
  facts: Pick<SigningKey, 'kind' | 'hash' | 'keyDetails' | 'algorithm'>,
): SigningKey {
  const name = facts.kind === 'ed25519' ? null : facts.hash
  return {
    ...facts,
    privateKey: pair.privateKey,
    spki: bytesOf(pair.publicKey.export({ type: 'spki', format: 'der' })),
    pem: String(pair.publicKey.export({ type: 'spki', format: 'pem' })),
    sign: (data) => bytesOf(sign(name, data, pair.privateKey)),
  }
}

/** `hash` is the curve's own unless told otherwise: Sigstore's timestamp authority signs SHA-256 with a P-384 key. */
export function generateEcdsaKey(curve: Curve = 'P-256', hash: HashName = CURVES[curve].hash): SigningKey {
  return signingKey(generateKeyPairSync('ec', { namedCurve: curve }), {
    kind: 'ecdsa',
    hash,
    keyDetails: CURVES[curve].details,
    algorithm: encodeSequence(encodeOid(ECDSA_OIDS[hash])),
  })
}

export const generateEd25519Key = (): SigningKey =>
  signingKey(generateKeyPairSync('ed25519'), {
    kind: 'ed25519',
    hash: 'sha512',
    keyDetails: 'PKIX_ED25519',
    algorithm: encodeSequence(encodeOid('1.3.101.112')),
  })

/** Takes up to a second: ask for it only where RSA is the point. */
export const generateRsaKey = (bits: 2048 | 3072 | 4096 = 2048, hash: HashName = 'sha256'): SigningKey =>
  signingKey(generateKeyPairSync('rsa', { modulusLength: bits }), {
    kind: 'rsa',
    hash,
    keyDetails: `PKIX_RSA_PKCS1V15_${bits}_SHA256`,
    algorithm: encodeSequence(encodeOid(RSA_OIDS[hash]), encodeNull()),
  })

/** Buffers of node:crypto as plain bytes, on their own memory. */
export const bytesOf = (buffer: Uint8Array): Uint8Array => new Uint8Array(buffer)

export const hashOf = (name: HashName, data: Uint8Array): Uint8Array =>
  bytesOf(createHash(name).update(data).digest())

export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return bytesOf(hash.digest())
}

/** RFC 6962 3.2: a log is known by the hash of its key. */
export const keyIdOf = (key: Pick<SigningKey, 'spki'>): Uint8Array => sha256(key.spki)

/** C2SP signed-note: an Ed25519 key is known by name and key together. */
export const noteKeyIdOf = (name: string, key: Pick<SigningKey, 'spki'>): Uint8Array =>
  sha256(Buffer.from(`${name}\n\x01`), key.spki.subarray(-32))
