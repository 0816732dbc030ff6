import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Secret } from '../../src/core/secret.ts'
import { ActionError, type ErrorCode } from '../../src/errors.ts'
import {
  certificateRequest,
  isTokenRefusal,
  parseCertificateResponse,
  requestCertificate,
} from '../../src/sigstore/fulcio.ts'
import { answer, bodyText, canned } from './canned-http.ts'

const HEADER = Buffer.from('{"alg":"RS256","typ":"JWT"}').toString('base64url')
const PAYLOAD = Buffer.from('{"sub":"CANARY","iss":"https://issuer.example"}').toString('base64url')
const TOKEN = new Secret(`${HEADER}.${PAYLOAD}.Q0FOQVJZLXNpZ25hdHVyZS1DQU5BUlktc2lnbmF0dXJl`)
const PUBLIC_KEY = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'
const ASK = {
  fulcio: new URL('https://fulcio.example/'),
  token: TOKEN,
  publicKey: PUBLIC_KEY,
  proofOfPossession: Uint8Array.of(0x30, 1, 2),
}

const root: {
  certificateAuthorities: readonly {
    certChain: { certificates: readonly { rawBytes: string }[] }
  }[]
} = JSON.parse(readFileSync('src/trust/public-good.trusted-root.json', 'utf8'))
const RAW = root.certificateAuthorities.flatMap((one) =>
  one.certChain.certificates.map(({ rawBytes }) => rawBytes),
)
const pem = (base64: string): string =>
  `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`
const PEMS = RAW.slice(-2).map(pem)
const issued = (certificates: unknown) => ({ signedCertificateEmbeddedSct: { chain: { certificates } } })

test('the request', () => {
  const request = certificateRequest(ASK)
  assert.equal(request.url.href, 'https://fulcio.example/api/v2/signingCert')
  assert.equal(request.method, 'POST')
  assert.equal(request.timeout, 20_000)
  assert.deepEqual(request.headers, { accept: 'application/json', 'content-type': 'application/json' })
  assert.equal(
    bodyText(request),
    `{"credentials":{"oidcIdentityToken":"${TOKEN.reveal()}"},"publicKeyRequest":{"publicKey":{"algorithm":"ECDSA","content":"-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----\\n"},"proofOfPossession":"MAEC"}}`,
  )
})

test('the certificate of an answer, and what came behind it', async () => {
  const { http, requests } = canned(answer(200, issued(PEMS)))
  const { leaf, chain } = await requestCertificate(http, ASK)
  assert.equal(Buffer.from(leaf.raw).toString('base64'), RAW.at(-2))
  assert.deepEqual(
    chain.map(({ raw }) => Buffer.from(raw).toString('base64')),
    RAW.slice(-1),
  )
  assert.equal(requests.length, 1)
})

const bad: Record<string, readonly [ErrorCode, number, unknown]> = {
  'a refusal': ['FULCIO_REFUSED', 400, { code: 3, message: 'no' }],
  '401': ['FULCIO_REFUSED', 401, ''],
  '403': ['FULCIO_REFUSED', 403, 'forbidden'],
  '404': ['FULCIO_REFUSED', 404, '<html>'],
  '429': ['FULCIO_RESPONSE', 429, ''],
  '500': ['FULCIO_RESPONSE', 500, { message: 'Error entering certificate in CTL' }],
  '503': ['FULCIO_RESPONSE', 503, ''],
  'a redirect': ['NET_REDIRECT', 308, ''],
  HTML: ['FULCIO_RESPONSE', 200, '<html>'],
  nothing: ['FULCIO_RESPONSE', 200, ''],
  null: ['FULCIO_RESPONSE', 200, 'null'],
  'a list': ['FULCIO_RESPONSE', 200, []],
  'no certificate': ['FULCIO_RESPONSE', 200, {}],
  'a member twice': [
    'FULCIO_RESPONSE',
    200,
    '{"signedCertificateEmbeddedSct":{},"signedCertificateEmbeddedSct":{}}',
  ],
  'a byte order mark': ['FULCIO_RESPONSE', 200, `\ufeff${JSON.stringify(issued(PEMS))}`],
  'no chain': ['CERT_CHAIN', 200, { signedCertificateEmbeddedSct: {} }],
  'an empty chain': ['CERT_CHAIN', 200, issued([])],
  'a null chain': ['CERT_CHAIN', 200, { signedCertificateEmbeddedSct: { chain: null } }],
  'fifty certificates': ['CERT_CHAIN', 200, issued(Array.from({ length: 50 }, () => PEMS[0]))],
  'a certificate that is no text': ['FULCIO_RESPONSE', 200, issued([1])],
  'a certificate that is no PEM': ['CERT_PARSE', 200, issued(['garbage'])],
  'two certificates in one text': ['CERT_PARSE', 200, issued([PEMS.join('')])],
  'a certificate with bytes behind it': [
    'CERT_PARSE',
    200,
    issued([pem(`${RAW.at(-1)?.replace(/=*$/, '')}AAAA`.replace(/(.{4})*/, (s) => s))]),
  ],
  'a certificate of a mebibyte': ['CERT_PARSE', 200, issued([pem('AAAA'.repeat(2 ** 18))])],
  'an SCT beside the certificate': [
    'SCT_MISSING',
    200,
    { signedCertificateDetachedSct: { chain: { certificates: PEMS }, signedCertificateTimestamp: '' } },
  ],
  'both forms at once': ['SCT_MISSING', 200, { ...issued(PEMS), signedCertificateDetachedSct: {} }],
}

