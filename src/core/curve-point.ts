import { encodeHex } from './bytes.ts'
import type { Curve } from './public-key.ts'

/** Whether a public key is a point that its curve has. No engine is asked, so a key costs nothing until it is used. */

interface Field {
  /** Length of a coordinate in bytes. */
  readonly bytes: number
  readonly p: bigint
  readonly b: bigint
}

/** SP 800-186 3.2.1: y² = x³ - 3x + b modulo p. */
const FIELDS: Readonly<Record<Curve, Field>> = {
  'P-256': {
    bytes: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    bytes: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    bytes: 66,
    p: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${encodeHex(bytes)}`)

/** An uncompressed point (SEC 1 2.3.3) with both coordinates below p and on the curve. */
export function isOnCurve(curve: Curve, point: Uint8Array): boolean {
  const { bytes, p, b } = FIELDS[curve]
  if (point.length !== 2 * bytes + 1 || point[0] !== 4) return false
  const x = numberOf(point.subarray(1, 1 + bytes))
  const y = numberOf(point.subarray(1 + bytes))
  return x < p && y < p && (x * x * x - 3n * x + b - y * y) % p === 0n
}

const P25519 = 2n ** 255n - 19n
/** One of the two |y| of order 8; the other is its negative. */
const ORDER_EIGHT = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n

/** The y of all points whose order divides 8: one signature of theirs fits any message. */
const WEAK: ReadonlySet<bigint> = new Set([0n, 1n, P25519 - 1n, ORDER_EIGHT, P25519 - ORDER_EIGHT])

/** RFC 8032 5.1.3: y below p, and a point that can bind a signature to a message. */
export function isStrongEd25519(raw: Uint8Array): boolean {
  if (raw.length !== 32) return false
  const y = BigInt.asUintN(255, numberOf(Uint8Array.from(raw).reverse()))
  return y < P25519 && !WEAK.has(y)
}
