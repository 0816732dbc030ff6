import { randomBytes } from 'node:crypto'
import { TAG } from '../src/core/der.ts'
import {
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeUtcOrGeneralizedTime,
  encodeUtf8String,
} from '../src/core/der-encode.ts'
import { type ExtensionFields, encodeExtension } from './extensions.ts'
import { bytesOf, type SigningKey } from './keys.ts'

/** What is written into an X.509 certificate (RFC 5280 4.1), nothing checked: a test may want nonsense. */
export interface CertificateFields {
  /** Name TLVs, see `encodeSubject`. */
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  readonly spki: Uint8Array
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  readonly extensions: readonly ExtensionFields[]
  /** Unsigned, big-endian. Random by default. */
  readonly serialNumber?: Uint8Array
}

export const EMPTY_NAME: Uint8Array = Uint8Array.of(0x30, 0)

/** A Name of organization and common name; an empty text leaves one out. */
export function encodeSubject(organization: string, commonName: string): Uint8Array {
  const attributes = [
    { oid: '2.5.4.10', text: organization },
    { oid: '2.5.4.3', text: commonName },
  ].filter(({ text }) => text !== '')
  return encodeSequence(
    ...attributes.map(({ oid, text }) => encodeSet(encodeSequence(encodeOid(oid), encodeText(text)))),
  )
}

/** As Go writes names: PrintableString where the letters allow it (X.680 41.4). */
const encodeText = (text: string): Uint8Array =>
  /^[A-Za-z0-9 '()+,./:=?-]*$/.test(text)
    ? encodeDer(TAG.printableString, Buffer.from(text, 'latin1'))
    : encodeUtf8String(text)

/** 160 random bits, positive. */
export function randomSerialNumber(): Uint8Array {
  const serial = bytesOf(randomBytes(20))
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f)
  return serial
}

/** A TBSCertificate to be signed with `algorithm`. Made once, so that an SCT can cover it before it is signed. */
export function encodeTbs(fields: CertificateFields, algorithm: Uint8Array): Uint8Array {
  const { issuer, subject, spki, notBefore, notAfter, extensions } = fields
  const list = encodeSequence(...extensions.map(encodeExtension))
  return encodeSequence(
    encodeDer(0xa0, encodeInteger(2n)),
    encodeInteger(fields.serialNumber ?? randomSerialNumber()),
    algorithm,
    issuer,
    encodeSequence(encodeUtcOrGeneralizedTime(notBefore), encodeUtcOrGeneralizedTime(notAfter)),
    subject,
    spki,
    ...(extensions.length === 0 ? [] : [encodeDer(0xa3, list)]),
  )
}

export const signCertificate = (tbs: Uint8Array, key: SigningKey): Uint8Array =>
  encodeSequence(tbs, key.algorithm, encodeBitString(key.sign(tbs)))

export const issueCertificate = (fields: CertificateFields, key: SigningKey): Uint8Array =>
  signCertificate(encodeTbs(fields, key.algorithm), key)

/** A certificate whose owner signs with its key. */
export interface Holder {
  /** Name of whoever issued the certificate. */
  readonly issuerName: Uint8Array
  readonly certificate: Uint8Array
  /** Name TLV. */
  readonly name: Uint8Array
  readonly serialNumber: Uint8Array
  readonly key: SigningKey
}

/** A certificate for `key` by `issuer`, self-signed without one. */
export function createHolder(
  fields: Pick<CertificateFields, 'subject' | 'notBefore' | 'notAfter' | 'extensions'>,
  key: SigningKey,
  issuer?: Pick<Holder, 'name' | 'key'>,
): Holder {
  const serialNumber = randomSerialNumber()
  const whole = { ...fields, serialNumber, spki: key.spki, issuer: issuer?.name ?? fields.subject }
  const certificate = issueCertificate(whole, issuer?.key ?? key)
  return { certificate, name: fields.subject, issuerName: whole.issuer, serialNumber, key }
}

/** RFC 7468. */
export function toPem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})(?!$)/g, '$1\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}
