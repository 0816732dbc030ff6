import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeHex, parseHex } from '../../src/core/bytes.ts'
import { digest } from '../../src/core/digest.ts'
import { ActionError, type ErrorCode } from '../../src/errors.ts'
import {
  encodeTimestampRequest,
  parseTimestampAnswer,
  requestTimestamp,
  timestampRequest,
} from '../../src/sigstore/timestamp.ts'
import { withoutSharedData } from '../core/shared-data.ts'
import { answer, canned } from './canned-http.ts'
import { bytesOf, realBundle } from './real-bundles.ts'

const URL_TEXT = 'https://tsa.example/api/v1/timestamp'
const IMPRINT = new Uint8Array(32).fill(0xaa)
const hex = (text: string): Uint8Array => parseHex(text, 'INTERNAL', 'the test')

/** Known answers: `openssl ts -query -digest aa… -sha256`, with its nonce replaced. */
const nonces: readonly (readonly [string, string])[] = [
  ['0102030405060708', '02080102030405060708'],
  ['0000000000000001', '020101'],
  ['8000000000000000', '0209008000000000000000'],
  ['00', '020100'],
]

for (const [nonce, der] of nonces) {
  test(`the request with the nonce ${nonce}`, () => {
    const body = `020101${`3031300d060960864801650304020105000420${'aa'.repeat(32)}`}${der}`
    const length = (body.length / 2).toString(16).padStart(2, '0')
    assert.equal(encodeHex(encodeTimestampRequest(IMPRINT, hex(nonce))), `30${length}${body}`)
  })
}

test('a nonce has a length that fits', () => {
  assert.throws(() => encodeTimestampRequest(IMPRINT, new Uint8Array()), { code: 'INTERNAL' })
  assert.throws(() => encodeTimestampRequest(IMPRINT, new Uint8Array(33)), { code: 'INTERNAL' })
})

test('what is stamped is the hash of the signature', () => {
  const signature = Uint8Array.of(1, 2, 3)
  const request = timestampRequest(new URL(URL_TEXT), { signature, nonce: hex('01') })
  assert.equal(request.url.href, URL_TEXT)
  assert.equal(request.method, 'POST')
  assert.equal(request.timeout, 20_000)
  assert.deepEqual(request.headers, {
    accept: 'application/timestamp-reply',
    'content-type': 'application/timestamp-query',
  })
  assert.deepEqual(request.body, encodeTimestampRequest(digest('sha256', signature), hex('01')))
})

interface Real {
  readonly signature: Uint8Array
  readonly token: Uint8Array
}
const real = (path: string): Real => {
  const { messageSignature, dsseEnvelope, verificationMaterial } = realBundle(path)
  return {
    signature: bytesOf(messageSignature?.signature ?? dsseEnvelope?.signatures[0].sig),
    token: bytesOf(verificationMaterial.timestampVerificationData?.rfc3161Timestamps?.[0]?.signedTimestamp),
  }
}
const HAPPY = 'conformance/rekor2-happy-path/bundle'
const NONCE = hex('8f59f2afe69cc8a8')

test('the answer of a real authority is taken as it is', { skip: withoutSharedData }, async () => {
  const { signature, token } = real(HAPPY)
  const { http, requests } = canned(answer(201, token))
  assert.deepEqual(await requestTimestamp(http, new URL(URL_TEXT), { signature, nonce: NONCE }), token)
  assert.equal(requests.length, 1)
})

test('an answer to another request is refused', { skip: withoutSharedData }, () => {
  const { signature, token } = real(HAPPY)
  const parse = (ask: { signature: Uint8Array; nonce: Uint8Array }, body = token) =>
    parseTimestampAnswer(answer(200, body), ask)
  assert.throws(() => parse({ signature, nonce: hex('8f59f2afe69cc8a9') }), { code: 'TSA_NONCE' })
  assert.throws(() => parse({ signature: signature.subarray(1), nonce: NONCE }), { code: 'TSA_IMPRINT' })
  const without = real('conformance/rekor2-dsse-happy-path/bundle')
  assert.throws(() => parse({ signature: without.signature, nonce: NONCE }, without.token), {
    code: 'TSA_NONCE',
    found: 'none',
  })
})

const ASK = { signature: Uint8Array.of(1), nonce: hex('01') }
const bad: Record<string, readonly [ErrorCode, number, string | Uint8Array]> = {
  '400': ['TSA_REFUSED', 400, '{"code":400,"message":"bad hash"}'],
  '415': ['TSA_REFUSED', 415, ''],
  '429': ['TSA_RESPONSE', 429, ''],
  '500': ['TSA_RESPONSE', 500, ''],
  'a redirect': ['NET_REDIRECT', 302, ''],
  HTML: ['TSA_PARSE', 200, '<html>'],
  nothing: ['TSA_PARSE', 200, ''],
  'an indefinite length': ['TSA_PARSE', 200, hex('308000')],
  'a status that says no': ['TSA_REFUSED', 200, hex('30053003020102')],
  'bytes behind the end': ['TSA_PARSE', 200, hex('3005300302010200')],
}

for (const [why, [code, status, body]] of Object.entries(bad)) {
  test(`a bad answer of a timestamp authority: ${why}`, () => {
    assert.throws(
      () => parseTimestampAnswer(answer(status, body), ASK),
      (error: unknown) => error instanceof ActionError && error.code === code,
    )
  })
}
