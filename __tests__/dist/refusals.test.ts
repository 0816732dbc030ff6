import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { makeBundle } from '../../sandbox/bundles.ts'
import type { Job } from '../../sandbox/job.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { dataOf, run, treeOf, type Variables, writeFiles } from './program.ts'
import { assertRefused } from './refusal.ts'

interface Row {
  readonly title: string
  readonly code: ErrorCode
  /** Beside `subject-path: app.bin`, of which there is one. '' takes a variable away. */
  readonly inputs?: Variables
  readonly prepare?: (job: Job) => Promise<unknown>
  readonly says?: RegExp
  readonly skip?: string | false
}

const asRoot = process.getuid?.() === 0 && 'root may read and write everything'
const noLinks = process.platform === 'win32' && 'links need a privilege on Windows'

const ROWS: readonly Row[] = [
  {
    title: 'a job without permission for a token',
    code: 'TOKEN_PERMISSION',
    inputs: { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' },
    says: /id-token: write/,
  },
  {
    title: 'half a permission: no token to ask with',
    code: 'TOKEN_PERMISSION',
    inputs: { ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' },
    says: /ACTIONS_ID_TOKEN_REQUEST_TOKEN/,
  },
  {
    title: 'half a permission: no address to ask',
    code: 'TOKEN_PERMISSION',
    inputs: { ACTIONS_ID_TOKEN_REQUEST_URL: '' },
  },
  {
    title: 'a planted token endpoint, plain http to another host',
    code: 'TOKEN_ENDPOINT',
    inputs: {
      ACTIONS_ID_TOKEN_REQUEST_URL: 'http://pipelines.actions.githubusercontent.com/x?api-version=2.0',
    },
  },
  {
    title: 'a planted token endpoint, https on another host',
    code: 'TOKEN_ENDPOINT',
    inputs: { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://actions.githubusercontent.com.evil.example/x' },
  },
  {
    title: 'a planted token endpoint that hides its host behind a user name',
    code: 'TOKEN_ENDPOINT',
    inputs: { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x.actions.githubusercontent.com@127.0.0.1/x' },
  },
  {
    title: 'a server check that is switched off',
    code: 'NET_INSECURE',
    inputs: { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
  },
  {
    title: 'a misspelled input',
    code: 'INPUT_UNKNOWN',
    inputs: { 'INPUT_SUBJECT-PATHS': 'x' },
    says: /subject-path/,
  },
  {
    title: 'an input of later versions',
    code: 'INPUT_UNKNOWN',
    inputs: { 'INPUT_TUF-MIRROR': 'https://x.example' },
  },
  {
    title: 'an unknown value',
    code: 'INPUT_VALUE',
    inputs: { 'INPUT_EXISTING-BUNDLES': 'overwrite' },
    says: /replace/,
  },
  { title: 'a flag that is no flag', code: 'INPUT_VALUE', inputs: { 'INPUT_DRY-RUN': 'yes' } },
  { title: 'a duration without a unit', code: 'INPUT_VALUE', inputs: { 'INPUT_TIME-BUDGET': '10' } },
  { title: 'nothing to sign', code: 'INPUT_REQUIRED', inputs: { 'INPUT_SUBJECT-PATH': '' } },
  {
    title: 'a custom instance without its config',
    code: 'INPUT_REQUIRED',
    inputs: { 'INPUT_SIGNING-CONFIG': '' },
  },
  { title: 'contradicting inputs', code: 'INPUT_CONFLICT', inputs: { INPUT_SIGSTORE: 'public-good' } },
  { title: 'no file matched', code: 'INPUT_NO_MATCH', inputs: { 'INPUT_SUBJECT-PATH': 'out/*.zip' } },
  {
    title: 'one of two patterns without a match',
    code: 'INPUT_NO_MATCH',
    inputs: { 'INPUT_SUBJECT-PATH': 'app.bin, x' },
  },
  {
    title: 'a directory',
    code: 'FILE_NOT_REGULAR',
    inputs: { 'INPUT_SUBJECT-PATH': 'dist' },
    prepare: (job) => writeFiles(job, { 'dist/a': 'a' }),
    says: /dist\/\*\*/,
  },
  {
    title: 'a file that may not be read',
    code: 'FILE_READ',
    prepare: (job) => chmod(join(job.workspace, 'app.bin'), 0),
    skip: asRoot,
  },
  {
    title: 'a link out of the workspace',
    code: 'FILE_OUTSIDE',
    inputs: { 'INPUT_SUBJECT-PATH': 'link' },
    prepare: (job) => symlink(process.execPath, join(job.workspace, 'link')),
    skip: noLinks,
  },
  {
    title: 'a link to nothing',
    code: 'FILE_SYMLINK',
    inputs: { 'INPUT_SUBJECT-PATH': 'link' },
    prepare: (job) => symlink('absent', join(job.workspace, 'link')),
    skip: noLinks,
  },
  { title: 'a file elsewhere', code: 'FILE_OUTSIDE', inputs: { 'INPUT_SUBJECT-PATH': process.execPath } },
  { title: 'a path that climbs out', code: 'FILE_OUTSIDE', inputs: { 'INPUT_SUBJECT-PATH': '../../../x' } },
  {
    title: 'a file that looks like a signed attestation, among others',
    code: 'FILE_LOOKS_SIGNED',
    inputs: { 'INPUT_SUBJECT-PATH': '*' },
    prepare: (job) => writeFiles(job, { zzz: 'DSSEv1 28 application/vnd.in-toto+json 2 {}' }),
  },
  {
    title: 'a file that looks so and is in the checksums',
    code: 'FILE_LOOKS_SIGNED',
    inputs: { 'INPUT_SUBJECT-CHECKSUMS': 'sums' },
    prepare: (job) => writeFiles(job, { x: 'DSSEv1 ', sums: `${sha256('DSSEv1 ')}  x\n` }),
  },
  {
    title: 'a file that is not the one of the checksums',
    code: 'FILE_DIGEST_MISMATCH',
    inputs: { 'INPUT_SUBJECT-CHECKSUMS': 'sums' },
    prepare: (job) => writeFiles(job, { sums: `${sha256('other')}  app.bin\n` }),
  },
  {
    title: 'a file of the checksums that is not there',
    code: 'INPUT_NO_MATCH',
    inputs: { 'INPUT_SUBJECT-CHECKSUMS': 'sums' },
    prepare: (job) => writeFiles(job, { sums: `${sha256('other')}  absent.bin\n` }),
  },
  {
    title: 'malformed checksums',
    code: 'INPUT_CHECKSUMS',
    inputs: { 'INPUT_SUBJECT-CHECKSUMS': 'sums' },
    prepare: (job) => writeFiles(job, { sums: 'no digest\n' }),
  },
  {
    title: 'one bundle file for two files',
    code: 'OUTPUT_PATH',
    inputs: { 'INPUT_SUBJECT-PATH': '*.bin', 'INPUT_BUNDLE-PATH': 'one.json' },
    prepare: (job) => writeFiles(job, { 'b.bin': 'b' }),
  },
  {
    title: 'two bundles of one name in a folder',
    code: 'OUTPUT_PATH',
    inputs: { 'INPUT_SUBJECT-PATH': '**', 'INPUT_BUNDLE-PATH': 'to/' },
    prepare: (job) => writeFiles(job, { 'sub/app.bin': 'b' }),
  },
  { title: 'bundles elsewhere', code: 'OUTPUT_PATH', inputs: { 'INPUT_BUNDLE-PATH': '../../to/' } },
  { title: 'a bundle path of no known form', code: 'OUTPUT_PATH', inputs: { 'INPUT_BUNDLE-PATH': 'to' } },
  {
    title: 'a folder where the bundle goes',
    code: 'OUTPUT_PATH',
    prepare: (job) => mkdir(join(job.workspace, 'app.bin.sigstore.json')),
  },
  {
    title: 'a file where the bundle goes that is no bundle',
    code: 'OUTPUT_EXISTS',
    inputs: { 'INPUT_EXISTING-BUNDLES': 'replace' },
    prepare: (job) => writeFiles(job, { 'app.bin.sigstore.json': '{"mine": true}' }),
  },
  {
    title: 'another ref than the expected one',
    code: 'REF_UNEXPECTED',
    inputs: { 'INPUT_EXPECTED-REF': 'refs/tags/v2' },
  },
  { title: 'an unsafe trigger', code: 'EVENT_UNSAFE', inputs: { GITHUB_EVENT_NAME: 'pull_request_target' } },
  {
    title: 'a private repository on the public instance',
    code: 'REPOSITORY_PRIVATE',
    inputs: { INPUT_SIGSTORE: 'public-good', 'INPUT_TRUSTED-ROOT': '', 'INPUT_SIGNING-CONFIG': '' },
    prepare: (job) =>
      changeJson(job.env['GITHUB_EVENT_PATH'], (event) => ({ ...event, repository: { private: true } })),
  },
  {
    title: 'Rekor v2 without a timestamp authority',
    code: 'CONFIG_NO_TIME',
    prepare: (job) => changeJson(job.env['INPUT_SIGNING-CONFIG'], ({ tsaUrls: _, ...rest }) => rest),
  },
  {
    title: 'a log version that the config does not offer',
    code: 'CONFIG_NO_LOG',
    inputs: { 'INPUT_REKOR-VERSION': '1' },
    prepare: (job) =>
      changeJson(job.env['INPUT_SIGNING-CONFIG'], ({ rekorTlogUrls: [first] = [], ...rest }) => ({
        ...rest,
        rekorTlogUrls: [first],
      })),
  },
  {
    title: 'a plain http service that is not on loopback',
    code: 'CONFIG_INVALID',
    prepare: (job) =>
      changeJson(job.env['INPUT_SIGNING-CONFIG'], ({ caUrls: [first] = [], ...rest }) => ({
        ...rest,
        caUrls: [{ ...first, url: 'http://fulcio.example' }],
      })),
  },
  {
    title: 'a trusted root that is none',
    code: 'TRUST_INVALID',
    prepare: (job) => writeFile(job.env['INPUT_TRUSTED-ROOT'] ?? '', '{}'),
  },
  { title: 'an environment without a commit', code: 'ENVIRONMENT', inputs: { GITHUB_SHA: '' } },
  {
    title: 'an identity token that is none',
    code: 'TOKEN_MALFORMED',
    inputs: { 'INPUT_IDENTITY-TOKEN': 'not.a.token' },
  },
]

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

interface Config {
  readonly tsaUrls?: readonly object[]
  readonly rekorTlogUrls?: readonly object[]
  readonly caUrls?: readonly object[]
}

/** Changes a file of the job that holds JSON. */
async function changeJson(path: string | undefined, change: (json: Config) => unknown): Promise<void> {
  await writeFile(path ?? '', JSON.stringify(change(JSON.parse(await readFile(path ?? '', 'utf8')))))
}

suite('refused before anything is asked of anybody', { concurrency: 2 }, () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())

  for (const { title, code, inputs = {}, prepare, says, skip = false } of ROWS) {
    test(title, { skip }, async () => {
      const job = await sandbox.newJob()
      await writeFiles(job, { 'app.bin': 'content' })
      await prepare?.(job)
      const done = await assertRefused(job, { 'INPUT_SUBJECT-PATH': 'app.bin', ...inputs }, code)
      if (says !== undefined) assert.match(dataOf(done, 'error')[0] ?? '', says)
      assert.equal(sandbox.requests.all().length, 0)
      assert.deepEqual(done.report?.public, [])
    })
  }

  test('`fail` refuses any bundle that is there', async () => {
    const job = await sandbox.newJob()
    const artifact = Buffer.from('content')
    const { bytes } = makeBundle(sandbox, { artifact }, { logs: [2] })
    await writeFiles(job, { 'app.bin': artifact, 'app.bin.sigstore.json': bytes })
    const inputs = { 'INPUT_SUBJECT-PATH': 'app.bin', 'INPUT_EXISTING-BUNDLES': 'fail' }
    await assertRefused(job, inputs, 'OUTPUT_EXISTS')
    assert.equal(sandbox.requests.all().length, 0)
  })

  test('a folder for bundles that takes none', { skip: asRoot || process.platform === 'win32' }, async () => {
    const job = await sandbox.newJob()
    await writeFiles(job, { 'app.bin': 'content', 'to/x': 'x' })
    await chmod(join(job.workspace, 'to'), 0o555)
    await assertRefused(job, { 'INPUT_SUBJECT-PATH': 'app.bin', 'INPUT_BUNDLE-PATH': 'to/' }, 'OUTPUT_WRITE')
  })

  test('outputs that cannot be written: exit 1 and the error all the same', async () => {
    const job = await sandbox.newJob()
    await writeFiles(job, { 'app.bin': 'content' })
    const env = { ...job.env, GITHUB_OUTPUT: join(job.temp, 'absent'), 'INPUT_SUBJECT-PATH': 'app.bin' }
    const done = await run('sign', { ...env, 'INPUT_DRY-RUN': 'true' })
    assert.equal(done.code, 1)
    assert.match(dataOf(done, 'error').join('\n'), /^OUTPUT_WRITE: /)
    const reports = (await treeOf(job.temp)).filter((path) => path.endsWith('report.json'))
    assert.equal(reports.length, 1)
    const report = JSON.parse(await readFile(join(job.temp, reports[0] ?? ''), 'utf8'))
    assert.deepEqual([report.result, report.error.code], ['failed', 'OUTPUT_WRITE'])
  })

  test('verify.js fails by the same rules', async () => {
    const job = await sandbox.newJob()
    await writeFiles(job, { 'app.bin': 'content' })
    const done = await run('verify', { ...job.env, 'INPUT_SUBJECT-PATH': 'app.bin' })
    assert.equal(done.code, 1)
    assert.equal(done.outputs.get('verified'), '')
    assert.equal(done.outputs.get('error-code'), 'BUNDLE_MISSING')
    assert.equal(dataOf(done, 'error').length, 1)
  })
})
