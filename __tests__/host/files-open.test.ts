import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  promises as fs,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { checkPath } from '../../src/host/file-name.ts'
import { realFiles } from '../../src/host/files.ts'
import { temporaryFolder } from './temporary-folder.ts'

const windows = process.platform === 'win32'
const posix = { skip: windows ? 'Windows has no such files' : false }
const files = realFiles()
const base = temporaryFolder()
const workspace = join(base, 'workspace')
const outside = join(base, 'outside')
const roots = [join(base, 'missing'), workspace]
const at = (name: string): string => join(workspace, name)
const BIG = 3 << 20

mkdirSync(join(workspace, 'folder'), { recursive: true })
mkdirSync(outside)
writeFileSync(join(outside, 'secret'), 'secret')
writeFileSync(at('file'), 'content')
writeFileSync(at('empty'), '')
if (!windows) {
  symlinkSync('file', at('link-inside'))
  symlinkSync(join(outside, 'secret'), at('link-outside'))
  symlinkSync(outside, at('folder-outside'))
  symlinkSync('nowhere', at('dangling'))
  symlinkSync('circle', at('circle'))
  symlinkSync('folder', at('link-to-folder'))
  execFileSync('mkfifo', [at('fifo')])
}

const refused: Record<string, [path: string, code: string, message: RegExp]> = {
  'a directory': [at('folder'), 'FILE_NOT_REGULAR', /a directory/],
  'a link to a directory': [at('link-to-folder'), 'FILE_NOT_REGULAR', /a directory/],
  'a named pipe, without waiting for a writer': [at('fifo'), 'FILE_NOT_REGULAR', /a named pipe/],
  'a device, which lies outside': ['/dev/zero', 'FILE_OUTSIDE', /\/dev\/zero/],
  'a file outside': [join(outside, 'secret'), 'FILE_OUTSIDE', /outside/],
  'a file outside by way of ..': [`${workspace}/../outside/secret`, 'FILE_OUTSIDE', /outside/],
  'a link to a file outside': [at('link-outside'), 'FILE_OUTSIDE', /which is/],
  'a file below a link to a folder outside': [at('folder-outside/secret'), 'FILE_OUTSIDE', /which is/],
  'a folder whose name begins like the workspace': [`${workspace}-2`, 'FILE_READ', /does not exist/],
  'a dangling link': [at('dangling'), 'FILE_SYMLINK', /leads nowhere/],
  'a link in a circle': [at('circle'), 'FILE_SYMLINK', /circle/],
  'a missing file': [at('missing'), 'FILE_READ', /does not exist \(ENOENT\)/],
  'a file below a file': [at('file/x'), 'FILE_READ', /no folder/],
  'a name with a newline': [at('a\nb'), 'FILE_NAME', /a\\nb/],
  'a name with NUL': [at('a\0b'), 'FILE_NAME', /control/],
  'a name with half a character': [at('a\uD800b'), 'FILE_NAME', /half/],
}
for (const [what, [path, code, message]] of Object.entries(refused)) {
  test(`open refuses ${what}`, posix, async () => {
    await assert.rejects(files.open(path, roots), { code, message })
  })
}

test('open refuses a socket', posix, async () => {
  const server = createServer().listen(at('socket'))
  await new Promise((listening) => server.once('listening', listening))
  after(() => server.close())
  await assert.rejects(files.open(at('socket'), roots), { code: 'FILE_NOT_REGULAR', message: /a socket/ })
})

const rooted = process.getuid?.() === 0 ? 'root may read everything' : posix.skip
test('open refuses a file that may not be read', { skip: rooted }, async () => {
  writeFileSync(at('private'), 'x')
  chmodSync(at('private'), 0)
  await assert.rejects(files.open(at('private'), roots), { code: 'FILE_READ', message: /permission denied/ })
})

test('a link inside to inside counts as its target', posix, async () => {
  assert.equal(Buffer.from(await files.read(at('link-inside'), roots, 99)).toString(), 'content')
})

test('roots may be reached by a link themselves', posix, async () => {
  symlinkSync(workspace, join(base, 'alias'))
  const bytes = await files.read(join(base, 'alias', 'file'), [join(base, 'alias')], 99)
  assert.equal(bytes.length, 7)
})

test('an empty file has no chunks', async () => {
  const file = await files.open(at('empty'), roots)
  for await (const _ of file.chunks()) assert.fail()
  await file.close()
  assert.equal(file.size, 0)
})

test('a file can be read once', async () => {
  const file = await files.open(at('file'), roots)
  for await (const chunk of file.chunks()) assert.equal(chunk.length, 7)
  assert.throws(() => file.chunks(), { code: 'INTERNAL' })
  await file.close()
})

