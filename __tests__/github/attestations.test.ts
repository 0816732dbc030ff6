import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { encodeSnappyBlock, encodeSnappyStream } from '../../sandbox/snappy.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { Secret } from '../../src/core/secret.ts'
import type { ErrorCode } from '../../src/errors.ts'
import type { GitHub } from '../../src/github/api.ts'
import {
  type AttestationQuery,
  type ListedAttestation,
  parseStored,
  requestAttestations,
  requestBundle,
  requestStore,
} from '../../src/github/attestations.ts'
import { parseGitHubHosts } from '../../src/github/hosts.ts'
import type { HttpResponse } from '../../src/ports.ts'
import { answer, bodyText, canned } from '../sigstore/canned-http.ts'

const hosts = parseGitHubHosts('https://api.github.com', { allowLoopback: false })
const DIGEST = 'ab'.repeat(32)
const QUERY = { repository: 'octo/demo', digest: DIGEST }
const STORAGE = 'https://tma.blob.core.windows.net/attestations/1.json.sn?sig=x'

function github(...answers: readonly HttpResponse[]) {
  const { http, requests } = canned(...answers)
  const it: GitHub = { http, hosts, token: new Secret('ghs_1') }
  return { it, requests }
}

async function listAll(it: GitHub, query: AttestationQuery = QUERY): Promise<readonly ListedAttestation[]> {
  const all: ListedAttestation[] = []
  for await (const page of requestAttestations(it, query)) all.push(...page)
  return all
}

suite('the list of attestations', () => {
  test('is asked for by digest and type, and read page by page', async () => {
    const next = { link: '<https://api.github.com/x?after=1>; rel="next"' }
    const first = answer(
      200,
      { attestations: [{ bundle: null, bundle_url: STORAGE, repository_id: 1 }] },
      next,
    )
    const { it, requests } = github(first, answer(200, { attestations: [{ bundle: { a: 1 } }] }))
    const found = await listAll(it, {
      ...QUERY,
      predicateType: 'https://slsa.dev/provenance/v1',
    })
    assert.deepEqual(found, [{ url: STORAGE }, { bundle: { a: 1 } }])
    assert.equal(
      requests[0]?.url.href,
      `https://api.github.com/repos/octo/demo/attestations/sha256%3A${DIGEST}?per_page=100&predicate_type=https%3A%2F%2Fslsa.dev%2Fprovenance%2Fv1`,
    )
  })

  for (const [what, one] of [
    ['404', answer(404, { message: 'Not Found' })],
    ['an empty list', answer(200, { attestations: [] })],
    ['no list', answer(200, {})],
  ] as const)
    test(`${what} means none`, async () => {
      assert.deepEqual(await listAll(github(one).it), [])
    })

  const bad: readonly (readonly [string, HttpResponse, ErrorCode])[] = [
    ['401', answer(401, { message: 'Bad credentials' }), 'GITHUB_TOKEN'],
    ['403', answer(403, { message: 'no' }), 'GITHUB_PERMISSION'],
    ['422', answer(422, { message: 'no' }), 'GITHUB_REFUSED'],
    ['500', answer(500, ''), 'GITHUB_RESPONSE'],
    ['HTML', answer(200, '<html>'), 'GITHUB_RESPONSE'],
    ['a list', answer(200, []), 'GITHUB_RESPONSE'],
    ['attestations that are no list', answer(200, { attestations: {} }), 'GITHUB_RESPONSE'],
    ['an attestation that is no object', answer(200, { attestations: ['x'] }), 'GITHUB_RESPONSE'],
    ['an address that is no text', answer(200, { attestations: [{ bundle_url: 1 }] }), 'GITHUB_RESPONSE'],
  ]
  for (const [what, one, code] of bad)
    test(`${what} is ${code}`, async () => {
      await assert.rejects(listAll(github(one).it), { code })
    })

  test('403 names the permission and who has a store', async () => {
    await assert.rejects(listAll(github(answer(403, '')).it), {
      hint: /`permissions: attestations: read`.*Enterprise Cloud/,
    })
  })
})

