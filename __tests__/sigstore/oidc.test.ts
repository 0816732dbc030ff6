import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../src/core/secret.ts'
import { ActionError, type ErrorCode } from '../../src/errors.ts'
import {
  type EndpointRules,
  identityTokenRequest,
  parseTokenEndpoint,
  requestIdentityToken,
} from '../../src/sigstore/oidc.ts'
import { answer, canned } from './canned-http.ts'

const GITHUB: EndpointRules = { server: 'https://github.com', allowLoopback: false }
const CUSTOM: EndpointRules = { ...GITHUB, allowLoopback: true }
const URL_TEXT = 'https://pipelines.actions.githubusercontent.com/a/token?api-version=2.0'
const offered = (url: string, bearer = 'BEARER-SECRET') =>
  ({ kind: 'offered', url, bearer: new Secret(bearer) }) as const

const accepted: readonly (readonly [string, EndpointRules])[] = [
  [URL_TEXT, GITHUB],
  [URL_TEXT, CUSTOM],
  ['http://127.0.0.1:8910/token', CUSTOM],
  ['http://[::1]:8910/token', CUSTOM],
  ['https://localhost/token', CUSTOM],
  ['https://ghe.example/_services/pipelines/x', { ...GITHUB, server: 'https://ghe.example' }],
  ['https://pipelines.actions.octo.ghe.com/x', { ...GITHUB, server: 'https://octo.ghe.com' }],
]

for (const [url, rules] of accepted) {
  test(`the endpoint ${url} of ${rules.server} is trusted`, () => {
    assert.equal(parseTokenEndpoint(offered(url), rules).url.href, url)
  })
}

const refused: Record<string, readonly [string, EndpointRules]> = {
  'no URL': ['pipelines', GITHUB],
  http: [URL_TEXT.replace('https', 'http'), GITHUB],
  'another host': ['https://evil.example/token', GITHUB],
  'another host under a custom instance': ['https://evil.example/token', CUSTOM],
  'http elsewhere under a custom instance': ['http://evil.example/token', CUSTOM],
  'a host that ends alike': ['https://xactions.githubusercontent.com/', GITHUB],
  'a host that begins alike': ['https://a.actions.githubusercontent.com.evil.example/', GITHUB],
  'a user': [URL_TEXT.replace('//', '//me@'), GITHUB],
  'loopback without a custom instance': ['http://127.0.0.1:8910/token', GITHUB],
  'a host that looks like loopback': ['http://127.0.0.1.evil.example/', CUSTOM],
  'another scheme on loopback': ['ftp://localhost/x', CUSTOM],
  'the web server itself': ['https://github.com/token', GITHUB],
  'the tenant of somebody else': [
    'https://pipelines.actions.other.ghe.com/x',
    { ...GITHUB, server: 'https://octo.ghe.com' },
  ],
  'another port of the server': ['https://ghe.example:8443/x', { ...GITHUB, server: 'https://ghe.example' }],
}

for (const [why, [url, rules]] of Object.entries(refused)) {
  test(`a planted token endpoint is refused: ${why}`, () => {
    assert.throws(
      () => parseTokenEndpoint(offered(url), rules),
      (error: unknown) =>
        error instanceof ActionError && error.code === 'TOKEN_ENDPOINT' && !error.message.includes('BEARER'),
    )
  })
}

test('a bearer that would split the header is refused', () => {
  assert.throws(() => parseTokenEndpoint(offered(URL_TEXT, 'a\r\nb: c'), GITHUB), { code: 'TOKEN_ENDPOINT' })
})

test('a missing variable is named', () => {
  const names = ['ACTIONS_ID_TOKEN_REQUEST_TOKEN']
  assert.throws(() => parseTokenEndpoint({ kind: 'missing', names }, GITHUB), {
    code: 'TOKEN_PERMISSION',
    message: /ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set/,
  })
})

test('the request', () => {
  const request = identityTokenRequest(parseTokenEndpoint(offered(URL_TEXT), GITHUB), 'sig store&x')
  assert.equal(request.method, 'GET')
  assert.equal(request.url.href, `${URL_TEXT}&audience=sig+store%26x`)
  assert.deepEqual(request.headers, { accept: 'application/json', authorization: 'Bearer BEARER-SECRET' })
  assert.equal(request.timeout, 30_000)
  assert.equal(request.body, undefined)
})

test('an audience that was planted in the endpoint is replaced', () => {
  const url = `${URL_TEXT}&audience=evil&audience=worse`
  const request = identityTokenRequest(parseTokenEndpoint(offered(url), GITHUB), 'sigstore')
  assert.deepEqual(request.url.searchParams.getAll('audience'), ['sigstore'])
})

test('the token comes back as a secret', async () => {
  const { http, requests } = canned(answer(200, { count: 1, value: 'a.b.c' }))
  const token = await requestIdentityToken(http, parseTokenEndpoint(offered(URL_TEXT), GITHUB), 'sigstore')
  assert.equal(token.reveal(), 'a.b.c')
  assert.equal(`${token}`, '***')
  assert.equal(requests.length, 1)
})

const bad: Record<string, readonly [number, unknown, ErrorCode?]> = {
  '400': [400, 'CANARY'],
  '401': [401, { message: 'CANARY' }],
  '403': [403, 'CANARY'],
  '404': [404, 'CANARY'],
  '429': [429, 'CANARY'],
  '500': [500, 'CANARY'],
  'a redirect': [302, 'CANARY', 'NET_REDIRECT'],
  HTML: [200, '<html>CANARY</html>'],
  nothing: [200, ''],
  null: [200, 'null'],
  'a list': [200, ['CANARY']],
  'no value': [200, {}],
  'an empty value': [200, { value: '' }],
  'a number': [200, { value: 1 }],
  'two values': [200, '{"value":"CANARY","value":"CANARY2"}'],
  'a byte order mark': [200, '\ufeff{"value":"CANARY"}'],
  'what is not UTF-8': [200, Uint8Array.of(0x22, 0xff, 0x22)],
  'deep nesting': [200, '['.repeat(100_000)],
}

for (const [why, [status, body, code = 'TOKEN_REQUEST']] of Object.entries(bad)) {
  test(`a bad answer of the token endpoint, its body never shown: ${why}`, async () => {
    const { http } = canned(answer(status, body))
    await assert.rejects(
      requestIdentityToken(http, parseTokenEndpoint(offered(URL_TEXT), GITHUB), 'sigstore'),
      (error: unknown) =>
        error instanceof ActionError &&
        error.code === code &&
        !`${error.message}${error.cause}`.includes('CANARY'),
    )
  })
}
