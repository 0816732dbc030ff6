import { concatBytes } from '../core/bytes.ts'
import { hashChildren } from '../core/merkle.ts'
import { ActionError } from '../errors.ts'

/** A hash tile (c2sp.org/tlog-tiles): `width` hashes of `level`, each over 256^level leaves, from number 256 × index on. */
export interface Tile {
  readonly level: number
  readonly index: bigint
  /** 1 to 256; less than 256 where the tree ends. */
  readonly width: number
}

/** A complete subtree: number `position` among those of 2^height leaves. */
interface Subtree {
  readonly height: number
  readonly position: bigint
}

const TILE_HEIGHT = 8
const FULL = 256
export const HASH_BYTES = 32

/** `tile/0/x001/x234/067` or, of a tile that is not full, `tile/0/x001/x234/067.p/5`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/.{3}/g) ?? []
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${path}${width < FULL ? `.p/${width}` : ''}`
}

export const isFullTile = ({ width }: Tile): boolean => width === FULL

/** The ranges of leaves whose hashes prove leaf `index` in a tree of `size`, bottom up (RFC 6962 2.1.1). */
function proofRanges(index: bigint, size: bigint): readonly (readonly [bigint, bigint])[] {
  const ranges: [bigint, bigint][] = []
  let [low, high] = [0n, size]
  while (high - low > 1n) {
    const middle = low + largestPowerBelow(high - low)
    if (index < middle) {
      ranges.unshift([middle, high])
      high = middle
    } else {
      ranges.unshift([low, middle])
      low = middle
    }
  }
  return ranges
}

const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length)

/** The largest power of two that is smaller; `value` is 2 or more. */
const largestPowerBelow = (value: bigint): bigint => 1n << BigInt(bitLength(value - 1n) - 1)

/** The complete subtrees of a range of the proof, left to right. Each starts at a multiple of its own size. */
function subtreesOf([low, high]: readonly [bigint, bigint]): readonly Subtree[] {
  const subtrees: Subtree[] = []
  for (let at = low; at < high; ) {
    const height = bitLength(high - at) - 1
    subtrees.push({ height, position: at >> BigInt(height) })
    at += 1n << BigInt(height)
  }
  return subtrees
}

interface Place {
  readonly tile: Tile
  /** Number of the first hash within the tile, and how many. */
  readonly offset: number
  readonly count: number
}

/** Where the tiles hold what is below a subtree's root: 2^(height mod 8) hashes in one tile. */
function placeOf({ height, position }: Subtree, size: bigint): Place {
  const level = Math.floor(height / TILE_HEIGHT)
  const spread = BigInt(height % TILE_HEIGHT)
  const first = position << spread
  const index = first / BigInt(FULL)
  const inLevel = size >> BigInt(level * TILE_HEIGHT)
  const left = inLevel - index * BigInt(FULL)
  const width = left < FULL ? Number(left) : FULL
  return { tile: { level, index, width }, offset: Number(first % BigInt(FULL)), count: 2 ** Number(spread) }
}

/** The tiles that hold the proof of leaf `index` in a tree of `size`, each once. */
export function tilesOfProof(index: bigint, size: bigint): readonly Tile[] {
  const tiles = new Map<string, Tile>()
  for (const subtree of proofRanges(index, size).flatMap(subtreesOf)) {
    const { tile } = placeOf(subtree, size)
    tiles.set(tilePath(tile), tile)
  }
  return [...tiles.values()]
}

/**
 * The inclusion proof of leaf `index` in a tree of `size`, bottom up, from the bytes of the tiles by their path. A full
 * tile may stand in for a partial one. TLOG_RESPONSE if a tile is missing or too short. Nothing is verified.
 */
export function proofOfTiles(
  index: bigint,
  size: bigint,
  tiles: ReadonlyMap<string, Uint8Array>,
): readonly Uint8Array[] {
  return proofRanges(index, size).map((range) =>
    subtreesOf(range)
      .map((subtree) => subtreeHash(placeOf(subtree, size), tiles))
      .reduceRight((right, left) => hashChildren(left, right)),
  )
}

function subtreeHash({ tile, offset, count }: Place, tiles: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const bytes = tiles.get(tilePath(tile))
  if (bytes === undefined || bytes.length < tile.width * HASH_BYTES) {
    throw new ActionError('TLOG_RESPONSE', 'a tile of the log is missing or cut short')
  }
  let row = Array.from({ length: count }, (_, i) => {
    const start = (offset + i) * HASH_BYTES
    return bytes.subarray(start, start + HASH_BYTES)
  })
  while (row.length > 1) {
    row = row.flatMap((left, i) => (i % 2 === 0 ? [hashChildren(left, row[i + 1] ?? left)] : []))
  }
  return concatBytes(...row)
}
