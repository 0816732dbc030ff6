import { ActionError } from '../errors.ts'
import {
  type Der,
  expectTag,
  parseBoolean,
  parseDer,
  parseElements,
  parseInside,
  parseInteger,
  parseOid,
  parseUtf8String,
  TAG,
} from './der.ts'

/** Extensions of RFC 5280 4.2 as far as Sigstore's certificates use them. */

export interface Extension {
  readonly oid: string
  readonly critical: boolean
  /** Content of extnValue. */
  readonly value: Uint8Array
  readonly raw: Uint8Array
}

const KEY_USAGES = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const

export type KeyUsageName = (typeof KEY_USAGES)[number]

export interface GeneralName {
  readonly type: 'uri' | 'email' | 'dns' | 'ip' | 'directory' | 'other' | 'unknown'
  /** The text of a URI, an address, a DNS name, or of an otherName that is a UTF8String; else ''. */
  readonly value: string
  /** Type of an otherName. */
  readonly oid?: string
}

export interface StandardExtensions {
  readonly basicConstraints?: {
    readonly critical: boolean
    readonly ca: boolean
    readonly pathLength?: number
  }
  readonly keyUsage?: { readonly critical: boolean; readonly bits: ReadonlySet<KeyUsageName> }
  readonly extendedKeyUsage?: { readonly critical: boolean; readonly purposes: readonly string[] }
  readonly subjectAlternativeNames?: { readonly critical: boolean; readonly names: readonly GeneralName[] }
  readonly subjectKeyIdentifier?: Uint8Array
  readonly authorityKeyIdentifier?: Uint8Array
}

const OID = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const

const CODE = 'CERT_PROFILE'
const WHAT = 'an extension of the certificate'
const MAX_EXTENSIONS = 64

const refuse = (why: string): ActionError => new ActionError(CODE, `${WHAT} ${why}`)

/** `[3] EXPLICIT Extensions`: each once (4.2), at least one. */
export function parseExtensionList(wrapped: Der): readonly Extension[] {
  const list = parseInside(parseDer(wrapped.content, CODE, WHAT), TAG.sequence, CODE, WHAT)
  if (list.length === 0 || list.length > MAX_EXTENSIONS) {
    throw new ActionError(CODE, `the certificate has a list of ${list.length} extensions`)
  }
  const extensions = list.map(parseExtension)
  const seen = new Set<string>()
  for (const { oid } of extensions) {
    if (seen.has(oid)) throw refuse(`stands there twice: ${oid}`)
    seen.add(oid)
  }
  const strange = extensions.find(
    ({ oid, critical }) => critical && !Object.values(OID).some((one) => one === oid),
  )
  if (strange !== undefined) throw refuse(`is critical and unknown: ${strange.oid}`)
  return extensions
}

function parseExtension(der: Der): Extension {
  const [name, ...rest] = parseInside(der, TAG.sequence, CODE, WHAT)
  const critical = rest.length === 2 && parseBoolean(rest[0], CODE, WHAT)
  // X.690 11.5: a default value, here FALSE, is not written.
  if (rest.length > 2 || (rest.length === 2 && !critical)) throw refuse('is not written as DER writes it')
  const value = expectTag(rest.at(-1), TAG.octetString, CODE, WHAT).content
  return { oid: parseOid(name, CODE, WHAT), critical, value, raw: der.raw }
}

type Reader = (value: Uint8Array, critical: boolean) => StandardExtensions

const READERS: Readonly<Record<string, Reader>> = {
  [OID.basicConstraints]: (value, critical) => ({
    basicConstraints: { critical, ...parseBasicConstraints(value) },
  }),
  [OID.keyUsage]: (value, critical) => ({ keyUsage: { critical, bits: parseKeyUsage(value) } }),
  [OID.extendedKeyUsage]: (value, critical) => ({
    extendedKeyUsage: { critical, purposes: parsePurposes(value) },
  }),
  [OID.subjectAlternativeName]: (value, critical) => ({
    subjectAlternativeNames: { critical, names: parseNames(value) },
  }),
  [OID.subjectKeyIdentifier]: (value) => ({ subjectKeyIdentifier: parseKeyIdentifier(value) }),
  [OID.authorityKeyIdentifier]: parseAuthorityKeyIdentifier,
}

export function parseStandardExtensions(extensions: readonly Extension[]): StandardExtensions {
  const found: StandardExtensions = {}
  return Object.assign(
    found,
    ...extensions.map(({ oid, critical, value }) => READERS[oid]?.(value, critical)),
  )
}