suite('the bundle of an attestation', () => {
  const text = encodeUtf8(JSON.stringify({ mediaType: 'x', a: 'b'.repeat(1000) }))
  const fetchBundle = (listed: ListedAttestation, ...answers: readonly HttpResponse[]) => {
    const { it, requests } = github(...answers)
    return { bundle: requestBundle(it, listed, 5000), requests }
  }
  const raw = (body: Uint8Array, status = 200): HttpResponse => ({ status, headers: {}, body })

  for (const [form, body] of [
    ['a Snappy block', encodeSnappyBlock(text)],
    ['a Snappy stream', encodeSnappyStream(text)],
    ['plain JSON', text],
  ] as const)
    test(`is read from ${form}, and no credential is sent there`, async () => {
      const { bundle, requests } = fetchBundle({ url: STORAGE }, raw(body))
      assert.deepEqual(await bundle, text)
      assert.equal(requests[0]?.url.href, STORAGE)
      assert.deepEqual(Object.keys(requests[0]?.headers ?? {}), ['accept'])
    })

  test('is taken from the list where it stands there', async () => {
    const { bundle, requests } = fetchBundle({ bundle: { a: 1 }, url: 'https://evil.example' })
    assert.deepEqual(await bundle, encodeUtf8('{"a":1}'))
    assert.deepEqual(requests, [])
  })

  for (const url of [
    'https://evil.example/x',
    'http://tma.blob.core.windows.net/x',
    'https://blob.core.windows.net.evil.example/x',
    'file:///etc/passwd',
    '/x',
    '',
    'https://127.0.0.1/x',
  ])
    test(`is not fetched from ${JSON.stringify(url)}`, async () => {
      const { bundle, requests } = fetchBundle({ url })
      await assert.rejects(bundle, { code: 'GITHUB_HOST' })
      assert.deepEqual(requests, [])
    })

  const bad: readonly (readonly [string, ListedAttestation, HttpResponse, ErrorCode])[] = [
    ['nowhere', {}, answer(200, ''), 'GITHUB_RESPONSE'],
    ['an expired address', { url: STORAGE }, answer(403, '<Error>'), 'GITHUB_RESPONSE'],
    ['nothing', { url: STORAGE }, answer(200, ''), 'GITHUB_RESPONSE'],
    ['a damaged block', { url: STORAGE }, raw(encodeSnappyBlock(text).subarray(0, -1)), 'GITHUB_RESPONSE'],
    [
      'a block that lies about its length',
      { url: STORAGE },
      raw(encodeSnappyBlock(text, 2000)),
      'GITHUB_RESPONSE',
    ],
    [
      'a block that is too large',
      { url: STORAGE },
      raw(encodeSnappyBlock(new Uint8Array(5001))),
      'BUNDLE_TOO_LARGE',
    ],
    [
      'a block that claims four gigabytes',
      { url: STORAGE },
      raw(Uint8Array.of(255, 255, 255, 255, 15)),
      'BUNDLE_TOO_LARGE',
    ],
    [
      'a stream that is too large',
      { url: STORAGE },
      raw(encodeSnappyStream(new Uint8Array(5001))),
      'BUNDLE_TOO_LARGE',
    ],
    ['JSON that is too large', { url: STORAGE }, raw(new Uint8Array(5001).fill(0x7b)), 'BUNDLE_TOO_LARGE'],
  ]
  for (const [what, listed, one, code] of bad)
    test(`${what}: ${code}`, async () => {
      await assert.rejects(fetchBundle(listed, one).bundle, { code })
    })

  test('no more is read than the longest that such a bundle can be packed', async () => {
    const { bundle, requests } = fetchBundle({ url: STORAGE }, raw(text))
    await bundle
    assert.equal(requests[0]?.maxBytes, 5000 + 834 + 64)
  })
})

suite('storing an attestation', () => {
  test('posts the bundle once', async () => {
    const { it, requests } = github(answer(201, { id: 7 }))
    assert.equal(parseStored(await requestStore(it, 'octo/demo', { a: 1 }), 'octo/demo'), '7')
    const [request] = requests
    assert.ok(request)
    assert.equal(request.url.href, 'https://api.github.com/repos/octo/demo/attestations')
    assert.equal(bodyText(request), '{"bundle":{"a":1}}')
    assert.equal(request.once, true)
  })

  for (const [what, one, code] of [
    ['200', answer(200, { id: 7 }), 'GITHUB_RESPONSE'],
    ['no id', answer(201, {}), 'GITHUB_RESPONSE'],
    ['an id that is no number', answer(201, { id: '7x' }), 'GITHUB_RESPONSE'],
    ['401', answer(401, ''), 'GITHUB_TOKEN'],
    ['403', answer(403, ''), 'GITHUB_PERMISSION'],
    ['404', answer(404, ''), 'GITHUB_NOT_FOUND'],
    ['422', answer(422, { message: 'duplicate subject in statement' }), 'GITHUB_REFUSED'],
  ] as const)
    test(`${what} is ${code}`, () => {
      assert.throws(() => parseStored(one, 'octo/demo'), { code })
    })
})
