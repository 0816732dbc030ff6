import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBase64 } from '../../src/core/base64.ts'
import { encodeHex } from '../../src/core/bytes.ts'
import { digest } from '../../src/core/digest.ts'
import { ActionError, type ErrorCode } from '../../src/errors.ts'
import type { HttpResponse } from '../../src/ports.ts'
import {
  encodeStoredBodyV1,
  entryRequestV1,
  parseConflictV1,
  requestEntryV1,
} from '../../src/sigstore/rekor-v1.ts'
import { parseEntryV1 } from '../../src/sigstore/rekor-v1-entry.ts'
import type { Submission } from '../../src/sigstore/submission.ts'
import { withoutSharedData } from '../core/shared-data.ts'
import { answer, bodyText, canned } from './canned-http.ts'
import { bytesOf, leafOf, realBundle } from './real-bundles.ts'

const BASE = new URL('https://rekor.example')
const DIGEST = new Uint8Array(32).fill(7)
const CERTIFICATE = Uint8Array.of(4, 5, 6)
const VERIFIER = encodeBase64(Buffer.from('-----BEGIN CERTIFICATE-----\nBAUG\n-----END CERTIFICATE-----\n'))
const MESSAGE: Submission = {
  content: { kind: 'message', digest: { hash: 'sha256', value: DIGEST }, signature: Uint8Array.of(1, 2, 3) },
  certificate: CERTIFICATE,
}
const PAYLOAD = Buffer.from('{"a":1}')
const ENVELOPE: Submission = {
  content: {
    kind: 'envelope',
    payloadType: 'text/x',
    payload: PAYLOAD,
    keyid: '',
    signature: Uint8Array.of(1, 2, 3),
  },
  certificate: CERTIFICATE,
}
const ENVELOPE_TEXT =
  '{"payload":"eyJhIjoxfQ==","payloadType":"text/x","signatures":[{"sig":"AQID","keyid":""}]}'

test('the request for a message signature', () => {
  const request = entryRequestV1(BASE, MESSAGE)
  assert.equal(request.url.href, 'https://rekor.example/api/v1/log/entries')
  assert.equal(request.method, 'POST')
  assert.equal(request.timeout, 20_000)
  assert.deepEqual(request.headers, { accept: 'application/json', 'content-type': 'application/json' })
  assert.equal(
    bodyText(request),
    `{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":{"algorithm":"sha256","value":"${encodeHex(DIGEST)}"}},"signature":{"content":"AQID","publicKey":{"content":"${VERIFIER}"}}}}`,
  )
})

test('the request for an attestation', () => {
  assert.equal(
    bodyText(entryRequestV1(BASE, ENVELOPE)),
    `{"apiVersion":"0.0.1","kind":"dsse","spec":{"proposedContent":{"envelope":${JSON.stringify(ENVELOPE_TEXT)},"verifiers":["${VERIFIER}"]}}}`,
  )
})

test('the stored bodies', () => {
  assert.deepEqual(
    Buffer.from(encodeStoredBodyV1(MESSAGE)).toString(),
    bodyText(entryRequestV1(BASE, MESSAGE)),
  )
  const hash = (value: Uint8Array): string => encodeHex(digest('sha256', value))
  assert.equal(
    Buffer.from(encodeStoredBodyV1(ENVELOPE)).toString(),
    `{"apiVersion":"0.0.1","kind":"dsse","spec":{"envelopeHash":{"algorithm":"sha256","value":"${hash(Buffer.from(ENVELOPE_TEXT))}"},"payloadHash":{"algorithm":"sha256","value":"${hash(PAYLOAD)}"},"signatures":[{"signature":"AQID","verifier":"${VERIFIER}"}]}}`,
  )
})

test('the stored body is the one of real logs', { skip: withoutSharedData }, () => {
  for (const path of ['conformance/happy-path-v0.3/bundle', 'extra/cosign-v3-blob/bundle']) {
    const { messageSignature: message, ...bundle } = realBundle(path)
    const stored = bytesOf(bundle.verificationMaterial.tlogEntries?.[0]?.canonicalizedBody)
    const ours = encodeStoredBodyV1({
      content: {
        kind: 'message',
        digest: { hash: 'sha256', value: bytesOf(message?.messageDigest.digest) },
        signature: bytesOf(message?.signature),
      },
      certificate: leafOf(bundle),
    })
    assert.equal(Buffer.from(ours).toString(), Buffer.from(stored).toString(), path)
  }
})

const TREE = '108e9186e8c5677a'
const LEAF = 'ab'.repeat(32)
const UUID = TREE + LEAF
const PROOF = {
  logIndex: 616408486,
  treeSize: 616408487,
  rootHash: '00'.repeat(32),
  hashes: ['01'.repeat(32)],
  checkpoint: 'a note',
}
const VERIFICATION = { signedEntryTimestamp: 'AQID', inclusionProof: PROOF }
const ENTRY = {
  body: encodeBase64(encodeStoredBodyV1(MESSAGE)),
  integratedTime: 1764787003,
  logID: '09'.repeat(32),
  logIndex: 738312748,
  verification: VERIFICATION,
}
const created = (changes: object = {}): HttpResponse => answer(201, { [UUID]: { ...ENTRY, ...changes } })

