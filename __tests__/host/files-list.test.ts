import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { realFiles } from '../../src/host/files.ts'
import { temporaryFolder } from './temporary-folder.ts'

const linux = { skip: process.platform === 'linux' ? false : 'needs a file system that takes any bytes' }
const posix = { skip: process.platform === 'win32' ? 'Windows has no such files' : false }
const files = realFiles()
const base = temporaryFolder()

test('a folder is listed with the kind of each entry', posix, async () => {
  const folder = join(base, 'kinds')
  mkdirSync(join(folder, 'd'), { recursive: true })
  writeFileSync(join(folder, 'f'), '')
  symlinkSync('f', join(folder, 'l'))
  symlinkSync('nowhere', join(folder, 'dangling'))
  execFileSync('mkfifo', [join(folder, 'p')])
  const kinds = { d: 'directory', f: 'file', l: 'link', dangling: 'link', p: 'other' }
  const listed = await files.list(folder)
  assert.deepEqual(Object.fromEntries(listed.map(({ name, kind }) => [name, kind])), { ...kinds })
  for (const [name, kind] of Object.entries(kinds)) {
    assert.equal(await files.kind(join(folder, name)), kind)
  }
})

test('names are listed byte for byte: NFC and NFD twins are two', linux, async () => {
  const folder = join(base, 'twins')
  mkdirSync(folder)
  const names = ['\u00e9', 'e\u0301', '\uFEFFx', 'a\nb', '\u202Ea']
  for (const name of names) writeFileSync(join(folder, name), '')
  const listed = (await files.list(folder)).map(({ name }) => name)
  assert.deepEqual(listed.sort(), [...names].sort())
})

test('a name that is not UTF-8 is refused with its bytes', linux, async () => {
  const folder = join(base, 'bytes')
  mkdirSync(folder)
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/a`), Buffer.from([0xff, 0xfe])]), '')
  await assert.rejects(files.list(folder), { code: 'FILE_NAME', message: /61fffe/ })
})

test('what cannot be listed says why', async () => {
  await assert.rejects(files.list(join(base, 'missing')), { code: 'FILE_READ', message: /does not exist/ })
})

test('nothing is of no kind', posix, async () => {
  writeFileSync(join(base, 'file'), '')
  for (const name of ['missing', 'file/below', 'x'.repeat(300)]) {
    assert.equal(await files.kind(join(base, name)), undefined)
  }
})

test('resolve follows every link, and refuses those that lead nowhere', posix, async () => {
  mkdirSync(join(base, 'real'))
  symlinkSync('real', join(base, 'alias'))
  writeFileSync(join(base, 'real', 'x'), '')
  symlinkSync('nowhere', join(base, 'dangling'))
  symlinkSync('circle', join(base, 'circle'))
  assert.equal(await files.resolve(join(base, 'alias', 'x')), join(base, 'real', 'x'))
  await assert.rejects(files.resolve(join(base, 'dangling')), { code: 'FILE_SYMLINK' })
  await assert.rejects(files.resolve(join(base, 'circle')), { code: 'FILE_SYMLINK' })
  await assert.rejects(files.resolve(join(base, 'missing')), { code: 'FILE_READ' })
})

test('a path that is not absolute is a bug of ours', async () => {
  await assert.rejects(files.kind('relative'), { code: 'INTERNAL' })
})
