import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Secret } from '../../src/core/secret.ts'
import { type GitHub, parseAnswer, requestApi, requestPage } from '../../src/github/api.ts'
import { parseGitHubHosts } from '../../src/github/hosts.ts'
import { findNextPage, requestPages } from '../../src/github/paging.ts'
import { findRateLimit } from '../../src/github/rate-limit.ts'
import { assertStatus, parseRefusal } from '../../src/github/refusal.ts'
import type { HttpResponse } from '../../src/ports.ts'
import { answer, bodyText, canned } from '../sigstore/canned-http.ts'

const hosts = parseGitHubHosts('https://git.example.com/api/v3', { allowLoopback: false })
const WANTED = { what: 'reading the release "v1"', permission: 'contents: write' }

function github(...answers: readonly HttpResponse[]) {
  const { http, requests } = canned(...answers)
  const it: GitHub = { http, hosts, token: new Secret('ghs_1') }
  return { github: it, requests }
}

suite('calls of the API', () => {
  test('placeholders are encoded, the rest becomes the query of a GET', async () => {
    const { github: it, requests } = github(answer(200, []))
    const parameters = { owner: 'o', repo: 'r', tag: 'v1/../x y+', per_page: 100 }
    await requestApi(it, { route: 'GET /repos/{owner}/{repo}/releases/tags/{tag}', parameters })
    const [request] = requests
    assert.equal(
      request?.url.href,
      'https://git.example.com/api/v3/repos/o/r/releases/tags/v1%2F..%2Fx%20y%2B?per_page=100',
    )
    assert.equal(request?.headers['authorization'], 'Bearer ghs_1')
    assert.equal(request?.headers['x-github-api-version'], '2022-11-28')
    assert.equal(request?.body, undefined)
  })

  test('the rest becomes the JSON body of a PATCH', async () => {
    const { github: it, requests } = github(answer(200, {}))
    const parameters = { owner: 'o', repo: 'r', release_id: 3, draft: false }
    await requestApi(it, { route: 'PATCH /repos/{owner}/{repo}/releases/{release_id}', parameters })
    const [request] = requests
    assert.ok(request)
    assert.equal(bodyText(request), '{"draft":false}')
    assert.equal(request.headers['content-type'], 'application/json')
  })

  test('the next page is asked for at the host of the API only', async () => {
    const { github: it, requests } = github(answer(200, []))
    await requestPage(it, 'https://git.example.com/api/v3/x?page=2')
    assert.equal(requests.length, 1)
    for (const address of ['https://evil.example/x', 'http://git.example.com/x', '//evil.example', 'x'])
      assert.throws(() => requestPage(it, address), { code: 'GITHUB_HOST' }, address)
    assert.equal(requests.length, 1)
  })

  for (const body of ['', '{', '{"a":1,"a":2}', `${'['.repeat(65)}${']'.repeat(65)}`])
    test(`${JSON.stringify(body.slice(0, 20))} is no answer`, () => {
      assert.throws(() => parseAnswer(Buffer.from(body), 'the answer'), { code: 'GITHUB_RESPONSE' })
    })
})

suite('pages', () => {
  const link = (address: string, rel = 'next') => ({ link: `<${address}>; rel="${rel}"` })
  const page = (n: number): string => `https://git.example.com/api/v3/x?page=${n}`

  test('the next one is found among the others', () => {
    const headers = { link: `<${page(1)}>; rel="prev", <${page(3)}>; rel="next", <${page(9)}>; rel="last"` }
    assert.equal(findNextPage({ headers }), page(3))
    assert.equal(findNextPage({ headers: link(page(1), 'prev') }), undefined)
    assert.equal(findNextPage({ headers: {} }), undefined)
    assert.equal(findNextPage({ headers: { link: `<${page(1)}>; xrel="next"` } }), undefined)
  })

  test('a header of blanks takes no time', () => {
    const started = performance.now()
    assert.equal(findNextPage({ headers: { link: `<${page(1)}>;${' '.repeat(200_000)}` } }), undefined)
    assert.ok(performance.now() - started < 5000)
  })

  test('all are read, and none behind one that failed', async () => {
    const { github: it } = github(answer(200, [1], link(page(2))), answer(500, {}, link(page(3))))
    const found: number[] = []
    for await (const one of requestPages(it, { route: 'GET /x', parameters: {} })) found.push(one.status)
    assert.deepEqual(found, [200, 500])
  })

  test('a list that leads back to itself is refused', async () => {
    const again = answer(200, [], link(page(2)))
    const { github: it } = github(again, again, again)
    await assert.rejects(
      async () => {
        for await (const _ of requestPages(it, { route: 'GET /x', parameters: {} }));
      },
      { code: 'GITHUB_RESPONSE' },
    )
  })
})

suite('refusals', () => {
  for (const [status, code] of [
    [401, 'GITHUB_TOKEN'],
    [403, 'GITHUB_PERMISSION'],
    [404, 'GITHUB_NOT_FOUND'],
    [422, 'GITHUB_REFUSED'],
    [302, 'GITHUB_RESPONSE'],
    [500, 'GITHUB_RESPONSE'],
  ] as const)
    test(`${status} is ${code}`, () => {
      assert.throws(() => assertStatus(answer(status, { message: 'no\n::error::' }), [200], WANTED), {
        code,
        message: `GitHub answers ${status} to reading the release "v1": "no\\n::error::"`,
      })
    })

  test('403 and 404 name the permission', () => {
    assert.throws(() => assertStatus(answer(404, ''), [200], WANTED), {
      hint: /`permissions: contents: write`/,
    })
  })

  test('codes and messages of the errors are read', () => {
    const refusal = parseRefusal(
      answer(422, { message: 'Validation Failed', errors: [{ code: 'already_exists', field: 'name' }, 'x'] }),
    )
    assert.deepEqual(refusal, { status: 422, message: 'Validation Failed; x', codes: ['already_exists'] })
  })

  for (const body of ['<html>', '[]', '{"errors":"x","message":1}'])
    test(`${body} says nothing`, () => {
      assert.deepEqual(parseRefusal(answer(502, body)), { status: 502, message: '', codes: [] })
    })
})

suite('rate limits', () => {
  const now = 1_000_000
  const cases: readonly (readonly [string, HttpResponse, { wait?: number } | undefined])[] = [
    ['none in 200', answer(200, '', { 'retry-after': '1' }), undefined],
    ['none in a plain 403', answer(403, { message: 'Resource not accessible by integration' }), undefined],
    ['retry-after comes first', answer(403, '', { 'retry-after': '5', 'x-ratelimit-remaining': '0' }), {}],
    [
      'then the end of the window',
      answer(403, '', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1030' }),
      { wait: 30_000 },
    ],
    [
      'an end that has passed',
      answer(403, '', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '10' }),
      { wait: 0 },
    ],
    [
      'then the words',
      answer(403, { message: 'You have exceeded a secondary rate limit.' }),
      { wait: 60_000 },
    ],
    ['429 needs no words', answer(429, ''), { wait: 60_000 }],
  ]
  for (const [title, response, expected] of cases)
    test(title, () => assert.deepEqual(findRateLimit(response, now), expected))
})