test('chunks are the file, whole and in order, and stopping early is no fault', async () => {
  const content = Buffer.alloc(BIG + 7, 'some bytes, not repeated by a power of two')
  writeFileSync(at('large'), content)
  assert.deepEqual(Buffer.from(await files.read(at('large'), roots, BIG + 7)), content)
  const file = await files.open(at('large'), roots)
  for await (const _ of file.chunks()) break
  await file.close()
})

test('read refuses more than it may', async () => {
  await assert.rejects(files.read(at('file'), roots, 6), { code: 'FILE_TOO_LARGE', message: /7 bytes; 6/ })
})

const changes: Record<string, (path: string) => void> = {
  grows: (path) => appendFileSync(path, 'more'),
  shrinks: (path) => truncateSync(path, BIG - 1),
  'shrinks to nothing': (path) => truncateSync(path, 0),
  'has other bytes of the same length and an old date': (path) => {
    const content = readFileSync(path)
    writeFileSync(path, content.fill(9))
    utimesSync(path, 1, 1)
  },
  'is removed': (path) => rmSync(path),
  'is replaced by rename': (path) => {
    writeFileSync(`${path}.new`, Buffer.alloc(BIG))
    renameSync(`${path}.new`, path)
  },
  'is replaced by a link to its like': (path) => {
    renameSync(path, `${path}.old`)
    writeFileSync(`${path}.like`, Buffer.alloc(BIG))
    symlinkSync(`${path}.like`, path)
  },
}
let count = 0
for (const [how, change] of Object.entries(changes)) {
  test(`FILE_CHANGED for a file that ${how} while it is read`, posix, async () => {
    const path = at(`changing-${count++}`)
    writeFileSync(path, Buffer.alloc(BIG))
    const file = await files.open(path, roots)
    const readAll = async (): Promise<void> => {
      let changed = false
      for await (const _ of file.chunks()) {
        if (!changed) change(path)
        changed = true
      }
    }
    await assert.rejects(readAll(), { code: 'FILE_CHANGED' })
    await file.close()
  })
}

test('a file that grows after it was opened is noticed in a single chunk too', async () => {
  writeFileSync(at('small'), 'x')
  const file = await files.open(at('small'), roots)
  appendFileSync(at('small'), 'y')
  await assert.rejects(file.chunks()[Symbol.asyncIterator]().next(), {
    code: 'FILE_CHANGED',
    message: /grew/,
  })
  await file.close()
})

const linux = { skip: process.platform === 'linux' ? false : 'needs a file that cannot be read to its end' }
test('FILE_READ for a file that fails half-way', linux, async () => {
  const file = await files.open('/proc/self/mem', ['/proc'])
  const next = file.chunks()[Symbol.asyncIterator]().next()
  await assert.rejects(next, { code: 'FILE_READ', message: /input\/output error \(EIO\)/ })
  await file.close()
})

test('a link swapped in at every moment of opening never leads outside', posix, async () => {
  const path = at('swapped')
  const outcomes = new Set<string>()
  for (let round = 0; round < 200; round++) {
    await fs.rm(path, { force: true })
    writeFileSync(path, 'inside')
    const reading = files.read(path, roots, 99).then(
      (bytes) => outcomes.add(Buffer.from(bytes).toString()),
      (error) => outcomes.add(error.code),
    )
    for (let wait = 0; wait < round % 10; wait++) await fs.lstat(base)
    await fs.rm(path)
    await fs.symlink(join(outside, 'secret'), path)
    await reading
  }
  const allowed = new Set(['inside', 'FILE_CHANGED', 'FILE_OUTSIDE', 'FILE_READ'])
  assert.deepEqual(
    [...outcomes].filter((outcome) => !allowed.has(outcome)),
    [],
  )
})

const windowsNames: Record<string, boolean> = {
  'C:\\work\\a.bin': true,
  'C:\\work\\nullable.txt': true,
  '\\\\server\\share\\a.bin': true,
  'C:\\work\\..\\a.bin': true,
  'C:\\work\\a.bin:stream': false,
  'C:\\work\\a.bin::$DATA': false,
  'C:\\work\\NUL': false,
  'C:\\work\\nul.txt': false,
  'C:\\work\\com1.log\\x': false,
  'C:\\work\\COM² .x': false,
  'C:\\work\\conout$': false,
  '\\\\.\\pipe\\x': false,
  '\\\\?\\C:\\work\\a': false,
  'C:\\work\\a.': false,
  'C:\\work\\a \\b': false,
  'C:\\work\\a\tb': false,
}
for (const [path, good] of Object.entries(windowsNames)) {
  test(`on Windows ${JSON.stringify(path)} is ${good ? 'a file' : 'refused'}`, () => {
    if (good) checkPath(path, 'win32')
    else assert.throws(() => checkPath(path, 'win32'), { code: 'FILE_NAME' })
  })
}

test('elsewhere such names are names', () => {
  for (const path of ['/w/a:b', '/w/NUL', '/w/a.', '/w/-rf', '/w/$(id)', '/w/ü\u202E'])
    checkPath(path, 'linux')
})
