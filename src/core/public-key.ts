import {
  constants,
  createPublicKey,
  createVerify,
  hash as hashOnce,
  type KeyObject,
  publicDecrypt,
  verify as verifyOnce,
} from 'node:crypto'
import { ActionError, type ErrorCode } from '../errors.ts'
import { equalBytes } from './bytes.ts'
import { isOnCurve, isStrongEd25519 } from './curve-point.ts'
import { parseBitString, parseDer, parseInside, parseIntegerBytes, TAG } from './der.ts'
import { encodeBitString, encodeNull, encodeOctetString, encodeOid, encodeSequence } from './der-encode.ts'
import { DIGEST_BYTES, type HashName } from './digest.ts'
import { ecdsaMatchesDigest } from './ecdsa.ts'
import { parsePem } from './pem.ts'

/** An engine file: public keys and their signatures by node:crypto, which sees nothing that was not parsed here first. */

export type Curve = 'P-256' | 'P-384' | 'P-521'

export type PublicKey =
  | { readonly type: 'ecdsa'; readonly curve: Curve; readonly spki: Uint8Array; readonly point: Uint8Array }
  | { readonly type: 'ed25519'; readonly spki: Uint8Array; readonly raw: Uint8Array }
  | { readonly type: 'rsa'; readonly spki: Uint8Array; readonly bits: number }

const MIN_RSA_BITS = 2048
const MAX_RSA_BITS = 8192
/** OpenSSL takes no larger exponent beside a large modulus. */
const MAX_EXPONENT_BYTES = 8

/** OpenSSL's form of a key, made when it is first needed: half of the time that a P-256 signature takes. */
const engines = new WeakMap<PublicKey, KeyObject>()

function engineOf(key: PublicKey): KeyObject {
  const known = engines.get(key)
  if (known !== undefined) return known
  const made = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' })
  engines.set(key, made)
  return made
}

/** All bytes of a SubjectPublicKeyInfo but its last `length` ones, which are the key. */
interface Form {
  readonly prefix: Uint8Array
  readonly length: number
}

function formOf(length: number, ...oids: readonly string[]): Form {
  const algorithm = encodeSequence(...oids.map(encodeOid))
  const whole = encodeSequence(algorithm, encodeBitString(new Uint8Array(length)))
  return { prefix: whole.subarray(0, whole.length - length), length }
}

const EC = '1.2.840.10045.2.1'
const CURVES: readonly { readonly curve: Curve; readonly form: Form }[] = [
  { curve: 'P-256', form: formOf(65, EC, '1.2.840.10045.3.1.7') },
  { curve: 'P-384', form: formOf(97, EC, '1.3.132.0.34') },
  { curve: 'P-521', form: formOf(133, EC, '1.3.132.0.35') },
]
const ED25519 = formOf(32, '1.3.101.112')
const RSA_ALGORITHM = encodeSequence(encodeOid('1.2.840.113549.1.1.1'), encodeNull())

/** The key bytes, if all before them is exactly as this form has it. */
function keyIn(spki: Uint8Array, { prefix, length }: Form): Uint8Array | undefined {
  const fits = spki.length === prefix.length + length && equalBytes(spki.subarray(0, prefix.length), prefix)
  return fits ? spki.subarray(prefix.length) : undefined
}

/**
 * A SubjectPublicKeyInfo (RFC 5280 4.1.2.7) in the one encoding that a key has: named curves and uncompressed points
 * on them (RFC 5480), Ed25519 (RFC 8410), RSA from 2048 to 8192 bits (RFC 3279). `spki` becomes a member, not a copy.
 */
export function parsePublicKey(spki: Uint8Array, code: ErrorCode): PublicKey {
  for (const { curve, form } of CURVES) {
    const point = keyIn(spki, form)
    if (point === undefined) continue
    if (isOnCurve(curve, point)) return { type: 'ecdsa', curve, spki, point }
    throw new ActionError(code, `the public key is no uncompressed point of ${curve}`)
  }
  const raw = keyIn(spki, ED25519)
  if (raw === undefined) return { type: 'rsa', spki, bits: parseRsa(spki, code) }
  if (isStrongEd25519(raw)) return { type: 'ed25519', spki, raw }
  throw new ActionError(code, 'the public key is no Ed25519 point, or one of small order')
}

