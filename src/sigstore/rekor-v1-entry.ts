import { parseHex } from '../core/bytes.ts'
import { type Json, type JsonObject, parseJson } from '../core/json.ts'
import { isJsonObject, isPresent, jsonReader } from '../core/json-reader.ts'
import { ActionError, type ErrorCode } from '../errors.ts'
import type { HttpResponse } from '../ports.ts'
import { type AnswerCodes, parseAnswer, statusError } from './answer.ts'
import type { LogEntry } from './log-entry.ts'

const CODES: AnswerCodes = { service: 'Rekor', refused: 'TLOG_REFUSED', response: 'TLOG_RESPONSE' }
const MAX_BODY = 1024 * 1024
const read = jsonReader('TLOG_RESPONSE')

/** An entry's id: the tree's id, if it is there, and the leaf hash. */
export const UUID = '(?:[0-9a-f]{80}|[0-9a-f]{64})'

/**
 * The one entry of an answer (protocol 4.2). TLOG_RESPONSE for another shape, and by member: TLOG_INDEX, TLOG_TIME,
 * TLOG_BODY, TLOG_PROMISE, TLOG_PROOF, TLOG_PROOF_MISSING, TLOG_CHECKPOINT. Nothing in it is verified.
 */
export function parseEntryV1(response: HttpResponse): { readonly uuid: string; readonly entry: LogEntry } {
  if (response.status !== 200 && response.status !== 201) throw statusError(response, CODES)
  const answer = read.object(parseAnswer(response, CODES), 'the answer of Rekor')
  const [only, ...others] = Object.entries(answer)
  if (only === undefined || others.length > 0) {
    throw new ActionError(
      'TLOG_RESPONSE',
      `Rekor answers with ${others.length + (only ? 1 : 0)} entries, not one`,
    )
  }
  const [uuid, value] = only
  if (!new RegExp(`^${UUID}$`).test(uuid)) throw new ActionError('TLOG_RESPONSE', 'the entry has no id')
  return { uuid, entry: parseEntry(read.object(value, 'the entry')) }
}

function parseEntry(value: JsonObject): LogEntry {
  const body = jsonReader('TLOG_BODY').bytes(value['body'], 'body')
  const verification = read.object(value['verification'], 'verification')
  return {
    logIndex: jsonReader('TLOG_INDEX').int64(value['logIndex'], 'logIndex'),
    logId: hex(value['logID'], 'logID', 'TLOG_RESPONSE'),
    ...parseKind(body),
    integratedTime: jsonReader('TLOG_TIME').int64(value['integratedTime'], 'integratedTime'),
    promise: jsonReader('TLOG_PROMISE').bytes(verification['signedEntryTimestamp'], 'signedEntryTimestamp'),
    proof: parseProof(verification['inclusionProof']),
    body,
  }
}

const hex = (value: Json | undefined, what: string, code: ErrorCode): Uint8Array =>
  parseHex(jsonReader(code).text(value, what), code, what)

function parseKind(body: Uint8Array): Pick<LogEntry, 'kind' | 'version'> {
  const rules = {
    malformed: 'TLOG_BODY',
    tooLarge: 'TLOG_BODY',
    tooDeep: 'TLOG_BODY',
    duplicate: 'TLOG_BODY',
  } as const
  const json = parseJson(body, { maxBytes: MAX_BODY, maxDepth: 16, ...rules }, 'the body of the entry')
  const { kind, apiVersion } = isJsonObject(json) ? json : {}
  if (typeof kind === 'string' && typeof apiVersion === 'string') return { kind, version: apiVersion }
  throw new ActionError('TLOG_KIND', 'the body of the entry names no kind or version')
}

/** A tree of 2^63 leaves is 63 deep. */
const MAX_HASHES = 63

function parseProof(value: Json | undefined): NonNullable<LogEntry['proof']> {
  if (!isPresent(value))
    throw new ActionError('TLOG_PROOF_MISSING', 'Rekor answers without an inclusion proof')
  const proof = read.object(value, 'inclusionProof')
  const hashes = read.list(proof['hashes'], 'inclusionProof.hashes')
  if (hashes.length > MAX_HASHES) {
    throw new ActionError('TLOG_PROOF', `the inclusion proof has ${hashes.length} hashes`)
  }
  return {
    logIndex: jsonReader('TLOG_INDEX').int64(proof['logIndex'], 'inclusionProof.logIndex'),
    treeSize: jsonReader('TLOG_PROOF').int64(proof['treeSize'], 'inclusionProof.treeSize'),
    rootHash: hex(proof['rootHash'], 'inclusionProof.rootHash', 'TLOG_PROOF'),
    hashes: hashes.map((one, i) => hex(one, `inclusionProof.hashes[${i}]`, 'TLOG_PROOF')),
    checkpoint: jsonReader('TLOG_CHECKPOINT').text(proof['checkpoint'], 'inclusionProof.checkpoint'),
  }
}
