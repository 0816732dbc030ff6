import { ActionError } from '../errors.ts'
import { concatBytes, encodeHex, equalBytes } from './bytes.ts'
import { DIGEST_BYTES, digest } from './digest.ts'

// RFC 6962 2.1: a leaf can never be passed off as a node.
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** SHA-256 of 0x00 and the entry. */
export const hashLeaf = (data: Uint8Array): Uint8Array => digest('sha256', concatBytes(LEAF, data))

/** SHA-256 of 0x01 and the hashes of both children. */
export const hashChildren = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  digest('sha256', concatBytes(NODE, left, right))

export interface Inclusion {
  readonly leafHash: Uint8Array
  /** Of the leaf, from 0. */
  readonly index: bigint
  /** Leaves in the tree. */
  readonly size: bigint
  /** The audit path, from the leaf upwards. */
  readonly hashes: readonly Uint8Array[]
  readonly root: Uint8Array
}

/** RFC 9162 2.1.3.2: the leaf is at this index of the tree with this root; else throws TLOG_PROOF. */
export function verifyInclusion({ leafHash, index, size, hashes, root }: Inclusion): void {
  if (index < 0n || index >= size) refuse(`index ${index} is outside a tree of ${size} leaves`)
  assertHashes(leafHash, root, ...hashes)
  const inner = bitLength(index ^ (size - 1n))
  assertCount(hashes, inner + bitCount(index >> BigInt(inner)))
  const found = hashes.reduce(
    (hash, sibling, level) =>
      level >= inner || bitAt(index, level) ? hashChildren(sibling, hash) : hashChildren(hash, sibling),
    leafHash,
  )
  assertRoot(found, root, `the proof of leaf ${index} does not lead to the root of ${size} leaves`)
}

export interface Consistency {
  /** Leaves in the older tree. No proof leads from an empty tree to one that is not. */
  readonly size1: bigint
  readonly root1: Uint8Array
  readonly size2: bigint
  readonly root2: Uint8Array
  readonly hashes: readonly Uint8Array[]
}

/** RFC 9162 2.1.4.2: the older tree is the beginning of the newer one; else throws TLOG_PROOF. */
export function verifyConsistency({ size1, root1, size2, root2, hashes }: Consistency): void {
  if (size1 < 0n || size1 > size2 || (size1 === 0n && size2 > 0n)) {
    refuse(`no proof leads from a tree of ${size1} leaves to one of ${size2}`)
  }
  assertHashes(root1, root2, ...hashes)
  if (size1 === size2) {
    assertCount(hashes, 0)
    assertRoot(root2, root1, `two trees of ${size1} leaves have different roots`)
    return
  }
  const shift = trailingZeros(size1)
  const inner = bitLength((size1 - 1n) ^ (size2 - 1n)) - shift
  const path = (size1 - 1n) >> BigInt(shift)
  // A full older tree is itself a node of the newer one, so its root is not repeated in the proof.
  const nodes = path === 0n ? [root1, ...hashes] : hashes
  assertCount(nodes, 1 + inner + bitCount(path >> BigInt(inner)))
  climb(nodes, inner, path, { root1, root2 })
}

function climb(
  [seed = new Uint8Array(), ...rest]: readonly Uint8Array[],
  inner: number,
  path: bigint,
  { root1, root2 }: Pick<Consistency, 'root1' | 'root2'>,
): void {
  let older = seed
  let newer = seed
  for (const [level, hash] of rest.entries()) {
    const isRight = level >= inner || bitAt(path, level)
    if (isRight) older = hashChildren(hash, older)
    newer = isRight ? hashChildren(hash, newer) : hashChildren(newer, hash)
  }
  assertRoot(older, root1, 'the proof does not lead to the root of the older tree')
  assertRoot(newer, root2, 'the proof does not lead to the root of the newer tree')
}

function refuse(message: string): never {
  throw new ActionError('TLOG_PROOF', message)
}

function assertHashes(...hashes: readonly Uint8Array[]): void {
  const wrong = hashes.find((hash) => hash.length !== DIGEST_BYTES.sha256)
  if (wrong !== undefined)
    refuse(`a hash of the proof, its leaf or its root has ${wrong.length} bytes, not 32`)
}

function assertCount(hashes: readonly Uint8Array[], count: number): void {
  if (hashes.length !== count) refuse(`the proof has ${hashes.length} hashes where ${count} are needed`)
}

function assertRoot(found: Uint8Array, expected: Uint8Array, message: string): void {
  if (equalBytes(found, expected)) return
  throw new ActionError('TLOG_PROOF', message, { expected: encodeHex(expected), found: encodeHex(found) })
}

// Trees have more than 2^31 leaves, so JavaScript's 32-bit operators would be wrong.
const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length)
const bitCount = (value: bigint): number => value.toString(2).replaceAll('0', '').length
const bitAt = (value: bigint, at: number): boolean => ((value >> BigInt(at)) & 1n) === 1n
const trailingZeros = (value: bigint): number => bitLength(value & -value) - 1
