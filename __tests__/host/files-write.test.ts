import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, suite, test } from 'node:test'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { replaceFile } from '../../src/host/atomic-write.ts'
import { realFiles } from '../../src/host/files.ts'
import { temporaryFolder } from './temporary-folder.ts'

const posix = { skip: process.platform === 'win32' ? 'needs links' : false }
const files = realFiles()
const base = temporaryFolder()
const workspace = join(base, 'workspace')
const outside = join(base, 'outside')
const roots = [workspace]
const at = (name: string): string => join(workspace, name)
const bytes = encodeUtf8('bundle')

/** All names below the two folders: nothing else may ever have been made. */
const everything = (): readonly string[] => readdirSync(base, { recursive: true, encoding: 'utf8' }).sort()

suite('what is written', () => {
  beforeEach(() => {
    for (const folder of [workspace, outside]) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
    }
  })

  test('a file is written, in folders that are made for it, and replaced', async () => {
    await files.write(at('a/b/c.json'), roots, encodeUtf8('older and longer'))
    await files.write(at('a/b/c.json'), roots, bytes)
    assert.equal(readFileSync(at('a/b/c.json'), 'utf8'), 'bundle')
    assert.deepEqual(readdirSync(at('a/b')), ['c.json'])
    if (process.platform !== 'win32') assert.equal(statSync(at('a/b/c.json')).mode & 0o133, 0)
  })

  test('a name of 255 bytes is written', async () => {
    await files.write(at('x'.repeat(255)), roots, bytes)
    assert.deepEqual(readdirSync(workspace), ['x'.repeat(255)])
  })

  test('many writes to one place leave one whole file', async () => {
    const contents = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(1000))
    await Promise.all(contents.map(async (text) => await files.write(at('x'), roots, encodeUtf8(text))))
    assert.ok(contents.includes(readFileSync(at('x'), 'utf8')))
    assert.deepEqual(readdirSync(workspace), ['x'])
  })

  test('a link to a folder inside is followed', posix, async () => {
    mkdirSync(at('real'))
    symlinkSync('real', at('alias'))
    await files.write(at('alias/x'), roots, bytes)
    assert.equal(readFileSync(at('real/x'), 'utf8'), 'bundle')
  })

  const refused: Record<string, [path: string, code: string, prepare: () => void]> = {
    'a name of 256 bytes': [at('ü'.repeat(128)), 'OUTPUT_WRITE', () => undefined],
    'a path outside': [join(outside, 'x'), 'FILE_OUTSIDE', () => undefined],
    'a path outside whose folder is missing': [join(outside, 'a/b/x'), 'FILE_OUTSIDE', () => undefined],
    'a way out by ..': [`${workspace}/../outside/x`, 'FILE_OUTSIDE', () => undefined],
    'a folder that is a link to outside': [
      at('out/x'),
      'FILE_OUTSIDE',
      () => symlinkSync(outside, at('out')),
    ],
    'folders to be made below a link to outside': [
      at('out/a/b/x'),
      'FILE_OUTSIDE',
      () => symlinkSync(outside, at('out')),
    ],
    'a folder that is a dangling link': [
      at('out/x'),
      'OUTPUT_WRITE',
      () => symlinkSync(join(outside, 'new'), at('out')),
    ],
    'a folder that is a file': [at('file/x'), 'OUTPUT_WRITE', () => writeFileSync(at('file'), '')],
    'a directory in its place': [at('folder'), 'OUTPUT_WRITE', () => mkdirSync(at('folder'))],
    'a link in its place': [at('link'), 'OUTPUT_WRITE', () => symlinkSync('target', at('link'))],
    'a name with a line break': [at('a\rb'), 'FILE_NAME', () => undefined],
  }
  for (const [what, [path, code, prepare]] of Object.entries(refused)) {
    test(`write refuses ${what}, and leaves nothing`, posix, async () => {
      prepare()
      const before = everything()
      await assert.rejects(files.write(path, roots, bytes), { code })
      assert.deepEqual(everything(), before)
    })
  }

  test('a write that fails at its last step leaves no temporary file', async () => {
    mkdirSync(at('in-the-way/full'), { recursive: true })
    const before = everything()
    await assert.rejects(replaceFile(workspace, 'in-the-way', bytes))
    assert.deepEqual(everything(), before)
  })

  test('a file that does not fit leaves nothing', posix, () => {
    const code = `
    import { realFiles } from './src/host/files.ts'
    const write = realFiles().write(${JSON.stringify(at('big'))}, ${JSON.stringify(roots)}, new Uint8Array(1 << 20))
    await write.catch((error) => console.log(error.code, error.message))
  `
    const limited = 'ulimit -f 1; exec "$0" --input-type=module --eval "$1"'
    const output = execFileSync('sh', ['-c', limited, process.execPath, code], { encoding: 'utf8' })
    assert.match(output, /^OUTPUT_WRITE .*big" cannot be written: larger than files may be here \(EFBIG\)/)
    assert.deepEqual(readdirSync(workspace), [])
  })

  test('a private folder is new each time and for nobody else', async () => {
    const first = await files.makePrivateFolder(workspace, 'keyless-')
    const second = await files.makePrivateFolder(workspace, 'keyless-')
    assert.notEqual(first, second)
    if (process.platform !== 'win32') assert.equal(statSync(first).mode & 0o777, 0o700)
    await assert.rejects(files.makePrivateFolder(at('missing'), 'keyless-'), { code: 'OUTPUT_WRITE' })
  })

  test('a new file is written as it comes, where none is', async () => {
    const path = at('new/folder/big.bin')
    const file = await files.create(path, roots)
    for (const part of ['one ', '', 'two']) await file.write(Buffer.from(part))
    await file.close()
    assert.equal(readFileSync(path, 'utf8'), 'one two')
    await assert.rejects(files.create(path, roots), { code: 'OUTPUT_WRITE' })
    await assert.rejects(files.create(join(outside, 'x'), roots), { code: 'FILE_OUTSIDE' })
    assert.equal(readFileSync(path, 'utf8'), 'one two')
  })

  test('a file is moved where none is, and to nowhere else', async () => {
    writeFileSync(at('from'), 'content')
    writeFileSync(at('taken'), 'other')
    await assert.rejects(files.move(at('from'), at('taken'), roots), {
      code: 'OUTPUT_WRITE',
      message: /is there already/,
    })
    await assert.rejects(files.move(at('from'), join(outside, 'x'), roots), { code: 'FILE_OUTSIDE' })
    assert.equal(readFileSync(at('taken'), 'utf8'), 'other')
    await files.move(at('from'), at('deep/to'), roots)
    assert.equal(readFileSync(at('deep/to'), 'utf8'), 'content')
    assert.equal(await files.kind(at('from')), undefined)
  })
})
