import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBase64 } from '../../src/core/base64.ts'
import { encodeCheckpoint } from '../../src/core/checkpoint.ts'
import { digest } from '../../src/core/digest.ts'
import { encodePae } from '../../src/core/dsse.ts'
import { hashLeaf, verifyInclusion } from '../../src/core/merkle.ts'
import { encodeNote } from '../../src/core/note.ts'
import { ActionError, type ErrorCode } from '../../src/errors.ts'
import type { HttpRequest, HttpResponse } from '../../src/ports.ts'
import {
  encodeStoredBodyV2,
  entryRequestV2,
  parseConflictV2,
  parseEntryV2,
  requestEntryV2,
} from '../../src/sigstore/rekor-v2.ts'
import { type KnownLog, readBases, requestInclusion } from '../../src/sigstore/rekor-v2-read.ts'
import type { Submission } from '../../src/sigstore/submission.ts'
import { withoutSharedData } from '../core/shared-data.ts'
import { answer, bodyText, canned } from './canned-http.ts'
import { bytesOf, leafOf, realBundle } from './real-bundles.ts'
import { leafHashes, servedTiles, treeHash } from './tile-tree.ts'

const BASE = new URL('https://log.rekor.example/base/')
const DIGEST = new Uint8Array(32).fill(7)
const MESSAGE: Submission = {
  content: { kind: 'message', digest: { hash: 'sha256', value: DIGEST }, signature: Uint8Array.of(1, 2, 3) },
  certificate: Uint8Array.of(4, 5, 6),
}
const PAYLOAD = Buffer.from('{"a":1}')
const ENVELOPE: Submission = {
  content: {
    kind: 'envelope',
    payloadType: 'application/vnd.in-toto+json',
    payload: PAYLOAD,
    keyid: '',
    signature: Uint8Array.of(1, 2, 3),
  },
  certificate: Uint8Array.of(4, 5, 6),
}
const DIGEST_TEXT = encodeBase64(DIGEST)

test('the request', () => {
  const request = entryRequestV2(BASE, MESSAGE)
  assert.equal(request.url.href, 'https://log.rekor.example/base/api/v2/log/entries')
  assert.equal(request.method, 'POST')
  assert.equal(request.timeout, 60_000)
  assert.deepEqual(request.headers, { accept: 'application/json', 'content-type': 'application/json' })
  assert.equal(
    bodyText(request),
    `{"hashedRekordRequestV002":{"digest":"${DIGEST_TEXT}","signature":{"content":"AQID","verifier":{"x509Certificate":{"rawBytes":"BAUG"},"keyDetails":"PKIX_ECDSA_P256_SHA_256"}}}}`,
  )
})

test('an attestation is logged by the digest of its pre-authentication encoding', () => {
  const pae = digest('sha256', encodePae('application/vnd.in-toto+json', PAYLOAD))
  const body: { hashedRekordRequestV002: { digest: string } } = JSON.parse(
    bodyText(entryRequestV2(BASE, ENVELOPE)),
  )
  assert.equal(body.hashedRekordRequestV002.digest, encodeBase64(pae))
})

test('the stored body', () => {
  assert.equal(
    Buffer.from(encodeStoredBodyV2(MESSAGE)).toString(),
    `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"${DIGEST_TEXT}"},"signature":{"content":"AQID","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","x509Certificate":{"rawBytes":"BAUG"}}}}}}`,
  )
})

test('the stored body is the one of real logs', { skip: withoutSharedData }, () => {
  for (const path of ['conformance/rekor2-happy-path/bundle', 'conformance/rekor2-dsse-happy-path/bundle']) {
    const { messageSignature: message, dsseEnvelope: envelope, ...bundle } = realBundle(path)
    const content: Submission['content'] =
      message === undefined
        ? {
            kind: 'envelope',
            keyid: '',
            payloadType: envelope?.payloadType ?? '',
            payload: bytesOf(envelope?.payload),
            signature: bytesOf(envelope?.signatures[0].sig),
          }
        : {
            kind: 'message',
            digest: { hash: 'sha256', value: bytesOf(message.messageDigest.digest) },
            signature: bytesOf(message.signature),
          }
    const stored = bytesOf(bundle.verificationMaterial.tlogEntries?.[0]?.canonicalizedBody)
    const ours = encodeStoredBodyV2({ content, certificate: leafOf(bundle) })
    assert.equal(Buffer.from(ours).toString(), Buffer.from(stored).toString(), path)
  }
})

