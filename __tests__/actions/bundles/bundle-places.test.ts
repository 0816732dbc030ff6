import assert from 'node:assert/strict'
import test from 'node:test'
import {
  besideBundlePaths,
  placeBundles,
  rootBundlePaths,
} from '../../../src/actions/bundles/bundle-places.ts'
import type { BundlePlace } from '../../../src/actions/inputs/sign-inputs.ts'
import type { Places } from '../../../src/actions/job/roots.ts'

const LINUX = { platform: 'linux' as const, workspace: '/w', temp: '/t' }
const subject = (name: string) => ({ name, path: name.startsWith('/') ? name : `/w/${name}` })
const place = (names: readonly string[], where: BundlePlace, places: Places = LINUX) =>
  placeBundles(names.map(subject), names.map(subject), where, places)

test('beside each file', () => {
  assert.deepEqual(place(['a', 'd/b', '/t/c'], { kind: 'beside' }), [
    '/w/a.sigstore.json',
    '/w/d/b.sigstore.json',
    '/t/c.sigstore.json',
  ])
})

test('flat in a folder, in one file, and all in one file of lines', () => {
  assert.deepEqual(place(['a', 'd/b'], { kind: 'folder', path: 'out/' }), [
    '/w/out/a.sigstore.json',
    '/w/out/b.sigstore.json',
  ])
  assert.deepEqual(place(['d/a'], { kind: 'file', path: '/t/x.json' }), ['/t/x.json'])
  assert.deepEqual(place(['a', 'b'], { kind: 'lines', path: 'all.jsonl' }), ['/w/all.jsonl', '/w/all.jsonl'])
  assert.deepEqual(place([], { kind: 'file', path: 'x.json' }), [])
})

test('a name may have 255 bytes with its extension, and not one more', () => {
  assert.equal(place(['a'.repeat(241)], { kind: 'beside' }).length, 1)
  assert.throws(() => place(['a'.repeat(242)], { kind: 'beside' }), {
    code: 'OUTPUT_PATH',
    message: /256 bytes/,
  })
  assert.throws(() => place(['é'.repeat(121)], { kind: 'folder', path: 'o/' }), { code: 'OUTPUT_PATH' })
})

const refused: readonly [why: string, names: string[], where: BundlePlace, message: RegExp][] = [
  ['two bundles in one file', ['a', 'b'], { kind: 'file', path: 'x.json' }, /there are 2/],
  ['two files of one name in a folder', ['a', 'd/a'], { kind: 'folder', path: 'o/' }, /"a" and "d\/a"/],
  ['a folder outside', ['a'], { kind: 'folder', path: '../o/' }, /outside/],
  ['an absolute file outside', ['a'], { kind: 'lines', path: '/etc/x.jsonl' }, /outside/],
  ['a folder with a backslash', ['a'], { kind: 'folder', path: 'o\\' }, /ends in/],
  ['the place of a subject', ['a', 'x.json'], { kind: 'lines', path: 'x.json' }, /"x.json", a subject/],
  [
    'the place of the next file',
    ['a', 'a.sigstore.json'],
    { kind: 'beside' },
    /"a.sigstore.json", a subject/,
  ],
]
for (const [why, names, where, message] of refused) {
  test(`placeBundles refuses: ${why}`, () => {
    assert.throws(() => place(names, where), { name: 'ActionError', code: 'OUTPUT_PATH', message })
  })
}

test('letter case separates names on Linux only', () => {
  const names = ['A', 'd/a']
  const folder: BundlePlace = { kind: 'folder', path: 'o/' }
  assert.equal(place(names, folder).length, 2)
  const mac = { ...LINUX, platform: 'darwin' as const }
  assert.throws(() => place(names, folder, mac), { code: 'OUTPUT_PATH' })
})

test('on Windows', () => {
  const places = { platform: 'win32' as const, workspace: 'D:\\w', temp: 'D:\\t' }
  const subjects = [{ name: 'd/a.exe', path: 'D:\\w\\d\\a.exe' }]
  const at = (where: BundlePlace) => placeBundles(subjects, subjects, where, places)[0]
  assert.equal(at({ kind: 'beside' }), 'D:\\w\\d\\a.exe.sigstore.json')
  assert.equal(at({ kind: 'folder', path: 'out\\' }), 'D:\\w\\out\\a.exe.sigstore.json')
  assert.equal(at({ kind: 'lines', path: 'd:/t/all.jsonl' }), 'd:\\t\\all.jsonl')
})

test('bundles are looked for beside the file first, then in the root', () => {
  assert.deepEqual(
    [...besideBundlePaths(subject('d/a').path), ...rootBundlePaths(LINUX)],
    [
      '/w/d/a.sigstore.json',
      '/w/d/a.provenance.sigstore.json',
      '/w/d/a.sbom.sigstore.json',
      '/w/d/a.attestation.sigstore.json',
      '/w/d/a.sigstore',
      '/w/provenance.sigstore.json',
      '/w/sbom.sigstore.json',
      '/w/attestation.sigstore.json',
    ],
  )
})
