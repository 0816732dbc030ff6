import { encodeBase64 } from '../core/base64.ts'
import { encodeHex, encodeUtf8, equalBytes } from '../core/bytes.ts'
import { type Checkpoint, parseCheckpoint } from '../core/checkpoint.ts'
import { encodeCanonicalJson } from '../core/json.ts'
import { hashLeaf, verifyInclusion } from '../core/merkle.ts'
import { type Note, parseNote } from '../core/note.ts'
import { quote } from '../core/printable.ts'
import { type PublicKey, signatureMatches } from '../core/public-key.ts'
import { ActionError } from '../errors.ts'
import type { LogEntry } from './log-entry.ts'
import type { TrustedLog } from './trusted-root.ts'

/** Logs of either version sign with SHA-256; Ed25519 has its own hash. */
const matches = (key: PublicKey, data: Uint8Array, signature: Uint8Array): boolean =>
  signatureMatches(key, 'sha256', data, signature)

/**
 * The log's signed entry timestamp (Rekor v1): its signature over the canonical JSON of body, time, log and index.
 * `integratedTime` may be believed only after this. Returns it in milliseconds since 1970.
 */
export function verifyPromise(entry: LogEntry, promise: Uint8Array, log: TrustedLog): number {
  const { integratedTime = 0n, logIndex } = entry
  if (integratedTime <= 0n || integratedTime > 253_402_300_799n) {
    throw new ActionError('TLOG_TIME', `integratedTime of the log entry is ${integratedTime}`)
  }
  if (logIndex > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ActionError('TLOG_INDEX', `logIndex of the log entry is ${logIndex}`)
  }
  const payload = encodeCanonicalJson({
    body: encodeBase64(entry.body),
    integratedTime: Number(integratedTime),
    logID: encodeHex(log.logId),
    logIndex: Number(logIndex),
  })
  if (matches(log.key, payload, promise)) return Number(integratedTime) * 1000
  throw new ActionError('TLOG_PROMISE', `the promise is not signed by ${log.baseUrl}, or for another entry`)
}

/** The proof that the leaf is in the tree whose head the log signed (RFC 6962 2.1.1, C2SP tlog-checkpoint). */
export function verifyProof(
  proof: NonNullable<LogEntry['proof']>,
  leaf: Uint8Array,
  index: bigint,
  log: TrustedLog,
  api: 1 | 2,
): void {
  const checkpoint = verifyCheckpoint(proof.checkpoint, log, api)
  if (checkpoint.size !== proof.treeSize || !equalBytes(checkpoint.root, proof.rootHash)) {
    throw new ActionError('TLOG_PROOF', 'the proof is for another tree than the signed tree head', {
      expected: `${checkpoint.size} ${encodeHex(checkpoint.root)}`,
      found: `${proof.treeSize} ${encodeHex(proof.rootHash)}`,
    })
  }
  if (index !== proof.logIndex) {
    throw new ActionError('TLOG_INDEX', 'the proof is for another index than the entry', {
      expected: String(index),
      found: String(proof.logIndex),
    })
  }
  verifyInclusion({
    leafHash: hashLeaf(leaf),
    index,
    size: checkpoint.size,
    hashes: proof.hashes,
    root: checkpoint.root,
  })
}

/** A tree head signed by this log, under its own name. Signatures of others, witnesses for example, are left alone. */
export function verifyCheckpoint(envelope: string, log: TrustedLog, api: 1 | 2): Checkpoint {
  const note = parseNote(envelope)
  const checkpoint = parseCheckpoint(note.text)
  const name = log.names.find((one) => isOrigin(checkpoint.origin, one, api))
  if (name === undefined) {
    throw new ActionError('TLOG_CHECKPOINT', 'the tree head is of another log', {
      expected: log.names.join(' or '),
      found: quote(checkpoint.origin),
    })
  }
  assertSignedBy(note, name, log)
  return checkpoint
}

/** On Rekor v1 the origin is `<host> - <tree id>`, on v2 the host alone. */
const isOrigin = (origin: string, name: string, api: 1 | 2): boolean =>
  api === 2
    ? origin === name
    : origin.startsWith(`${name} - `) && /^[0-9]+$/.test(origin.slice(name.length + 3))

function assertSignedBy(note: Note, name: string, log: TrustedLog): void {
  const own = note.signatures.filter(
    (line) => line.name === name && equalBytes(line.keyHint, log.logId.subarray(0, 4)),
  )
  const text = encodeUtf8(note.text)
  if (own.length > 0 && own.every(({ signature }) => matches(log.key, text, signature))) return
  throw new ActionError('TLOG_CHECKPOINT', `the tree head is not signed by ${log.baseUrl}`)
}
