import { randomBytes } from 'node:crypto'
import { encodeCanonicalJson } from '../src/core/json.ts'
import { base64, hex, parseFields, textAt } from './fields.ts'
import { generateEcdsaKey, keyIdOf, type SigningKey } from './keys.ts'
import { createLog, inclusionProof, type Log } from './log.ts'
import type { LogEntryJson } from './log-entry.ts'
import { leafHashOf } from './tree.ts'

/** One tree of the log; all shards have one key and one address. */
export interface Shard {
  readonly treeId: bigint
  readonly log: Log
  /** Entries in the shards before it. */
  readonly offset: number
  /** Seconds since 1970, by index in this tree. */
  readonly times: number[]
}

/** Where an entry is. */
export interface StoredEntry {
  readonly shard: Shard
  /** In its tree; the global index is `shard.offset` more. */
  readonly index: number
}

/** What a signed entry timestamp covers (protocol 4.4). */
export interface PromisedFields {
  /** base64 */
  readonly body: string
  readonly integratedTime: number
  /** Hexadecimal. */
  readonly logID: string
  readonly logIndex: number
}

export interface RekorV1Log {
  /** Host of its address, as in its checkpoints. */
  readonly name: string
  readonly key: SigningKey
  readonly logId: Uint8Array
  /** The frozen one first, the growing one last. */
  readonly shards: readonly Shard[]
  readonly current: Shard
  /** Logs any bytes, unchecked. `integratedTime` in seconds since 1970. */
  readonly append: (body: Uint8Array, options?: { readonly integratedTime?: number }) => StoredEntry
  readonly byUuid: (uuid: string) => StoredEntry | undefined
  readonly byIndex: (globalIndex: number) => StoredEntry | undefined
  readonly uuid: (entry: StoredEntry) => string
  readonly promisedFields: (entry: StoredEntry) => PromisedFields
  /** Signs whatever it is given. */
  readonly signPromise: (fields: PromisedFields) => Uint8Array
  /** As its REST API tells it (protocol 4.2). */
  readonly toRest: (entry: StoredEntry) => Readonly<Record<string, unknown>>
  /** As a bundle holds it, proven against the tree of now or of `size`. */
  readonly toBundle: (entry: StoredEntry, size?: number) => LogEntryJson
}

/** So many entries lie in a frozen tree that global and tree indexes never agree. */
const FROZEN_ENTRIES = 37

export function createRekorV1Log(name: string, key: SigningKey = generateEcdsaKey('P-256')): RekorV1Log {
  const logId = keyIdOf(key)
  const frozen = createShard(name, key, 0)
  for (let i = 0; i < FROZEN_ENTRIES; i += 1) store(frozen, fillerBody(i), 1_600_000_000 + i)
  const current = createShard(name, key, FROZEN_ENTRIES)
  store(current, fillerBody(FROZEN_ENTRIES), 1_700_000_000)
  const shards = [frozen, current]
  const promisedFields = ({ shard, index }: StoredEntry): PromisedFields => ({
    body: base64(shard.log.bodies[index] ?? new Uint8Array()),
    integratedTime: shard.times[index] ?? 0,
    logID: hex(logId),
    logIndex: shard.offset + index,
  })
  const signPromise = (fields: PromisedFields): Uint8Array => key.sign(encodeCanonicalJson({ ...fields }))
  const promise = (entry: StoredEntry): string => base64(signPromise(promisedFields(entry)))
  return {
    name,
    key,
    logId,
    shards,
    current,
    append: (body, { integratedTime = Math.floor(Date.now() / 1000) } = {}) =>
      store(current, body, integratedTime),
    byUuid: (uuid) => find(shards, uuid),
    byIndex: (globalIndex) => {
      const shard = shards.findLast(({ offset }) => offset <= globalIndex)
      const index = globalIndex - (shard?.offset ?? 0)
      return shard !== undefined && index < shard.log.tree.size() ? { shard, index } : undefined
    },
    uuid: uuidOf,
    promisedFields,
    signPromise,
    toRest: (entry) => restOf(entry, promisedFields(entry), promise(entry)),
    toBundle: (entry, size) => bundleOf(entry, promisedFields(entry), promise(entry), logId, size),
  }
}

function createShard(name: string, key: SigningKey, offset: number): Shard {
  const treeId = randomBytes(8).readBigUInt64BE() >> 1n
  const log = createLog(`${name} - ${treeId}`, { name, key, keyId: keyIdOf(key) })
  return { treeId, log, offset, times: [] }
}

function store(shard: Shard, body: Uint8Array, integratedTime: number): StoredEntry {
  shard.times.push(integratedTime)
  return { shard, index: shard.log.append(body) }
}

/** An entry of a stranger. */
const fillerBody = (index: number): Uint8Array =>
  encodeCanonicalJson({ apiVersion: '0.0.1', kind: 'hashedrekord', spec: { filler: index } })

const uuidOf = ({ shard, index }: StoredEntry): string => {
  const leafHash = leafHashOf(shard.log.bodies[index] ?? new Uint8Array())
  return `${shard.treeId.toString(16).padStart(16, '0')}${hex(leafHash)}`
}

/** By leaf hash, with or without the id of its tree. */
function find(shards: readonly Shard[], uuid: string): StoredEntry | undefined {
  const isWhole = uuid.length === 80
  for (const shard of shards) {
    if (isWhole && BigInt(`0x${uuid.slice(0, 16)}`) !== shard.treeId) continue
    const index = shard.log.find(Buffer.from(uuid.slice(-64), 'hex'))
    if (index !== undefined) return { shard, index }
  }
  return undefined
}

function restOf(
  entry: StoredEntry,
  fields: PromisedFields,
  promise: string,
): Readonly<Record<string, unknown>> {
  const { shard, index } = entry
  const { tree } = shard.log
  const proof = {
    logIndex: index,
    treeSize: tree.size(),
    rootHash: hex(tree.root()),
    hashes: tree.inclusionProof(index).map(hex),
    checkpoint: shard.log.checkpoint(),
  }
  const verification = { inclusionProof: proof, signedEntryTimestamp: promise }
  return { [uuidOf(entry)]: { ...fields, verification } }
}

function bundleOf(
  { shard, index }: StoredEntry,
  { body, integratedTime, logIndex }: PromisedFields,
  promise: string,
  logId: Uint8Array,
  size?: number,
): LogEntryJson {
  const fields = parseFields(Buffer.from(body, 'base64').toString('utf8'))
  return {
    logIndex: String(logIndex),
    logId: { keyId: base64(logId) },
    kindVersion: { kind: textAt(fields, 'kind'), version: textAt(fields, 'apiVersion') },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: promise },
    inclusionProof: inclusionProof(shard.log, index, size),
    canonicalizedBody: body,
  }
}
