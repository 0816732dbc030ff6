import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, encodeUtf8 } from '../../src/core/bytes.ts'
import { encodeCanonicalJson, type Json, type JsonRules, parseJson } from '../../src/core/json.ts'

const RULES: JsonRules = {
  maxBytes: 1000,
  maxDepth: 4,
  malformed: 'BUNDLE_PARSE',
  tooLarge: 'BUNDLE_TOO_LARGE',
  tooDeep: 'BUNDLE_TOO_DEEP',
  duplicate: 'BUNDLE_DUPLICATE_KEY',
}
const LOOSE: JsonRules = { ...RULES, maxBytes: 10_000_000, maxDepth: 200 }

const parse = (source: string | Uint8Array, rules = RULES) => parseJson(source, rules, 'the bundle')

const accepted: readonly string[] = [
  'null',
  '[]',
  '"x"',
  '1',
  ' {"a": [1, {"b": "c:d,{[\\"\\\\"}], "c": {}}\n',
  '{"a\\\\":1,"a":2}',
  '{"":1,"\\"":2}',
  '{"constructor":1,"toString":2}',
  '[[[[]]]]',
  '[[[]],[[]],[[]],[[]]]',
  '["[[[[[[[[[["]',
  '"\\u0000 \\ud800"',
  '{"number":1e400,"small":-0.0}',
]

for (const text of accepted) {
  test(`parseJson reads ${JSON.stringify(text)} as JSON.parse does`, () => {
    assert.deepEqual(parse(text), JSON.parse(text))
    assert.deepEqual(parse(encodeUtf8(text)), JSON.parse(text))
  })
}

const malformed: Record<string, string | Uint8Array> = {
  nothing: '',
  'white space only': ' \n',
  'a truncated object': '{"a":1',
  'a truncated text': '{"a":"b',
  'a truncated escape': '{"a":"b\\',
  'two values': '{}{}',
  'a comment': '{}// end',
  'single quotes': "{'a':1}",
  'a trailing comma': '[1,]',
  'a byte order mark': '\ufeff{}',
  'the bytes of a byte order mark': Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d),
  'UTF-16': Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0),
  'UTF-16 without its mark': Uint8Array.of(0x7b, 0, 0x7d, 0),
  'malformed UTF-8': concatBytes(encodeUtf8('"'), Uint8Array.of(0xc3), encodeUtf8('"')),
  'an overlong encoding': concatBytes(encodeUtf8('"'), Uint8Array.of(0xc0, 0xaf), encodeUtf8('"')),
  'half a surrogate pair as bytes': concatBytes(
    encodeUtf8('"'),
    Uint8Array.of(0xed, 0xa0, 0x80),
    encodeUtf8('"'),
  ),
  'a NUL': '{}\0',
  'a control character in a text': '"\n"',
  'a leading zero': '01',
  'a hexadecimal number': '0x10',
  NaN: 'NaN',
  'a colon alone': ':',
  'closing before opening': ']]]][[[[',
}

for (const [why, source] of Object.entries(malformed)) {
  test(`parseJson refuses: ${why}`, () => {
    assert.throws(() => parse(source), { name: 'ActionError', code: 'BUNDLE_PARSE' })
  })
}

const duplicates: Record<string, string> = {
  'a member twice': '{"a":1,"a":1}',
  'a member twice, further in': '[{"x":{"a":1,"b":2,"a":3}}]',
  'a member twice, once as an escape': '{"a":1,"\\u0061":2}',
  'a member twice, the first with members of its own': '{"a":{"b":1,"c":2},"a":1}',
  'a member twice, the second with members of its own': '{"a":1,"a":{"b":1,"c":2}}',
  'an empty name twice': '{"":1,"":2}',
  'a member called __proto__': '{"__proto__":{"a":1}}',
  'a member called __proto__ as an escape': '[{"\\u005f_proto__":1}]',
  '__proto__ twice': '{"__proto__":1,"__proto__":2}',
}

for (const [why, source] of Object.entries(duplicates)) {
  test(`parseJson refuses: ${why}`, () => {
    assert.throws(() => parse(source), { code: 'BUNDLE_DUPLICATE_KEY' })
  })
}

