import {
  constants,
  createPublicKey,
  createVerify,
  type KeyObject,
  publicDecrypt,
  verify as verifyOnce,
} from 'node:crypto'
import { ActionError, type ErrorCode } from '../errors.ts'
import { equalBytes } from './bytes.ts'
import { type Der, parseBitString, parseDer, parseInside, parseIntegerBytes, parseOid, TAG } from './der.ts'
import { encodeDer, encodeNull, encodeOctetString, encodeOid, encodeSequence } from './der-encode.ts'
import type { HashName } from './digest.ts'
import { ecdsaMatchesDigest } from './ecdsa.ts'
import { parsePem } from './pem.ts'

/** An engine file: public keys and their signatures by node:crypto, which sees nothing that was not parsed here first. */

export type Curve = 'P-256' | 'P-384' | 'P-521'

export type PublicKey =
  | { readonly type: 'ecdsa'; readonly curve: Curve; readonly spki: Uint8Array; readonly point: Uint8Array }
  | { readonly type: 'ed25519'; readonly spki: Uint8Array; readonly raw: Uint8Array }
  | { readonly type: 'rsa'; readonly spki: Uint8Array; readonly bits: number }

const OID = { ec: '1.2.840.10045.2.1', rsa: '1.2.840.113549.1.1.1', ed25519: '1.3.101.112' } as const

const CURVES: Readonly<Record<string, { readonly curve: Curve; readonly bytes: number }>> = {
  '1.2.840.10045.3.1.7': { curve: 'P-256', bytes: 32 },
  '1.3.132.0.34': { curve: 'P-384', bytes: 48 },
  '1.3.132.0.35': { curve: 'P-521', bytes: 66 },
}

const MIN_RSA_BITS = 2048
const MAX_RSA_BITS = 8192

/** OpenSSL's form of a key, made when it is first needed. */
const engines = new WeakMap<PublicKey, KeyObject>()

function engineOf(key: PublicKey): KeyObject {
  const known = engines.get(key)
  if (known !== undefined) return known
  const made = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' })
  engines.set(key, made)
  return made
}

type Refuse = (why: string) => never

/** A SubjectPublicKeyInfo (RFC 5280 4.1.2.7): named curves and uncompressed points only, RSA from 2048 bits. */
export function parsePublicKey(spki: Uint8Array, code: ErrorCode): PublicKey {
  const what = 'the public key'
  const refuse: Refuse = (why) => {
    throw new ActionError(code, `${what} ${why}`)
  }
  const [algorithm, bits, ...rest] = parseInside(parseDer(spki, code, what), TAG.sequence, code, what)
  const [oid, parameters, ...more] = parseInside(algorithm, TAG.sequence, code, what)
  if (rest.length > 0 || more.length > 0) refuse('holds more than a key')
  const value = parseBitString(bits, code, what)
  const parse = { [OID.ec]: parseEc, [OID.rsa]: parseRsa, [OID.ed25519]: parseEd25519 }[
    parseOid(oid, code, what)
  ]
  if (parse === undefined) return refuse('is of a kind that is not accepted')
  return usable(parse({ spki, value, parameters, code, refuse }), refuse)
}

interface KeyParts {
  readonly spki: Uint8Array
  readonly value: Uint8Array
  readonly parameters: Der | undefined
  readonly code: ErrorCode
  readonly refuse: Refuse
}

function parseEc({ spki, value, parameters, code, refuse }: KeyParts): PublicKey {
  const known = CURVES[parseOid(parameters, code, 'the public key')]
  if (known === undefined) return refuse('is on a curve that is not accepted')
  if (value.length !== 2 * known.bytes + 1 || value[0] !== 4) refuse('is no uncompressed point')
  return { type: 'ecdsa', curve: known.curve, spki, point: value }
}

function parseRsa({ spki, value, parameters, code, refuse }: KeyParts): PublicKey {
  if (parameters?.tag !== TAG.null || parameters.content.length > 0) refuse('has parameters that RSA has not')
  return { type: 'rsa', spki, bits: rsaBits(value, code, refuse) }
}

function parseEd25519({ spki, value, parameters, refuse }: KeyParts): PublicKey {
  if (parameters !== undefined || value.length !== 32) refuse('is no Ed25519 key')
  return { type: 'ed25519', spki, raw: value }
}

