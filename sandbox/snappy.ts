import { concatBytes, encodeUtf8 } from '../src/core/bytes.ts'
import { crc32c } from '../src/core/crc32c.ts'

/** Packs as Snappy does (google/snappy, format_description.txt, framing_format.txt), not as tightly as the real one. */

/** The length in front of a block. */
export function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Uint8Array.from([...bytes, rest])
}

const LEAST_MATCH = 4
const MOST_COPIED = 64
const BLOCK = 65_536

/** A raw block. `declared` lies about its length. */
export function encodeSnappyBlock(bytes: Uint8Array, declared = bytes.length): Uint8Array {
  const parts: Uint8Array[] = [encodeVarint(declared)]
  for (let at = 0; at < bytes.length; at += BLOCK) parts.push(...packBlock(bytes.subarray(at, at + BLOCK)))
  return concatAll(parts)
}

/** Literals and copies of at most one block, so that two bytes are enough for every offset. */
function packBlock(block: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = []
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  const seen = new Map<number, number>()
  let literal = 0
  let at = 0
  while (at + LEAST_MATCH <= block.length) {
    const start = view.getUint32(at)
    const before = seen.get(start)
    seen.set(start, at)
    if (before === undefined) {
      at++
      continue
    }
    const length = matchLength(block, before, at)
    parts.push(...encodeLiteral(block.subarray(literal, at)), encodeCopy(at - before, length))
    at += length
    literal = at
  }
  parts.push(...encodeLiteral(block.subarray(literal)))
  return parts
}

function matchLength(block: Uint8Array, before: number, at: number): number {
  let length = 0
  while (length < MOST_COPIED && at + length < block.length && block[before + length] === block[at + length])
    length++
  return length
}

function encodeLiteral(bytes: Uint8Array): readonly Uint8Array[] {
  if (bytes.length === 0) return []
  const last = bytes.length - 1
  if (last < 60) return [Uint8Array.of(last << 2), bytes]
  const size = last < 0x100 ? 1 : last < 0x10000 ? 2 : 3
  const little = Uint8Array.from({ length: size }, (_, i) => (last >> (8 * i)) & 0xff)
  return [Uint8Array.of((59 + size) << 2), little, bytes]
}

function encodeCopy(offset: number, length: number): Uint8Array {
  if (length >= 4 && length <= 11 && offset < 2048) {
    return Uint8Array.of(1 | ((length - 4) << 2) | ((offset >> 8) << 5), offset & 0xff)
  }
  if (offset < 0x10000) return Uint8Array.of(2 | ((length - 1) << 2), offset & 0xff, offset >> 8)
  const far = [0, 8, 16, 24].map((shift) => (offset >>> shift) & 0xff)
  return Uint8Array.of(3 | ((length - 1) << 2), ...far)
}

const STREAM_START = concatBytes(Uint8Array.of(0xff, 6, 0, 0), encodeUtf8('sNaPpY'))

/** A framed stream: chunks of at most 64 KiB, each with its checksum; every second one is stored as it is. */
export function encodeSnappyStream(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [STREAM_START]
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK)
    const isPacked = (at / BLOCK) % 2 === 0
    parts.push(
      encodeChunk(
        isPacked ? 0 : 1,
        concatBytes(checksum(block), isPacked ? encodeSnappyBlock(block) : block),
      ),
    )
  }
  return concatAll(parts)
}

export const encodeChunk = (type: number, data: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(type, data.length & 0xff, (data.length >> 8) & 0xff, data.length >> 16), data)

/** Masked, little-endian. */
export function checksum(bytes: Uint8Array): Uint8Array {
  const crc = crc32c(bytes)
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
  return Uint8Array.of(masked & 0xff, (masked >> 8) & 0xff, (masked >> 16) & 0xff, masked >>> 24)
}

const concatAll = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
