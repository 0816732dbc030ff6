import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { Fault, FaultRule } from '../../sandbox/faults.ts'
import type { ServiceName } from '../../sandbox/requests.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { json } from '../../sandbox/web.ts'
import { verifyBySigstoreJs } from '../sandbox/client.ts'
import { AT_THE_SAME_TIME, SERVICES, withSandbox } from './own-sandbox.ts'
import { dataOf, run, type Variables, writeFiles } from './program.ts'
import { assertRefused } from './refusal.ts'

suite('trouble that passes', AT_THE_SAME_TIME, () => {
  const RULES: readonly (readonly [string, readonly FaultRule[], Variables?])[] = [
    [
      'a first connection that is closed, everywhere',
      SERVICES.map(([service]) => once(service, { kind: 'drop' })),
    ],
    ['a first answer that is cut', SERVICES.map(([service]) => once(service, { kind: 'cut', bytes: 9 }))],
    ['503 at first, everywhere', SERVICES.map(([service]) => once(service, answered(503)))],
    ['429 with a time to wait', [once('rekor-v2', answered(429, { 'retry-after': '1' }))]],
    [
      'an answer of Rekor v1 that was lost',
      [once('rekor-v1', { kind: 'lose' })],
      { 'INPUT_REKOR-VERSION': '1' },
    ],
    [
      'an answer of Rekor v1 that was cut',
      [once('rekor-v1', { kind: 'cut', bytes: 99 })],
      { 'INPUT_REKOR-VERSION': '1' },
    ],
    ['an answer of Rekor v2 that was lost', [once('rekor-v2', { kind: 'lose' })]],
    ['an answer of the timestamp authority that was lost', [once('tsa', { kind: 'lose' })]],
    ['an answer of Fulcio that was lost', [once('fulcio', { kind: 'lose' })]],
  ]
  for (const [title, rules, inputs = {}] of RULES) {
    test(title, () =>
      withSandbox(async (sandbox, job) => {
        for (const rule of rules) sandbox.faults.add(rule)
        const done = await run('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'app.bin', ...inputs })
        assert.equal(done.code, 0, done.text)
        assert.ok(dataOf(done, 'warning').length > 0, 'the log says that it was tried again')
        const { rekorV1, rekorV2 } = sandbox.authorities
        assert.equal(
          rekorV1.current.log.bodies.length + rekorV2.log.bodies.length,
          3,
          'one entry, beside those of others',
        )
        const bundle: unknown = JSON.parse(
          await readFile(join(job.workspace, 'app.bin.sigstore.json'), 'utf8'),
        )
        assert.ok(verifyBySigstoreJs(bundle, sandbox.trustedRoot, Buffer.from('content')))
      }),
    )
  }

  test('fewer requests at once after 429, and all files signed', () =>
    withSandbox(async (sandbox, job) => {
      await writeFiles(job, Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`out/${i}`, `${i}`])))
      const fault = { kind: 'answer', answer: { status: 429, headers: { 'retry-after': '0' } } } as const
      sandbox.faults.add({ service: 'rekor-v2', method: 'POST', from: 5, count: 8, fault })
      const done = await run('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'out/*' })
      assert.equal(done.code, 0, done.text)
      assert.equal(sandbox.requests.count('rekor-v2', 'POST'), 68)
      assert.ok(sandbox.requests.peak('rekor-v2') <= 32)
      assert.equal(sandbox.requests.count('token') + sandbox.requests.count('fulcio'), 2)
    }))
})

function once(service: ServiceName, fault: Fault): FaultRule {
  return { service, count: 1, fault }
}

function answered(status: number, headers: Readonly<Record<string, string>> = {}): Fault {
  return { kind: 'answer', answer: { status, headers } }
}

suite('a token that ends soon', AT_THE_SAME_TIME, () => {
  const endingIn = (seconds: number, claims = {}): Readonly<Record<string, unknown>> => ({
    exp: Math.floor(Date.now() / 1000) + seconds,
    ...claims,
  })
  const answerTokens = ({ faults, authorities }: Sandbox, each: readonly object[]): void => {
    let asked = 0
    const change = () => {
      const claims = { ...each[Math.min(asked++, each.length - 1)] }
      return json(200, { value: authorities.issuer.mint('sigstore', { claims }) })
    }
    faults.add({ service: 'token', fault: { kind: 'change', change } })
  }
  const inputs = { 'INPUT_SUBJECT-PATH': 'app.bin' }

  test('is exchanged for a fresh one before Fulcio is asked', () =>
    withSandbox(async (sandbox, job) => {
      answerTokens(sandbox, [endingIn(45), {}])
      const done = await run('sign', { ...job.env, ...inputs })
      assert.equal(done.code, 0, done.text)
      assert.equal(sandbox.requests.count('token'), 2)
      assert.equal(sandbox.requests.count('fulcio'), 1)
    }))

  test('is not exchanged for that of another workflow', () =>
    withSandbox(async (sandbox, job) => {
      const other = { job_workflow_ref: 'octo/demo/.github/workflows/other.yml@refs/tags/v1.0.0' }
      answerTokens(sandbox, [endingIn(45), other])
      await assertRefused(job, inputs, 'TOKEN_IDENTITY')
      assert.equal(sandbox.requests.count('fulcio'), 0)
    }))

  test('and was given cannot be exchanged', () =>
    withSandbox(async (sandbox, job) => {
      const token = sandbox.authorities.issuer.mint('sigstore', { claims: endingIn(45) })
      await assertRefused(job, { ...inputs, 'INPUT_IDENTITY-TOKEN': token }, 'TOKEN_EXPIRED')
      assert.equal(sandbox.requests.all().length, 0)
    }))

  test('or that Fulcio finds expired: a fresh one is tried once', () =>
    withSandbox(async (sandbox, job) => {
      const message = 'There was an error processing the identity token'
      sandbox.faults.add(once('fulcio', { kind: 'answer', answer: json(400, { code: 3, message }) }))
      const done = await run('sign', { ...job.env, ...inputs })
      assert.equal(done.code, 0, done.text)
      assert.equal(sandbox.requests.count('token'), 2)
      assert.equal(sandbox.requests.count('fulcio'), 2)
    }))
})

suite('a file that does not stay', () => {
  /** Something happens while Fulcio answers: after preflight, before the file is read. */
  const meanwhile = (sandbox: Sandbox, act: () => unknown): void => {
    const change = <T>(answer: T): T => {
      act()
      return answer
    }
    sandbox.faults.add({ service: 'fulcio', fault: { kind: 'change', change } })
  }

  test('it vanishes', () =>
    withSandbox(async (sandbox, job) => {
      const path = join(job.workspace, 'app.bin')
      meanwhile(sandbox, () => rmSync(path))
      const done = await run('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'app.bin' })
      assert.equal(done.code, 1)
      assert.match(done.outputs.get('error-code') ?? '', /^FILE_(?:READ|SYMLINK|CHANGED)$/)
      assert.equal(sandbox.requests.count('rekor-v2'), 0)
    }))

  test('it begins like an attestation only later', () =>
    withSandbox(async (sandbox, job) => {
      meanwhile(sandbox, () => writeFileSync(join(job.workspace, 'app.bin'), 'DSSEv1 x'))
      const done = await run('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'app.bin' })
      assert.match(done.outputs.get('error-code') ?? '', /^FILE_(?:LOOKS_SIGNED|CHANGED)$/)
      assert.equal(sandbox.requests.count('rekor-v2'), 0)
    }))

  test('somebody writes to it while it is read', () =>
    withSandbox(async (sandbox, job) => {
      const path = join(job.workspace, 'app.bin')
      await truncate(path, 192 * 1024 * 1024)
      let writing: NodeJS.Timeout | undefined
      meanwhile(sandbox, () => {
        writing = setInterval(() => writeFileSync(path, 'x', { flag: 'r+' }), 10)
      })
      try {
        await assertRefused(job, { 'INPUT_SUBJECT-PATH': 'app.bin' }, 'FILE_CHANGED')
      } finally {
        clearInterval(writing)
      }
      assert.equal(sandbox.requests.count('rekor-v2'), 0)
    }))
})
