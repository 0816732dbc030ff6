import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import { githubClaims } from '../../sandbox/claims.ts'
import type { Fault, FaultRule } from '../../sandbox/faults.ts'
import { apiError } from '../../sandbox/github/router.ts'
import type { Job } from '../../sandbox/job.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { startValidated } from '../sandbox/validated.ts'
import { dataOf, type Run, run, type Variables, writeFiles } from './program.ts'
import { PROVENANCE, sha256 } from './stored.ts'

const REQUIRE = { INPUT_ATTEST: 'provenance', 'INPUT_GITHUB-ATTESTATIONS': 'require' }
const EFFORT = { ...REQUIRE, 'INPUT_GITHUB-ATTESTATIONS': 'best-effort' }

suite("dist/sign.js and GitHub's store of attestations", () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startValidated()
  })
  after(() => sandbox.close())
  beforeEach(() => {
    const { state, permissions } = sandbox.github
    state.attestations.length = 0
    state.withoutAttestations.clear()
    permissions.attestations = 'write'
  })
  afterEach(() => {
    sandbox.requests.clear()
    sandbox.faults.clear()
  })

  const stored = () => sandbox.github.state.attestations
  async function jobWith(count = 1): Promise<Job> {
    const job = await sandbox.newJob()
    await writeFiles(
      job,
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`out/${i}.bin`, `content ${i}`])),
    )
    return job
  }
  const sign = (job: Job, inputs: Variables = REQUIRE): Promise<Run> =>
    run('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'out/*', ...inputs })
  const posts = (): number => sandbox.requests.count('github-api', 'POST')
  const logged = (): number =>
    sandbox.requests.count('rekor-v2', 'POST') + sandbox.requests.count('rekor-v1', 'POST')

  function assertSigned(done: Run): void {
    assert.equal(done.code, 0, done.text)
    assert.equal(done.report?.result, 'signed')
  }
  function assertFailed(done: Run, code: ErrorCode): void {
    assert.equal(done.code, 1, done.text)
    assert.equal(done.outputs.get('error-code'), code, done.text)
    for (const name of ['attestation-id', 'attestation-url', 'bundle-path'])
      assert.equal(done.outputs.get(name), '')
  }

  test('one attestation over all files is stored, read back, told, and found by verify.js alone', async () => {
    const done = await sign(await jobWith(3))
    assertSigned(done)
    assert.equal(posts(), 1)
    const [one] = stored()
    assert.deepEqual([one?.predicateType, one?.digests.length], [PROVENANCE, 3])
    const url = 'https://github.com/octo/demo/attestations/1'
    assert.equal(done.outputs.get('attestation-id'), '1')
    assert.equal(done.outputs.get('attestation-url'), url)
    const [path = ''] = (done.outputs.get('bundle-paths') ?? '').split('\n')
    assert.deepEqual(done.report?.published, [{ kind: 'attestation', bundle: path, id: '1', url }])
    assert.match(done.summary, /Stored:.*1 attestation/)
    assert.match(done.text, /attestations\/1/)

    const elsewhere = await jobWith(3)
    const verified = await run('verify', { ...elsewhere.env, 'INPUT_SUBJECT-PATH': 'out/*' })
    assert.equal(verified.code, 0, verified.text)
    assert.deepEqual([...new Set(verified.report?.subjects.map(({ source }) => source))], ['github'])
  })

  test('one each, in one .jsonl: ids and pages in the order of the bundles', async () => {
    const inputs = { ...REQUIRE, 'INPUT_ATTEST-EACH': 'true', 'INPUT_BUNDLE-PATH': 'all.jsonl' }
    const done = await sign(await jobWith(3), inputs)
    assertSigned(done)
    assert.equal(done.outputs.get('attestation-id'), '1\n2\n3')
    assert.equal(done.outputs.get('attestation-url')?.split('\n').length, 3)
    assert.deepEqual(
      stored().map(({ digests }) => digests),
      [0, 1, 2].map((i) => [`sha256:${sha256(`content ${i}`)}`]),
    )
  })

  test('unasked nothing is stored and GitHub is not asked', async () => {
    assertSigned(await sign(await jobWith(), { INPUT_ATTEST: 'provenance' }))
    assert.equal(sandbox.requests.count('github-api'), 0)
  })

  test('a dry run only reads', async () => {
    const done = await sign(await jobWith(), { ...REQUIRE, 'INPUT_DRY-RUN': 'true' })
    assert.equal(done.code, 0, done.text)
    assert.deepEqual([posts(), sandbox.requests.count('token')], [0, 0])
  })

  suite('running again', () => {
    test('what is stored already is neither logged nor stored twice', async () => {
      const job = await jobWith()
      assertSigned(await sign(job))
      sandbox.requests.clear()
      const again = await sign(job)
      assertSigned(again)
      assert.deepEqual([posts(), logged(), stored().length], [0, 0, 1])
      assert.deepEqual(
        again.report?.published.map((one) => 'kept' in one && one.kept),
        [true],
      )
      assert.equal(again.outputs.get('attestation-id'), '')
    })

    test('what is kept on disk and missing in the store is stored then', async () => {
      const job = await jobWith()
      assertSigned(await sign(job, { INPUT_ATTEST: 'provenance' }))
      sandbox.requests.clear()
      assertSigned(await sign(job))
      assert.deepEqual([posts(), logged(), stored().length], [1, 0, 1])
    })
  })

  const api = (answer: Extract<Fault, { kind: 'answer' }>['answer'], method?: string): FaultRule => ({
    service: 'github-api',
    ...(method !== undefined && { method }),
    fault: { kind: 'answer', answer },
  })

  suite('a bad night', () => {
    test('a lost answer: the store is looked at before anything is sent again', async () => {
      sandbox.faults.add({ service: 'github-api', method: 'POST', count: 1, fault: { kind: 'lose' } })
      const done = await sign(await jobWith())
      assertSigned(done)
      assert.deepEqual([posts(), stored().length], [1, 1])
      assert.equal(done.outputs.get('attestation-id'), '')
      assert.equal(done.report?.published.length, 1)
    })

    const passing: readonly (readonly [string, FaultRule['fault']])[] = [
      ['a connection that is closed', { kind: 'drop' }],
      ['500', { kind: 'answer', answer: { status: 500 } }],
      ['429', { kind: 'answer', answer: { status: 429, headers: { 'retry-after': '0' } } }],
      [
        'a secondary rate limit',
        {
          kind: 'answer',
          answer: apiError(403, 'You have exceeded a secondary rate limit.', [], { 'retry-after': '0' }),
        },
      ],
    ]
    for (const [what, fault] of passing)
      test(`${what}: sent again`, async () => {
        sandbox.faults.add({ service: 'github-api', method: 'POST', count: 1, fault })
        const done = await sign(await jobWith())
        assertSigned(done)
        assert.deepEqual([posts(), stored().length, done.outputs.get('attestation-id')], [2, 1, '1'])
      })

    test('a list that is behind is asked again', async () => {
      const empty = { status: 200, body: '{"attestations":[]}' }
      sandbox.faults.add({ ...api(empty, 'GET'), from: 2, count: 1 })
      assertSigned(await sign(await jobWith()))
    })
  })

  type Failure = readonly [
    what: string,
    code: ErrorCode,
    says: RegExp,
    prepare: () => unknown,
    inputs?: Variables,
  ]
  const afterwards: readonly Failure[] = [
    [
      'the permission to write is missing',
      'GITHUB_PERMISSION',
      /attestations: write/,
      () => {
        sandbox.github.permissions.attestations = 'read'
      },
    ],
    [
      'GitHub refuses the bundle',
      'GITHUB_REFUSED',
      /duplicate subject/,
      () => sandbox.faults.add(api(apiError(422, 'duplicate subject in statement'), 'POST')),
    ],
    [
      'the feature is off',
      'GITHUB_NOT_FOUND',
      /Enterprise Cloud/,
      () => sandbox.github.state.withoutAttestations.add('octo/demo'),
    ],
    [
      'GitHub is down for good',
      'NET_UNREACHABLE',
      /500/,
      () => sandbox.faults.add(api({ status: 500 }, 'POST')),
      { 'INPUT_TIME-BUDGET': '2s' },
    ],
    [
      'GitHub answers nonsense',
      'GITHUB_RESPONSE',
      /./,
      () => sandbox.faults.add(api({ status: 201, body: '{}' }, 'POST')),
    ],
  ]
  for (const [what, cause, says, prepare, inputs = {}] of afterwards) {
    test(`require, and ${what}: the step fails and says what is public`, async () => {
      prepare()
      const done = await sign(await jobWith(), { ...REQUIRE, ...inputs })
      assertFailed(done, 'STORE_FAILED')
      const { found, message, hint } = done.report?.error ?? {}
      assert.equal(found, cause)
      assert.match(`${message} ${hint}`, says)
      assert.match(hint ?? '', /new run keeps them/)
      assert.deepEqual(
        done.report?.public.map(({ kind }) => kind),
        ['certificate', 'entry'],
      )
      assert.deepEqual(done.report?.published, [])
    })

    test(`best-effort, and ${what}: a warning in log, summary and report`, async () => {
      prepare()
      const done = await sign(await jobWith(), { ...EFFORT, ...inputs })
      assertSigned(done)
      const warned = dataOf(done, 'warning').filter((text) => text.startsWith("not in GitHub's store"))
      assert.equal(warned.length, 1, done.text)
      assert.ok(warned[0]?.includes(cause))
      assert.match(done.summary, /not in GitHub's store/)
      assert.ok(done.report?.notes.some((note) => note.includes(cause)))
      assert.notEqual(done.outputs.get('bundle-path'), '')
    })
  }

  const beforehand: readonly Failure[] = [
    ['a wrong token', 'GITHUB_TOKEN', /github-token/, () => undefined, { 'INPUT_GITHUB-TOKEN': 'ghs_x' }],
    ['no token', 'GITHUB_TOKEN', /github-token/, () => undefined, { 'INPUT_GITHUB-TOKEN': '' }],
    [
      '403 to reading',
      'GITHUB_PERMISSION',
      /attestations/,
      () => sandbox.faults.add(api(apiError(403, 'no'), 'GET')),
    ],
    [
      'a server that has no store',
      'STORE_UNAVAILABLE',
      /git\.example\.com/,
      () => undefined,
      { GITHUB_SERVER_URL: 'https://git.example.com' },
    ],
  ]
  for (const [what, code, says, prepare, inputs = {}] of beforehand) {
    test(`require, and ${what}: fails before anything is signed`, async () => {
      prepare()
      const done = await sign(await jobWith(), { ...REQUIRE, ...inputs })
      assertFailed(done, code)
      assert.match(`${done.report?.error?.message} ${done.report?.error?.hint}`, says)
      assert.equal(sandbox.requests.count('token'), 0)
      assert.deepEqual(done.report?.public, [])
    })

    test(`best-effort, and ${what}: a warning, and it is signed`, async () => {
      prepare()
      const done = await sign(await jobWith(), { ...EFFORT, ...inputs })
      assertSigned(done)
      assert.ok(dataOf(done, 'warning').some((text) => text.includes(code)))
      assert.equal(posts(), 0)
    })
  }

  test('more attestations than GitHub takes in an hour are refused before anything is signed', async () => {
    const done = await sign(await jobWith(401), { ...REQUIRE, 'INPUT_ATTEST-EACH': 'true' })
    assertFailed(done, 'INPUT_TOO_MANY')
    assert.deepEqual(sandbox.requests.all(), [])
  })

  test('plain signatures have no place there', async () => {
    const done = await sign(await jobWith(), { 'INPUT_GITHUB-ATTESTATIONS': 'require' })
    assertFailed(done, 'INPUT_CONFLICT')
    assert.deepEqual(sandbox.requests.all(), [])
  })

  /** Images that an earlier step declared to the runner, and no files. */
  async function declare(...digests: readonly string[]): Promise<Variables> {
    const job = await sandbox.newJob()
    const subjects = digests.map((digest, i) => ({ name: `app-${i}`, digest, kind: 'oci' }))
    await writeFiles({ workspace: job.temp }, { list: JSON.stringify({ version: 1, subjects }) })
    return { ...job.env, GITHUB_ARTIFACTS_LIST: `${job.temp}/list` }
  }

  test('a subject without a SHA-256, by which GitHub lists', async () => {
    const env = await declare(`sha256:${'ab'.repeat(32)}`, `sha512:${'ab'.repeat(64)}`)
    const refused = await run('sign', { ...env, ...REQUIRE })
    assertFailed(refused, 'INPUT_CONFLICT')
    assert.equal(sandbox.requests.count('token'), 0)
    const done = await run('sign', { ...env, ...EFFORT })
    assertSigned(done)
    assert.ok(dataOf(done, 'warning').some((text) => text.includes('INPUT_CONFLICT')))
    assert.equal(posts(), 0)
  })

  test('best effort with one bundle that is refused stores the others', async () => {
    sandbox.faults.add({ ...api(apiError(422, 'no'), 'POST'), from: 2, count: 1 })
    const done = await sign(await jobWith(3), { ...EFFORT, 'INPUT_ATTEST-EACH': 'true' })
    assertSigned(done)
    assert.equal(stored().length, 2)
    assert.match(dataOf(done, 'warning').join('\n'), /1 of 3 attestations/)
  })

  test('require after two of three: what is stored is told', async () => {
    sandbox.faults.add({ ...api(apiError(422, 'no'), 'POST'), from: 3 })
    const job = await jobWith(3)
    const done = await sign(job, { ...REQUIRE, 'INPUT_ATTEST-EACH': 'true' })
    assertFailed(done, 'STORE_FAILED')
    assert.equal(done.report?.published.length, 2)
    sandbox.faults.clear()
    sandbox.requests.clear()
    assertSigned(await sign(job, { ...REQUIRE, 'INPUT_ATTEST-EACH': 'true' }))
    assert.deepEqual([posts(), logged(), stored().length], [1, 0, 3])
  })
})

test("a private repository under an instance like GitHub's own: attested, stored, found, with no log at all", async () => {
  const claims = githubClaims({ visibility: 'private' })
  const sandbox = await startValidated({ instance: 'github', claims })
  try {
    const job = await sandbox.newJob()
    await writeFiles(job, { 'app.bin': 'content' })
    const signed = await run('sign', { ...job.env, ...REQUIRE, 'INPUT_SUBJECT-PATH': 'app.bin' })
    assert.equal(signed.code, 0, signed.text)
    assert.equal(signed.outputs.get('attestation-id'), '1')
    const other = await sandbox.newJob()
    await writeFiles(other, { 'app.bin': 'content' })
    const verify = (inputs: Variables) =>
      run('verify', { ...other.env, 'INPUT_SUBJECT-PATH': 'app.bin', ...inputs })
    const found = await verify({})
    assert.equal(found.code, 0, found.text)
    assert.deepEqual(
      found.report?.subjects.map(({ source, entries }) => [source, entries]),
      [['github', []]],
    )
    assert.equal((await verify({ 'INPUT_GITHUB-TOKEN': '' })).outputs.get('error-code'), 'BUNDLE_MISSING')
  } finally {
    await sandbox.close()
  }
})
