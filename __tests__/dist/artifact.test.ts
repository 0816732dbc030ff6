import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { FaultRule } from '../../sandbox/faults.ts'
import type { Job } from '../../sandbox/job.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { json } from '../../sandbox/web.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { AT_THE_SAME_TIME, withSandbox } from './own-sandbox.ts'
import { dataOf, type Run, run, start, treeOf, type Variables, writeFiles } from './program.ts'
import { assertFailed, assertRefused } from './refusal.ts'
import { makeRelease } from './released.ts'
import { toolkit } from './toolkit.ts'

const INPUTS = { 'INPUT_SUBJECT-PATH': 'app.bin', 'INPUT_UPLOAD-ARTIFACT': 'bundles' }

const artifactsOf = ({ artifacts }: Sandbox) =>
  artifacts.state.artifacts.map(({ name, finalized }) => ({ name, finalized }))

const asked = ({ requests }: Sandbox): readonly string[] =>
  requests
    .all()
    .filter(({ service }) => service === 'github-artifacts')
    .map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)

/** Strikes a method of the service, such as `CreateArtifact`, or the store of its bytes. */
const rule = (path: RegExp, fault: FaultRule['fault'], count?: number): FaultRule => ({
  service: 'github-artifacts',
  path,
  fault,
  ...(count !== undefined && { count }),
})

const answer = (status: number, msg = 'no'): FaultRule['fault'] => ({
  kind: 'answer',
  answer: json(status, { code: 'x', msg }),
})

/** What is on the release night of a run that failed: the bundle stays, so that a new run logs nothing twice. */
async function assertSignedNevertheless(job: Job, done: Run): Promise<void> {
  assert.ok((await treeOf(job.workspace)).includes('app.bin.sigstore.json'))
  assert.equal(done.report?.public.filter(({ kind }) => kind === 'entry').length, 1)
}