/** node:crypto checks that a point is on its curve; what it refuses is refused. */
function usable(key: PublicKey, refuse: Refuse): PublicKey {
  try {
    engineOf(key)
  } catch {
    refuse('cannot be used')
  }
  return key
}

function rsaBits(value: Uint8Array, code: ErrorCode, refuse: Refuse): number {
  const what = 'the RSA key'
  const [modulus, exponent, ...rest] = parseInside(parseDer(value, code, what), TAG.sequence, code, what)
  const n = parseIntegerBytes(modulus, code, what)
  const e = parseIntegerBytes(exponent, code, what)
  if (rest.length > 0 || (n[0] ?? 0x80) >= 0x80 || (e[0] ?? 0x80) >= 0x80) refuse('is no RSA key')
  const octets = n[0] === 0 ? n.subarray(1) : n
  const bits = octets.length * 8 - Math.clz32(octets[0] ?? 0) + 24
  const odd = ((e.at(-1) ?? 0) & 1) === 1 && (e.length > 1 || (e[0] ?? 0) >= 3)
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS || !odd || e.length > 5)
    refuse(`has ${bits} bits, or an exponent that is not accepted`)
  return bits
}

/** One PEM block labelled PUBLIC KEY. */
export function parsePublicKeyPem(pem: string, code: ErrorCode): PublicKey {
  const { label, der } = parsePem(pem, code, 'the public key')
  if (label !== 'PUBLIC KEY') throw new ActionError(code, 'the PEM block is not a PUBLIC KEY')
  return parsePublicKey(der, code)
}

/** SEQUENCE of two positive INTEGERs in their shortest form (SEC 1 C.5): the engines are more tolerant in places. */
export function isEcdsaSignature(signature: Uint8Array): boolean {
  const code = 'SIG_INVALID'
  try {
    const numbers = parseInside(parseDer(signature, code, 'it'), TAG.sequence, code, 'it')
    return numbers.length === 2 && numbers.every((one) => isPositive(parseIntegerBytes(one, code, 'it')))
  } catch {
    return false
  }
}

const isPositive = (content: Uint8Array): boolean =>
  (content[0] ?? 0x80) < 0x80 && content.some((octet) => octet !== 0)

/** Whether the signature over the data is by the key. ECDSA in DER, RSA in PKCS #1 v1.5; Ed25519 has its own hash. Never throws. */
export function signatureMatches(
  key: PublicKey,
  hash: HashName,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.type === 'ecdsa' && !isEcdsaSignature(signature)) return false
  try {
    return verifyOnce(key.type === 'ed25519' ? null : hash, data, engineOf(key), signature)
  } catch {
    return false
  }
}

export interface SignatureCheck {
  readonly update: (chunk: Uint8Array) => void
  /** Can be asked once. */
  readonly matches: (key: PublicKey, signature: Uint8Array) => boolean
}

/** For data that comes in chunks, and before the key is needed. ECDSA and RSA only. */
export function startSignatureCheck(hash: HashName): SignatureCheck {
  const check = createVerify(hash)
  return {
    update: (chunk) => {
      check.update(chunk)
    },
    matches: (key, signature) => {
      if (key.type === 'ed25519' || (key.type === 'ecdsa' && !isEcdsaSignature(signature))) return false
      try {
        return check.verify(engineOf(key), signature)
      } catch {
        return false
      }
    },
  }
}

const HASH_OIDS: Readonly<Record<HashName, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
}

/** The same where only the digest of the data is known. SIG_DIGEST_ONLY for Ed25519, which signs the data itself. */
export function signatureMatchesDigest(
  key: PublicKey,
  hash: HashName,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.type === 'ed25519') {
    throw new ActionError('SIG_DIGEST_ONLY', 'an Ed25519 signature cannot be verified with a digest')
  }
  if (key.type === 'ecdsa') {
    return isEcdsaSignature(signature) && ecdsaMatchesDigest(key.curve, key.point, digest, signature)
  }
  try {
    // The whole DigestInfo (RFC 8017 9.2) is compared: a look at the digest alone would let padding be forged.
    const found = publicDecrypt({ key: engineOf(key), padding: constants.RSA_PKCS1_PADDING }, signature)
    const algorithm = encodeSequence(encodeOid(HASH_OIDS[hash]), encodeNull())
    return equalBytes(found, encodeDer(TAG.sequence, algorithm, encodeOctetString(digest)))
  } catch {
    return false
  }
}
