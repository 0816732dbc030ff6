import assert from 'node:assert/strict'
import path from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import {
  assertName,
  nativePath,
  type Platform,
  parseAbsolute,
  resolvePath,
  segmentsBelow,
  slashedPath,
} from '../../../src/actions/job/paths.ts'

const resolve = (base: string, text: string, platform: Platform) => {
  const from = parseAbsolute(base, platform)
  assert.ok(from)
  const parts = resolvePath(from, text, platform)
  return parts && nativePath(parts, platform)
}

test('on Linux a backslash is a plain character', () => {
  assert.equal(resolve('/w', 'a\\b/../c', 'linux'), '/w/c')
  assert.equal(resolve('/w', './a//b/.', 'linux'), '/w/a/b')
  assert.equal(resolve('/w', '/x/../../y', 'linux'), '/y')
  assert.equal(parseAbsolute('w/a', 'linux'), undefined)
})

test('on Windows both slashes separate, and drives and shares are roots', () => {
  assert.equal(resolve('D:\\w', 'a/b\\..\\c', 'win32'), 'D:\\w\\a\\c')
  assert.equal(resolve('D:\\w', 'E:/x', 'win32'), 'E:\\x')
  assert.equal(resolve('D:\\w', '\\\\server\\share\\x', 'win32'), '\\\\server\\share\\x')
  const share = parseAbsolute('\\\\server\\share\\x', 'win32')
  assert.equal(share && slashedPath(share), '//server/share/x')
})

for (const text of ['C:x', 'C:', '\\x', '/x', '\\\\?\\C:\\x', '\\\\.\\pipe\\x', '//x']) {
  test(`on Windows ${text} depends on where one stands, or names a device`, () => {
    assert.equal(resolve('D:\\w', text, 'win32'), undefined)
  })
}

test('below is told by whole names', () => {
  const below = (root: string, text: string, platform: Platform) => {
    const [a, b] = [parseAbsolute(root, platform), parseAbsolute(text, platform)]
    assert.ok(a && b)
    return segmentsBelow(a, b, platform)
  }
  assert.deepEqual(below('/w', '/w/a/b', 'linux'), ['a', 'b'])
  assert.deepEqual(below('/w', '/w', 'linux'), [])
  assert.deepEqual(below('/', '/w', 'linux'), ['w'])
  assert.equal(below('/w', '/wa', 'linux'), undefined)
  assert.equal(below('/w', '/W/a', 'linux'), undefined)
  assert.equal(below('/w/a', '/w', 'linux'), undefined)
  assert.deepEqual(below('D:\\W', 'd:\\w\\A', 'win32'), ['A'])
  assert.equal(below('D:\\w', 'E:\\w\\a', 'win32'), undefined)
})

test('paths are resolved as node:path resolves them', () => {
  const part = fc.constantFrom('a', 'b', '..', '.', '', ' ')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const text = parts.join('/')
      assert.equal(resolve('/w/x', text, 'linux'), path.posix.resolve('/w/x', text))
    }),
  )
})

test('on Windows too, where node:path has an answer that does not depend on the current drive', () => {
  const part = fc.constantFrom('a', 'B', '..', '.', '')
  fc.assert(
    fc.property(fc.constantFrom('', 'E:/', 'E:\\'), fc.array(part, { maxLength: 6 }), (drive, parts) => {
      const text = drive + parts.join('\\').replace(/^\\+/, '')
      assert.equal(resolve('D:\\w', text, 'win32'), path.win32.resolve('D:\\w', text))
    }),
  )
})

const refused: readonly [name: string, platform: Platform][] = [
  ['a\nb', 'linux'],
  ['a\rb', 'linux'],
  ['\u001b[2J', 'darwin'],
  ['a\u2028b', 'linux'],
  ['a\ud800', 'win32'],
  ['a.txt:stream', 'win32'],
  ['NUL', 'win32'],
  ['com1.txt', 'win32'],
  ['trailing.', 'win32'],
  ['trailing ', 'win32'],
]
for (const [name, platform] of refused) {
  test(`the name ${JSON.stringify(name)} is refused on ${platform}`, () => {
    assert.throws(() => assertName(['dist', name], platform), { code: 'FILE_NAME' })
  })
}

test('odd names that are harmless pass', () => {
  for (const name of ['::set-output name=x::y', '$(id)', '-rf', 'a\u202eb', 'nul', 'a:b']) {
    assertName([name], 'linux')
  }
  assertName(['nullable', 'com.txt', 'a b'], 'win32')
})
