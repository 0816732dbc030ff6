import { ActionError, type ErrorCode } from '../errors.ts'
import { crc32c } from './crc32c.ts'

/** Limit of what is unpacked, and the codes of the two ways to fail. */
export interface SnappyRules {
  /** Bytes. */
  readonly maxBytes: number
  readonly malformed: ErrorCode
  readonly tooLarge: ErrorCode
}

/** A reader over packed bytes, and where the unpacked ones go. */
interface Cursor {
  readonly bytes: Uint8Array
  at: number
  readonly end: number
}

/** Three bytes of a copy give 64 at the most: whoever declares more lies. */
const MOST_GAIN = 22

const damaged = ({ malformed }: SnappyRules, why: string): ActionError =>
  new ActionError(malformed, `the Snappy data is damaged: ${why}`)

/**
 * Unpacks a raw block (google/snappy, format_description.txt). The declared length is judged before anything is allocated,
 * each element before it is copied, and the result must be exactly as long as declared.
 */
export function parseSnappyBlock(bytes: Uint8Array, rules: SnappyRules): Uint8Array {
  const cursor = { bytes, at: 0, end: bytes.length }
  const out = new Uint8Array(readLength(cursor, rules))
  unpack(cursor, out, rules)
  return out
}

/** The declared length, which the packed bytes must be able to hold. */
function readLength(cursor: Cursor, rules: SnappyRules): number {
  const length = readVarint(cursor, rules)
  if (length > rules.maxBytes) {
    throw new ActionError(rules.tooLarge, `the Snappy data unpacks to more than ${rules.maxBytes} bytes`)
  }
  if (length > (cursor.end - cursor.at) * MOST_GAIN) throw damaged(rules, 'it declares more than it can hold')
  return length
}

/** At most 32 bits, in the shortest form. */
function readVarint(cursor: Cursor, rules: SnappyRules): number {
  let value = 0
  for (let i = 0; i < 5; i++) {
    const byte = readLittle(cursor, 1, rules)
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte >= 0x80) continue
    if (i > 0 && byte === 0) break
    return value
  }
  throw damaged(rules, 'its length is malformed')
}

/** Elements up to the end of the cursor, which must fill `out`. */
function unpack(cursor: Cursor, out: Uint8Array, rules: SnappyRules): void {
  let at = 0
  while (cursor.at < cursor.end) {
    const tag = readLittle(cursor, 1, rules)
    at += (tag & 3) === 0 ? placeLiteral(tag, cursor, out, at, rules) : placeCopy(tag, cursor, out, at, rules)
  }
  if (at !== out.length) throw damaged(rules, 'it unpacks to less than it declares')
}

/** Each returns how many bytes it wrote at `at`. */
function placeLiteral(tag: number, cursor: Cursor, out: Uint8Array, at: number, rules: SnappyRules): number {
  const length = literalLength(tag, cursor, rules)
  assertRoom(length, out, at, rules)
  if (length > cursor.end - cursor.at) throw damaged(rules, 'a literal is cut off')
  out.set(cursor.bytes.subarray(cursor.at, cursor.at + length), at)
  cursor.at += length
  return length
}

function placeCopy(tag: number, cursor: Cursor, out: Uint8Array, at: number, rules: SnappyRules): number {
  const length = copyLength(tag)
  assertRoom(length, out, at, rules)
  const offset = copyOffset(tag, cursor, rules)
  if (offset === 0 || offset > at) throw damaged(rules, 'a copy begins before the data')
  copyWithin(out, at, offset, length)
  return length
}

function assertRoom(length: number, out: Uint8Array, at: number, rules: SnappyRules): void {
  if (length > out.length - at) throw damaged(rules, 'it unpacks to more than it declares')
}

function literalLength(tag: number, cursor: Cursor, rules: SnappyRules): number {
  const short = tag >> 2
  return (short < 60 ? short : readLittle(cursor, short - 59, rules)) + 1
}

const copyLength = (tag: number): number => ((tag & 3) === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2))

