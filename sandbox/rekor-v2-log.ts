import { encodeCanonicalJson } from '../src/core/json.ts'
import { base64 } from './fields.ts'
import { generateEd25519Key, keyIdOf, noteKeyIdOf, type SigningKey } from './keys.ts'
import { createLog, inclusionProof, type Log } from './log.ts'
import type { LogEntryJson } from './log-entry.ts'

/** A Rekor v2 shard: name, key and tree. */
export interface RekorV2Log {
  readonly name: string
  readonly key: SigningKey
  readonly logId: Uint8Array
  readonly log: Log
  /** Entries that its published checkpoint covers; readers see no more. */
  readonly published: () => number
  /** Signs a checkpoint over all entries. */
  readonly publish: () => void
  /** Logs any bytes, unchecked, and publishes them. Gives back the index. */
  readonly append: (body: Uint8Array) => number
  /** A TransparencyLogEntry as a bundle holds it, proven against the tree of now or of `size`. */
  readonly toBundle: (index: number, size?: number) => LogEntryJson
}

/** Ed25519 as the public shards; the id then hashes the name as well. */
export function createRekorV2Log(name: string, key: SigningKey = generateEd25519Key()): RekorV2Log {
  const logId = key.kind === 'ed25519' ? noteKeyIdOf(name, key) : keyIdOf(key)
  const log = createLog(name, { name, key, keyId: logId })
  let published = 0
  const publish = (): void => {
    published = log.tree.size()
  }
  const append = (body: Uint8Array): number => {
    const index = log.append(body)
    publish()
    return index
  }
  // Entries of strangers: readers that leave out zeros, or choke on them, are another test's matter.
  append(encodeCanonicalJson({ apiVersion: '0.0.2', kind: 'hashedrekord', spec: { filler: 0 } }))
  return {
    name,
    key,
    logId,
    log,
    published: () => published,
    publish,
    append,
    toBundle: (index, size = published) => ({
      logIndex: String(index),
      logId: { keyId: base64(logId) },
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      inclusionProof: inclusionProof(log, index, size),
      canonicalizedBody: base64(log.bodies[index] ?? new Uint8Array()),
    }),
  }
}
