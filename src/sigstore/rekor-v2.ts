import { encodeBase64 } from '../core/base64.ts'
import { encodeUtf8 } from '../core/bytes.ts'
import { encodeCanonicalJson, type JsonObject } from '../core/json.ts'
import { type JsonReader, jsonReader } from '../core/json-reader.ts'
import { ActionError } from '../errors.ts'
import type { Http, HttpRequest, HttpResponse } from '../ports.ts'
import { type AnswerCodes, parseAnswer, statusError } from './answer.ts'
import type { LogEntry } from './log-entry.ts'
import { parseLogEntry } from './log-entry-json.ts'
import { type KnownLog, readBases, requestInclusion, type SoughtEntry } from './rekor-v2-read.ts'
import { atPath } from './service-url.ts'
import { type Submission, signedDigest } from './submission.ts'

const CODES: AnswerCodes = { service: 'Rekor', refused: 'TLOG_REFUSED', response: 'TLOG_RESPONSE' }
/** The log answers when a checkpoint covers the entry, which takes seconds (rekor-tiles CLIENTS.md). */
const TIMEOUT = 60_000
const MAX_BYTES = 1024 * 1024

/** Our keys are P-256 keys, and the log wants the algorithm by name (rekor-tiles algorithm registry). */
const KEY_DETAILS = 'PKIX_ECDSA_P256_SHA_256'

/** An answer of a newer server may hold more than we know: unlike in a bundle, that is no fault. */
const strict = jsonReader('TLOG_RESPONSE')
const read: JsonReader = { ...strict, object: (value, where) => strict.object(value, where) }

/** A HashedRekordRequestV002; an attestation is logged by the digest of its pre-authentication encoding. */
export function hashedRekordRequestV002(submission: Submission): JsonObject {
  return {
    hashedRekordRequestV002: {
      digest: encodeBase64(signedDigest(submission)),
      signature: signatureOf(submission),
    },
  }
}

const signatureOf = ({ content, certificate }: Submission): JsonObject => ({
  content: encodeBase64(content.signature),
  verifier: { x509Certificate: { rawBytes: encodeBase64(certificate) }, keyDetails: KEY_DETAILS },
})

/** `POST /api/v2/log/entries` (rekor_service.proto). */
export const entryRequestV2 = (base: URL, submission: Submission): HttpRequest => ({
  service: CODES.service,
  method: 'POST',
  url: atPath(base, '/api/v2/log/entries'),
  headers: { accept: 'application/json', 'content-type': 'application/json' },
  body: encodeUtf8(JSON.stringify(hashedRekordRequestV002(submission))),
  timeout: TIMEOUT,
  maxBytes: MAX_BYTES,
})

/** The canonical body (RFC 8785) that Rekor v2 stores for the submission. */
export const encodeStoredBodyV2 = (submission: Submission): Uint8Array =>
  encodeCanonicalJson({
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        data: { algorithm: 'SHA2_256', digest: encodeBase64(signedDigest(submission)) },
        signature: signatureOf(submission),
      },
    },
  })

/**
 * The entry of an answer: a TransparencyLogEntry, in which zero values may be left out. TLOG_FROZEN, TLOG_REFUSED,
 * TLOG_RESPONSE, TLOG_INDEX, TLOG_CHECKPOINT, TLOG_PROOF, TLOG_PROOF_MISSING. Nothing in it is verified. The time of
 * such an entry means nothing, so it is left out.
 */
export function parseEntryV2(response: HttpResponse): LogEntry {
  const { status } = response
  if (status === 405) throw new ActionError('TLOG_FROZEN', 'Rekor answers that this log is frozen')
  if (status !== 200 && status !== 201) throw statusError(response, CODES)
  const { integratedTime, promise, ...entry } = parseLogEntry(parseAnswer(response, CODES), 'the entry', read)
  if (entry.proof === undefined) {
    throw new ActionError('TLOG_PROOF_MISSING', 'Rekor answers without an inclusion proof')
  }
  return { ...entry, ...(promise && promise.length > 0 && { promise }) }
}

/** The index of the entry that is in the way of a 409. TLOG_CONFLICT if the answer does not tell. */
export function parseConflictV2(response: HttpResponse): bigint {
  const index = response.headers['x-log-index'] ?? ''
  if (/^(?:0|[1-9][0-9]{0,17})$/.test(index)) return BigInt(index)
  throw new ActionError('TLOG_CONFLICT', 'Rekor holds an equal entry, but does not say under which index')
}

/**
 * Logs the signature; resolves with the entry, unverified. A lost answer makes a repeated request find its own entry:
 * its proof is then put together from the tiles of the log, which is one of `logs`.
 */
export async function requestEntryV2(
  http: Http,
  base: URL,
  submission: Submission,
  logs: readonly KnownLog[],
): Promise<LogEntry> {
  const response = await http(entryRequestV2(base, submission))
  const body = encodeStoredBodyV2(submission)
  if (response.status !== 409) return withBody(parseEntryV2(response), body)
  return requestFirst(http, readBases(base, logs), { index: parseConflictV2(response), body, logs })
}

/** A log may leave out the body, which follows from what was sent; other readers of the bundle want it. */
const withBody = (entry: LogEntry, body: Uint8Array): LogEntry =>
  entry.body.length === 0 ? { ...entry, body } : entry

/** The first place that proves the entry decides: no other entry has that leaf. */
async function requestFirst(http: Http, places: readonly URL[], sought: SoughtEntry): Promise<LogEntry> {
  const [place, ...others] = places
  if (place === undefined) throw new ActionError('INTERNAL', 'no place to read the log from')
  try {
    return await requestInclusion(http, place, sought)
  } catch (error) {
    const isElsewhere = error instanceof ActionError && error.code.startsWith('TLOG_')
    if (!isElsewhere || others.length === 0) throw error
    return requestFirst(http, others, sought)
  }
}
