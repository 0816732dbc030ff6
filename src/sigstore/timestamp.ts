import { encodeHex, equalBytes } from '../core/bytes.ts'
import {
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../core/der-encode.ts'
import { digest } from '../core/digest.ts'
import { parseTimestampResponse, type TimestampToken } from '../core/timestamp-token.ts'
import { ActionError } from '../errors.ts'
import type { Http, HttpRequest, HttpResponse } from '../ports.ts'
import { type AnswerCodes, statusError } from './answer.ts'

/** What is to be stamped. */
export interface TimestampAsk {
  /** The raw signature bytes; their SHA-256 is sent. */
  readonly signature: Uint8Array
  /** Random, 1 to 32 bytes, an unsigned number. */
  readonly nonce: Uint8Array
}

const CODES: AnswerCodes = {
  service: 'timestamp authority',
  refused: 'TSA_REFUSED',
  response: 'TSA_RESPONSE',
}
const TIMEOUT = 20_000
const MAX_BYTES = 1024 * 1024
const SHA256 = '2.16.840.1.101.3.4.2.1'

/** DER TimeStampReq (RFC 3161 2.4.1): version 1, SHA-256 imprint, nonce, no certificates asked for. */
export function encodeTimestampRequest(imprint: Uint8Array, nonce: Uint8Array): Uint8Array {
  const algorithm = encodeSequence(encodeOid(SHA256), encodeNull())
  return encodeSequence(
    encodeInteger(1n),
    encodeSequence(algorithm, encodeOctetString(imprint)),
    encodeInteger(nonceNumber(nonce)),
  )
}

function nonceNumber(nonce: Uint8Array): bigint {
  if (nonce.length > 0 && nonce.length <= 32) return BigInt(`0x${encodeHex(nonce)}`)
  throw new ActionError('INTERNAL', `a nonce of ${nonce.length} bytes`)
}

/** `url` is the full one. `Accept: application/json` would make the server fail (protocol 6.1). */
export function timestampRequest(url: URL, { signature, nonce }: TimestampAsk): HttpRequest {
  return {
    service: CODES.service,
    method: 'POST',
    url,
    headers: { accept: 'application/timestamp-reply', 'content-type': 'application/timestamp-query' },
    body: encodeTimestampRequest(digest('sha256', signature), nonce),
    timeout: TIMEOUT,
    maxBytes: MAX_BYTES,
  }
}

/**
 * The DER TimeStampResp of an answer, which must be the answer to this very request: TSA_REFUSED, TSA_RESPONSE,
 * TSA_PARSE, TSA_IMPRINT, TSA_NONCE. Who signed it, and its time, are the verifier's matter.
 */
export function parseTimestampAnswer(response: HttpResponse, ask: TimestampAsk): Uint8Array {
  if (response.status < 200 || response.status > 299) throw statusError(response, CODES)
  const token = parseTimestampResponse(response.body)
  verifyAnswer(token, ask)
  return response.body
}

function verifyAnswer({ imprint, nonce }: TimestampToken, ask: TimestampAsk): void {
  const expected = digest('sha256', ask.signature)
  if (imprint.hash !== 'sha256' || !equalBytes(imprint.digest, expected)) {
    throw new ActionError('TSA_IMPRINT', 'the timestamp is about other bytes than the signature', {
      expected: `sha256:${encodeHex(expected)}`,
      found: `${imprint.hash}:${encodeHex(imprint.digest)}`,
    })
  }
  if (nonce !== nonceNumber(ask.nonce)) {
    throw new ActionError('TSA_NONCE', 'the timestamp does not hold the nonce of the request', {
      expected: String(nonceNumber(ask.nonce)),
      found: nonce === undefined ? 'none' : String(nonce),
    })
  }
}

/** DER TimeStampResp over the signature, as bundles hold it. */
export const requestTimestamp = async (http: Http, url: URL, ask: TimestampAsk): Promise<Uint8Array> =>
  parseTimestampAnswer(await http(timestampRequest(url, ask)), ask)