test('the entry of an answer, with its two indexes', async () => {
  const { http, requests } = canned(created())
  assert.deepEqual(await requestEntryV1(http, BASE, MESSAGE), {
    logIndex: 738312748n,
    logId: new Uint8Array(32).fill(9),
    kind: 'hashedrekord',
    version: '0.0.1',
    integratedTime: 1764787003n,
    promise: Uint8Array.of(1, 2, 3),
    proof: {
      logIndex: 616408486n,
      treeSize: 616408487n,
      rootHash: new Uint8Array(32),
      hashes: [new Uint8Array(32).fill(1)],
      checkpoint: 'a note',
    },
    body: encodeStoredBodyV1(MESSAGE),
  })
  assert.equal(requests.length, 1)
})

const withProof = (changes: object): HttpResponse =>
  created({ verification: { ...VERIFICATION, inclusionProof: { ...PROOF, ...changes } } })
const text = (json: string): HttpResponse => answer(201, json)

const bad: Record<string, readonly [ErrorCode, HttpResponse]> = {
  '400': ['TLOG_REFUSED', answer(400, { code: 400, message: 'verifying signature' })],
  '413': ['TLOG_REFUSED', answer(413, '')],
  '422': ['TLOG_REFUSED', answer(422, { code: 602, message: 'no' })],
  '429': ['TLOG_RESPONSE', answer(429, '')],
  '500': ['TLOG_RESPONSE', answer(500, '')],
  '301': ['NET_REDIRECT', answer(301, '')],
  HTML: ['TLOG_RESPONSE', text('<html>')],
  nothing: ['TLOG_RESPONSE', text('')],
  null: ['TLOG_RESPONSE', text('null')],
  'a list': ['TLOG_RESPONSE', answer(201, [ENTRY])],
  'no entry': ['TLOG_RESPONSE', text('{}')],
  'two entries': ['TLOG_RESPONSE', answer(201, { [UUID]: ENTRY, [LEAF]: ENTRY })],
  'one entry twice': ['TLOG_RESPONSE', text(`{"${UUID}":{},"${UUID}":{}}`)],
  'an id of another length': ['TLOG_RESPONSE', answer(201, { [UUID.slice(2)]: ENTRY })],
  'an id in upper case': ['TLOG_RESPONSE', answer(201, { [UUID.toUpperCase()]: ENTRY })],
  'an entry that is null': ['TLOG_RESPONSE', answer(201, { [UUID]: null })],
  'no verification': ['TLOG_RESPONSE', created({ verification: undefined })],
  'a log id that is not hexadecimal': ['TLOG_RESPONSE', created({ logID: 'zz' })],
  'no body': ['TLOG_BODY', created({ body: undefined })],
  'a body that is not base64': ['TLOG_BODY', created({ body: 'AAA' })],
  'a body that is not JSON': ['TLOG_BODY', created({ body: 'AAAA' })],
  'a body with a member twice': ['TLOG_BODY', created({ body: btoa('{"kind":"a","kind":"b"}') })],
  'a body without a kind': ['TLOG_KIND', created({ body: btoa('{"apiVersion":"0.0.1"}') })],
  'a body that is a list': ['TLOG_KIND', created({ body: btoa('[]') })],
  'no index': ['TLOG_INDEX', created({ logIndex: undefined })],
  'a negative index': ['TLOG_INDEX', created({ logIndex: -1 })],
  'an index with a fraction': ['TLOG_INDEX', created({ logIndex: 1.5 })],
  'an index beyond 2^53': [
    'TLOG_INDEX',
    text(JSON.stringify({ [UUID]: ENTRY }).replace('738312748', '9007199254740993')),
  ],
  'a negative time': ['TLOG_TIME', created({ integratedTime: -1 })],
  'a time with a fraction': ['TLOG_TIME', created({ integratedTime: 0.5 })],
  'no promise': ['TLOG_PROMISE', created({ verification: { inclusionProof: PROOF } })],
  'no proof': ['TLOG_PROOF_MISSING', created({ verification: { signedEntryTimestamp: 'AQID' } })],
  'a negative index in the tree': ['TLOG_INDEX', withProof({ logIndex: -1 })],
  'a size that is no number': ['TLOG_PROOF', withProof({ treeSize: '1x' })],
  'a root that is not hexadecimal': ['TLOG_PROOF', withProof({ rootHash: 'AA' })],
  'a hash that is no text': ['TLOG_PROOF', withProof({ hashes: [1] })],
  'a proof deeper than any tree': [
    'TLOG_PROOF',
    withProof({ hashes: Array.from({ length: 64 }, () => '00') }),
  ],
  'no checkpoint': ['TLOG_CHECKPOINT', withProof({ checkpoint: null })],
}

