import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, suite, test } from 'node:test'
import type { Job } from '../../sandbox/job.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { SIGN_OUTPUTS } from '../../src/actions/inputs/known-outputs.ts'
import { verifyBySigstoreJs } from '../sandbox/client.ts'
import { dataOf, outputsOf, type Run, run, treeOf, type Variables, writeFiles } from './program.ts'

const NAME = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'

suite('dist/sign.js signs', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())
  afterEach(() => {
    sandbox.requests.clear()
    sandbox.faults.clear()
  })

  async function jobWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<Job> {
    const job = await sandbox.newJob()
    await writeFiles(job, files)
    return job
  }

  /** Runs to success; nothing but the mask of the token and notices is a command. */
  async function sign(job: Job, inputs: Variables): Promise<Run> {
    const done = await run('sign', { ...job.env, ...inputs })
    assert.equal(done.code, 0, done.text)
    assert.equal(done.stderr, '')
    assert.equal(done.outputs.get('error-code'), '')
    assert.deepEqual(dataOf(done, 'error'), [])
    return done
  }

  /** `[token, certificate, v1 entries, v2 entries, timestamps, all]` */
  const counts = () =>
    (['token', 'fulcio', 'rekor-v1', 'rekor-v2', 'tsa'] as const)
      .map((service) => sandbox.requests.count(service))
      .concat(sandbox.requests.all().length)

  async function assertAccepted(job: Job, file: string, text: string | Uint8Array): Promise<void> {
    const content = await readFile(join(job.workspace, file))
    const bundle: unknown = JSON.parse(Buffer.from(text).toString())
    assert.equal(verifyBySigstoreJs(bundle, sandbox.trustedRoot, content), NAME, file)
  }

  /** What a person copies from the summary is the output, to the byte. */
  function assertRecipeShown({ outputs, summary }: Run): void {
    const recipe = outputs.get('verify-commands') ?? ''
    assert.match(recipe, /--certificate-identity/)
    const shown = /<summary>How to verify elsewhere<\/summary>\n\n```sh\n([\s\S]*?\n)```\n/.exec(summary)?.[1]
    assert.equal(shown, recipe)
  }

  const bundleOf = (job: Job, file: string) => readFile(join(job.workspace, `${file}.sigstore.json`))

  for (const version of ['1', '2']) {
    test(`one file on Rekor v${version}: outputs, report and summary say what was done`, async () => {
      const job = await jobWith({ 'app.bin': 'what a workflow built\n' })
      const done = await sign(job, { 'INPUT_SUBJECT-PATH': 'app.bin', 'INPUT_REKOR-VERSION': version })
      assert.deepEqual(counts(), version === '1' ? [1, 1, 1, 0, 1, 4] : [1, 1, 0, 1, 1, 4])
      await assertAccepted(job, 'app.bin', await bundleOf(job, 'app.bin'))
      const path = join(job.workspace, 'app.bin.sigstore.json')
      const { 'report-path': reportPath, 'verify-commands': _recipe, ...outputs } = outputsOf(done)
      const [entry] = done.report?.subjects[0]?.entries ?? []
      const {
        'report-path': _,
        'verify-commands': __,
        ...blank
      } = Object.fromEntries(SIGN_OUTPUTS.map((name) => [name, '']))
      assert.deepEqual(outputs, {
        ...blank,
        'bundle-path': path,
        'bundle-paths': path,
        'subject-count': '1',
        'certificate-identity': NAME,
        'certificate-oidc-issuer': sandbox.addresses.issuer,
        'log-url':
          version === '1' ? `${sandbox.addresses.rekorV1}/api/v1/log/entries?logIndex=${entry?.index}` : '',
        'error-code': '',
      })
      assert.ok(reportPath?.startsWith(job.temp))
      assertRecipeShown(done)
      const digest = createHash('sha256').update('what a workflow built\n').digest('hex')
      assert.equal(done.report?.result, 'signed')
      assert.deepEqual(done.report?.public, [])
      assert.deepEqual(
        done.report?.subjects.map(({ name, result, kept, digest, size }) => ({
          name,
          result,
          kept,
          digest,
          size,
        })),
        [{ name: 'app.bin', result: 'good', kept: false, digest: { sha256: digest }, size: 22 }],
      )
      assert.equal(done.report?.identity?.name, NAME)
      assert.equal(done.report?.trust?.source, 'file')
      assert.match(done.summary, /app\.bin/)
      assert.deepEqual(await treeOf(job.workspace), ['app.bin', 'app.bin.sigstore.json'])
    })

    test(`many files on Rekor v${version}: one token, one certificate, and verify.js accepts all`, async () => {
      const names = Array.from({ length: 40 }, (_, i) => `out/${String(i).padStart(2, '0')}.bin`)
      const job = await jobWith(Object.fromEntries(names.map((name) => [name, `content of ${name}`])))
      const inputs = { 'INPUT_SUBJECT-PATH': 'out/**', 'INPUT_REKOR-VERSION': version }
      const done = await sign(job, inputs)
      assert.deepEqual(counts(), version === '1' ? [1, 1, 40, 0, 40, 82] : [1, 1, 0, 40, 40, 82])
      assert.equal(done.outputs.get('subject-count'), '40')
      assert.equal(done.outputs.get('log-url'), '')
      assert.equal(done.outputs.get('bundle-path'), join(job.workspace, 'out'))
      const paths = names.map((name) => join(job.workspace, `${name}.sigstore.json`))
      assert.equal(done.outputs.get('bundle-paths'), paths.join('\n'))
      assertRecipeShown(done)
      for (const name of names) await assertAccepted(job, name, await bundleOf(job, name))
      const verified = await run('verify', { ...job.env, 'INPUT_SUBJECT-PATH': 'out/**' })
      assert.equal(verified.code, 0, verified.text)
      assert.equal(verified.outputs.get('subject-count'), '40')
      assert.equal(sandbox.requests.all().length, 82, 'verifying asks nobody')
    })
  }

  test('where bundles go: a folder, one file, one combined file', async () => {
    const job = await jobWith({ 'a/x.bin': 'x', 'b/y.bin': 'y', 'z.bin': 'z' })
    const two = { 'INPUT_SUBJECT-PATH': 'a/x.bin, b/y.bin' }

    const folder = await sign(job, { ...two, 'INPUT_BUNDLE-PATH': 'bundles/' })
    assert.equal(folder.outputs.get('bundle-path'), join(job.workspace, 'bundles'))
    assert.deepEqual(await readdir(join(job.workspace, 'bundles')), [
      'x.bin.sigstore.json',
      'y.bin.sigstore.json',
    ])
    await assertAccepted(job, 'a/x.bin', await readFile(join(job.workspace, 'bundles/x.bin.sigstore.json')))

    const beside = await sign(await jobWithSame(job), two)
    assert.equal(beside.outputs.get('bundle-path'), '', 'in several folders')

    const one = await sign(job, { 'INPUT_SUBJECT-PATH': 'z.bin', 'INPUT_BUNDLE-PATH': 'deep/down/one.json' })
    assert.equal(one.outputs.get('bundle-path'), join(job.workspace, 'deep/down/one.json'))
    await assertAccepted(job, 'z.bin', await readFile(join(job.workspace, 'deep/down/one.json')))

    const lines = await sign(job, { ...two, 'INPUT_BUNDLE-PATH': 'all.jsonl' })
    const path = join(job.workspace, 'all.jsonl')
    assert.equal(lines.outputs.get('bundle-path'), path)
    assert.equal(lines.outputs.get('bundle-paths'), path)
    const [x = '', y = '', end] = (await readFile(path, 'utf8')).split('\n')
    assert.equal(end, '')
    await assertAccepted(job, 'a/x.bin', x)
    await assertAccepted(job, 'b/y.bin', y)
    const verified = await run('verify', { ...job.env, ...two, 'INPUT_BUNDLE-PATH': 'all.jsonl' })
    assert.equal(verified.code, 0, verified.text)
  })

  /** The same files in a job whose output file is still empty. */
  const jobWithSame = (_: Job): Promise<Job> => jobWith({ 'a/x.bin': 'x', 'b/y.bin': 'y' })

  test('a second run keeps what is valid: no request but for the token, and what is missing is made', async () => {
    const job = await jobWith({ 'a.bin': 'a', 'b.bin': 'b' })
    const inputs = { 'INPUT_SUBJECT-PATH': '*.bin' }
    await sign(job, inputs)
    const before = await bundleOf(job, 'a.bin')
    sandbox.requests.clear()

    const again = await sign(job, inputs)
    assert.deepEqual(counts(), [1, 0, 0, 0, 0, 1])
    assert.deepEqual(
      again.report?.subjects.map(({ kept }) => kept),
      [true, true],
    )
    assert.equal(again.outputs.get('certificate-identity'), NAME)
    assert.equal(again.outputs.get('subject-count'), '2')
    assert.deepEqual(await bundleOf(job, 'a.bin'), before)
    sandbox.requests.clear()

    await unlink(join(job.workspace, 'b.bin.sigstore.json'))
    const third = await sign(job, inputs)
    assert.deepEqual(counts(), [1, 1, 0, 1, 1, 4])
    assert.deepEqual(
      third.report?.subjects.map(({ kept }) => kept),
      [true, false],
    )
    assert.deepEqual(await bundleOf(job, 'a.bin'), before)
    sandbox.requests.clear()

    await writeFile(join(job.workspace, 'a.bin'), 'changed')
    await sign(job, inputs)
    assert.deepEqual(counts(), [1, 1, 0, 1, 1, 4], 'a bundle of other bytes is an old one')
    await assertAccepted(job, 'a.bin', await bundleOf(job, 'a.bin'))
  })

  test('lines of a combined file are kept one by one', async () => {
    const job = await jobWith({ 'a.bin': 'a', 'b.bin': 'b' })
    const to = { 'INPUT_BUNDLE-PATH': 'all.jsonl' }
    await sign(job, { 'INPUT_SUBJECT-PATH': 'a.bin', ...to })
    const [first] = (await readFile(join(job.workspace, 'all.jsonl'), 'utf8')).split('\n')
    sandbox.requests.clear()
    await sign(job, { 'INPUT_SUBJECT-PATH': '*.bin', ...to })
    assert.deepEqual(counts(), [1, 1, 0, 1, 1, 4])
    const [kept, made = ''] = (await readFile(join(job.workspace, 'all.jsonl'), 'utf8')).split('\n')
    assert.equal(kept, first)
    await assertAccepted(job, 'b.bin', made)
  })

  test('`replace` signs again', async () => {
    const job = await jobWith({ 'a.bin': 'a' })
    await sign(job, { 'INPUT_SUBJECT-PATH': 'a.bin' })
    const before = await bundleOf(job, 'a.bin')
    await sign(job, { 'INPUT_SUBJECT-PATH': 'a.bin', 'INPUT_EXISTING-BUNDLES': 'replace' })
    assert.notDeepEqual(await bundleOf(job, 'a.bin'), before)
  })

  test('a dry run asks nobody for anything, the public instance included', async () => {
    const job = await jobWith({ 'a.bin': 'a' })
    const inputs = { 'INPUT_SUBJECT-PATH': 'a.bin', 'INPUT_DRY-RUN': 'true' }
    const { ACTIONS_ID_TOKEN_REQUEST_URL: _, ACTIONS_ID_TOKEN_REQUEST_TOKEN: __, ...fork } = job.env
    for (const env of [job.env, fork, { ...withoutCustom(fork), INPUT_SIGSTORE: 'public-good' }]) {
      const done = await sign({ ...job, env }, inputs)
      assert.equal(done.report?.result, 'dry-run')
      assert.equal(done.outputs.get('bundle-paths'), '')
      assert.equal(done.outputs.get('certificate-identity'), '')
      assert.equal(done.report?.subjects[0]?.result, 'open')
    }
    assert.equal(sandbox.requests.all().length, 0)
    assert.deepEqual(await treeOf(job.workspace), ['a.bin'])
  })

  const withoutCustom = (env: Variables): Variables =>
    Object.fromEntries(
      Object.entries(env).filter(([name]) => !/^INPUT_(?:TRUSTED-ROOT|SIGNING-CONFIG)$/.test(name)),
    )

  test('nothing to sign is no failure where that is asked for, and asks nobody', async () => {
    for (const mode of ['warn', 'ignore']) {
      const job = await jobWith({})
      const inputs = { 'INPUT_SUBJECT-PATH': 'out/*', 'INPUT_IF-NO-FILES-FOUND': mode }
      const done = await sign(job, inputs)
      assert.equal(done.report?.result, 'empty')
      assert.equal(done.outputs.get('subject-count'), '0')
      assert.equal(dataOf(done, 'notice').length + dataOf(done, 'warning').length, mode === 'warn' ? 1 : 0)
    }
    assert.equal(sandbox.requests.all().length, 0)
  })

  test('a token that is given is used instead of the own one', async () => {
    const job = await jobWith({ 'a.bin': 'a' })
    const token = sandbox.authorities.issuer.mint('sigstore', {
      claims: {
        ref: 'refs/heads/main',
        job_workflow_ref: 'octo/other/.github/workflows/x.yml@refs/heads/main',
      },
    })
    const { ACTIONS_ID_TOKEN_REQUEST_URL: _, ACTIONS_ID_TOKEN_REQUEST_TOKEN: __, ...env } = job.env
    const done = await sign({ ...job, env }, { 'INPUT_SUBJECT-PATH': 'a.bin', 'INPUT_IDENTITY-TOKEN': token })
    assert.deepEqual(counts(), [0, 1, 0, 1, 1, 3])
    assert.equal(
      done.outputs.get('certificate-identity'),
      'https://github.com/octo/other/.github/workflows/x.yml@refs/heads/main',
    )
    assert.equal(dataOf(done, 'add-mask').includes(token), true)
  })

  test('what the guards allow: the expected ref, an unsafe trigger that is permitted', async () => {
    const job = await jobWith({ 'a.bin': 'a' })
    await sign(job, { 'INPUT_SUBJECT-PATH': 'a.bin', 'INPUT_EXPECTED-REF': 'refs/tags/v1.0.0' })
    sandbox.claims['event_name'] = 'issue_comment'
    try {
      const unsafe = await jobWith({ 'a.bin': 'a' })
      await sign(unsafe, { 'INPUT_SUBJECT-PATH': 'a.bin', 'INPUT_ALLOW-UNSAFE-TRIGGER': 'true' })
    } finally {
      sandbox.claims['event_name'] = 'push'
    }
  })

  test('the files of a checksums file, and an empty one with a notice', async () => {
    const sum = (text: string) => createHash('sha256').update(text).digest('hex')
    const list = `${sum('a')}  a.bin\n${sum('')} *empty.bin\n`
    const job = await jobWith({ 'out/a.bin': 'a', 'out/empty.bin': '', 'out/SHA256SUMS': list })
    const done = await sign(job, { 'INPUT_SUBJECT-CHECKSUMS': 'out/SHA256SUMS' })
    assert.equal(done.outputs.get('subject-count'), '2')
    assert.match(dataOf(done, 'notice').join('\n'), /"out\/empty\.bin" is empty/)
    await assertAccepted(job, 'out/empty.bin', await bundleOf(job, 'out/empty.bin'))
  })

  test('names that could be commands or break out of quotes change nothing', async () => {
    const names = [
      ...[
        'with space',
        "it's",
        '"double"',
        'grüße 文件',
        '`id`',
        '$(id)',
        'a|b',
        '-rf',
        'a,b',
        '100%',
        '%0A%0D',
      ],
      ...['::set-output name=x::y', '::add-mask::a', '##[set-env name=A]b', '[x](javascript:y)', '<b>&amp;'],
      ...['::stop-commands::z', '#hash', '~', 'back\\slash', '@octo', '$RUNNER_TEMP'],
    ]
    const job = await jobWith(Object.fromEntries(names.map((name) => [`out/${name}`, name])))
    const done = await sign(job, { 'INPUT_SUBJECT-PATH': 'out/*' })
    assert.equal(done.outputs.get('subject-count'), String(names.length))
    assert.deepEqual([...new Set(done.commands.map(({ name }) => name))], ['add-mask'])
    assert.deepEqual(dataOf(done, 'add-mask'), [
      sandbox.github.jobToken,
      sandbox.authorities.issuer.minted.at(-1),
    ])
    assert.deepEqual([...done.outputs.keys()], [...SIGN_OUTPUTS])
    const reported = done.report?.subjects.map(({ name }) => name)
    assert.deepEqual(
      reported,
      names.map((name) => `out/${name}`).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    )
    const verified = await run('verify', { ...job.env, 'INPUT_SUBJECT-PATH': 'out/*' })
    assert.equal(verified.code, 0, verified.text)
    assert.deepEqual(
      verified.commands.filter(({ name }) => name !== 'notice' && name !== 'add-mask'),
      [],
    )
  })
})
