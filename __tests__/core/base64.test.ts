import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeBase64, encodeBase64Url, parseBase64, parseBase64Url } from '../../src/core/base64.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'

// RFC 4648 10, and two that tell the alphabets apart.
const known: readonly (readonly [Uint8Array, string, string])[] = [
  [encodeUtf8(''), '', ''],
  [encodeUtf8('f'), 'Zg==', 'Zg'],
  [encodeUtf8('fo'), 'Zm8=', 'Zm8'],
  [encodeUtf8('foo'), 'Zm9v', 'Zm9v'],
  [encodeUtf8('foob'), 'Zm9vYg==', 'Zm9vYg'],
  [encodeUtf8('fooba'), 'Zm9vYmE=', 'Zm9vYmE'],
  [encodeUtf8('foobar'), 'Zm9vYmFy', 'Zm9vYmFy'],
  [Uint8Array.of(0xfb, 0xff), '+/8=', '-_8'],
]

test('both alphabets give the known answers', () => {
  for (const [bytes, standard, url] of known) {
    assert.equal(encodeBase64(bytes), standard)
    assert.equal(encodeBase64Url(bytes), url)
    assert.deepEqual(parseBase64(standard, 'BUNDLE_BASE64', 'x'), bytes)
    assert.deepEqual(parseBase64Url(url, 'TOKEN_MALFORMED', 'x'), bytes)
  }
})

const refused: Record<string, string> = {
  'missing padding': 'Zg',
  'too little padding': 'Zg=',
  'too much padding': 'Zm9v====',
  'padding in the middle': 'Zg==Zg==',
  'one digit': 'Z',
  'bits behind the last byte': 'Zh==',
  'bits behind the last two bytes': 'Zm9=',
  'the other alphabet': '-_8=',
  'a space in front': ' Zm9v',
  'a space behind': 'Zm9v ',
  'a newline': 'Zm9v\n',
  lines: 'Zm9v\nZm9v',
  junk: 'Zm9v!',
  'a NUL': 'Zm9v\0',
  'digits of another script': 'Ｚm9v',
}

for (const [why, text] of Object.entries(refused)) {
  test(`parseBase64 refuses: ${why}`, () => {
    assert.throws(() => parseBase64(text, 'BUNDLE_BASE64', 'the signature'), {
      code: 'BUNDLE_BASE64',
      message: 'the signature is not base64',
    })
  })
}

const refusedUrl: Record<string, string> = {
  padding: 'Zg==',
  'one digit': 'Zm9vZ',
  'bits behind the last byte': 'Zh',
  'the other alphabet': '+/8',
  'a space': 'Zm 9v',
  'a newline': 'Zm9v\n',
  'a dot': 'Zm9v.',
}

for (const [why, text] of Object.entries(refusedUrl)) {
  test(`parseBase64Url refuses: ${why}`, () => {
    assert.throws(() => parseBase64Url(text, 'TOKEN_MALFORMED', 'x'), { code: 'TOKEN_MALFORMED' })
  })
}

test('what is accepted encodes back to itself', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.deepEqual(parseBase64(encodeBase64(bytes), 'INTERNAL', 'x'), bytes)
      assert.deepEqual(parseBase64Url(encodeBase64Url(bytes), 'INTERNAL', 'x'), bytes)
    }),
  )
})

test('any text is either refused or the only way to write its bytes', () => {
  const almost = fc.string({ unit: fc.constantFrom('A', 'z', '/', '+', '-', '_', '=', ' '), maxLength: 9 })
  fc.assert(
    fc.property(almost, (text) => {
      const isCanonical = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]A==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/
      try {
        assert.equal(encodeBase64(parseBase64(text, 'INTERNAL', 'x')), text)
      } catch (error) {
        assert.ok(error instanceof Error && 'code' in error && error.code === 'INTERNAL')
        assert.doesNotMatch(text, isCanonical)
      }
    }),
    { numRuns: 500 },
  )
})

test('a view into a larger buffer is encoded alone', () => {
  assert.equal(encodeBase64(encodeUtf8('xfoox').subarray(1, 4)), 'Zm9v')
})
