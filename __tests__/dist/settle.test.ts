import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultRule } from '../../sandbox/faults.ts'
import type { ServiceName } from '../../sandbox/requests.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { AT_THE_SAME_TIME, withSandbox } from './own-sandbox.ts'
import { start, treeOf, writeFiles } from './program.ts'
import { assertFailed } from './refusal.ts'

interface Row {
  readonly title: string
  readonly rule: FaultRule & { readonly service: ServiceName }
  /** How many requests the service must have got before the job is cancelled. */
  readonly after?: number
  /** Kinds of what the report says became public. */
  readonly known: readonly string[]
}

const silent = (service: ServiceName): Row['rule'] => ({ service, fault: { kind: 'silence' } })

const ROWS: readonly Row[] = [
  { title: 'while the token is waited for', rule: silent('token'), known: [] },
  { title: 'while Rekor is waited for', rule: silent('rekor-v2'), known: ['certificate', 'entry'] },
  {
    title: 'while the timestamp authority is waited for',
    rule: silent('tsa'),
    known: ['certificate', 'entry'],
  },
  {
    title: 'while the rest of an answer is waited for',
    rule: { service: 'rekor-v2', fault: { kind: 'stall', bytes: 9 } },
    known: ['certificate', 'entry'],
  },
  {
    title: 'between two tries',
    rule: {
      service: 'rekor-v2',
      fault: { kind: 'answer', answer: { status: 503, headers: { 'retry-after': '60' } } },
    },
    known: ['certificate', 'entry'],
  },
]

const windows = process.platform === 'win32' && 'Windows has no signals between processes'

/** Resolves when the service has got so many requests. */
async function reached({ requests }: Sandbox, service: ServiceName, count: number): Promise<void> {
  const end = Date.now() + 20_000
  while (requests.count(service) < count) {
    assert.ok(Date.now() < end, `${service} was never asked`)
    await sleep(10)
  }
  await sleep(100)
}

suite('a job that is cancelled', { ...AT_THE_SAME_TIME, skip: windows }, () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    for (const { title, rule, known } of ROWS) {
      test(`${title}: ${signal}`, () =>
        withSandbox(async (sandbox, job) => {
          sandbox.faults.add(rule)
          const { kill, ended } = start('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'app.bin' })
          await reached(sandbox, rule.service, 1)
          const before = Date.now()
          kill(signal)
          const done = await ended
          assert.ok(Date.now() - before < 5000, 'the runner kills after 7.5 s')
          assertFailed(done, 'CANCELLED')
          assert.deepEqual(await treeOf(job.workspace), ['app.bin'])
          assert.deepEqual(
            done.report?.public.map(({ kind }) => kind),
            known,
          )
          if (known.length > 0) assert.match(done.lines.join('\n'), /became public and cannot be taken back/)
        }))
    }
  }

  test('while a huge file is read to be verified', () =>
    withSandbox(async (_, job) => {
      // Takes minutes to read, and no room: it is all hole.
      const path = join(job.workspace, 'huge.bin')
      await writeFile(path, '')
      await truncate(path, 256 * 1024 ** 3)
      const { kill, ended } = start('verify', { ...job.env, 'INPUT_SUBJECT-PATH': 'huge.bin' })
      await sleep(4000)
      const before = Date.now()
      kill('SIGTERM')
      const done = await ended
      assert.ok(Date.now() - before < 5000, 'the runner kills after 7.5 s')
      assert.equal(done.code, 1)
      assert.equal(done.outputs.get('error-code'), 'CANCELLED')
      assert.equal(done.outputs.get('verified'), '')
    }))

  test('in the middle of a batch: what is written is whole, and the next run keeps it', () =>
    withSandbox(async (sandbox, job) => {
      const names = Array.from({ length: 60 }, (_, i) => `out/${String(i).padStart(2, '0')}`)
      await writeFiles(job, Object.fromEntries(names.map((name) => [name, name])))
      const lift = sandbox.faults.add({ service: 'tsa', from: 20, fault: { kind: 'silence' } })
      const env = { ...job.env, 'INPUT_SUBJECT-PATH': 'out/*', 'INPUT_EXISTING-BUNDLES': 'keep-valid' }
      const first = start('sign', env)
      await reached(sandbox, 'tsa', 30)
      await sleep(200)
      first.kill('SIGTERM')
      const cancelled = await first.ended
      assertFailed(cancelled, 'CANCELLED')
      const written = (await treeOf(job.workspace)).filter((path) => path.endsWith('.sigstore.json'))
      assert.equal(written.length, 19)
      const logged = new Set(
        cancelled.report?.public.flatMap((one) => (one.kind === 'entry' ? one.subject : [])),
      )
      assert.ok(logged.size >= written.length)
      lift()
      const second = await start('sign', env).ended
      assert.equal(second.code, 0, second.text)
      assert.equal(second.report?.subjects.filter(({ kept }) => kept).length, 19)
    }))
})

suite('a run that went well and cannot be told', () => {
  test('fails, with what became public, and leaves the verified bundle', () =>
    withSandbox(async (sandbox, job) => {
      const env = { ...job.env, 'INPUT_SUBJECT-PATH': 'app.bin' }
      const done = await start('sign', { ...env, GITHUB_STEP_SUMMARY: join(job.temp, 'absent') }).ended
      assert.equal(done.code, 1)
      assert.equal(done.outputs.get('error-code'), 'OUTPUT_WRITE')
      assert.equal(done.outputs.get('bundle-paths'), '')
      assert.equal(done.report?.result, 'failed')
      assert.deepEqual(
        done.report?.public.map(({ kind }) => kind),
        ['certificate', 'entry'],
      )
      assert.match(done.lines.join('\n'), /became public and cannot be taken back/)
      assert.deepEqual(await treeOf(job.workspace), ['app.bin', 'app.bin.sigstore.json'])
      const again = await start('sign', env).ended
      assert.equal(again.code, 0, again.text)
      assert.equal(sandbox.requests.count('rekor-v2'), 1, 'the next run keeps it')
    }))
})