/** Bits of the modulus. */
function parseRsa(spki: Uint8Array, code: ErrorCode): number {
  const what = 'the public key'
  const [algorithm, bits, ...rest] = parseInside(parseDer(spki, code, what), TAG.sequence, code, what)
  if (algorithm === undefined || !equalBytes(algorithm.raw, RSA_ALGORITHM) || rest.length > 0) {
    throw new ActionError(code, 'the public key is neither ECDSA on a named curve, nor Ed25519, nor RSA')
  }
  const pair = parseDer(parseBitString(bits, code, what), code, what)
  const [modulus, exponent, ...more] = parseInside(pair, TAG.sequence, code, what)
  const n = parseIntegerBytes(modulus, code, what)
  const e = parseIntegerBytes(exponent, code, what)
  if (more.length > 0 || !isOddPositive(n) || !isOddPositive(e))
    throw new ActionError(code, 'the public key has no RSA modulus and exponent')
  if (e.length > MAX_EXPONENT_BYTES || (e.length === 1 && e[0] === 1))
    throw new ActionError(code, 'the public key has an RSA exponent that is not accepted')
  return bitsOf(n, code)
}

const isOddPositive = (content: Uint8Array): boolean =>
  (content[0] ?? 0x80) < 0x80 && ((content.at(-1) ?? 0) & 1) === 1

function bitsOf(modulus: Uint8Array, code: ErrorCode): number {
  const octets = modulus[0] === 0 ? modulus.subarray(1) : modulus
  const bits = octets.length * 8 - (Math.clz32(octets[0] ?? 0) - 24)
  if (bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS) return bits
  throw new ActionError(code, 'the RSA key is too short or too long', {
    expected: `${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits`,
    found: `${bits} bits`,
  })
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

/** What an engine may be shown: ECDSA of the one shape, RSA of the modulus' length (RFC 8017 8.2.2), Ed25519 of 64 bytes. */
function hasShape(key: PublicKey, signature: Uint8Array): boolean {
  if (key.type === 'ecdsa') return isEcdsaSignature(signature)
  return signature.length === (key.type === 'rsa' ? Math.ceil(key.bits / 8) : 64)
}

/** Whether the signature over the data is by the key. ECDSA in DER, RSA in PKCS #1 v1.5; Ed25519 has its own hash. Never throws. */
export function signatureMatches(
  key: PublicKey,
  hash: HashName,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!hasShape(key, signature)) return false
  try {
    return verifyOnce(key.type === 'ed25519' ? null : hash, data, engineOf(key), signature)
  } catch {
    return false
  }
}

export interface SignatureCheck {
  readonly update: (chunk: Uint8Array) => void
  /** Can be asked once. Never true for an Ed25519 key, which needs the data in one piece. */
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
      if (key.type === 'ed25519' || !hasShape(key, signature)) return false
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

/**
 * The same where only the digest of the data is known. False for a digest that is not as long as its hash.
 * SIG_DIGEST_ONLY for Ed25519, which signs the data itself.
 */
export function signatureMatchesDigest(
  key: PublicKey,
  hash: HashName,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.type === 'ed25519') {
    throw new ActionError('SIG_DIGEST_ONLY', 'an Ed25519 signature cannot be verified with a digest')
  }
  if (digest.length !== DIGEST_BYTES[hash] || !hasShape(key, signature)) return false
  if (key.type === 'ecdsa') return ecdsaMatchesDigest(key.curve, key.point, digest, signature)
  try {
    // The whole DigestInfo (RFC 8017 9.2) is compared: a look at the digest alone would let padding be forged.
    const found = publicDecrypt({ key: engineOf(key), padding: constants.RSA_PKCS1_PADDING }, signature)
    const algorithm = encodeSequence(encodeOid(HASH_OIDS[hash]), encodeNull())
    return equalBytes(found, encodeSequence(algorithm, encodeOctetString(digest)))
  } catch {
    return false
  }
}

/**
 * SHA-1 of a certificate, to compare with the ESSCertID of an older timestamp (RFC 2634 5.4). It names a certificate
 * that a signature proves anyway; SHA-1 is good for nothing else, so it is no `HashName`.
 */
export const certificateSha1 = (der: Uint8Array): Uint8Array =>
  new Uint8Array(hashOnce('sha1', der, 'buffer'))
