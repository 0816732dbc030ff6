import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { parseChecksums } from '../../../src/actions/subjects/checksums.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)
const names = (text: string) => parseChecksums(text).map(({ name }) => name)

test('every form that sha256sum and shasum write', () => {
  const text = [
    `${A}  text`,
    `${A} *binary`,
    `${A}   two spaces in front`,
    `SHA256 (tagged) = ${A}`,
    `SHA256 (a (1)) = ${A}`,
    `SHA2-256(openssl)= ${A}`,
    '# a comment',
    '',
    `\\${A}  a\\\\b`,
    `\\SHA256 (c\\nd) = ${A}`,
    `${A}  plain\\n`,
    `${A}  dist/x y.tgz`,
  ].join('\n')
  assert.deepEqual(names(text), [
    'text',
    'binary',
    ' two spaces in front',
    'tagged',
    'a (1)',
    'openssl',
    'a\\b',
    'c\nd',
    'plain\\n',
    'dist/x y.tgz',
  ])
})

test('lines may end in CRLF, and the last one need not end', () => {
  assert.deepEqual(names(`${A}  a\r\n${A}  b\r\n`), ['a', 'b'])
  assert.deepEqual(names(`${A}  a`), ['a'])
})

test('a file may be listed twice with one digest', () => {
  assert.deepEqual(parseChecksums(`${A}  a\n${B}  b\n${A} *a\n`), [
    { name: 'a', digest: A, line: 1 },
    { name: 'b', digest: B, line: 2 },
  ])
})

const refused: Record<string, [text: string, message: RegExp]> = {
  'a contradiction': [`${A}  a\n\n${B}  a\n`, /line 3 .* contradicts line 1/],
  'a byte order mark': [`\ufeff${A}  a\n`, /line 1 .*byte order mark/],
  'upper-case digits': [`${A.toUpperCase()}  a`, /line 1 .*upper-case/],
  'mixed case': [`${'aB'.repeat(32)}  a`, /upper-case/],
  'SHA-1': [`${'a'.repeat(40)}  a`, /not SHA-256/],
  'SHA-512': [`# x\n${'a'.repeat(128)}  a`, /line 2 .*not SHA-256/],
  'a tag of another hash': [`SHA512 (a) = ${'a'.repeat(128)}`, /SHA512/],
  'another hash of the same length': [`BLAKE2s256 (a) = ${A}`, /line 1/],
  'SHA3-256 by tag': [`SHA3-256 (a) = ${A}`, /SHA3-256/],
  '63 digits': [`${A.slice(1)}  a`, /line 1/],
  'one space': [`${A} a`, /line 1/],
  'no name': [`${A}  `, /line 1/],
  'the standard input': [`${A}  -`, /standard input/],
  'a mode that changes the content': [`${A} Ua`, /line 1/],
  'an unknown escape': [`\\${A}  a\\tb`, /escape/],
  'a cut escape': [`\\${A}  a\\`, /escape/],
  'a web page': ['<html>', /line 1/],
  'a prefix': [`sha256:${A}  a`, /line 1/],
  nothing: ['\n# only a comment\n', /lists no file/],
}
for (const [why, [text, message]] of Object.entries(refused)) {
  test(`parseChecksums refuses: ${why}`, () => {
    assert.throws(() => parseChecksums(text), { code: 'INPUT_CHECKSUMS', message })
  })
}

test('what sha256sum would write about any name is read back', () => {
  const written = (name: string) => {
    const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
    return `${escaped === name ? '' : '\\'}${A}  ${escaped}\n`
  }
  const name = fc.string({
    minLength: 1,
    unit: fc.constantFrom('a', '\\', '\n', '\r', ' ', '(', ')', '=', 'é'),
  })
  fc.assert(
    fc.property(name, (text) => {
      assert.deepEqual(names(written(text)), [text])
    }),
  )
})

test('nothing but an ActionError comes of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      try {
        parseChecksums(text)
      } catch (error) {
        assert.equal(error instanceof Error && error.name, 'ActionError')
      }
    }),
  )
})