suite('upload-artifact', AT_THE_SAME_TIME, () => {
  test('bundles and report become one artifact, which the next job downloads and verifies', () =>
    withSandbox(async (sandbox, job) => {
      await writeFiles(job, { 'dist/tool.bin': 'tool', 'dist/sub/a b.txt': 'a' })
      const inputs = { ...INPUTS, 'INPUT_SUBJECT-PATH': 'dist/**', 'INPUT_ARTIFACT-RETENTION-DAYS': '3' }
      const done = await run('sign', { ...job.env, ...inputs })
      assert.equal(done.code, 0, done.text)
      const [stored] = sandbox.artifacts.state.artifacts
      const digest = createHash('sha256')
        .update(stored?.content ?? '')
        .digest('hex')
      const url = `https://github.com/octo/demo/actions/runs/42/artifacts/${stored?.id}`
      assert.deepEqual(
        ['artifact-id', 'artifact-name', 'artifact-url'].map((name) => done.outputs.get(name)),
        [String(stored?.id), 'bundles', url],
      )
      assert.deepEqual(done.report?.published, [
        { kind: 'artifact', id: String(stored?.id), name: 'bundles', digest, url },
      ])
      const days = ((stored?.expiresAt ?? 0) - Date.now()) / 86_400_000
      assert.ok(days > 2.9 && days < 3.1, `${days}`)
      assert.deepEqual(asked(sandbox), [
        'POST CreateArtifact',
        `PUT ${stored?.id}.zip`,
        `PUT ${stored?.id}.zip`,
        'POST FinalizeArtifact',
        'POST ListArtifacts',
      ])

      const next = await sandbox.newJob()
      await writeFiles(next, { 'dist/tool.bin': 'tool', 'dist/sub/a b.txt': 'a' })
      await toolkit(next.env, 'download', done.outputs.get('artifact-name') ?? '', next.workspace)
      assert.deepEqual(await treeOf(next.workspace), [
        'dist/sub/a b.txt',
        'dist/sub/a b.txt.sigstore.json',
        'dist/tool.bin',
        'dist/tool.bin.sigstore.json',
        'keyless-report.json',
      ])
      const verified = await run('verify', {
        ...next.env,
        'INPUT_SUBJECT-PATH': 'dist/**',
        INPUT_RUN: 'current',
      })
      assert.equal(verified.code, 0, verified.text)
      assert.equal(verified.outputs.get('subject-count'), '2')

      // The report in it is the one of the run, but for what the upload alone could tell.
      const inside = JSON.parse(await readFile(join(next.workspace, 'keyless-report.json'), 'utf8'))
      const final = structuredClone(done.report)
      assert.deepEqual({ ...inside, finished: '' }, { ...final, finished: '', published: [] })
    }))

  test('beside a release: the artifact comes last, and its report tells of the release', () =>
    withSandbox(async (sandbox, job) => {
      const { release } = makeRelease(sandbox, { draft: true })
      const done = await run('sign', {
        ...job.env,
        ...INPUTS,
        INPUT_RELEASE: 'v1.0.0',
        'INPUT_RELEASE-FILES': 'true',
      })
      assert.equal(done.code, 0, done.text)
      assert.deepEqual(
        done.report?.published.map(({ kind }) => kind),
        ['release-asset', 'release-asset', 'artifact'],
      )
      assert.equal(release.assets.size, 2)
      assert.match(done.summary, /workflow artifact/)
      const next = await sandbox.newJob()
      await toolkit(next.env, 'download', 'bundles', next.workspace)
      const inside = JSON.parse(await readFile(join(next.workspace, 'keyless-report.json'), 'utf8'))
      assert.deepEqual(inside.published, done.report?.published.slice(0, 2))
    }))

  test('one changed byte does not get through the next job', () =>
    withSandbox(async (sandbox, job) => {
      assert.equal((await run('sign', { ...job.env, ...INPUTS })).code, 0)
      const next = await sandbox.newJob()
      await writeFiles(next, { 'app.bin': 'Content' })
      await toolkit(next.env, 'download', 'bundles', next.workspace)
      const done = await run('verify', { ...next.env, 'INPUT_SUBJECT-PATH': 'app.bin', INPUT_RUN: 'current' })
      assert.equal(done.code, 1)
      assert.equal(done.outputs.get('error-code'), 'SIG_DIGEST')
    }))

  test('a combined file and a folder lie in it as they lie in the workspace', () =>
    withSandbox(async (sandbox, job) => {
      for (const [place, name] of [
        ['out/all.jsonl', 'lines'],
        ['bundles/', 'folder'],
      ] as const) {
        const inputs = { ...INPUTS, 'INPUT_BUNDLE-PATH': place, 'INPUT_UPLOAD-ARTIFACT': name }
        assert.equal((await run('sign', { ...job.env, ...inputs })).code, 0)
      }
      const next = await sandbox.newJob()
      for (const name of ['lines', 'folder']) await toolkit(next.env, 'download', name, next.workspace)
      assert.deepEqual(await treeOf(next.workspace), [
        'bundles/app.bin.sigstore.json',
        'keyless-report.json',
        'out/all.jsonl',
      ])
    }))

  test('nothing of the client becomes a command to the runner, and the signature of the address is masked', () =>
    withSandbox(async (sandbox, job) => {
      sandbox.faults.add(rule(/CreateArtifact/, answer(503, 'x\n::set-env name=A::b\n##[error]no'), 1))
      const done = await run('sign', { ...job.env, ...INPUTS })
      assert.equal(done.code, 0, done.text)
      const masks = dataOf(done, 'add-mask')
      const signatures = [...sandbox.artifacts.state.signed.keys()]
      assert.equal(signatures.length, 1)
      assert.ok(signatures.every((one) => masks.includes(one)))
      assert.ok(masks.includes(job.env['ACTIONS_RUNTIME_TOKEN'] ?? ''))
      const names = new Set(done.commands.map(({ name }) => name))
      assert.deepEqual([...names].sort(), ['add-mask', 'debug'])
      const told = done.text.replaceAll(/^::add-mask::.*$/gm, '')
      const written = `${told}${done.summary}${JSON.stringify([done.report, [...done.outputs]])}`
      assert.ok(!written.includes(job.env['ACTIONS_RUNTIME_TOKEN'] ?? ''))
      for (const one of signatures) {
        assert.ok(!told.includes(one) && !told.includes(encodeURIComponent(one)))
      }
    }))

  const preflight: readonly (readonly [title: string, inputs: Variables, code: ErrorCode, says: RegExp])[] = [
    ...(['a/b', 'a\\b', 'a:b', 'a"b', 'a<b', 'a>b', 'a|b', 'a*b', 'a?b'] as const).map(
      (name) =>
        [`the name ${name}`, { 'INPUT_UPLOAD-ARTIFACT': name }, 'ARTIFACT_NAME', /which holds/] as const,
    ),
    ['the name ..', { 'INPUT_UPLOAD-ARTIFACT': '..' }, 'ARTIFACT_NAME', /means a folder/],
    ['two lines', { 'INPUT_UPLOAD-ARTIFACT': 'a\nb' }, 'INPUT_VALUE', /several lines/],
    ...(['0', '401', '-1', '7d', '1.5', '07'] as const).map(
      (days) =>
        [`${days} days`, { 'INPUT_ARTIFACT-RETENTION-DAYS': days }, 'INPUT_VALUE', /from 1 to 400/] as const,
    ),
    [
      'days without an artifact',
      { 'INPUT_UPLOAD-ARTIFACT': '', 'INPUT_ARTIFACT-RETENTION-DAYS': '5' },
      'INPUT_CONFLICT',
      /no artifact is asked for/,
    ],
    [
      "a server of one's own",
      { GITHUB_SERVER_URL: 'https://git.example.com' },
      'ARTIFACT_UNSUPPORTED',
      /git\.example\.com/,
    ],
    ['no token', { ACTIONS_RUNTIME_TOKEN: '' }, 'ENVIRONMENT', /ACTIONS_RUNTIME_TOKEN is not set/],
    ['a token that is none', { ACTIONS_RUNTIME_TOKEN: 'secret-text' }, 'ENVIRONMENT', /is not a token/],
    [
      'a token for something else',
      { ACTIONS_RUNTIME_TOKEN: 'e30.eyJzY3AiOiJhIn0.AA' },
      'ENVIRONMENT',
      /does not name the run/,
    ],
    ['no address', { ACTIONS_RESULTS_URL: '' }, 'ENVIRONMENT', /ACTIONS_RESULTS_URL is not set/],
    ['plain http', { ACTIONS_RESULTS_URL: 'http://results.example.com/' }, 'ENVIRONMENT', /not https/],
    [
      'plain http on loopback with the public instance',
      { INPUT_SIGSTORE: 'staging', 'INPUT_TRUSTED-ROOT': '', 'INPUT_SIGNING-CONFIG': '' },
      'NET_INSECURE',
      /not https/,
    ],
    [
      'a bundle where the report lies',
      { 'INPUT_BUNDLE-PATH': 'Keyless-Report.json' },
      'ARTIFACT_NAME',
      /would lie in the artifact where the report does/,
    ],
  ]
  for (const [title, inputs, code, says] of preflight) {
    test(`before anything is asked: ${title}`, () =>
      withSandbox(async (sandbox, job) => {
        for (const dryRun of ['false', 'true']) {
          const done = await assertRefused(job, { ...INPUTS, ...inputs, 'INPUT_DRY-RUN': dryRun }, code)
          assert.match(done.report?.error?.message ?? '', says)
          assert.ok(!dataOf(done, 'error').join().includes('secret-text'))
        }
        assert.deepEqual(sandbox.requests.all(), [])
      }))
  }

  test('names that no archive for all systems can hold are refused before anything is asked', () =>
    withSandbox(async (sandbox, job) => {
      await writeFiles(job, { 'a:b.txt': 'x', 'A.txt': 'x', 'a.txt': 'x' })
      await assertRefused(job, { ...INPUTS, 'INPUT_SUBJECT-PATH': 'a:b.txt' }, 'ARTIFACT_NAME')
      await assertRefused(job, { ...INPUTS, 'INPUT_SUBJECT-PATH': 'A.txt,a.txt' }, 'ARTIFACT_NAME')
      assert.deepEqual(sandbox.requests.all(), [])
    }))

  test('more days than the repository keeps: as many as it does, and a notice', () =>
    withSandbox(async (sandbox, job) => {
      sandbox.artifacts.state.retentionDays = 7
      const env = { ...job.env, ...INPUTS, GITHUB_RETENTION_DAYS: '7', 'INPUT_ARTIFACT-RETENTION-DAYS': '60' }
      const done = await run('sign', env)
      assert.equal(done.code, 0, done.text)
      assert.match(dataOf(done, 'notice').join(), /kept for 7 days: the repository allows no more, and 60/)
    }))

  test('a dry run and a run without a match upload nothing', () =>
    withSandbox(async (sandbox, job) => {
      const dry = await run('sign', { ...job.env, ...INPUTS, 'INPUT_DRY-RUN': 'true' })
      const none = { ...INPUTS, 'INPUT_SUBJECT-PATH': '*.none', 'INPUT_IF-NO-FILES-FOUND': 'ignore' }
      const empty = await run('sign', { ...(await sandbox.newJob()).env, ...none })
      for (const done of [dry, empty]) {
        assert.equal(done.code, 0, done.text)
        assert.equal(done.outputs.get('artifact-id'), '')
      }
      assert.deepEqual(asked(sandbox), [])
    }))
})

