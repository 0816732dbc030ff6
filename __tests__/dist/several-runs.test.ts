import assert from 'node:assert/strict'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { makeBundle } from '../../sandbox/bundles.ts'
import { AT_THE_SAME_TIME, withSandbox } from './own-sandbox.ts'
import { outputsOf, run, writeFiles } from './program.ts'

const LINES = { 'INPUT_BUNDLE-PATH': 'all.jsonl' }

suite('what one run leaves to the next', AT_THE_SAME_TIME, () => {
  test('a file that turns into something like a bundle does not vanish from what is verified', () =>
    withSandbox(async (_, job) => {
      await writeFiles(job, { 'd/app': 'app', 'd/config.json': '{}', 'd/rules.jsonl': '{}\n' })
      const env = { ...job.env, 'INPUT_SUBJECT-PATH': 'd/*' }
      assert.equal((await run('sign', env)).code, 0)
      const good = await run('verify', env)
      assert.equal(outputsOf(good)['subject-count'], '3', good.text)
      const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
      await writeFiles(job, { 'd/config.json': JSON.stringify({ mediaType, update: 'evil' }) })
      assert.equal((await run('verify', env)).code, 1)
      const own = await readFile(join(job.workspace, 'd/app.sigstore.json'), 'utf8')
      await writeFiles(job, { 'd/config.json': own })
      assert.equal((await run('verify', env)).code, 1, 'a real bundle in the place of a signed file')
    }))

  test('an attestation is not kept as the signature of a file', () =>
    withSandbox(async (sandbox, job) => {
      const digest = { sha256: 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73' }
      const statement = {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: 'app.bin', digest }],
        predicateType: 'https://example.com/scan-failed',
        predicate: {},
      }
      const { bytes } = makeBundle(sandbox, { statement })
      await writeFiles(job, { 'app.bin.sigstore.json': bytes })
      const done = await run('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'app.bin' })
      assert.equal(outputsOf(done)['error-code'], 'OUTPUT_EXISTS', done.text)
      await writeFiles(job, { 'all.jsonl': `${Buffer.from(bytes)}\n` })
      const lines = await run('sign', { ...job.env, ...LINES, 'INPUT_SUBJECT-PATH': 'app.bin' })
      assert.equal(lines.code, 0, lines.text)
      assert.equal((await readFile(join(job.workspace, 'all.jsonl'), 'utf8')).trim().split('\n').length, 2)
    }))

  test('a failed batch loses no line of a .jsonl, and the next one logs only what is missing', () =>
    withSandbox(async (sandbox, job) => {
      const names = Array.from({ length: 60 }, (_, i) => `d/${String(i).padStart(2, '0')}`)
      const files = (text: string, from: readonly string[]) =>
        Object.fromEntries(from.map((name) => [name, text + name]))
      await writeFiles(job, files('old', names))
      const env = { ...job.env, ...LINES, 'INPUT_SUBJECT-PATH': 'd/*' }
      assert.equal((await run('sign', env)).code, 0)
      await writeFiles(job, files('new', names.slice(0, 20)))
      const undo = sandbox.faults.add({ service: 'tsa', fault: { kind: 'answer', answer: { status: 400 } } })
      assert.equal((await run('sign', env)).code, 1)
      undo()
      const before = sandbox.requests.count('rekor-v2')
      const last = await run('sign', env)
      assert.equal(last.code, 0, last.text)
      assert.equal(sandbox.requests.count('rekor-v2') - before, 20)
    }))

  test('a .jsonl keeps the lines of other files, and is left alone if it holds anything else', () =>
    withSandbox(async (_, job) => {
      await writeFiles(job, { b: 'b' })
      const env = { ...job.env, ...LINES }
      assert.equal((await run('sign', { ...env, 'INPUT_SUBJECT-PATH': 'app.bin' })).code, 0)
      assert.equal((await run('sign', { ...env, 'INPUT_SUBJECT-PATH': 'b' })).code, 0)
      const path = join(job.workspace, 'all.jsonl')
      const verified = await run('verify', { ...env, 'INPUT_SUBJECT-PATH': 'app.bin\nb' })
      assert.equal(outputsOf(verified)['subject-count'], '2', verified.text)
      await appendFile(path, 'my notes\n')
      const text = await readFile(path, 'utf8')
      const refused = await run('sign', { ...env, 'INPUT_SUBJECT-PATH': 'b' })
      assert.equal(outputsOf(refused)['error-code'], 'OUTPUT_EXISTS', refused.text)
      assert.equal(await readFile(path, 'utf8'), text)
    }))
})
