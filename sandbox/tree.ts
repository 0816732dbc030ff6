import { sha256 } from './keys.ts'

/** A growing RFC 6962 Merkle tree that keeps the hash of every complete subtree. */
export interface Tree {
  readonly size: () => number
  /** Index of the new leaf. */
  readonly append: (leafHash: Uint8Array) => number
  /** Of the first `size` leaves; all of them by default. */
  readonly root: (size?: number) => Uint8Array
  /** RFC 6962 2.1.1. */
  readonly inclusionProof: (index: number, size?: number) => readonly Uint8Array[]
  /** RFC 6962 2.1.2. */
  readonly consistencyProof: (first: number, second: number) => readonly Uint8Array[]
  /** Hashes `start` to `end` (exclusive) of the complete subtrees of 2^level leaves; undefined if they are not all there. */
  readonly hashes: (level: number, start: number, end: number) => readonly Uint8Array[] | undefined
}

export const leafHashOf = (data: Uint8Array): Uint8Array => sha256(Uint8Array.of(0), data)

const parentOf = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(Uint8Array.of(1), left, right)

export function createTree(): Tree {
  const levels: Uint8Array[][] = [[]]
  const size = (): number => levels[0]?.length ?? 0
  const append = (leafHash: Uint8Array): number => {
    push(levels, 0, leafHash)
    return size() - 1
  }
  const root = (of = size()): Uint8Array => (of === 0 ? sha256() : rangeHash(levels, 0, within(of, size())))
  return {
    size,
    append,
    root,
    inclusionProof: (index, of = size()) =>
      inclusion(levels, within(index + 1, of) - 1, 0, within(of, size())),
    consistencyProof: (first, second) =>
      first === 0 || first === second
        ? []
        : consistency(levels, within(first, second), 0, within(second, size())),
    hashes: (level, start, end) => {
      const hashes = levels[level]?.slice(start, end)
      return hashes?.length === end - start ? hashes : undefined
    },
  }
}

function within(wanted: number, most: number): number {
  if (!Number.isSafeInteger(wanted) || wanted < 1 || wanted > most) {
    throw new RangeError(`the tree has no ${wanted} of ${most} leaves`)
  }
  return wanted
}

function push(levels: Uint8Array[][], level: number, hash: Uint8Array): void {
  const row = levels[level] ?? []
  levels[level] = row
  row.push(hash)
  const left = row.at(-2)
  if (row.length % 2 === 0 && left !== undefined) push(levels, level + 1, parentOf(left, hash))
}

/** The largest power of two below `count`, as RFC 6962 splits. */
const splitOf = (count: number): number => 2 ** Math.floor(Math.log2(count - 1))

function rangeHash(levels: readonly (readonly Uint8Array[])[], start: number, end: number): Uint8Array {
  const count = end - start
  const level = Math.log2(count)
  const stored = Number.isInteger(level) ? levels[level]?.[start / count] : undefined
  if (stored !== undefined) return stored
  const middle = start + splitOf(count)
  return parentOf(rangeHash(levels, start, middle), rangeHash(levels, middle, end))
}

function inclusion(levels: readonly Uint8Array[][], index: number, start: number, end: number): Uint8Array[] {
  if (end - start === 1) return []
  const middle = start + splitOf(end - start)
  return index < middle
    ? [...inclusion(levels, index, start, middle), rangeHash(levels, middle, end)]
    : [...inclusion(levels, index, middle, end), rangeHash(levels, start, middle)]
}

/** SUBPROOF of RFC 6962 2.1.2; the old root is known to the reader as long as the range starts at the first leaf. */
function consistency(
  levels: readonly Uint8Array[][],
  first: number,
  start: number,
  end: number,
): Uint8Array[] {
  if (first === end) return start === 0 ? [] : [rangeHash(levels, start, end)]
  const middle = start + splitOf(end - start)
  return first <= middle
    ? [...consistency(levels, first, start, middle), rangeHash(levels, middle, end)]
    : [...consistency(levels, first, middle, end), rangeHash(levels, start, middle)]
}
