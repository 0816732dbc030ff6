import { ActionError, type ErrorCode } from '../errors.ts'
import { parseUtf8 } from './bytes.ts'

/** One element of X.690 DER. All three are views of the bytes that were parsed. */
export interface Der {
  /** Identifier octet; tags above 30 do not occur in what we read. */
  readonly tag: number
  readonly raw: Uint8Array
  readonly content: Uint8Array
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** Nothing that we read is larger or deeper. */
const MAX_BYTES = 1024 * 1024
const MAX_ELEMENTS = 4096
const MAX_OID_BYTES = 64

function malformed(code: ErrorCode, what: string, why: string): ActionError {
  return new ActionError(code, `${what} is not DER: ${why}`)
}

/** The element that starts at `at`. */
function parseAt(bytes: Uint8Array, at: number, code: ErrorCode, what: string): Der {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) throw malformed(code, what, 'it ends early')
  if ((tag & 0x1f) === 0x1f) throw malformed(code, what, 'it has a long tag')
  const octets = first < 0x80 ? 0 : first - 0x80
  const start = at + 2 + octets
  const end = start + (first < 0x80 ? first : parseLength(bytes.subarray(at + 2, start), octets, code, what))
  if (end > bytes.length) throw malformed(code, what, 'it ends early')
  return { tag, raw: bytes.subarray(at, end), content: bytes.subarray(start, end) }
}

/** X.690 8.1.3 and 10.1: definite, and in the fewest octets. */
function parseLength(bytes: Uint8Array, octets: number, code: ErrorCode, what: string): number {
  if (octets < 1 || octets > 4) throw malformed(code, what, 'it has an indefinite or huge length')
  if (bytes.length < octets) throw malformed(code, what, 'it ends early')
  const length = bytes.reduce((value, octet) => value * 256 + octet, 0)
  if (length < 0x80 || length < 256 ** (octets - 1))
    throw malformed(code, what, 'it has a length that is not minimal')
  return length
}

/** Exactly one element with nothing behind it. */
export function parseDer(bytes: Uint8Array, code: ErrorCode, what: string): Der {
  if (bytes.length > MAX_BYTES) throw malformed(code, what, `it has ${bytes.length} bytes`)
  const der = parseAt(bytes, 0, code, what)
  if (der.raw.length !== bytes.length) throw malformed(code, what, 'something follows it')
  return der
}

/** The elements that the content of a constructed element consists of. */
export function parseElements(content: Uint8Array, code: ErrorCode, what: string): readonly Der[] {
  const elements: Der[] = []
  for (let at = 0; at < content.length; ) {
    const der = parseAt(content, at, code, what)
    elements.push(der)
    if (elements.length > MAX_ELEMENTS) throw malformed(code, what, 'it has too many elements')
    at += der.raw.length
  }
  return elements
}

/** The elements of an element that must have this tag. */
export function parseInside(
  der: Der | undefined,
  tag: number,
  code: ErrorCode,
  what: string,
): readonly Der[] {
  return parseElements(expectTag(der, tag, code, what).content, code, what)
}

export function expectTag(der: Der | undefined, tag: number, code: ErrorCode, what: string): Der {
  if (der?.tag !== tag)
    throw malformed(code, what, `tag ${tag} was expected, and there is ${der?.tag ?? 'nothing'}`)
  return der
}

/** Dotted form. X.690 8.19: each arc in the fewest octets. */
export function parseOid(der: Der | undefined, code: ErrorCode, what: string): string {
  const { content } = expectTag(der, TAG.oid, code, what)
  if (content.length === 0 || content.length > MAX_OID_BYTES)
    throw malformed(code, what, 'an OID is empty or huge')
  const arcs: number[] = []
  let arc = 0
  let fresh = true
  for (const octet of content) {
    if (fresh && octet === 0x80) throw malformed(code, what, 'an OID is not minimal')
    arc = arc * 128 + (octet & 0x7f)
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw malformed(code, what, 'an OID has a huge arc')
    fresh = octet < 0x80
    if (!fresh) continue
    arcs.push(arc)
    arc = 0
  }
  if (!fresh) throw malformed(code, what, 'an OID ends early')
  const [first = 0, ...rest] = arcs
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...rest].join('.')
}

/** Content octets of an INTEGER in its shortest form (X.690 8.3.2). */
export function parseIntegerBytes(der: Der | undefined, code: ErrorCode, what: string): Uint8Array {
  const { content } = expectTag(der, TAG.integer, code, what)
  const [first, second = 0] = content
  const padded = content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
  if (first === undefined || padded) throw malformed(code, what, 'an integer is not minimal')
  return content
}

export function parseInteger(der: Der | undefined, code: ErrorCode, what: string): bigint {
  const content = parseIntegerBytes(der, code, what)
  if (content.length > 128) throw malformed(code, what, 'an integer is huge')
  const unsigned = BigInt(`0x${Array.from(content, (octet) => octet.toString(16).padStart(2, '0')).join('')}`)
  return (content[0] ?? 0) >= 0x80 ? unsigned - (1n << BigInt(8 * content.length)) : unsigned
}

export function parseBoolean(der: Der | undefined, code: ErrorCode, what: string): boolean {
  const { content } = expectTag(der, TAG.boolean, code, what)
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) {
    throw malformed(code, what, 'a boolean is neither 00 nor FF')
  }
  return content[0] === 0xff
}

/** A BIT STRING of whole octets. */
export function parseBitString(der: Der | undefined, code: ErrorCode, what: string): Uint8Array {
  const { content } = expectTag(der, TAG.bitString, code, what)
  if (content[0] !== 0) throw malformed(code, what, 'a bit string has unused bits')
  return content.subarray(1)
}

export function parseUtf8String(der: Der | undefined, code: ErrorCode, what: string): string {
  return parseUtf8(expectTag(der, TAG.utf8String, code, what).content, code, what)
}

const UTC_TIME = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/
const GENERALIZED_TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/

/** UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 restricts them: whole seconds, `Z`. Milliseconds since 1970. */
export function parseTime(der: Der | undefined, code: ErrorCode, what: string): number {
  const short = der?.tag === TAG.utcTime
  const { content } = short ? der : expectTag(der, TAG.generalizedTime, code, what)
  const text = String.fromCharCode(...content.subarray(0, 24))
  const match = (short ? UTC_TIME : GENERALIZED_TIME).exec(text)
  if (match === null || content.length > 24)
    throw malformed(code, what, 'a time is not written as it must be')
  const [written = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const year = short ? written + (written < 50 ? 2000 : 1900) : written
  const time = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(time)
  const real =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  if (!real || year < 1000) throw malformed(code, what, 'a time is on no calendar')
  return time
}
