import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTree, leafHashOf } from '../../sandbox/tree.ts'
import { hashChildren, verifyConsistency, verifyInclusion } from '../../src/core/merkle.ts'

const MOST = 40
const leaves = Array.from({ length: MOST }, (_, i) => leafHashOf(Buffer.from(`leaf ${i}`)))

/** RFC 6962 2.1 as it is written. */
function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes
  if (only === undefined || hashes.length === 1) return only ?? new Uint8Array()
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  return hashChildren(rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)))
}

const tree = createTree()
for (const leaf of leaves) tree.append(leaf)

test('the root of every size is the one of RFC 6962', () => {
  for (let size = 1; size <= MOST; size += 1) {
    assert.deepEqual(tree.root(size), rootOf(leaves.slice(0, size)), `size ${size}`)
  }
})

test('the root of nothing is the hash of nothing', () => {
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  assert.equal(Buffer.from(createTree().root()).toString('hex'), empty)
})

test('every leaf is proven in every tree that holds it', () => {
  for (let size = 1; size <= MOST; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const leafHash = leaves[index] ?? new Uint8Array()
      const hashes = tree.inclusionProof(index, size)
      verifyInclusion({ leafHash, index: BigInt(index), size: BigInt(size), hashes, root: tree.root(size) })
    }
  }
})

test('every tree is proven to begin every larger one', () => {
  for (let second = 1; second <= MOST; second += 1) {
    for (let first = 1; first <= second; first += 1) {
      verifyConsistency({
        size1: BigInt(first),
        root1: tree.root(first),
        size2: BigInt(second),
        root2: tree.root(second),
        hashes: tree.consistencyProof(first, second),
      })
    }
  }
})

test('there is no proof about leaves that are not there', () => {
  assert.throws(() => tree.inclusionProof(5, 5), RangeError)
  assert.throws(() => tree.inclusionProof(0, MOST + 1), RangeError)
  assert.throws(() => tree.root(MOST + 1), RangeError)
  assert.throws(() => tree.consistencyProof(6, 5), RangeError)
})