function copyOffset(tag: number, cursor: Cursor, rules: SnappyRules): number {
  if ((tag & 3) === 1) return ((tag >> 5) << 8) + readLittle(cursor, 1, rules)
  return readLittle(cursor, (tag & 3) === 2 ? 2 : 4, rules)
}

function readLittle(cursor: Cursor, count: number, rules: SnappyRules): number {
  if (count > cursor.end - cursor.at) throw damaged(rules, 'an element is cut off')
  let value = 0
  for (let i = 0; i < count; i++) value += (cursor.bytes[cursor.at++] ?? 0) * 2 ** (8 * i)
  return value
}

/** Source and target may overlap: then what was just written is copied again. */
function copyWithin(out: Uint8Array, at: number, offset: number, length: number): void {
  if (offset >= length) out.copyWithin(at, at - offset, at - offset + length)
  else for (let i = 0; i < length; i++) out[at + i] = out[at + i - offset] ?? 0
}

/** Type 0xff, length 6, `sNaPpY`: each stream begins so. */
const STREAM_START = Uint8Array.of(0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59)
const MOST_IN_CHUNK = 65_536

/** Whether the bytes begin as a framed stream does. */
export const isSnappyStream = (bytes: Uint8Array): boolean =>
  STREAM_START.every((byte, i) => bytes[i] === byte)

/**
 * Unpacks a framed stream (google/snappy, framing_format.txt), each chunk against its CRC-32C. The sizes are summed up before
 * anything is allocated.
 */
export function parseSnappyStream(bytes: Uint8Array, rules: SnappyRules): Uint8Array {
  if (!isSnappyStream(bytes)) throw damaged(rules, 'it does not begin as a stream')
  let total = 0
  for (const { length } of chunksOf(bytes, rules)) {
    total += length
    if (total <= rules.maxBytes) continue
    throw new ActionError(rules.tooLarge, `the Snappy data unpacks to more than ${rules.maxBytes} bytes`)
  }
  const out = new Uint8Array(total)
  let at = 0
  for (const { length, crc, isPacked, data } of chunksOf(bytes, rules)) {
    const part = out.subarray(at, at + length)
    if (isPacked) unpack(data, part, rules)
    else part.set(data.bytes.subarray(data.at, data.end))
    if (mask(crc32c(part)) !== crc) throw damaged(rules, 'a chunk does not match its checksum')
    at += length
  }
  return out
}

interface Chunk {
  /** Bytes that it unpacks to. */
  readonly length: number
  readonly crc: number
  readonly isPacked: boolean
  readonly data: Cursor
}

/** The chunks that hold data; padding and what a reader may skip is passed over. */
function* chunksOf(bytes: Uint8Array, rules: SnappyRules): Generator<Chunk, void, undefined> {
  const cursor = { bytes, at: 0, end: bytes.length }
  while (cursor.at < cursor.end) {
    const type = readLittle(cursor, 1, rules)
    const size = readLittle(cursor, 3, rules)
    if (size > cursor.end - cursor.at) throw damaged(rules, 'a chunk is cut off')
    const data = { bytes, at: cursor.at, end: cursor.at + size }
    cursor.at += size
    if (type === 0 || type === 1) yield readChunk(data, type === 0, rules)
    else if (type === 0xff && !isSnappyStream(bytes.subarray(data.at - 4, data.end))) {
      throw damaged(rules, 'a stream begins that is none')
    } else if (type < 0x80) throw damaged(rules, `a chunk is of the unknown type ${type}`)
  }
}

function readChunk(data: Cursor, isPacked: boolean, rules: SnappyRules): Chunk {
  const crc = readLittle(data, 4, rules)
  const chunkRules = { ...rules, maxBytes: Math.min(rules.maxBytes, MOST_IN_CHUNK) }
  const length = isPacked ? readLength(data, chunkRules) : data.end - data.at
  if (length > MOST_IN_CHUNK) throw damaged(rules, 'a chunk is too large')
  return { length, crc, isPacked, data }
}

/** The format stores checksums rotated by 15 bits and shifted by a constant. */
const mask = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
