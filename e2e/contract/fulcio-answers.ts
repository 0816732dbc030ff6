import { ok } from './case.ts'
import type { Shape } from './shape.ts'

/** As `certificateShape` has them: version 3, serial number, algorithm, issuer, validity, no subject, key. */
const fields = (issuer: string, subject: string, key: string): readonly string[] => [
  'a0(02:02)',
  '02',
  '30(ecdsa)',
  issuer,
  '30(17 17)',
  subject,
  `30(${key} 03)`,
]

const NAME = '30(31(30(2.5.4.10 13)) 31(30(2.5.4.3 13)))'
const SIGNATURE = ['30(ecdsa)', '03']

/** A good answer: a leaf (fulcio docs/certificate-specification.md and oid-info.md, RFC 6962 3.3), then its chain. */
export function certificate(key: string): Shape {
  const numbers = [1, 2, 3, 4, 5, 6, ...Array.from({ length: 15 }, (_, i) => i + 8), 24]
  const leaf = [
    ...fields(NAME, '30()', key),
    '2.5.29.15 critical 03:0780',
    '2.5.29.37 30(1.3.6.1.5.5.7.3.3)',
    '2.5.29.14 04',
    '2.5.29.35 30(80)',
    '2.5.29.17 critical 30(86)',
    ...numbers.map((number) => `1.3.6.1.4.1.57264.1.${number} ${number < 7 ? 'text' : '0c'}`),
    '1.3.6.1.4.1.11129.2.4.2 04',
    ...SIGNATURE,
  ]
  return ok({ signedCertificateEmbeddedSct: { chain: { certificates: [leaf, '<PEM>'] } } })
}

export const P256 = '30(1.2.840.10045.2.1 1.2.840.10045.3.1.7)'
export const P384 = '30(1.2.840.10045.2.1 1.3.132.0.34)'
export const ED25519 = '30(1.3.101.112)'
export const RSA = '30(1.2.840.113549.1.1.1 05)'

/** Of the authority that signs leaves. */
export const INTERMEDIATE = [
  ...fields(NAME, NAME, P256),
  '2.5.29.15 critical 03:0106',
  '2.5.29.37 30(1.3.6.1.5.5.7.3.3)',
  '2.5.29.19 critical 30(01:ff 02:00)',
  '2.5.29.14 04',
  '2.5.29.35 30(80)',
  ...SIGNATURE,
]
