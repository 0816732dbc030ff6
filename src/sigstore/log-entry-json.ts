import type { Json } from '../core/json.ts'
import { isPresent, type JsonReader } from '../core/json-reader.ts'
import { ActionError } from '../errors.ts'
import type { LogEntry } from './log-entry.ts'

/** A TransparencyLogEntry in protobuf-JSON (sigstore_rekor.proto), as bundles and Rekor v2 write it. */
export function parseLogEntry(value: Json | undefined, where: string, read: JsonReader): LogEntry {
  const entry = read.object(value, where, [
    'logIndex',
    'logId',
    'kindVersion',
    'integratedTime',
    'inclusionPromise',
    'inclusionProof',
    'canonicalizedBody',
  ])
  const logId = read.object(entry['logId'], `${where}.logId`, ['keyId'])
  const kind = read.object(entry['kindVersion'], `${where}.kindVersion`, ['kind', 'version'])
  const time = entry['integratedTime']
  const promise = entry['inclusionPromise']
  const proof = entry['inclusionProof']
  const body = entry['canonicalizedBody']
  return {
    logIndex: parseIndex(entry['logIndex'], `${where}.logIndex`, read),
    logId: read.bytes(logId['keyId'], `${where}.logId.keyId`),
    kind: read.text(kind['kind'], `${where}.kindVersion.kind`),
    version: read.text(kind['version'], `${where}.kindVersion.version`),
    body: isPresent(body) ? read.bytes(body, `${where}.canonicalizedBody`) : new Uint8Array(),
    ...(isPresent(time) && { integratedTime: read.int64(time, `${where}.integratedTime`) }),
    ...(isPresent(promise) && { promise: parsePromise(promise, `${where}.inclusionPromise`, read) }),
    ...(isPresent(proof) && { proof: parseProof(proof, `${where}.inclusionProof`, read) }),
  }
}

/** An index of 0 may be left out: protobuf-JSON's default. */
function parseIndex(value: Json | undefined, where: string, read: JsonReader): bigint {
  if (!isPresent(value)) return 0n
  try {
    return read.int64(value, where)
  } catch (cause) {
    throw new ActionError('TLOG_INDEX', `${where} is not a whole number of zero or more`, { cause })
  }
}

function parsePromise(value: Json, where: string, read: JsonReader): Uint8Array {
  const promise = read.object(value, where, ['signedEntryTimestamp'])
  return read.bytes(promise['signedEntryTimestamp'], `${where}.signedEntryTimestamp`)
}

function parseProof(value: Json, where: string, read: JsonReader): NonNullable<LogEntry['proof']> {
  const proof = read.object(value, where, ['logIndex', 'rootHash', 'treeSize', 'hashes', 'checkpoint'])
  if (!isPresent(proof['checkpoint'])) {
    throw new ActionError('TLOG_CHECKPOINT', `${where} has no checkpoint`)
  }
  const checkpoint = read.object(proof['checkpoint'], `${where}.checkpoint`, ['envelope'])
  return {
    logIndex: parseIndex(proof['logIndex'], `${where}.logIndex`, read),
    rootHash: read.bytes(proof['rootHash'], `${where}.rootHash`),
    treeSize: read.int64(proof['treeSize'], `${where}.treeSize`),
    hashes: parseHashes(proof['hashes'], `${where}.hashes`, read),
    checkpoint: read.text(checkpoint['envelope'], `${where}.checkpoint.envelope`),
  }
}

/** A tree of 2^63 leaves is 63 deep. */
function parseHashes(value: Json | undefined, where: string, read: JsonReader): readonly Uint8Array[] {
  const hashes = read.list(value, where)
  if (hashes.length > 63) throw new ActionError('TLOG_PROOF', `${where} has ${hashes.length} hashes`)
  return hashes.map((one, i) => read.bytes(one, `${where}[${i}]`))
}
