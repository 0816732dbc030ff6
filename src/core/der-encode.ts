import { ActionError } from '../errors.ts'
import { concatBytes, encodeUtf8 } from './bytes.ts'
import { TAG } from './der.ts'

/** Whole elements of X.690 DER, tag and length included. */

export function encodeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = contents.length === 1 && contents[0] !== undefined ? contents[0] : concatBytes(...contents)
  return concatBytes(Uint8Array.of(tag, ...encodeLength(content.length)), content)
}

function encodeLength(length: number): readonly number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return [0x80 + octets.length, ...octets]
}

export const encodeSequence = (...parts: readonly Uint8Array[]): Uint8Array =>
  encodeDer(TAG.sequence, ...parts)

/** DER sorts the elements of a SET OF by their encodings (X.690 11.6). */
export const encodeSet = (...parts: readonly Uint8Array[]): Uint8Array =>
  encodeDer(TAG.set, ...parts.toSorted((a, b) => Buffer.compare(a, b)))

export const encodeNull = (): Uint8Array => encodeDer(TAG.null, new Uint8Array())

export const encodeBoolean = (value: boolean): Uint8Array =>
  encodeDer(TAG.boolean, Uint8Array.of(value ? 0xff : 0))

export const encodeOctetString = (bytes: Uint8Array): Uint8Array => encodeDer(TAG.octetString, bytes)

export const encodeBitString = (bytes: Uint8Array): Uint8Array =>
  encodeDer(TAG.bitString, Uint8Array.of(0), bytes)

export const encodeUtf8String = (text: string): Uint8Array => encodeDer(TAG.utf8String, encodeUtf8(text))

/** A number of zero or more, or an unsigned big-endian one. INTERNAL for a negative one, which nothing here writes. */
export function encodeInteger(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === 'bigint' && value < 0n) throw new ActionError('INTERNAL', 'a negative INTEGER')
  const hex = typeof value === 'bigint' ? value.toString(16) : Buffer.from(value).toString('hex')
  const trimmed = hex.replace(/^0+(?=.)/, '')
  const octets = Uint8Array.from(Buffer.from(trimmed.length % 2 === 0 ? trimmed : `0${trimmed}`, 'hex'))
  const bytes = octets.length === 0 ? Uint8Array.of(0) : octets
  return encodeDer(TAG.integer, (bytes[0] ?? 0) >= 0x80 ? concatBytes(Uint8Array.of(0), bytes) : bytes)
}

/** Dotted form; INTERNAL for what is none. */
export function encodeOid(oid: string): Uint8Array {
  const isOid = /^(?:[01]\.[1-3]?[0-9]|2\.(?:0|[1-9][0-9]{0,13}))(?:\.(?:0|[1-9][0-9]{0,13}))*$/.test(oid)
  if (!isOid) throw new ActionError('INTERNAL', 'that is no OID')
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number)
  return encodeDer(TAG.oid, Uint8Array.from([first * 40 + second, ...rest].flatMap(encodeArc)))
}

function encodeArc(arc: number): readonly number[] {
  const octets = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
    octets.unshift((rest % 128) + 128)
  return octets
}

/** Milliseconds since 1970, cut to seconds; the years 1950 to 2049 as UTCTime (RFC 5280 4.1.2.5). */
export function encodeUtcOrGeneralizedTime(time: number): Uint8Array {
  const text = secondsText(time)
  const year = Number(text.slice(0, 4))
  if (year < 1950 || year > 2049) return encodeGeneralizedTime(time)
  return encodeDer(TAG.utcTime, encodeUtf8(text.slice(2)))
}

/** Milliseconds since 1970, cut to seconds, as `YYYYMMDDHHMMSSZ`. */
export const encodeGeneralizedTime = (time: number): Uint8Array =>
  encodeDer(TAG.generalizedTime, encodeUtf8(secondsText(time)))

const secondsText = (time: number): string =>
  `${new Date(time).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
