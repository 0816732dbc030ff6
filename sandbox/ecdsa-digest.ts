import { createECDH, ECDH, type KeyObject } from 'node:crypto'
import { concatBytes } from '../src/core/bytes.ts'
import { parseDer, parseElements } from '../src/core/der.ts'

interface CurveFacts {
  readonly bytes: number
  readonly bits: number
  /** Of the field, and of the group. */
  readonly prime: bigint
  readonly order: bigint
}

const CURVES: Readonly<Record<string, CurveFacts>> = {
  prime256v1: {
    bytes: 32,
    bits: 256,
    prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  secp384r1: {
    bytes: 48,
    bits: 384,
    prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  secp521r1: {
    bytes: 66,
    bits: 521,
    prime: 2n ** 521n - 1n,
    order: 2n ** 521n - 0x5ae79787c40d069948033feb708f65a2fc44a36477663b851449048e16ec79bf7n,
  },
}

const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)
const toBytes = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')
const modulo = (value: bigint, by: bigint): bigint => ((value % by) + by) % by

/** Extended Euclid; the value is not 0. */
function inverse(value: bigint, by: bigint): bigint {
  let [a, b, x, y] = [modulo(value, by), by, 1n, 0n]
  while (b !== 0n) {
    const quotient = a / b
    ;[a, b, x, y] = [b, a - quotient * b, y, x - quotient * y]
  }
  return modulo(x, by)
}

interface Point {
  readonly x: bigint
  readonly y: bigint
}

const toPoint = (uncompressed: Uint8Array): Point => {
  const half = (uncompressed.length - 1) / 2
  return { x: toNumber(uncompressed.subarray(1, half + 1)), y: toNumber(uncompressed.subarray(half + 1)) }
}

/** x of the sum of two points that are neither equal nor opposite. */
function sumX(a: Point, b: Point, prime: bigint): bigint {
  const slope = (b.y - a.y) * inverse(b.x - a.x, prime)
  return modulo(slope * slope - a.x - b.x, prime)
}

/**
 * ECDSA over a digest (FIPS 186-5 6.4.2), which node:crypto cannot verify: it always hashes. Its ECDH multiplies points
 * natively, though it tells only x of the second product, so both points with that x are tried. That is a signature by
 * the key or by its negative, which is the same secret. Ten times as fast as doing it all in JavaScript.
 */
export function ecdsaMatches(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const name = key.asymmetricKeyDetails?.namedCurve ?? ''
  const curve = CURVES[name]
  const numbers = curve && parseSignature(signature, curve.order)
  if (curve === undefined || numbers === undefined) return false
  const { prime, order, bytes } = curve
  const inverseS = inverse(numbers.s, order)
  const first = modulo(leftBits(digest, curve.bits) * inverseS, order)
  const second = modulo(numbers.r * inverseS, order)
  if (first === 0n) return false
  const ecdh = createECDH(name)
  ecdh.setPrivateKey(toBytes(first, bytes))
  const a = toPoint(ecdh.getPublicKey())
  ecdh.setPrivateKey(toBytes(second, bytes))
  const x = ecdh.computeSecret(publicPoint(key))
  const b = toPoint(uncompressed(concatBytes(Uint8Array.of(2), x), name))
  if (a.x === b.x) return false
  const opposite = { x: b.x, y: prime - b.y }
  return [b, opposite].some((point) => modulo(sumX(a, point, prime), order) === numbers.r)
}

function leftBits(digest: Uint8Array, bits: number): bigint {
  const excess = Math.max(0, digest.length * 8 - bits)
  return toNumber(digest) >> BigInt(excess)
}

function publicPoint(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  return Buffer.concat([Uint8Array.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
}

const uncompressed = (point: Uint8Array, name: string): Uint8Array => {
  const converted = ECDH.convertKey(point, name, undefined, undefined, 'uncompressed')
  return typeof converted === 'string' ? Buffer.from(converted, 'latin1') : converted
}

function parseSignature(signature: Uint8Array, order: bigint): { r: bigint; s: bigint } | undefined {
  try {
    const whole = parseDer(signature, 'INTERNAL', 'the signature')
    const elements = parseElements(whole.content, 'INTERNAL', 'the signature')
    const [r = 0n, s = 0n] = elements.map(({ content }) => toNumber(content))
    const isGood = elements.length === 2 && [r, s].every((one) => one > 0n && one < order)
    return isGood ? { r, s } : undefined
  } catch {
    return undefined
  }
}
