import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBase64 } from '../../src/core/base64.ts'
import { encodeHex, encodeUtf8 } from '../../src/core/bytes.ts'
import { digest } from '../../src/core/digest.ts'
import { hashChildren, hashLeaf, verifyConsistency, verifyInclusion } from '../../src/core/merkle.ts'
import { knownBundles, readBundleParts, readSharedData, withoutSharedData } from './shared-data.ts'

interface InclusionVector {
  readonly case: string
  readonly leafIdx: number
  readonly treeSize: number
  readonly root: string
  readonly leafHash: string
  readonly proof: readonly string[] | null
  readonly wantErr: boolean
}

interface ConsistencyVector {
  readonly case: string
  readonly size1: number
  readonly size2: number
  readonly root1: string
  readonly root2: string
  readonly proof: readonly string[] | null
  readonly wantErr: boolean
}

const bytes = (text: string): Uint8Array => parseBase64(text, 'INTERNAL', 'the vector')

/** Where it does not matter which root it is, vectors have a text of 12 bytes; that is no hash, so its hash stands in. */
const rootBytes = (text: string): Uint8Array =>
  bytes(text).length === 12 ? digest('sha256', bytes(text)) : bytes(text)

/** Accepts or throws TLOG_PROOF; anything else thrown fails the test. */
function accepts(verify: () => void): boolean {
  try {
    verify()
    return true
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error && error.code === 'TLOG_PROOF', String(error))
    return false
  }
}

test('all 98 inclusion vectors', { skip: withoutSharedData }, () => {
  const vectors: readonly InclusionVector[] = JSON.parse(readSharedData('merkle/inclusion.json'))
  assert.equal(vectors.length, 98)
  for (const vector of vectors) {
    const accepted = accepts(() =>
      verifyInclusion({
        leafHash: bytes(vector.leafHash),
        index: BigInt(vector.leafIdx),
        size: BigInt(vector.treeSize),
        hashes: (vector.proof ?? []).map(bytes),
        root: bytes(vector.root),
      }),
    )
    assert.equal(accepted, !vector.wantErr, vector.case)
  }
})

test('all 97 consistency vectors', { skip: withoutSharedData }, () => {
  const vectors: readonly ConsistencyVector[] = JSON.parse(readSharedData('merkle/consistency.json'))
  assert.equal(vectors.length, 97)
  for (const vector of vectors) {
    const accepted = accepts(() =>
      verifyConsistency({
        size1: BigInt(vector.size1),
        root1: rootBytes(vector.root1),
        size2: BigInt(vector.size2),
        root2: rootBytes(vector.root2),
        hashes: (vector.proof ?? []).map(bytes),
      }),
    )
    assert.equal(accepted, !vector.wantErr, vector.case)
  }
})

test('leaf hashes of real entries', { skip: withoutSharedData }, () => {
  const known = knownBundles().filter(({ tlog }) => tlog !== undefined)
  assert.ok(known.length >= 6)
  for (const { bundle, tlog } of known) {
    const [entry] = readBundleParts(bundle).verificationMaterial.tlogEntries ?? []
    assert.ok(entry)
    assert.equal(encodeHex(hashLeaf(bytes(entry.canonicalizedBody))), tlog?.leaf_hash, bundle)
  }
})

test('leaves and nodes are told apart by their first byte', () => {
  const left = hashLeaf(encodeUtf8('l'))
  const right = hashLeaf(encodeUtf8('r'))
  assert.deepEqual(left, digest('sha256', Uint8Array.of(0), encodeUtf8('l')))
  assert.deepEqual(hashChildren(left, right), digest('sha256', Uint8Array.of(1), left, right))
})

// The recursive definitions of RFC 6962 2.1, written down as they stand there: another way than the verifier's.
const splitOf = (size: number): number => 2 ** Math.floor(Math.log2(size - 1))

function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (leaves.length === 1 && only !== undefined) return only
  const k = splitOf(leaves.length)
  return hashChildren(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)))
}

function pathOf(index: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  if (leaves.length === 1) return []
  const k = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return index < k ? [...pathOf(index, left), rootOf(right)] : [...pathOf(index - k, right), rootOf(left)]
}

function subproofOf(older: number, leaves: readonly Uint8Array[], isWhole: boolean): readonly Uint8Array[] {
  if (older === leaves.length) return isWhole ? [] : [rootOf(leaves)]
  const k = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return older <= k
    ? [...subproofOf(older, left, isWhole), rootOf(right)]
    : [...subproofOf(older - k, right, false), rootOf(left)]
}

const LEAVES = Array.from({ length: 64 }, (_, i) => hashLeaf(Uint8Array.of(i)))
const ROOTS = LEAVES.map((_, i) => rootOf(LEAVES.slice(0, i + 1)))
const rootOfSize = (size: number): Uint8Array => ROOTS[size - 1] ?? assert.fail()
const leafAt = (index: number): Uint8Array => LEAVES[index] ?? assert.fail()

const flip = (hash: Uint8Array): Uint8Array => hash.map((byte, i) => (i === 7 ? byte ^ 4 : byte))

test('every leaf of every tree up to 64 leaves is proven, and nowhere else', () => {
  for (let size = 1; size <= 64; size++) {
    for (let index = 0; index < size; index++) {
      const hashes = pathOf(index, LEAVES.slice(0, size))
      const proof = { leafHash: leafAt(index), hashes, root: rootOfSize(size) }
      verifyInclusion({ ...proof, index: BigInt(index), size: BigInt(size) })
      const elsewhere = BigInt((index + 1) % size)
      if (size > 1)
        assert.ok(!accepts(() => verifyInclusion({ ...proof, index: elsewhere, size: BigInt(size) })))
    }
  }
})

