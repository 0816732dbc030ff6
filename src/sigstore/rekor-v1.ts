import { encodeBase64 } from '../core/base64.ts'
import { encodeHex, encodeUtf8, equalBytes } from '../core/bytes.ts'
import { digest } from '../core/digest.ts'
import { encodeCanonicalJson, type JsonObject } from '../core/json.ts'
import { encodePem } from '../core/x509.ts'
import { ActionError } from '../errors.ts'
import type { Http, HttpRequest, HttpResponse } from '../ports.ts'
import { serverText } from './answer.ts'
import type { LogEntry } from './log-entry.ts'
import { parseEntryV1, UUID } from './rekor-v1-entry.ts'
import { atPath } from './service-url.ts'
import { envelopeJson, type Submission, signedDigest } from './submission.ts'

const TIMEOUT = 20_000
const MAX_BYTES = 1024 * 1024
const ENTRIES = '/api/v1/log/entries'

const verifierOf = ({ certificate }: Submission): string =>
  encodeBase64(encodeUtf8(encodePem('CERTIFICATE', certificate)))

const sha256Of = (value: Uint8Array): JsonObject => ({ algorithm: 'sha256', value: encodeHex(value) })

const envelopeText = (content: Extract<Submission['content'], { kind: 'envelope' }>): string =>
  JSON.stringify(envelopeJson(content))

/** hashedrekord 0.0.1 for a message signature; what is sent is what the log stores. */
function hashedRekord(submission: Submission): JsonObject {
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: sha256Of(signedDigest(submission)) },
      signature: {
        content: encodeBase64(submission.content.signature),
        publicKey: { content: verifierOf(submission) },
      },
    },
  }
}

/** dsse 0.0.1 for an attestation: the envelope travels as the text of its JSON. */
function dsse(text: string, submission: Submission): JsonObject {
  const proposedContent = { envelope: text, verifiers: [verifierOf(submission)] }
  return { apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent } }
}

/** `POST /api/v1/log/entries` (rekor openapi.yaml). */
export function entryRequestV1(base: URL, submission: Submission): HttpRequest {
  const { content } = submission
  const entry =
    content.kind === 'message' ? hashedRekord(submission) : dsse(envelopeText(content), submission)
  return {
    service: 'Rekor',
    method: 'POST',
    url: atPath(base, ENTRIES),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: encodeUtf8(JSON.stringify(entry)),
    timeout: TIMEOUT,
    maxBytes: MAX_BYTES,
  }
}

/** The canonical body (RFC 8785) that Rekor v1 stores for the submission (rekor pkg/types). */
export function encodeStoredBodyV1(submission: Submission): Uint8Array {
  const { content } = submission
  if (content.kind === 'message') return encodeCanonicalJson(hashedRekord(submission))
  const signature = { signature: encodeBase64(content.signature), verifier: verifierOf(submission) }
  return encodeCanonicalJson({
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: sha256Of(digest('sha256', encodeUtf8(envelopeText(content)))),
      payloadHash: sha256Of(digest('sha256', content.payload)),
      signatures: [signature],
    },
  })
}

/** One entry by its id. */
export const entryByIdRequestV1 = (base: URL, uuid: string): HttpRequest => ({
  service: 'Rekor',
  method: 'GET',
  url: atPath(base, `${ENTRIES}/${uuid}`),
  headers: { accept: 'application/json' },
  timeout: TIMEOUT,
  maxBytes: MAX_BYTES,
})

/**
 * The id of the entry that is in the way of a 409. Only an id is taken, and only from this log's own path: where to ask
 * is never the server's choice. TLOG_CONFLICT if there is none.
 */
export function parseConflictV1(response: HttpResponse, base: URL): string {
  const location = response.headers['location']
  const path = location?.startsWith(`${base.origin}/`) ? location.slice(base.origin.length) : location
  const [, prefix, byLocation] = new RegExp(`^(.*)${ENTRIES}/(${UUID})$`).exec(path ?? '') ?? []
  const isOurs = prefix === '' || prefix === base.pathname.replace(/\/$/, '')
  if (location === undefined) {
    const [byText] = new RegExp(`\\b${UUID}\\b`).exec(serverText(response)) ?? []
    if (byText !== undefined) return byText
  } else if (byLocation !== undefined && isOurs) return byLocation
  throw new ActionError('TLOG_CONFLICT', 'Rekor holds an equivalent entry, but does not say under which id')
}

/** A lost answer makes a repeated request find its own entry. Any other entry is refused. */
async function requestExisting(
  http: Http,
  base: URL,
  submission: Submission,
  uuid: string,
): Promise<LogEntry> {
  const response = await http(entryByIdRequestV1(base, uuid))
  if (response.status !== 200) {
    throw new ActionError(
      'TLOG_CONFLICT',
      `Rekor answers ${response.status} for the entry that it says it holds`,
    )
  }
  const found = parseEntryV1(response)
  const isAsked = found.uuid.slice(-64) === uuid.slice(-64)
  if (isAsked && equalBytes(found.entry.body, encodeStoredBodyV1(submission))) return found.entry
  throw new ActionError('TLOG_CONFLICT', 'the entry that Rekor holds is not the one that was sent')
}

/** Logs the signature; resolves with the entry, unverified. */
export async function requestEntryV1(http: Http, base: URL, submission: Submission): Promise<LogEntry> {
  const response = await http(entryRequestV1(base, submission))
  if (response.status !== 409) return parseEntryV1(response).entry
  return requestExisting(http, base, submission, parseConflictV1(response, base))
}
