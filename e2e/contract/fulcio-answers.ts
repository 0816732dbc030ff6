import { ok } from './case.ts'
import type { Shape } from './shape.ts'

/** A good answer: names of what is in the leaf (fulcio docs/oid-info.md, RFC 6962 3.3), in their order. */
export function certificate(...key: readonly string[]): Shape {
  const usage = '2.5.29.15 2.5.29.37 1.3.6.1.5.5.7.3.3 2.5.29.14 2.5.29.35 2.5.29.17'
  const numbers = [1, 2, 3, 4, 5, 6, ...Array.from({ length: 15 }, (_, i) => i + 8), 24]
  const claims = numbers.map((number) => `1.3.6.1.4.1.57264.1.${number}`)
  const names = ['ecdsa 2.5.4.10 2.5.4.3', ...key, usage, ...claims, '1.3.6.1.4.1.11129.2.4.2 ecdsa']
  return ok({ signedCertificateEmbeddedSct: { chain: { certificates: [names.join(' '), '<PEM>'] } } })
}

export const P256 = '1.2.840.10045.2.1 1.2.840.10045.3.1.7'
export const P384 = '1.2.840.10045.2.1 1.3.132.0.34'
export const ED25519 = '1.3.101.112'
export const RSA = '1.2.840.113549.1.1.1'