const ENTRY = {
  logIndex: '735',
  logId: { keyId: encodeBase64(new Uint8Array(32).fill(9)) },
  kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
  integratedTime: '0',
  inclusionPromise: null,
  inclusionProof: {
    logIndex: '735',
    rootHash: encodeBase64(new Uint8Array(32)),
    treeSize: '736',
    hashes: [encodeBase64(new Uint8Array(32).fill(1))],
    checkpoint: { envelope: 'a note' },
  },
  canonicalizedBody: encodeBase64(encodeStoredBodyV2(MESSAGE)),
}
const PROOF = ENTRY.inclusionProof

test('the entry of an answer', async () => {
  const { http, requests } = canned(answer(201, ENTRY))
  assert.deepEqual(await requestEntryV2(http, BASE, MESSAGE, []), {
    logIndex: 735n,
    logId: new Uint8Array(32).fill(9),
    kind: 'hashedrekord',
    version: '0.0.2',
    proof: {
      logIndex: 735n,
      treeSize: 736n,
      rootHash: new Uint8Array(32),
      hashes: [new Uint8Array(32).fill(1)],
      checkpoint: 'a note',
    },
    body: encodeStoredBodyV2(MESSAGE),
  })
  assert.equal(requests.length, 1)
})

test('zero values may be left out, and members of later versions are ignored', async () => {
  const first = {
    ...ENTRY,
    logIndex: undefined,
    canonicalizedBody: undefined,
    inclusionProof: { ...PROOF, logIndex: undefined, treeSize: 1, hashes: undefined, later: true },
    later: {},
  }
  const entry = await requestEntryV2(canned(answer(200, first)).http, BASE, MESSAGE, [])
  assert.equal(entry.logIndex, 0n)
  assert.deepEqual([entry.proof?.logIndex, entry.proof?.treeSize, entry.proof?.hashes], [0n, 1n, []])
  assert.deepEqual(entry.body, encodeStoredBodyV2(MESSAGE))
})

const bad: Record<string, readonly [ErrorCode, HttpResponse]> = {
  'a frozen log': ['TLOG_FROZEN', answer(405, 'This log has been frozen, please switch to the latest log.')],
  '400': ['TLOG_REFUSED', answer(400, { code: 3, message: 'invalid hashedrekord request' })],
  '404': ['TLOG_REFUSED', answer(404, 'no')],
  '413': ['TLOG_REFUSED', answer(413, '')],
  '408': ['TLOG_RESPONSE', answer(408, '')],
  '429': ['TLOG_RESPONSE', answer(429, '')],
  '500': ['TLOG_RESPONSE', answer(500, '')],
  '503': ['TLOG_RESPONSE', answer(503, '')],
  '307': ['NET_REDIRECT', answer(307, '', { location: 'https://evil.example' })],
  HTML: ['TLOG_RESPONSE', answer(200, '<html>')],
  nothing: ['TLOG_RESPONSE', answer(201, '')],
  null: ['TLOG_RESPONSE', answer(201, 'null')],
  'a list': ['TLOG_RESPONSE', answer(201, [ENTRY])],
  'no log': ['TLOG_RESPONSE', answer(201, { ...ENTRY, logId: null })],
  'a body that is not base64': ['TLOG_RESPONSE', answer(201, { ...ENTRY, canonicalizedBody: '!' })],
  'a negative index': ['TLOG_INDEX', answer(201, { ...ENTRY, logIndex: '-1' })],
  'an index with a leading zero': ['TLOG_INDEX', answer(201, { ...ENTRY, logIndex: '01' })],
  'an index beyond int64': ['TLOG_INDEX', answer(201, { ...ENTRY, logIndex: '9223372036854775808' })],
  'no proof': ['TLOG_PROOF_MISSING', answer(201, { ...ENTRY, inclusionProof: null })],
  'no checkpoint': [
    'TLOG_CHECKPOINT',
    answer(201, { ...ENTRY, inclusionProof: { ...PROOF, checkpoint: null } }),
  ],
  'a proof deeper than any tree': [
    'TLOG_PROOF',
    answer(201, { ...ENTRY, inclusionProof: { ...PROOF, hashes: Array.from({ length: 64 }, () => 'AAAA') } }),
  ],
}

for (const [why, [code, response]] of Object.entries(bad)) {
  test(`a bad answer of Rekor v2: ${why}`, () => {
    assert.throws(
      () => parseEntryV2(response),
      (error: unknown) => error instanceof ActionError && error.code === code,
    )
  })
}

