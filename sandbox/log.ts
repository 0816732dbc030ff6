import { base64, hex } from './fields.ts'
import { type CheckpointFields, checkpointText, type NoteSigner, signNote } from './note.ts'
import { createTree, leafHashOf, type Tree } from './tree.ts'

/** What a checkpoint says or bears otherwise than it should. */
export interface CheckpointChanges extends Partial<CheckpointFields> {
  readonly signers?: readonly NoteSigner[]
}

/** An append-only log that signs its tree head. */
export interface Log {
  readonly origin: string
  readonly signer: NoteSigner
  readonly tree: Tree
  /** Bodies by index. */
  readonly bodies: readonly Uint8Array[]
  /** Index of the new entry. */
  readonly append: (body: Uint8Array) => number
  /** Index of the first entry with this leaf hash. */
  readonly find: (leafHash: Uint8Array) => number | undefined
  /** The signed head of the first `size` entries, all of them by default. */
  readonly checkpoint: (changes?: CheckpointChanges) => string
}

export function createLog(origin: string, signer: NoteSigner): Log {
  const tree = createTree()
  const bodies: Uint8Array[] = []
  const indexes = new Map<string, number>()
  const append = (body: Uint8Array): number => {
    const leafHash = leafHashOf(body)
    const index = tree.append(leafHash)
    bodies.push(body)
    if (!indexes.has(hex(leafHash))) indexes.set(hex(leafHash), index)
    return index
  }
  const checkpoint = (changes: CheckpointChanges = {}): string => {
    const { signers = [signer], ...fields } = changes
    const size = fields.size ?? tree.size()
    const root = fields.root ?? tree.root(size)
    return signNote(checkpointText({ origin, ...fields, size, root }), signers)
  }
  return { origin, signer, tree, bodies, append, find: (leafHash) => indexes.get(hex(leafHash)), checkpoint }
}

/** An inclusion proof as bundles hold it (sigstore_rekor.proto), numbers as text, bytes in base64. */
export interface InclusionProofJson {
  logIndex: string
  rootHash: string
  treeSize: string
  hashes: string[]
  checkpoint: { envelope: string }
}

export function inclusionProof(log: Log, index: number, size = log.tree.size()): InclusionProofJson {
  const { tree } = log
  return {
    logIndex: String(index),
    rootHash: base64(tree.root(size)),
    treeSize: String(size),
    hashes: tree.inclusionProof(index, size).map(base64),
    checkpoint: { envelope: log.checkpoint({ size }) },
  }
}
