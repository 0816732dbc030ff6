import { concatBytes } from '../../src/core/bytes.ts'
import { hashChildren, hashLeaf } from '../../src/core/merkle.ts'

/** Leaves 0 to size - 1 of a log for tests; leaf `i` holds `body(i)`. */
export function leafHashes(size: number, body: (index: number) => Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: size }, (_, i) => hashLeaf(body(i)))
}

const split = (size: number): number => {
  let k = 1
  while (k * 2 < size) k *= 2
  return k
}

/** MTH of RFC 6962 2.1, word by word. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (leaves.length === 1 && only !== undefined) return only
  const k = split(leaves.length)
  return hashChildren(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)))
}

/** PATH of RFC 6962 2.1.1, word by word. */
export function auditPath(index: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return index < k
    ? [...auditPath(index, left), treeHash(right)]
    : [...auditPath(index - k, right), treeHash(left)]
}

/** What a log of these leaves serves below `tile/`, every partial tile of its present size included (c2sp.org/tlog-tiles). */
export function servedTiles(leaves: readonly Uint8Array[]): ReadonlyMap<string, Uint8Array> {
  const tiles = new Map<string, Uint8Array>()
  let row = leaves
  for (let level = 0; row.length > 0; level++) {
    const next: Uint8Array[] = []
    for (let n = 0; n * 256 < row.length; n++) {
      const part = row.slice(n * 256, n * 256 + 256)
      const name =
        n < 1000
          ? String(n).padStart(3, '0')
          : `x${String(Math.floor(n / 1000)).padStart(3, '0')}/${String(n % 1000).padStart(3, '0')}`
      tiles.set(`tile/${level}/${name}${part.length < 256 ? `.p/${part.length}` : ''}`, concatBytes(...part))
      if (part.length === 256) next.push(treeHash(part))
    }
    row = next
  }
  return tiles
}