function parseBasicConstraints(value: Uint8Array): { readonly ca: boolean; readonly pathLength?: number } {
  const members = parseInside(parseDer(value, CODE, WHAT), TAG.sequence, CODE, WHAT)
  const [first] = members
  const ca = first?.tag === TAG.boolean
  if (ca && !parseBoolean(first, CODE, WHAT)) throw refuse('writes a default value')
  const [length, ...rest] = ca ? members.slice(1) : members
  if (rest.length > 0 || (length !== undefined && !ca)) throw refuse('has malformed basic constraints')
  if (length === undefined) return { ca }
  const pathLength = Number(parseInteger(length, CODE, WHAT))
  if (pathLength < 0 || pathLength > 255) throw refuse('has an impossible path length')
  return { ca, pathLength }
}

/** A named-bit list: no trailing zero bits (X.690 11.2.2), at least one bit (RFC 5280 4.2.1.3). */
function parseKeyUsage(value: Uint8Array): ReadonlySet<KeyUsageName> {
  const { content } = expectTag(parseDer(value, CODE, WHAT), TAG.bitString, CODE, WHAT)
  const [unused = 8, ...octets] = content
  const last = octets.at(-1) ?? 0
  const minimal = unused < 8 && ((last >> unused) & 1) === 1 && (last & ((1 << unused) - 1)) === 0
  if (octets.length < 1 || octets.length > 2 || !minimal) throw refuse('has a malformed key usage')
  return new Set(KEY_USAGES.filter((_, i) => (((octets[i >> 3] ?? 0) >> (7 - (i % 8))) & 1) === 1))
}

function parsePurposes(value: Uint8Array): readonly string[] {
  const purposes = parseInside(parseDer(value, CODE, WHAT), TAG.sequence, CODE, WHAT)
  const oids = purposes.map((one) => parseOid(one, CODE, WHAT))
  if (oids.length === 0 || new Set(oids).size !== oids.length) throw refuse('has no purpose, or one twice')
  return oids
}

function parseKeyIdentifier(value: Uint8Array): Uint8Array {
  const { content } = expectTag(parseDer(value, CODE, WHAT), TAG.octetString, CODE, WHAT)
  if (content.length === 0) throw refuse('has an empty key identifier')
  return content
}

/** 4.2.1.1: keyIdentifier [0], and authorityCertIssuer [1] together with authorityCertSerialNumber [2]. */
function parseAuthorityKeyIdentifier(value: Uint8Array): { readonly authorityKeyIdentifier?: Uint8Array } {
  const members = parseInside(parseDer(value, CODE, WHAT), TAG.sequence, CODE, WHAT)
  if (!['', '128', '128,161,130', '161,130'].includes(members.map(({ tag }) => tag).join())) {
    throw refuse('has a malformed authority key identifier')
  }
  const [key] = members
  return key?.tag === 0x80 ? { authorityKeyIdentifier: key.content } : {}
}

const NAMES: Readonly<Record<number, GeneralName['type']>> = {
  129: 'email',
  130: 'dns',
  134: 'uri',
  135: 'ip',
  136: 'unknown',
  163: 'unknown',
  164: 'directory',
  165: 'unknown',
}

function parseNames(value: Uint8Array): readonly GeneralName[] {
  const names = parseInside(parseDer(value, CODE, WHAT), TAG.sequence, CODE, WHAT)
  if (names.length === 0) throw refuse('has no name')
  return names.map(parseGeneralName)
}

function parseGeneralName({ tag, content }: Der): GeneralName {
  if (tag === 0xa0) return parseOtherName(content)
  const type = NAMES[tag]
  if (type === undefined) throw refuse('has a name of no known kind')
  if (type !== 'email' && type !== 'dns' && type !== 'uri') return { type, value: '' }
  // IA5String: the eighth bit is not ignored, as Node's ASCII decoding would do.
  if (content.length === 0 || content.some((octet) => octet < 0x20 || octet > 0x7e)) {
    throw refuse('has a name that is not printable ASCII')
  }
  return { type, value: Buffer.from(content).toString('latin1') }
}

function parseOtherName(content: Uint8Array): GeneralName {
  const [name, wrapped, ...rest] = parseElements(content, CODE, WHAT)
  if (wrapped?.tag !== 0xa0 || rest.length > 0) throw refuse('has a malformed name')
  const inner = parseDer(wrapped.content, CODE, WHAT)
  const value = inner.tag === TAG.utf8String ? parseUtf8String(inner, CODE, WHAT) : ''
  return { type: 'other', value, oid: parseOid(name, CODE, WHAT) }
}