test('the index of a conflict', () => {
  assert.equal(parseConflictV2(answer(409, '', { 'x-log-index': '12' })), 12n)
  for (const index of ['', '-1', '01', '1x', '1, 1', '9'.repeat(19)]) {
    assert.throws(() => parseConflictV2(answer(409, '', { 'x-log-index': index })), { code: 'TLOG_CONFLICT' })
  }
  assert.throws(() => parseConflictV2(answer(409, '')), { code: 'TLOG_CONFLICT' })
})

// A log that holds the submission at one index among many.
const SIZE = 600
const INDEX = 433
const LEAVES = leafHashes(SIZE, (i) => (i === INDEX ? encodeStoredBodyV2(MESSAGE) : Buffer.from(String(i))))
const TILES = servedTiles(LEAVES)
const ROOT = treeHash(LEAVES)
const LOG: KnownLog = {
  baseUrl: 'https://log.rekor.example',
  names: ['log.rekor.example'],
  logId: new Uint8Array(32).fill(9),
}
const KEY_HINT = LOG.logId.subarray(0, 4)
const checkpointOf = (origin: string, keyHint = KEY_HINT, size = SIZE, root = ROOT): string =>
  encodeNote({
    text: encodeCheckpoint({ origin, size: BigInt(size), root, extensions: [] }),
    signatures: [
      { name: 'witness.example', keyHint: Uint8Array.of(1, 1, 1, 1), signature: new Uint8Array(72) },
      { name: origin, keyHint, signature: new Uint8Array(64) },
    ],
  })
const CHECKPOINT = checkpointOf('log.rekor.example')

