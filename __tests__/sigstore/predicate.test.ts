import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parsePredicate, parseSbom } from '../../src/sigstore/predicate.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const sbom = (value: object) => parseSbom(bytes(JSON.stringify(value)), 'the SBOM')

const SPDX = { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT' }
const CYCLONE = { bomFormat: 'CycloneDX', serialNumber: 'urn:uuid:1', specVersion: '1.6' }

suite('an SBOM is told by its content', () => {
  test('SPDX and CycloneDX', () => {
    assert.equal(sbom(SPDX).type, 'https://spdx.dev/Document/v2.3')
    assert.equal(sbom({ ...SPDX, spdxVersion: 'SPDX-2.2' }).type, 'https://spdx.dev/Document/v2.2')
    assert.equal(sbom(CYCLONE).type, 'https://cyclonedx.org/bom')
    assert.equal(sbom({ ...CYCLONE, spdxVersion: null }).type, 'https://cyclonedx.org/bom')
  })

  test('and kept as it was written', () => {
    const text = `\n{"spdxVersion":"SPDX-2.3",\r\n\t"SPDXID":"x","n":12345678901234567890,"f":1.0}\n`
    assert.equal(parseSbom(bytes(text), 'the SBOM').text, text)
  })

  const UNKNOWN: readonly (readonly [title: string, value: object, says: RegExp])[] = [
    ['something else', { name: 'app' }, /neither SPDX 2 nor CycloneDX/],
    ['an empty object', {}, /neither/],
    ['SPDX 3', { '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': [] }, /neither/],
    ['another version of SPDX', { ...SPDX, spdxVersion: 'SPDX-3.0' }, /SPDX-3\.0/],
    ['a version with more behind it', { ...SPDX, spdxVersion: 'SPDX-2.3/../x' }, /SPDX-2\.3/],
    ['SPDX without an id', { spdxVersion: 'SPDX-2.3' }, /no `SPDXID`/],
    ['a version that is no text', { ...SPDX, spdxVersion: 2.3 }, /neither/],
    ['another format', { ...CYCLONE, bomFormat: 'cyclonedx' }, /neither/],
    ['CycloneDX without a serial number', { ...CYCLONE, serialNumber: '' }, /no `serialNumber`/],
    ['CycloneDX with its format alone', { bomFormat: 'CycloneDX' }, /`serialNumber` and no `specVersion`/],
    ['both at once', { ...SPDX, ...CYCLONE }, /SPDX and those of CycloneDX/],
  ]
  for (const [title, value, message] of UNKNOWN) {
    test(`unknown: ${title}`, () => assert.throws(() => sbom(value), { code: 'SBOM_UNKNOWN', message }))
  }
})

suite('a predicate is one JSON object, read strictly', () => {
  const predicate = (text: string | Uint8Array) =>
    parsePredicate('https://example.com/x', text, '`predicate`')

  test('and stays what it is, byte for byte', () => {
    for (const text of ['{}', ' {"a":1}\n', '{"a":1e400,"b":[{"a":2}]}', '{"\\u0061":"\u00e9"}']) {
      assert.deepEqual(predicate(text), { type: 'https://example.com/x', text })
    }
  })

  const REFUSED: readonly (readonly [title: string, source: string | Uint8Array, says: RegExp])[] = [
    ['nothing', '', /not JSON/],
    ['no JSON', '{a:1}', /not JSON/],
    ['a list', '[]', /not a JSON object/],
    ['a text', '"x"', /not a JSON object/],
    ['null', 'null', /not a JSON object/],
    ['two objects', '{}{}', /not JSON/],
    ['a comment', '{}//x', /not JSON/],
    ['a member twice', '{"a":1,"a":1}', /a member twice/],
    ['a member twice, further down', '{"a":[{"b":1,"\\u0062":2}]}', /a member twice/],
    ['__proto__', '{"__proto__":{}}', /__proto__/],
    ['a byte order mark', '\ufeff{}', /not JSON/],
    ['bytes that are not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /UTF-8/],
    ['too deep for a statement', `{"a":${'['.repeat(127)}${']'.repeat(127)}}`, /127 deep/],
    ['too large', `{"a":"${'x'.repeat(16 * 1024 * 1024)}"}`, /larger than 16777216/],
  ]
  for (const [title, source, message] of REFUSED) {
    test(`refused: ${title}`, () => {
      assert.throws(() => predicate(source), { name: 'ActionError', code: 'PREDICATE_INVALID', message })
    })
  }

  test('the deepest that is taken makes a statement that is read', () => {
    assert.doesNotThrow(() => predicate(`{"a":${'['.repeat(126)}${']'.repeat(126)}}`))
  })
})
