import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { encodeBase64, encodeBase64Url } from '../../src/core/base64.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { parseJwt } from '../../src/core/jwt.ts'

const part = (text: string): string => encodeBase64Url(encodeUtf8(text))
const HEADER = part('{"alg":"RS256"}')
const CLAIMS = part('{"sub":"marked-secret","exp":1}')
const SIGNATURE = encodeBase64Url(Uint8Array.of(1, 2, 3))

test('parseJwt reads header and claims', () => {
  assert.deepEqual(parseJwt(`${HEADER}.${CLAIMS}.${SIGNATURE}`), {
    header: { alg: 'RS256' },
    claims: { sub: 'marked-secret', exp: 1 },
  })
})

const withClaims = (json: string): string => `${HEADER}.${part(json)}.${SIGNATURE}`

const refused: Record<string, string> = {
  nothing: '',
  'one part': HEADER,
  'two parts': `${HEADER}.${CLAIMS}`,
  'four parts': `${HEADER}.${CLAIMS}.${SIGNATURE}.${SIGNATURE}`,
  'a dot behind': `${HEADER}.${CLAIMS}.${SIGNATURE}.`,
  'no header': `.${CLAIMS}.${SIGNATURE}`,
  'no claims': `${HEADER}..${SIGNATURE}`,
  'no signature': `${HEADER}.${CLAIMS}.`,
  'a newline behind': `${HEADER}.${CLAIMS}.${SIGNATURE}\n`,
  'a space in front': ` ${HEADER}.${CLAIMS}.${SIGNATURE}`,
  'standard base64': `${HEADER}.${encodeBase64(encodeUtf8('{"a":"???~~~"}'))}.${SIGNATURE}`,
  padding: `${HEADER}.${encodeBase64(encodeUtf8('{"a":"1"}x'))}.${SIGNATURE}`,
  'a signature that is not base64url': `${HEADER}.${CLAIMS}.!marked-secret!`,
  'bits behind the end': `${HEADER}.${CLAIMS}.AQID_x`,
  'claims that are not JSON': withClaims('marked-secret'),
  'claims that end early': withClaims('{"sub":"marked-secret'),
  'claims that are a list': withClaims('["marked-secret"]'),
  'claims that are null': withClaims('null'),
  'claims that are a text': withClaims('"marked-secret"'),
  'a header that is a list': `${part('[]')}.${CLAIMS}.${SIGNATURE}`,
  'a claim twice': withClaims('{"sub":"marked-secret","sub":"b"}'),
  'a claim twice, further in': withClaims('{"a":{"sub":"marked-secret","sub":"b"}}'),
  'a claim called __proto__': withClaims('{"__proto__":{"sub":"marked-secret"}}'),
  'claims nested too deep': withClaims(`{"a":${'['.repeat(20)}${']'.repeat(20)}}`),
  'malformed UTF-8': `${HEADER}.${encodeBase64Url(Uint8Array.of(0x22, 0xff, 0x22))}.${SIGNATURE}`,
  'a byte order mark': withClaims('\ufeff{}'),
  'a million dots': '.'.repeat(1_000_000),
  'one mebibyte': withClaims(`{"sub":"${'x'.repeat(2 ** 20)}"}`),
}

for (const [why, token] of Object.entries(refused)) {
  test(`parseJwt refuses: ${why}, and shows no part of the token`, () => {
    assert.throws(
      () => parseJwt(token),
      (error: unknown) => {
        assert.ok(error instanceof Error && 'code' in error)
        assert.equal(error.code, 'TOKEN_MALFORMED')
        const shown = inspect(error, { depth: 9 })
        const secrets = ['marked-secret', ...token.split('.')].filter((text) => text.length >= 4)
        for (const secret of secrets) assert.ok(!shown.includes(secret), 'a part of the token is shown')
        return true
      },
    )
  })
}

test('the cap is judged on the whole token', () => {
  const room = 64 * 1024 - `${HEADER}..${SIGNATURE}`.length
  const claims = `{"a":"${'x'.repeat(Math.floor((room * 3) / 4) - 8)}"}`
  assert.doesNotThrow(() => parseJwt(withClaims(claims)))
  assert.throws(() => parseJwt(withClaims(`${claims}${' '.repeat(64)}`)), /larger than 65536 bytes/)
})
