import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseArtifactsList } from '../../../src/actions/subjects/artifacts-list.ts'

const HEX = 'ab'.repeat(32)
const FILE = { name: 'app.tgz', digest: `sha256:${HEX}`, kind: 'file' }
const list = (...subjects: readonly object[]): string => JSON.stringify({ version: 1, subjects })

suite('the list of artifacts that the runner keeps', () => {
  test('is read as the runner writes it', () => {
    const image = { name: 'ghcr.io/octo/app', digest: `sha512:${HEX}${HEX}`, kind: 'oci' }
    assert.deepEqual(parseArtifactsList(list(FILE, image)), [
      { kind: 'file', name: 'app.tgz', hash: 'sha256', hex: HEX },
      { kind: 'oci', name: 'ghcr.io/octo/app', hash: 'sha512', hex: HEX + HEX },
    ])
  })

  test('is empty where the feature is off, or nothing was declared', () => {
    for (const text of ['', ' \n', list(), '{"version":1}']) assert.deepEqual(parseArtifactsList(text), [])
  })

  const REFUSED: readonly (readonly [title: string, text: string])[] = [
    ['another version', '{"version":2,"subjects":[]}'],
    ['a version as text', '{"version":"1","subjects":[]}'],
    ['no version', '{"subjects":[]}'],
    ['a byte order mark', `\ufeff${list(FILE)}`],
    ['no JSON', 'app.tgz'],
    ['no object', '[]'],
    ['a member twice', '{"version":1,"version":1,"subjects":[]}'],
    ['an unknown member', '{"version":1,"subjects":[],"more":1}'],
    ['subjects that are no list', '{"version":1,"subjects":{}}'],
    ['a subject that is none', '{"version":1,"subjects":["app.tgz"]}'],
    ['an unknown kind', list({ ...FILE, kind: 'wheel' })],
    ['no kind', list({ name: 'a', digest: FILE.digest })],
    ['no name', list({ ...FILE, name: '' })],
    ['a name with a line end', list({ ...FILE, name: 'a\nb' })],
    [
      'a name with half a character',
      '{"version":1,"subjects":[{"name":"\\ud800","digest":"x","kind":"file"}]}',
    ],
    ['a digest without its hash', list({ ...FILE, digest: HEX })],
    ['a short digest', list({ ...FILE, digest: 'sha256:ab' })],
    ['a digest in upper case', list({ ...FILE, digest: `sha256:${HEX.toUpperCase()}` })],
    ['a digest with more behind it', list({ ...FILE, digest: `sha256:${HEX}:x` })],
    ['SHA-1', list({ ...FILE, digest: `sha1:${'ab'.repeat(20)}` })],
    ['a file with SHA-512', list({ ...FILE, digest: `sha512:${HEX}${HEX}` })],
    ['more than a statement holds', list(...Array.from({ length: 1025 }, () => FILE))],
  ]
  for (const [title, text] of REFUSED) {
    test(`is refused: ${title}`, () => {
      assert.throws(() => parseArtifactsList(text), { name: 'ActionError', code: 'INPUT_ARTIFACTS' })
    })
  }
})
