import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printable, quote } from '../../src/core/printable.ts'

const shown: Record<string, readonly [string, string]> = {
  'plain text': ['a b/c-d_é€\u{1f600}', 'a b/c-d_é€\u{1f600}'],
  'line ends and tabs': ['a\nb\r\tc', 'a\\nb\\r\\tc'],
  'a terminal escape': ['\x1b[31m', '\\u{1b}[31m'],
  'a NUL and a DEL': ['\0\x7f', '\\u{0}\\u{7f}'],
  'a C1 control': ['\u009b', '\\u{9b}'],
  'text that would run backwards': ['\u202egnp.exe', '\\u{202e}gnp.exe'],
  'an invisible character': ['a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
  tags: ['\u{e0041}', '\\u{e0041}'],
  'other line ends': ['\u2028\u2029\u0085', '\\u{2028}\\u{2029}\\u{85}'],
  'half a surrogate pair': ['\ud83dx', '\\u{d83d}x'],
  'an old workflow command': ['x ##[set-env name=A]b', 'x ##\\[set-env name=A]b'],
  'a workflow command': ['::set-output name=a::b', '\\::set-output name=a::b'],
  'a workflow command behind spaces': ['  \u3000::debug::b', '  \u3000\\::debug::b'],
  'a workflow command behind a line end': ['\n::debug::b', '\\n::debug::b'],
  'colons in the middle': ['std::vector', 'std::vector'],
}

for (const [why, [text, expected]] of Object.entries(shown)) {
  test(`printable: ${why}`, () => {
    assert.equal(printable(text), expected)
    assert.equal(quote(text), `"${expected}"`)
  })
}

test('long text is cut, and a pair that the cut would split is not half shown', () => {
  assert.equal(printable('x'.repeat(201)), `${'x'.repeat(200)}…`)
  assert.equal(printable('x'.repeat(200)), 'x'.repeat(200))
  assert.equal(quote('abcdef', 3), '"abc…"')
  assert.ok(printable('\u{1f600}'.repeat(200), 5).isWellFormed())
})

test('no output has a control character, a line end, or what the runner takes for a command', () => {
  const nasty = fc.constantFrom(
    '#',
    '##[',
    '[',
    ':',
    '::',
    ' ',
    '\n',
    '\r',
    '\t',
    '\x1b',
    '\u202e',
    '\u2028',
    '\ud800',
    '\u3000',
    'a',
  )
  const text = fc.array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 2 })), { maxLength: 12 })
  fc.assert(
    fc.property(text, fc.nat(12), (parts, most) => {
      const line = printable(parts.join(''), most)
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
      assert.ok(!line.includes('##['))
      assert.ok(!line.trimStart().startsWith('::'))
      assert.ok(line.isWellFormed())
    }),
    { numRuns: 3000 },
  )
})
