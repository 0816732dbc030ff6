import { createHash } from 'node:crypto'
import { encodeUtf8 } from '../src/core/bytes.ts'
import {
  encodeBoolean,
  encodeDer,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeUtf8String,
} from '../src/core/der-encode.ts'
import { bytesOf } from './keys.ts'

export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
export const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2'
export const FULCIO = '1.3.6.1.4.1.57264.1.'
/** OtherName type of a user name (fulcio docs/oid-info.md). */
export const USER_NAME = `${FULCIO}7`

/** An X.509 extension before it is written. */
export interface ExtensionFields {
  readonly oid: string
  readonly critical: boolean
  /** Content of the OCTET STRING. */
  readonly value: Uint8Array
}

export const encodeExtension = ({ oid, critical, value }: ExtensionFields): Uint8Array =>
  encodeSequence(encodeOid(oid), ...(critical ? [encodeBoolean(true)] : []), encodeOctetString(value))

/** RFC 5280 4.2.1.3, the bits in their order. */
const KEY_USAGES = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
] as const

export type KeyUsage = (typeof KEY_USAGES)[number]

export function keyUsage(usages: readonly KeyUsage[]): ExtensionFields {
  const numbers = usages.map((usage) => KEY_USAGES.indexOf(usage))
  const bits = numbers.reduce((sum, bit) => sum | (0x80 >> bit), 0)
  const unused = usages.length === 0 ? 0 : 7 - Math.max(...numbers)
  const content = usages.length === 0 ? [0] : [unused, bits]
  return { oid: '2.5.29.15', critical: true, value: encodeDer(0x03, Uint8Array.from(content)) }
}

export const extendedKeyUsage = (purposes: readonly string[], critical: boolean): ExtensionFields => ({
  oid: '2.5.29.37',
  critical,
  value: encodeSequence(...purposes.map(encodeOid)),
})

export function basicConstraints(fields: {
  readonly ca: boolean
  readonly pathLength?: number
}): ExtensionFields {
  const length = fields.pathLength === undefined ? [] : [encodeInteger(BigInt(fields.pathLength))]
  const content = [...(fields.ca ? [encodeBoolean(true)] : []), ...length]
  return { oid: '2.5.29.19', critical: true, value: encodeSequence(...content) }
}

/** SHA-1 of the key's SPKI; any value that tells keys apart will do. */
const identifierOf = (spki: Uint8Array): Uint8Array => bytesOf(createHash('sha1').update(spki).digest())

export const subjectKeyIdentifier = (spki: Uint8Array): ExtensionFields => ({
  oid: '2.5.29.14',
  critical: false,
  value: encodeOctetString(identifierOf(spki)),
})

export const authorityKeyIdentifier = (spki: Uint8Array): ExtensionFields => ({
  oid: '2.5.29.35',
  critical: false,
  value: encodeSequence(encodeDer(0x80, identifierOf(spki))),
})

export type SubjectAlternativeName =
  | { readonly type: 'uri' | 'email' | 'dns'; readonly value: string }
  | { readonly type: 'userName'; readonly value: string }

const NAME_TAGS = { uri: 0x86, email: 0x81, dns: 0x82 } as const

function encodeName(name: SubjectAlternativeName): Uint8Array {
  if (name.type !== 'userName') return encodeDer(NAME_TAGS[name.type], encodeUtf8(name.value))
  return encodeDer(0xa0, encodeOid(USER_NAME), encodeDer(0xa0, encodeUtf8String(name.value)))
}

/** Critical, because Fulcio's certificates have no subject (RFC 5280 4.2.1.6). */
export const subjectAlternativeName = (
  names: readonly SubjectAlternativeName[],
  critical = true,
): ExtensionFields => ({ oid: '2.5.29.17', critical, value: encodeSequence(...names.map(encodeName)) })

/** Fulcio's .1 to .6 hold the bare text, .8 and later a UTF8String. */
export const fulcioExtension = (number: number, text: string): ExtensionFields => ({
  oid: `${FULCIO}${number}`,
  critical: false,
  value: number < 7 ? encodeUtf8(text) : encodeUtf8String(text),
})

export const sctListExtension = (list: Uint8Array): ExtensionFields => ({
  oid: SCT_LIST,
  critical: false,
  value: encodeOctetString(list),
})