for (const [why, [code, status, body]] of Object.entries(bad)) {
  test(`a bad answer of Fulcio: ${why}`, () => {
    assert.throws(
      () => parseCertificateResponse(answer(status, body), { token: TOKEN }),
      (error: unknown) =>
        error instanceof ActionError && error.code === code && !isTokenRefusal(error) === (status !== 401),
    )
  })
}

const detached = (sct?: unknown) => ({
  signedCertificateDetachedSct: { chain: { certificates: PEMS }, signedCertificateTimestamp: sct },
})

for (const sct of [undefined, null, ''])
  test(`an instance without a log answers in the detached form, its SCT ${JSON.stringify(sct)}`, () => {
    const ask = { token: TOKEN, withoutLog: true }
    const { chain } = parseCertificateResponse(answer(200, detached(sct)), ask)
    assert.equal(chain.length, PEMS.length - 1)
  })

for (const [why, code, body] of [
  ['an SCT all the same', 'SCT_UNKNOWN_LOG', detached('AAAA')],
  ['an SCT that is no text', 'SCT_UNKNOWN_LOG', detached(1)],
  ['the embedded form', 'FULCIO_RESPONSE', issued(PEMS)],
  ['no chain', 'CERT_CHAIN', { signedCertificateDetachedSct: {} }],
] as const)
  test(`a bad answer of an instance without a log: ${why}`, () => {
    const ask = { token: TOKEN, withoutLog: true }
    assert.throws(() => parseCertificateResponse(answer(200, body), ask), { code })
  })

const caught = (status: number, body: unknown): ActionError => {
  try {
    parseCertificateResponse(answer(status, body), { token: TOKEN })
  } catch (error) {
    if (error instanceof ActionError) return error
  }
  throw new Error('no ActionError')
}

test('a refused token is told from a refused request', () => {
  const token = caught(400, { code: 3, message: 'There was an error processing the identity token' })
  assert.equal(token.code, 'FULCIO_REFUSED')
  assert.ok(isTokenRefusal(token))
  assert.match(token.hint, /expired/)
  const proof = caught(400, {
    code: 3,
    message: 'The signature supplied in the request could not be verified',
  })
  assert.ok(!isTokenRefusal(proof))
  assert.ok(!isTokenRefusal(new Error('x')))
})

test("the server's own words are shown escaped and cut", () => {
  const { message } = caught(400, { message: `a\n::error::b\u001b[31m ##[group] ${'c '.repeat(500)}` })
  assert.match(message, /^Fulcio answers 400: "a\\n::error::b\\u\{1b\}\[31m ##\\\[group\] c c/)
  assert.ok(message.length < 260)
})

const echoes: Record<string, (token: string) => unknown> = {
  'in a message': (token) => ({ message: `bad token ${token}` }),
  'as it is': (token) => `bad token: '${token}'`,
  'cut at the front': (token) => ({ message: token.slice(5) }),
  'cut at the end': (token) => ({ message: `x=${token.slice(0, -4)}` }),
  'its parts': (token) => ({ message: token.split('.').join(' and ') }),
  'in base64': (token) => ({ message: Buffer.from(token).toString('base64') }),
  'in base64url': (token) => ({ message: Buffer.from(token).toString('base64url') }),
  'glued to text': (token) => ({ message: `xx${token}yy` }),
  'the whole request': (token) => ({
    message: JSON.stringify({ credentials: { oidcIdentityToken: token } }),
  }),
  'behind other text, at the cut': (token) => `${' '.repeat(8180)}${token}`,
}

for (const [why, echo] of Object.entries(echoes)) {
  test(`a token that Fulcio echoes is blanked: ${why}`, () => {
    const token = TOKEN.reveal()
    const { message, hint, cause, expected, found } = caught(400, echo(token))
    const shown = [message, hint, String(cause), String(expected), String(found)].join('\n')
    for (let at = 0; at + 12 <= token.length; at++) {
      assert.ok(!shown.includes(token.slice(at, at + 12)), `${shown} shows ${token.slice(at, at + 12)}`)
    }
    const encoded = Buffer.from(token).toString('base64')
    assert.ok(!shown.includes(encoded.slice(0, 40)))
  })
}
