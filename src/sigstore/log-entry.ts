/** One entry of a transparency log, from a bundle or from the log itself (TransparencyLogEntry, sigstore_rekor.proto). */
export interface LogEntry {
  /** The index that the log's users know: on Rekor v1 the global one. */
  readonly logIndex: bigint
  /** 32 bytes: which key signs for this log. */
  readonly logId: Uint8Array
  readonly kind: string
  readonly version: string
  /** Seconds since 1970; means nothing without the promise that signs it. */
  readonly integratedTime?: bigint
  /** Signed entry timestamp (Rekor v1). */
  readonly promise?: Uint8Array
  readonly proof?: {
    /** The leaf's index in the tree that `treeSize` and `rootHash` describe. */
    readonly logIndex: bigint
    readonly treeSize: bigint
    readonly rootHash: Uint8Array
    /** Bottom up. */
    readonly hashes: readonly Uint8Array[]
    /** A signed note. */
    readonly checkpoint: string
  }
  /** The Merkle leaf's bytes; empty where the source left them out. */
  readonly body: Uint8Array
}
