import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, encodeHex, encodeUtf8, equalBytes, parseHex, parseUtf8 } from '../../src/core/bytes.ts'

const notHex: Record<string, string> = {
  'upper case': 'AB',
  'an odd digit': 'abc',
  'a letter too far': '0g',
  'a space': '0 1a',
  'a prefix': '0x01',
  'a newline behind': '01\n',
  'two newlines behind': '01\n\n',
  'digits of another script': '\uff10\uff11',
}

for (const [why, text] of Object.entries(notHex)) {
  test(`parseHex refuses: ${why}`, () => {
    assert.throws(() => parseHex(text, 'INPUT_DIGEST', 'the digest'), {
      code: 'INPUT_DIGEST',
      message: 'the digest is not lower-case hexadecimal',
    })
  })
}

test('hexadecimal: known answers', () => {
  assert.equal(encodeHex(Uint8Array.of(0, 1, 0xab, 0xff)), '0001abff')
  assert.deepEqual(parseHex('0001abff', 'INTERNAL', 'x'), Uint8Array.of(0, 1, 0xab, 0xff))
  assert.deepEqual(parseHex('', 'INTERNAL', 'x'), new Uint8Array())
})

const notUtf8: Record<string, readonly number[]> = {
  'a continuation alone': [0x80],
  'a sequence cut short': [0xe2, 0x82],
  'an overlong slash': [0xc0, 0xaf],
  'half a surrogate pair': [0xed, 0xa0, 0x80],
  'beyond U+10FFFF': [0xf4, 0x90, 0x80, 0x80],
  'a byte that never occurs': [0xff],
}

for (const [why, bytes] of Object.entries(notUtf8)) {
  test(`parseUtf8 refuses: ${why}`, () => {
    assert.throws(() => parseUtf8(Uint8Array.from(bytes), 'BUNDLE_PARSE', 'the bundle'), {
      code: 'BUNDLE_PARSE',
    })
  })
}

test('a byte order mark and a NUL stay in the text', () => {
  assert.equal(parseUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0), 'INTERNAL', 'x'), '\ufeffa\0')
})

test('what is encoded is parsed again', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ unit: 'binary' }), (bytes, text) => {
      assert.deepEqual(parseHex(encodeHex(bytes), 'INTERNAL', 'x'), bytes)
      assert.equal(parseUtf8(encodeUtf8(text), 'INTERNAL', 'x'), text)
    }),
  )
})

test('equalBytes compares views by content', () => {
  const whole = Uint8Array.of(1, 2, 1, 2)
  assert.ok(equalBytes(whole.subarray(0, 2), whole.subarray(2)))
  assert.ok(equalBytes(new Uint8Array(), whole.subarray(4)))
  assert.ok(!equalBytes(whole, whole.subarray(0, 2)))
  assert.ok(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)))
  assert.ok(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(2, 1)))
})

test('concatBytes copies', () => {
  const part = Uint8Array.of(1, 2, 3)
  const whole = concatBytes(part.subarray(1), new Uint8Array(), part)
  part.fill(9)
  assert.deepEqual(whole, Uint8Array.of(2, 3, 1, 2, 3))
  assert.deepEqual(concatBytes(), new Uint8Array())
})