suite('upload-artifact when the name is taken', AT_THE_SAME_TIME, () => {
  test('by another job of the same attempt: an error that says what to do, and the signatures stay', () =>
    withSandbox(async (sandbox, job) => {
      assert.equal((await run('sign', { ...job.env, ...INPUTS })).code, 0)
      const other = await sandbox.newJob()
      await writeFiles(other, { 'app.bin': 'other' })
      const done = await run('sign', { ...other.env, ...INPUTS })
      assertFailed(done, 'ARTIFACT_EXISTS')
      assert.match(done.report?.error?.hint ?? '', /matrix/)
      await assertSignedNevertheless(other, done)
      assert.deepEqual(artifactsOf(sandbox), [{ name: 'bundles', finalized: true }])
    }))

  test('by an earlier attempt: a second name, once', () =>
    withSandbox(async (sandbox, job) => {
      assert.equal((await run('sign', { ...job.env, ...INPUTS })).code, 0)
      sandbox.claims['run_attempt'] = '2'
      for (const expected of ['bundles-attempt-2', undefined]) {
        const again = await sandbox.newJob()
        await writeFiles(again, { 'app.bin': `${expected}` })
        const done = await run('sign', { ...again.env, ...INPUTS })
        if (expected === undefined) {
          assertFailed(done, 'ARTIFACT_EXISTS')
          assert.match(done.report?.error?.message ?? '', /"bundles" and one named "bundles-attempt-2"/)
        } else {
          assert.equal(done.outputs.get('artifact-name'), expected, done.text)
          assert.match(dataOf(done, 'notice').join(), /called "bundles-attempt-2"/)
        }
      }
    }))
})