/** Serves a log by path below `api/v2/`, and 409 to every POST. */
function logHttp(files: ReadonlyMap<string, HttpResponse | undefined> = new Map()) {
  const requests: HttpRequest[] = []
  const http = async (request: HttpRequest): Promise<HttpResponse> => {
    requests.push(request)
    if (request.method === 'POST') return answer(409, '', { 'x-log-index': String(INDEX) })
    const path = request.url.pathname.replace(/^.*\/api\/v2\//, '')
    if (files.has(path)) return files.get(path) ?? answer(404, '')
    if (path === 'checkpoint') return answer(200, CHECKPOINT)
    const tile = TILES.get(path)
    return tile === undefined ? answer(404, '') : answer(200, tile)
  }
  return { http, requests }
}

test('after a lost answer the proof is put together from the tiles', async () => {
  const { http, requests } = logHttp()
  const entry = await requestEntryV2(http, BASE, MESSAGE, [LOG])
  assert.equal(entry.logIndex, BigInt(INDEX))
  assert.deepEqual(entry.logId, LOG.logId)
  assert.deepEqual(entry.body, encodeStoredBodyV2(MESSAGE))
  assert.equal(entry.proof?.checkpoint, CHECKPOINT)
  verifyInclusion({
    leafHash: hashLeaf(entry.body),
    index: BigInt(INDEX),
    size: entry.proof?.treeSize ?? 0n,
    hashes: entry.proof?.hashes ?? [],
    root: ROOT,
  })
  const paths = requests.map(({ method, url }) => `${method} ${url.pathname}`)
  assert.equal(paths[0], 'POST /base/api/v2/log/entries')
  assert.equal(paths[1], 'GET /base/api/v2/checkpoint')
  assert.deepEqual(paths.slice(2), [
    'GET /base/api/v2/tile/0/001',
    'GET /base/api/v2/tile/1/000.p/2',
    'GET /base/api/v2/tile/0/002.p/88',
  ])
  assert.ok(requests.every(({ maxBytes, timeout }) => maxBytes <= 1024 * 1024 && timeout <= 60_000))
})

test('a partial tile that is gone is read from the full one', async () => {
  const full = new Uint8Array(256 * 32)
  full.set(TILES.get('tile/0/002.p/88') ?? new Uint8Array())
  const files = new Map<string, HttpResponse | undefined>([
    ['tile/0/002.p/88', undefined],
    ['tile/0/002', answer(200, full)],
  ])
  const entry = await requestEntryV2(logHttp(files).http, BASE, MESSAGE, [LOG])
  assert.equal(entry.logIndex, BigInt(INDEX))
})

const lies: Record<string, readonly [ErrorCode, string, HttpResponse | undefined]> = {
  'no checkpoint': ['TLOG_CONFLICT', 'checkpoint', undefined],
  'a checkpoint of before the entry': [
    'TLOG_CONFLICT',
    'checkpoint',
    answer(200, checkpointOf('log.rekor.example', KEY_HINT, INDEX)),
  ],
  'a checkpoint that is none': ['TLOG_CHECKPOINT', 'checkpoint', answer(200, '<html>')],
  'a checkpoint that is not UTF-8': ['TLOG_CHECKPOINT', 'checkpoint', answer(200, Uint8Array.of(0xff))],
  'another root': [
    'TLOG_PROOF',
    'checkpoint',
    answer(200, checkpointOf('log.rekor.example', KEY_HINT, SIZE, new Uint8Array(32))),
  ],
  'a checkpoint of another log': [
    'TLOG_UNKNOWN_LOG',
    'checkpoint',
    answer(200, checkpointOf('evil.example')),
  ],
  'a checkpoint by another key': [
    'TLOG_UNKNOWN_LOG',
    'checkpoint',
    answer(200, checkpointOf('log.rekor.example', Uint8Array.of(8, 8, 8, 8))),
  ],
  'no tile': ['TLOG_CONFLICT', 'tile/0/001', undefined],
  'a tile with an error': ['TLOG_CONFLICT', 'tile/0/001', answer(500, '')],
  'a tile cut short': ['TLOG_RESPONSE', 'tile/0/001', answer(200, new Uint8Array(255 * 32))],
  'a tile too long': ['TLOG_RESPONSE', 'tile/0/001', answer(200, new Uint8Array(257 * 32))],
  'a tile of other hashes': ['TLOG_PROOF', 'tile/0/001', answer(200, new Uint8Array(256 * 32))],
}

for (const [why, [code, path, response]] of Object.entries(lies)) {
  test(`a log that claims to hold the entry is not believed: ${why}`, async () => {
    await assert.rejects(
      requestEntryV2(logHttp(new Map([[path, response]])).http, BASE, MESSAGE, [LOG]),
      (error: unknown) => error instanceof ActionError && error.code === code,
    )
  })
}

test('the entry of somebody else is not taken for ours', async () => {
  await assert.rejects(requestEntryV2(logHttp().http, BASE, ENVELOPE, [LOG]), { code: 'TLOG_PROOF' })
})

const SHARD: KnownLog = {
  baseUrl: 'https://log2026-1.us.rekor.example',
  names: ['log2026-1.us.rekor.example'],
  logId: LOG.logId,
}

test('behind one address for several logs, the logs of the trusted root are read', async () => {
  const global = new URL('https://global.rekor.example')
  const { http, requests } = logHttp()
  const shardOnly = async (request: HttpRequest): Promise<HttpResponse> => {
    if (request.method === 'POST') return http(request)
    if (request.url.host === global.host) return answer(404, '')
    const response = await http(request)
    return request.url.pathname.endsWith('/checkpoint')
      ? answer(200, checkpointOf('log2026-1.us.rekor.example'))
      : response
  }
  const entry = await requestEntryV2(shardOnly, global, MESSAGE, [SHARD])
  assert.equal(entry.logIndex, BigInt(INDEX))
  assert.ok(requests.slice(1).every(({ url }) => url.host === 'log2026-1.us.rekor.example'))
})

test('no other log is asked for a log that has its own address, and none of another operator', () => {
  const far: KnownLog = { ...SHARD, baseUrl: 'https://log.other.example' }
  assert.deepEqual(readBases(new URL('https://log.rekor.example'), [LOG, SHARD]).map(String), [
    'https://log.rekor.example/',
  ])
  assert.deepEqual(readBases(new URL('https://global.rekor.example'), [LOG, SHARD, far]).map(String), [
    'https://global.rekor.example/',
    'https://log.rekor.example/',
    'https://log2026-1.us.rekor.example/',
  ])
  assert.deepEqual(readBases(new URL('https://rekor.example'), [far]).map(String), ['https://rekor.example/'])
})

test('a fault of the network is not a fault of the log', async () => {
  const http = async (request: HttpRequest): Promise<HttpResponse> => {
    if (request.method === 'POST') return answer(409, '', { 'x-log-index': '1' })
    throw new ActionError('NET_TIMEOUT', 'no answer')
  }
  await assert.rejects(requestEntryV2(http, new URL('https://global.rekor.example'), MESSAGE, [SHARD]), {
    code: 'NET_TIMEOUT',
  })
  await assert.rejects(requestInclusion(http, BASE, { index: 1n, body: new Uint8Array(), logs: [] }), {
    code: 'NET_TIMEOUT',
  })
})
