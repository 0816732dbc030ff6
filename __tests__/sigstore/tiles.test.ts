import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { verifyInclusion } from '../../src/core/merkle.ts'
import { proofOfTiles, type Tile, tilePath, tilesOfProof } from '../../src/sigstore/tiles.ts'
import { auditPath, leafHashes, servedTiles, treeHash } from './tile-tree.ts'

const paths: readonly (readonly [Tile, string])[] = [
  [{ level: 0, index: 0n, width: 256 }, 'tile/0/000'],
  [{ level: 0, index: 0n, width: 1 }, 'tile/0/000.p/1'],
  [{ level: 1, index: 999n, width: 255 }, 'tile/1/999.p/255'],
  [{ level: 0, index: 1000n, width: 256 }, 'tile/0/x001/000'],
  [{ level: 0, index: 1234067n, width: 256 }, 'tile/0/x001/x234/067'],
  [{ level: 7, index: 12n, width: 3 }, 'tile/7/012.p/3'],
  [{ level: 0, index: 36028797018963967n, width: 256 }, 'tile/0/x036/x028/x797/x018/x963/967'],
]

for (const [tile, path] of paths) {
  test(`the path ${path}`, () => {
    assert.equal(tilePath(tile), path)
  })
}

const ALL = leafHashes(4200, (i) => encodeUtf8(`leaf ${i}`))

const proofFrom = (index: number, size: number, served: ReadonlyMap<string, Uint8Array>) => {
  const asked = tilesOfProof(BigInt(index), BigInt(size)).map(tilePath)
  assert.equal(new Set(asked).size, asked.length, 'no tile is asked for twice')
  const got = new Map<string, Uint8Array>()
  for (const path of asked) {
    const bytes = served.get(path)
    assert.ok(bytes, `${path} is served by a log of ${size} leaves`)
    got.set(path, bytes)
  }
  return proofOfTiles(BigInt(index), BigInt(size), got)
}

test('the proof of every leaf of every tree up to 40 leaves is that of RFC 6962', () => {
  for (let size = 1; size <= 40; size++) {
    const leaves = ALL.slice(0, size)
    const served = servedTiles(leaves)
    for (let index = 0; index < size; index++) {
      assert.deepEqual(proofFrom(index, size, served), auditPath(index, leaves), `${index} of ${size}`)
    }
  }
})

for (const size of [255, 256, 257, 511, 512, 513, 1000, 2049, 4096, 4200]) {
  test(`proofs in a tree of ${size} leaves`, () => {
    const leaves = ALL.slice(0, size)
    const served = servedTiles(leaves)
    const root = treeHash(leaves)
    const indexes = new Set([0, 1, 127, 128, 255, 256, 257, 511, 1023, size - 2, size - 1])
    for (const index of [...indexes].filter((one) => one < size)) {
      const hashes = proofFrom(index, size, served)
      assert.deepEqual(hashes, auditPath(index, leaves))
      const leafHash = leaves[index] ?? new Uint8Array()
      verifyInclusion({ leafHash, index: BigInt(index), size: BigInt(size), hashes, root })
    }
  })
}

test('a tree of three levels of tiles', () => {
  const size = 65_536 + 700
  const leaves = leafHashes(size, (i) => encodeUtf8(String(i)))
  const served = servedTiles(leaves)
  const root = treeHash(leaves)
  for (const index of [0, 65_535, 65_536, size - 1]) {
    const hashes = proofFrom(index, size, served)
    const leafHash = leaves[index] ?? new Uint8Array()
    verifyInclusion({ leafHash, index: BigInt(index), size: BigInt(size), hashes, root })
    assert.ok(tilesOfProof(BigInt(index), BigInt(size)).length <= 7)
  }
})

test('a log of 2^62 leaves is asked for few tiles', () => {
  const tiles = tilesOfProof(2n ** 61n + 12_345n, 2n ** 62n + 77n)
  assert.ok(tiles.length <= 16, `${tiles.length} tiles`)
  assert.ok(tiles.every(({ width }) => width >= 1 && width <= 256))
})

test('a full tile may stand in for a partial one', () => {
  const size = 300
  const leaves = ALL.slice(0, size)
  const later = servedTiles(ALL.slice(0, 512))
  const tiles = new Map(
    tilesOfProof(299n, 300n).map((tile) => [
      tilePath(tile),
      later.get(tilePath({ ...tile, width: 256 })) ??
        servedTiles(leaves).get(tilePath(tile)) ??
        new Uint8Array(),
    ]),
  )
  assert.deepEqual(proofOfTiles(299n, 300n, tiles), auditPath(299, leaves))
})

test('a tile that is missing or cut short is refused', () => {
  const served = new Map(servedTiles(ALL.slice(0, 300)))
  assert.throws(() => proofOfTiles(0n, 300n, new Map()), { code: 'TLOG_RESPONSE' })
  served.set('tile/0/001.p/44', new Uint8Array(43 * 32))
  assert.throws(() => proofOfTiles(0n, 300n, served), { code: 'TLOG_RESPONSE' })
})
