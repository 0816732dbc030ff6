import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { checkBundlePlaces } from '../../../src/actions/bundles/bundle-places-check.ts'
import { findSubjects } from '../../../src/actions/subjects/subjects.ts'
import { realFiles } from '../../../src/host/files.ts'
import { temporaryFolder } from '../../host/temporary-folder.ts'

const folder = temporaryFolder()
const platform = process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux'
const places = { platform, workspace: join(folder, 'work'), temp: join(folder, 'temp') } as const
for (const path of ['work/dist/sub', 'work/out', 'temp', 'elsewhere']) {
  mkdirSync(join(folder, path), { recursive: true })
}
for (const path of ['work/dist/a', 'work/dist/sub/b', 'work/dist/.c', 'temp/t', 'elsewhere/secret']) {
  writeFileSync(join(folder, path), path)
}
symlinkSync(join(folder, 'work/dist/a'), join(folder, 'work/dist/link'))
symlinkSync(join(folder, 'elsewhere'), join(folder, 'work/astray'))
symlinkSync(join(folder, 'work'), join(folder, 'linked-work'))

const find = (patterns: readonly string[], workspace = places.workspace) =>
  findSubjects(realFiles(), { ...places, workspace }, { patterns, ifNoFilesFound: 'error' })

test('a real tree is walked', async () => {
  const { subjects } = await find(['**', join(places.temp, '*')])
  const temp = join(places.temp, 't').replaceAll('\\', '/')
  assert.deepEqual(
    subjects.map(({ name }) => name),
    [temp, 'dist/a', 'dist/link', 'dist/sub/b'],
  )
})

test('a workspace that is a link itself is walked all the same', async () => {
  const { subjects } = await find(['dist/*', 'dist/sub/b'], join(folder, 'linked-work'))
  assert.deepEqual(
    subjects.map(({ name }) => name),
    ['dist/a', 'dist/link', 'dist/sub/b'],
  )
})

test('a file behind a linked folder that leaves is refused', async () => {
  await assert.rejects(find(['astray/secret']), { code: 'FILE_OUTSIDE' })
})

const check = (path: string) => checkBundlePlaces(realFiles(), [join(places.workspace, path)], places)

test('bundles may go where nothing is yet, and over files', async () => {
  for (const path of ['dist/a.sigstore.json', 'new/er/x.json', 'dist/a']) await check(path)
})

for (const path of ['out', 'astray/x.json', 'astray/new/x.json', 'dist/a/x.json']) {
  test(`no bundle goes to ${path}`, async () => {
    await assert.rejects(check(path), { code: 'OUTPUT_PATH' })
  })
}