for (const [why, [code, response]] of Object.entries(bad)) {
  test(`a bad answer of Rekor v1: ${why}`, () => {
    assert.throws(
      () => parseEntryV1(response),
      (error: unknown) => error instanceof ActionError && error.code === code,
    )
  })
}

const TEXT = {
  code: 409,
  message: `an equivalent entry already exists in the transparency log with UUID ${UUID}`,
}
const conflict = (location?: string, body: unknown = ''): HttpResponse =>
  answer(409, body, location === undefined ? {} : { location })

test('after a lost answer the entry is fetched by its id', async () => {
  const { http, requests } = canned(conflict(`/api/v1/log/entries/${UUID}`), answer(200, { [UUID]: ENTRY }))
  const entry = await requestEntryV1(http, BASE, MESSAGE)
  assert.equal(entry.logIndex, 738312748n)
  assert.deepEqual(
    requests.map(({ method, url }) => `${method} ${url.href}`),
    ['POST https://rekor.example/api/v1/log/entries', `GET https://rekor.example/api/v1/log/entries/${UUID}`],
  )
})

const prefixed = new URL('https://proxy.example/rekor/')
const ids: readonly (readonly [string, HttpResponse, URL, string])[] = [
  ['a path', conflict(`/api/v1/log/entries/${UUID}`), BASE, UUID],
  ['the hash of the leaf alone', conflict(`/api/v1/log/entries/${LEAF}`), BASE, LEAF],
  ['a URL of the same origin', conflict(`https://rekor.example/api/v1/log/entries/${UUID}`), BASE, UUID],
  ['the text, without a location', conflict(undefined, TEXT), BASE, UUID],
  ['below a path', conflict(`/rekor/api/v1/log/entries/${UUID}`), prefixed, UUID],
  ['below a path that the server does not know', conflict(`/api/v1/log/entries/${UUID}`), prefixed, UUID],
]

for (const [why, response, base, expected] of ids) {
  test(`the id of a conflict: ${why}`, () => {
    assert.equal(parseConflictV1(response, base), expected)
  })
}

const noIds: Record<string, HttpResponse> = {
  'another host': conflict(`https://evil.example/api/v1/log/entries/${UUID}`, TEXT),
  'another host without a scheme': conflict(`//evil.example/api/v1/log/entries/${UUID}`, TEXT),
  'a host that begins alike': conflict(`https://rekor.example.evil/api/v1/log/entries/${UUID}`, TEXT),
  'another scheme': conflict(`http://rekor.example/api/v1/log/entries/${UUID}`, TEXT),
  'a way up': conflict(`/api/v1/log/entries/../../../${UUID}`, TEXT),
  'a way up before': conflict(`/../api/v1/log/entries/${UUID}`, TEXT),
  'another path': conflict(`/other/api/v1/log/entries/${UUID}`, TEXT),
  'a query': conflict(`/api/v1/log/entries/${UUID}?x`, TEXT),
  'an id that is none': conflict('/api/v1/log/entries/123', TEXT),
  'an id of another length': conflict(`/api/v1/log/entries/${UUID.slice(1)}`, TEXT),
  'an empty location': conflict('', TEXT),
  'neither location nor text': conflict(),
  'a text without an id': conflict(undefined, { message: 'exists' }),
}

for (const [why, response] of Object.entries(noIds)) {
  test(`a conflict that does not name an entry of this log: ${why}`, async () => {
    const { http, requests } = canned(response)
    await assert.rejects(requestEntryV1(http, BASE, MESSAGE), { code: 'TLOG_CONFLICT' })
    assert.equal(requests.length, 1, 'nothing more is asked')
  })
}

const OTHER = encodeBase64(encodeStoredBodyV1({ ...MESSAGE, certificate: Uint8Array.of(9) }))
const notOurs: Record<string, readonly [ErrorCode, HttpResponse]> = {
  'it is not there': ['TLOG_CONFLICT', answer(404, '')],
  'the log fails': ['TLOG_CONFLICT', answer(500, '')],
  'another body': ['TLOG_CONFLICT', answer(200, { [UUID]: { ...ENTRY, body: OTHER } })],
  'another id': ['TLOG_CONFLICT', answer(200, { [`${TREE}${'cd'.repeat(32)}`]: ENTRY })],
  'no proof': [
    'TLOG_PROOF_MISSING',
    answer(200, { [UUID]: { ...ENTRY, verification: { signedEntryTimestamp: '' } } }),
  ],
}

for (const [why, [code, response]] of Object.entries(notOurs)) {
  test(`the entry behind a conflict is not taken for ours: ${why}`, async () => {
    const { http } = canned(conflict(`/api/v1/log/entries/${UUID}`), response)
    await assert.rejects(
      requestEntryV1(http, BASE, MESSAGE),
      (error: unknown) => error instanceof ActionError && error.code === code,
    )
  })
}
