import { ActionError, type ErrorCode } from '../errors.ts'
import { encodeHex, parseUtf8 } from './bytes.ts'

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
const MAX_DEPTH = 32
const MAX_OID_BYTES = 64
/** An arc below this stays a safe integer with seven bits more. */
const MAX_ARC = 2 ** 45
const MAX_INTEGER_BYTES = 128

const CONSTRUCTED = 0x20
/** EXTERNAL, EMBEDDED PDV, SEQUENCE, SET and CHARACTER STRING; DER has every other universal type in one piece. */
const CONSTRUCTED_TYPES: readonly number[] = [8, 11, 16, 17, 29]

function malformed(code: ErrorCode, what: string, why: string): ActionError {
  return new ActionError(code, `${what} is not DER: ${why}`)
}

/** Where the content of the element at `at` starts, by its length octets alone. */
function startOf(bytes: Uint8Array, at: number): number {
  const first = bytes[at + 1] ?? 0
  return at + 2 + (first < 0x80 ? 0 : first - 0x80)
}

/** Where the element at `at` ends; or, in words, why there is none. X.690 8.1.3 and 10.1: the fewest length octets. */
function endOf(bytes: Uint8Array, at: number, limit: number): number | string {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined || at + 2 > limit) return 'it ends early'
  const start = startOf(bytes, at)
  if (!isTag(tag)) return 'it has a tag that DER has not'
  if (first === 0x80 || first > 0x84) return 'it has an indefinite or huge length'
  if (start > limit) return 'it ends early'
  const length = first < 0x80 ? first : longLength(bytes, at + 2, start)
  if (first > 0x80 && (length < 0x80 || length < 256 ** (first - 0x81)))
    return 'it has a length that is not minimal'
  return length > limit - start ? 'it ends early' : start + length
}

/** X.690 8.1.2 and 10.2: low tag numbers, strings in one piece, no end-of-contents octets. */
function isTag(tag: number): boolean {
  const number = tag & 0x1f
  if (number === 0x1f) return false
  return tag >= 0x40 || (number > 0 && CONSTRUCTED_TYPES.includes(number) === (tag & CONSTRUCTED) > 0)
}

/** X.690 8.1.3.5: big-endian. */
function longLength(bytes: Uint8Array, from: number, to: number): number {
  let length = 0
  for (let at = from; at < to; at += 1) length = length * 256 + (bytes[at] ?? 0)
  return length
}

/** Why the element from `at` to `end` is not DER down to its leaves. Elements that nobody reads are strict too. */
function flawInside(bytes: Uint8Array, at: number, end: number, depth: number): string | undefined {
  if (((bytes[at] ?? 0) & CONSTRUCTED) === 0) return undefined
  if (depth >= MAX_DEPTH) return 'it is nested too deep'
  for (let child = startOf(bytes, at); child < end; ) {
    const next = endOf(bytes, child, end)
    const flaw = typeof next === 'string' ? next : flawInside(bytes, child, next, depth + 1)
    if (typeof next === 'string' || flaw !== undefined) return flaw
    child = next
  }
  return undefined
}

function parseAt(bytes: Uint8Array, at: number, code: ErrorCode, what: string): Der {
  const end = endOf(bytes, at, bytes.length)
  if (typeof end === 'string') throw malformed(code, what, end)
  const content = bytes.subarray(startOf(bytes, at), end)
  return { tag: bytes[at] ?? 0, raw: bytes.subarray(at, end), content }
}

/** Exactly one element with nothing behind it, well-formed down to its leaves. */
export function parseDer(bytes: Uint8Array, code: ErrorCode, what: string): Der {
  if (bytes.length > MAX_BYTES) throw malformed(code, what, `it has ${bytes.length} bytes`)
  const der = parseAt(bytes, 0, code, what)
  if (der.raw.length !== bytes.length) throw malformed(code, what, 'something follows it')
  const flaw = flawInside(bytes, 0, bytes.length, 0)
  if (flaw !== undefined) throw malformed(code, what, flaw)
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

/** Whether elements stand in the order that X.690 11.6 gives a SET OF, none twice. */
export const isSorted = (elements: readonly Der[]): boolean =>
  elements.every((one, i) => i === 0 || Buffer.compare(elements[i - 1]?.raw ?? one.raw, one.raw) < 0)

export function expectTag(der: Der | undefined, tag: number, code: ErrorCode, what: string): Der {
  if (der?.tag !== tag)
    throw malformed(code, what, `tag ${tag} was expected, and there is ${der?.tag ?? 'nothing'}`)
  return der
}

/** Dotted form. X.690 8.19: each arc in the fewest octets. */
export function parseOid(der: Der | undefined, code: ErrorCode, what: string): string {
  const { content } = expectTag(der, TAG.oid, code, what)
  const [first, ...rest] = content.length > MAX_OID_BYTES ? [] : arcsOf(content)
  if (first === undefined) throw malformed(code, what, 'an OID is not minimal, or has a huge arc')
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...rest].join('.')
}

/** The numbers in base 128, the first two arcs as one; none if one is padded, huge or cut. */
function arcsOf(content: Uint8Array): readonly number[] {
  const arcs: number[] = []
  let arc = 0
  let isFresh = true
  for (const octet of content) {
    const isPadded = isFresh && octet === 0x80
    arc = arc * 128 + (octet & 0x7f)
    if (isPadded || arc > MAX_ARC) return []
    isFresh = octet < 0x80
    if (!isFresh) continue
    arcs.push(arc)
    arc = 0
  }
  return isFresh ? arcs : []
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
  if (content.length > MAX_INTEGER_BYTES) throw malformed(code, what, 'an integer is huge')
  return BigInt.asIntN(content.length * 8, BigInt(`0x${encodeHex(content)}`))
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

/** Milliseconds since 1970. RFC 5280 4.1.2.5: UTCTime until 2049, GeneralizedTime from then on; whole seconds, `Z`. */
export function parseTime(der: Der | undefined, code: ErrorCode, what: string): number {
  if (der?.tag === TAG.utcTime) return parseMoment(der.content, 2, code, what)
  const time = parseGeneralizedTime(der, code, what)
  if (time < Date.UTC(2050, 0)) throw malformed(code, what, 'a time before 2050 is no UTCTime')
  return time
}

/** Milliseconds since 1970, of `YYYYMMDDHHMMSSZ`: no fraction of a second, no offset. */
export function parseGeneralizedTime(der: Der | undefined, code: ErrorCode, what: string): number {
  return parseMoment(expectTag(der, TAG.generalizedTime, code, what).content, 4, code, what)
}

function parseMoment(content: Uint8Array, yearDigits: 2 | 4, code: ErrorCode, what: string): number {
  const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1')
  if (content.length !== yearDigits + 11 || !/^[0-9]+Z$/.test(text))
    throw malformed(code, what, 'a time is not written as it must be')
  const written = Number(text.slice(0, yearDigits))
  const year = yearDigits === 4 ? written : written + (written < 50 ? 2000 : 1900)
  const part = (index: number): number =>
    Number(text.slice(yearDigits + 2 * index, yearDigits + 2 * index + 2))
  const time = Date.UTC(year, part(0) - 1, part(1), part(2), part(3), part(4))
  // `Date.UTC` carries the 31st of April over to May; a time that exists is written back the same.
  const exact = new Date(time).toISOString().replace(/[-:T]|\.000/g, '')
  if (year < 1000 || exact !== `${year}${text.slice(yearDigits)}`)
    throw malformed(code, what, 'a time is on no calendar')
  return time
}