test('every pair of trees up to 64 leaves is proven consistent, and no longer after a flipped bit', () => {
  for (let size2 = 1; size2 <= 64; size2++) {
    for (let size1 = 1; size1 <= size2; size1++) {
      const hashes = subproofOf(size1, LEAVES.slice(0, size2), true)
      const sizes = { size1: BigInt(size1), size2: BigInt(size2) }
      const proof = { ...sizes, root1: rootOfSize(size1), root2: rootOfSize(size2), hashes }
      verifyConsistency(proof)
      assert.ok(!accepts(() => verifyConsistency({ ...proof, root1: flip(proof.root1) })))
      assert.ok(!accepts(() => verifyConsistency({ ...proof, root2: flip(proof.root2) })))
      const bent = hashes.map((hash, i) => (i === (size1 + size2) % hashes.length ? flip(hash) : hash))
      if (bent.length > 0) assert.ok(!accepts(() => verifyConsistency({ ...proof, hashes: bent })))
    }
  }
})

/** A tree of 2^62 equal leaves can be computed: all nodes of a level are alike. */
const LEVELS = Array.from({ length: 62 }).reduce<readonly Uint8Array[]>(
  (levels) => [...levels, hashChildren(levels.at(-1) ?? leafAt(0), levels.at(-1) ?? leafAt(0))],
  [leafAt(0)],
)

test('indexes beyond 32 and 53 bits', () => {
  const size = 2n ** 62n
  const proof = { leafHash: leafAt(0), size, hashes: LEVELS.slice(0, 62), root: LEVELS[62] ?? assert.fail() }
  for (const index of [0n, 2n ** 31n, 2n ** 53n + 1n, size - 1n]) verifyInclusion({ ...proof, index })
  assert.ok(!accepts(() => verifyInclusion({ ...proof, index: size })))
  const [root1 = assert.fail()] = LEVELS.slice(61)
  verifyConsistency({ size1: size / 2n, root1, size2: size, root2: proof.root, hashes: LEVELS.slice(61, 62) })
})

const GOOD = {
  leafHash: leafAt(2),
  index: 2n,
  size: 7n,
  hashes: pathOf(2, LEAVES.slice(0, 7)),
  root: rootOfSize(7),
}

const refusedInclusion: Record<string, Partial<Parameters<typeof verifyInclusion>[0]>> = {
  'a wrong hash': { hashes: GOOD.hashes.map((hash, i) => (i === 1 ? flip(hash) : hash)) },
  'one hash too many': { hashes: [...GOOD.hashes, leafAt(0)] },
  'one hash too few': { hashes: GOOD.hashes.slice(1) },
  'no hashes': { hashes: [] },
  'a hash of 31 bytes': { hashes: GOOD.hashes.map((hash) => hash.subarray(1)) },
  'a hash of 33 bytes': { hashes: GOOD.hashes.map((hash) => Uint8Array.of(...hash, 0)) },
  'swapped hashes': { hashes: GOOD.hashes.toReversed() },
  'an index equal to the size': { index: 7n },
  'an index beyond the size': { index: 2n ** 64n },
  'a negative index': { index: -1n },
  'size 0': { index: 0n, size: 0n, hashes: [] },
  'a negative size': { index: 0n, size: -1n },
  'a size that needs another proof': { size: 9n },
  'an empty leaf hash': { leafHash: new Uint8Array() },
  'another leaf': { leafHash: leafAt(3) },
  'a root of 31 bytes': { root: GOOD.root.subarray(1) },
  'another root': { root: rootOfSize(8) },
  'a leaf hash equal to a root of no bytes': {
    index: 0n,
    size: 1n,
    hashes: [],
    leafHash: new Uint8Array(),
    root: new Uint8Array(),
  },
}

for (const [why, change] of Object.entries(refusedInclusion)) {
  test(`verifyInclusion refuses: ${why}`, () => {
    assert.doesNotThrow(() => verifyInclusion(GOOD))
    assert.throws(() => verifyInclusion({ ...GOOD, ...change }), { code: 'TLOG_PROOF' })
  })
}

const GROWN = {
  size1: 6n,
  root1: rootOfSize(6),
  size2: 13n,
  root2: rootOfSize(13),
  hashes: subproofOf(6, LEAVES.slice(0, 13), true),
}

const refusedConsistency: Record<string, Partial<Parameters<typeof verifyConsistency>[0]>> = {
  'an empty older tree': { size1: 0n, hashes: [] },
  'two empty trees with different roots': { size1: 0n, size2: 0n, hashes: [] },
  'equal roots that are no hashes': {
    size2: 6n,
    root1: encodeUtf8('hello'),
    root2: encodeUtf8('hello'),
    hashes: [],
  },
  'a negative size': { size1: -1n },
  'a tree that shrank': { size1: 13n, root1: GROWN.root2, size2: 6n, root2: GROWN.root1 },
  'equal sizes, different roots': { size2: 6n, hashes: [] },
  'equal sizes with a proof': { size2: 6n, root2: GROWN.root1 },
  'one hash too many': { hashes: [...GROWN.hashes, leafAt(0)] },
  'one hash too few': { hashes: GROWN.hashes.slice(0, -1) },
  'no hashes': { hashes: [] },
  'a hash of 33 bytes': { hashes: GROWN.hashes.map((hash) => Uint8Array.of(...hash, 0)) },
  'swapped hashes': { hashes: GROWN.hashes.toReversed() },
  'a root of 31 bytes': { root1: GROWN.root1.subarray(1) },
}

for (const [why, change] of Object.entries(refusedConsistency)) {
  test(`verifyConsistency refuses: ${why}`, () => {
    assert.doesNotThrow(() => verifyConsistency(GROWN))
    assert.throws(() => verifyConsistency({ ...GROWN, ...change }), { code: 'TLOG_PROOF' })
  })
}