suite('upload-artifact on a bad night', AT_THE_SAME_TIME, () => {
  const survived: readonly [title: string, rules: readonly FaultRule[], name: string][] = [
    ['503 to the first request', [rule(/CreateArtifact/, answer(503), 1)], 'bundles'],
    ['a body that is cut short', [rule(/CreateArtifact/, { kind: 'cut', bytes: 5 }, 1)], 'bundles-attempt-1'],
    ['the first answer is lost', [rule(/CreateArtifact/, { kind: 'lose' }, 1)], 'bundles-attempt-1'],
    ['the store resets a connection', [rule(/\.zip$/, { kind: 'drop' }, 1)], 'bundles'],
    ['the last answer is lost', [rule(/FinalizeArtifact/, { kind: 'lose' }, 1)], 'bundles'],
  ]
  for (const [title, rules, name] of survived) {
    test(`${title}: one artifact, complete`, () =>
      withSandbox(async (sandbox, job) => {
        for (const one of rules) sandbox.faults.add(one)
        const done = await run('sign', { ...job.env, ...INPUTS })
        assert.equal(done.code, 0, done.text)
        assert.equal(done.outputs.get('artifact-name'), name)
        const complete = artifactsOf(sandbox).filter(({ finalized }) => finalized)
        assert.deepEqual(complete, [{ name, finalized: true }])
        assert.equal(sandbox.requests.count('rekor-v2', 'POST'), 1)
      }))
  }

  const failed: readonly [title: string, rules: readonly FaultRule[], code: ErrorCode, says: RegExp][] = [
    ['the quota is used up', [], 'ARTIFACT_QUOTA', /storage quota/],
    ['the token is refused', [rule(/CreateArtifact/, answer(401))], 'ARTIFACT_UPLOAD', /\(401\)/],
    ['503 for ever', [rule(/CreateArtifact/, answer(503))], 'ARTIFACT_UPLOAD', /no progress for 6 s/],
    [
      'bodies that are cut short',
      [rule(/CreateArtifact/, { kind: 'cut', bytes: 5 })],
      'ARTIFACT_UPLOAD',
      /a connection was cut/,
    ],
    [
      'no answer ever',
      [rule(/CreateArtifact/, { kind: 'silence' })],
      'ARTIFACT_UPLOAD',
      /no progress for 6 s/,
    ],
    [
      'answers that stop half way',
      [rule(/ListArtifacts/, { kind: 'stall', bytes: 5 })],
      'ARTIFACT_UPLOAD',
      /cannot be read back/,
    ],
    ['a store that refuses', [rule(/\.zip$/, answer(403))], 'ARTIFACT_UPLOAD', /could not be uploaded/],
    [
      'a digest that is another',
      [
        rule(
          /ListArtifacts/,
          changed((one) => ({ ...one, digest: `sha256:${'0'.repeat(64)}` })),
        ),
      ],
      'ARTIFACT_DIGEST',
      /is not what was uploaded/,
    ],
    [
      'a size that is another',
      [
        rule(
          /ListArtifacts/,
          changed((one) => ({ ...one, size: '1' })),
        ),
      ],
      'ARTIFACT_DIGEST',
      /is not what was uploaded/,
    ],
    [
      'an artifact that is not in the list',
      [
        rule(
          /ListArtifacts/,
          changed((one) => ({ ...one, name: 'other' })),
        ),
      ],
      'ARTIFACT_DIGEST',
      /does not list/,
    ],
  ]
  for (const [title, rules, code, says] of failed) {
    test(`${title}: an error, not a success, and a new run finds the bundle`, () =>
      withSandbox(async (sandbox, job) => {
        if (code === 'ARTIFACT_QUOTA') sandbox.artifacts.state.quota = 0
        for (const one of rules) sandbox.faults.add(one)
        const done = await run('sign', { ...job.env, ...INPUTS, 'INPUT_TIME-BUDGET': '6s' })
        assertFailed(done, code)
        assert.match(`${done.report?.error?.message} ${done.report?.error?.expected}`, says)
        await assertSignedNevertheless(job, done)
      }))
  }

  for (const [title, path] of [
    ['first', /CreateArtifact/],
    ['store', /\.zip$/],
    ['last', /FinalizeArtifact/],
  ] as const) {
    test(`cancelled during the request to the ${title}: it ends at once, failed`, () =>
      withSandbox(async (sandbox, job) => {
        sandbox.faults.add(rule(path, { kind: 'silence' }))
        const started = start('sign', { ...job.env, ...INPUTS })
        while (
          !sandbox.requests.all().some((one) => one.service === 'github-artifacts' && path.test(one.path))
        )
          await new Promise((resolve) => setTimeout(resolve, 20))
        const at = Date.now()
        started.kill('SIGTERM')
        const done = await started.ended
        assertFailed(done, 'CANCELLED')
        assert.ok(Date.now() - at < 5000)
        await assertSignedNevertheless(job, done)
      }))
  }
})

/** What the list says of each artifact is changed. */
function changed(change: (one: Record<string, unknown>) => object): FaultRule['fault'] {
  return {
    kind: 'change',
    change: ({ body }) => {
      const { artifacts } = JSON.parse(Buffer.from(body ?? '').toString())
      return json(200, { artifacts: artifacts.map(change) })
    },
  }
}