test('depth and size are judged before anything is built', () => {
  const deep = '['.repeat(100_000)
  assert.throws(() => parse(deep, LOOSE), { code: 'BUNDLE_TOO_DEEP' })
  assert.throws(() => parse('[[[[[]]]]]'), { code: 'BUNDLE_TOO_DEEP' })
  assert.throws(() => parse('{"a":[{"b":[{}]}]}'), { code: 'BUNDLE_TOO_DEEP' })
  assert.throws(() => parse(`"${'x'.repeat(999)}"`), { code: 'BUNDLE_TOO_LARGE' })
  assert.throws(() => parse(encodeUtf8(`"${'é'.repeat(500)}"`)), { code: 'BUNDLE_TOO_LARGE' })
  assert.equal(parse(`"${'x'.repeat(998)}"`), 'x'.repeat(998))
})

test('a message tells where, and quotes nothing', () => {
  const code = 'BUNDLE_PARSE'
  assert.throws(() => parse('{"a":1,}'), { code, message: 'the bundle is not JSON at position 7' })
  assert.throws(() => parse('secret'), { code, message: 'the bundle is not JSON' })
  assert.throws(() => parse('x at position 1234'), { code, message: 'the bundle is not JSON' })
})

test('long runs of backslashes and of members cost no more than their length', () => {
  const slashes = `["${'\\\\'.repeat(1_000_000)}"]`
  const members = `{${Array.from({ length: 200_000 }, (_, i) => `"${i}":"\\""`).join(',')}}`
  const started = performance.now()
  parse(slashes, LOOSE)
  parse(members, LOOSE)
  parse(`[${'"\\\\",'.repeat(200_000)}0]`, LOOSE)
  assert.ok(performance.now() - started < 5000)
})

test('parseJson agrees with JSON.parse on whatever JSON.stringify writes', () => {
  const value = fc.json({ noUnicodeString: false, maxDepth: 6 })
  fc.assert(
    fc.property(value, (text) => {
      fc.pre(!text.includes('__proto__'))
      assert.deepEqual(parse(text, LOOSE), JSON.parse(text))
    }),
    { numRuns: 300 },
  )
})

test('a member written again anywhere is found', () => {
  const names = fc.uniqueArray(fc.string({ maxLength: 4 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(names, fc.nat(), fc.nat(), (all, which, where) => {
      const again = all[which % all.length] ?? ''
      const twice = all.toSpliced(where % (all.length + 1), 0, again)
      const text = (list: readonly string[]) =>
        `[{${list.map((name) => `${JSON.stringify(name)}:{"\\":{":1}`).join(',')}}]`
      assert.doesNotThrow(() => parse(text(all)))
      assert.throws(() => parse(text(twice)), { code: 'BUNDLE_DUPLICATE_KEY' })
    }),
  )
})

// The sample of RFC 8785 3.2.3: sorted by UTF-16 code units, so the astral face stands before U+FB33.
test('canonical JSON sorts members as RFC 8785 says', () => {
  const value: Json = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\u{1f600}': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }
  const parsed = JSON.parse(new TextDecoder().decode(encodeCanonicalJson(value)))
  assert.deepEqual(parsed, value)
  const text = new TextDecoder().decode(encodeCanonicalJson(value))
  const order = ['Carriage', 'One', 'Control', 'Latin', 'Euro', 'Emoji', 'Hebrew']
  const places = order.map((word) => text.indexOf(`"${word}`))
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  )
})

test('canonical JSON: no spaces, shortest escapes, whole numbers', () => {
  const value: Json = { b: [1, -0, 9007199254740991, true, null], a: '\u000f\n"\\/\u2028\u20ac', c: {} }
  assert.deepEqual(
    encodeCanonicalJson(value),
    encodeUtf8('{"a":"\\u000f\\n\\"\\\\/\u2028\u20ac","b":[1,0,9007199254740991,true,null],"c":{}}'),
  )
})

const unencodable: Record<string, Json> = {
  'a fraction': 1.5,
  'a number beyond 2^53': 2 ** 53,
  infinity: Number.POSITIVE_INFINITY,
  'not a number': [Number.NaN],
  'half a surrogate pair': '\ud800',
  'half a surrogate pair in a name': { '\udc00': 1 },
}

for (const [why, value] of Object.entries(unencodable)) {
  test(`canonical JSON refuses: ${why}`, () => {
    assert.throws(() => encodeCanonicalJson(value), { code: 'INTERNAL' })
  })
}
