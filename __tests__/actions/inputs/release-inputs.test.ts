import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseSignInputs } from '../../../src/actions/inputs/sign-inputs.ts'
import type { ErrorCode } from '../../../src/errors.ts'

type Given = Readonly<Record<string, string>>
const parse = (inputs: Given) => parseSignInputs(new Map(Object.entries(inputs)))
const FILE = { 'subject-path': 'a' }

suite('the release', () => {
  const taken: readonly (readonly [string, unknown])[] = [
    ['v1.2.3', { kind: 'tag', tag: 'v1.2.3' }],
    ['app/v1+x', { kind: 'tag', tag: 'app/v1+x' }],
    ['id:77', { kind: 'id', id: 77 }],
    ['auto', 'auto'],
  ]
  for (const [written, named] of taken)
    test(`${written} is taken`, () => {
      assert.deepEqual(parse({ ...FILE, release: written }).release, {
        named,
        files: false,
        assets: 'off',
        publish: false,
      })
    })

  test('none is asked for by default', () => assert.equal(parse(FILE).release, undefined))

  test('publishing needs a job that is the only one', () => {
    const given = { ...FILE, release: 'v1', 'release-publish': 'true' }
    assert.equal(parse({ ...given, 'job-total': '1' }).release?.publish, true)
    for (const total of ['', '2', '256', 'x'])
      assert.throws(() => parse({ ...given, 'job-total': total }), { code: 'INPUT_CONFLICT' }, total)
  })

  test('a ref is expected by default, and `any` says none', () => {
    assert.equal(parse({ ...FILE, 'expected-ref': 'any' }).anyRef, true)
    assert.equal(parse({ ...FILE, 'expected-ref': 'refs/tags/v1' }).anyRef, false)
  })

  const refused: readonly (readonly [Given, ErrorCode, RegExp])[] = [
    [{ ...FILE, release: 'latest' }, 'INPUT_VALUE', /another one tomorrow/],
    [{ ...FILE, release: 'refs/tags/v1' }, 'INPUT_VALUE', /without `refs\/tags\/`/],
    [{ ...FILE, release: 'id:' }, 'INPUT_VALUE', /number of the release/],
    [{ ...FILE, release: 'id:0' }, 'INPUT_VALUE', /number of the release/],
    [{ ...FILE, release: 'id:1e3' }, 'INPUT_VALUE', /number of the release/],
    [{ ...FILE, release: 'id:9999999999999999' }, 'INPUT_VALUE', /number of the release/],
    [{ ...FILE, release: 'v*' }, 'INPUT_VALUE', /`\*`/],
    [{ ...FILE, release: 'a b' }, 'INPUT_VALUE', /no ref of git/],
    [{ ...FILE, release: '../x' }, 'INPUT_VALUE', /no ref of git/],
    [{ ...FILE, 'release-files': 'true' }, 'INPUT_REQUIRED', /`release-files` need `release`/],
    [{ 'release-assets': 'listed' }, 'INPUT_REQUIRED', /`release-assets` need `release`/],
    [{ release: 'v1', 'release-assets': 'listed' }, 'INPUT_REQUIRED', /needs `subject-checksums`/],
    [{ ...FILE, release: 'v1', 'release-assets': 'all-unchecked' }, 'INPUT_CONFLICT', /`subject-path`/],
    [
      { release: 'v1', 'release-assets': 'all-unchecked', 'release-files': 'true' },
      'INPUT_CONFLICT',
      /`release-files`/,
    ],
    [
      { release: 'v1', 'release-assets': 'all-unchecked', 'subject-checksums': 'x' },
      'INPUT_CONFLICT',
      /`subject-checksums`/,
    ],
    [{ ...FILE, release: 'v1', 'release-assets': 'all' }, 'INPUT_VALUE', /`listed`/],
  ]
  for (const [given, code, message] of refused)
    test(`${JSON.stringify(given)} is refused`, () => {
      assert.throws(() => parse(given), { code, message })
    })
})
