import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { withSandbox } from './own-sandbox.ts'
import { run } from './program.ts'

const LOADED = ['sign.js', 'verify.js'] as const
/** Loaded only when `upload-artifact` is given. */
const UPLOADER = 'artifact.js'

suite('dist/', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyless-build-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('is what src/ builds, byte for byte', async () => {
    const fresh = join(folder, 'fresh')
    await promisify(execFile)(process.execPath, ['scripts/build.ts', fresh], { timeout: 60_000 })
    assert.deepEqual(await readdir('dist'), await readdir(fresh))
    for (const name of await readdir(fresh)) {
      const same = (await readFile(join('dist', name))).equals(await readFile(join(fresh, name)))
      assert.ok(same, `dist/${name} is not what src/ builds: run \`npm run build\``)
    }
  })

  test('loads at most 1.5 MB for both actions, and nothing but Node beside', async () => {
    let size = 0
    for (const name of LOADED) {
      size += (await stat(join('dist', name))).size
      const code = await readFile(join('dist', name), 'utf8')
      const asked = [...code.matchAll(/\b(?:require|import)\((["'])([^"']+)\1\)/g)].map(
        ([, , module]) => module ?? '',
      )
      const foreign = asked.filter(
        (module) => !module.startsWith('node:') && !builtinModules.includes(module),
      )
      assert.deepEqual(foreign, [])
      assert.ok(asked.length > 0)
    }
    assert.ok(size <= 1_500_000, `${size} bytes`)
  })

  test('loads what uploads artifacts only for that, as a program of its own', async () => {
    for (const name of LOADED) {
      const code = await readFile(join('dist', name), 'utf8')
      assert.doesNotMatch(code, /storage-blob|archiver|(?:require|import)\("\.\/artifact\.js"\)/)
    }
    const uploader = await readFile(join('dist', UPLOADER), 'utf8')
    assert.match(uploader, /github\.actions\.results\.api\.v1\.ArtifactService/)
    assert.doesNotMatch(uploader, /::add-mask::|getExecOutput/, 'it speaks to the runner by itself')
    const { size } = await stat(join('dist', UPLOADER))
    assert.ok(size <= 1_600_000, `${size} bytes`)
  })

  test('a run that asks nobody does not load what it takes to ask', async () => {
    for (const name of LOADED) {
      const hook = join(folder, 'loaded.cjs')
      const list = join(folder, `${name}.json`)
      const told = `require('node:fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify(process.moduleLoadList))`
      await writeFile(hook, `process.on('exit', () => ${told})`)
      // Without inputs, it ends before it would ask.
      const args = ['--require', hook, join('dist', name)]
      await assert.rejects(promisify(execFile)(process.execPath, args, { env: {} }))
      const loaded: string[] = JSON.parse(await readFile(list, 'utf8'))
      assert.ok(loaded.includes('NativeModule crypto'))
      for (const module of ['http', 'https', 'tls'])
        assert.ok(!loaded.includes(`NativeModule ${module}`), module)
    }
  })

  test('holds no path of the machine that built it', async () => {
    for (const name of [...LOADED, UPLOADER]) {
      const code = await readFile(join('dist', name), 'utf8')
      assert.ok(!code.includes(process.cwd()))
    }
  })

  test('runs alone, with no package beside it', () =>
    withSandbox(async (_, job) => {
      const copy = join(folder, 'alone')
      await cp('dist', copy, { recursive: true })
      const env = { ...job.env, 'INPUT_SUBJECT-PATH': 'app.bin' }
      const signed = await run('sign', env, copy)
      assert.equal(signed.code, 0, signed.text)
      const verified = await run('verify', env, copy)
      assert.equal(verified.code, 0, verified.text)
    }))
})
