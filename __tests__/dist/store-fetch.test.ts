import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import { runAction } from '../../bench/action.ts'
import { makeBundle } from '../../sandbox/bundles.ts'
import { createCtLog } from '../../sandbox/ct-log.ts'
import type { Fault, FaultRule } from '../../sandbox/faults.ts'
import { createFulcioCa } from '../../sandbox/fulcio-ca.ts'
import { apiError } from '../../sandbox/github/router.ts'
import type { Job } from '../../sandbox/job.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { encodeSnappyBlock } from '../../sandbox/snappy.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { startValidated } from '../sandbox/validated.ts'
import { dataOf, type Run, run, type Variables, writeFiles } from './program.ts'
import { PROVENANCE, SBOM, statementOver, storeAttestation } from './stored.ts'

suite("dist/verify.js and GitHub's store of attestations", () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startValidated()
  })
  after(() => sandbox.close())
  beforeEach(() => {
    sandbox.github.state.attestations.length = 0
    sandbox.github.state.withoutAttestations.clear()
  })
  afterEach(() => {
    sandbox.requests.clear()
    sandbox.faults.clear()
  })

  async function jobWith(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<Job> {
    const job = await sandbox.newJob()
    await writeFiles(job, { 'app.bin': 'content', ...files })
    return job
  }
  const verify = async (inputs: Variables = {}, job?: Job): Promise<Run> =>
    run('verify', { ...(job ?? (await jobWith())).env, 'INPUT_SUBJECT-PATH': 'app.bin', ...inputs })

  const asked = (): readonly string[] =>
    sandbox.requests.all().map(({ service, method }) => `${service} ${method}`)
  const ONE_EACH = ['github-api GET', 'github-storage GET']

  function assertVerified(done: Run, source: 'file' | 'github'): void {
    assert.equal(done.code, 0, done.text)
    assert.equal(done.outputs.get('verified'), 'true')
    assert.deepEqual([...new Set(done.report?.subjects.map((one) => one.source))], [source])
  }
  function assertFailed(done: Run, code: ErrorCode): void {
    assert.equal(done.code, 1, done.text)
    assert.equal(done.outputs.get('error-code'), code, done.text)
    assert.equal(done.outputs.get('verified'), '')
    assert.equal(done.outputs.get('statement-paths'), '')
  }

  test('without a bundle on disk the attestation in the store decides, and the report says so', async () => {
    storeAttestation(sandbox)
    const done = await verify()
    assertVerified(done, 'github')
    assert.deepEqual(asked(), ONE_EACH)
    const [subject] = done.report?.subjects ?? []
    assert.equal(subject?.predicateType, PROVENANCE)
    assert.equal(subject?.bundle, undefined)
    assert.match(done.summary, /GitHub's store/)
    assert.match(done.text, /attestation from GitHub's store/)
    const [statement = ''] = (done.outputs.get('statement-paths') ?? '').split('\n')
    assert.deepEqual(JSON.parse(await readFile(statement, 'utf8')), statementOver(['content']))
  })

  test('a subject known by its digest alone is found', async () => {
    const [digest = ''] = storeAttestation(sandbox).digests
    assertVerified(await verify({ 'INPUT_SUBJECT-PATH': '', 'INPUT_SUBJECT-DIGEST': digest }), 'github')
  })

  test('large ones that fail do not gather in memory', async () => {
    const big = { ...statementOver(['content']), predicate: { x: 'a'.repeat(4_000_000) } }
    const payload = Buffer.from(JSON.stringify(big)).toString('base64')
    for (let i = 0; i < 40; i++) {
      const { bundle } = makeBundle(sandbox, { statement: statementOver(['content']) })
      Object.assign(bundle['dsseEnvelope'] ?? {}, { payload })
      storeAttestation(sandbox, { entry: { form: 'block', bundle } })
    }
    const job = await jobWith()
    const { status, stdout, peak } = await runAction('verify', {
      ...job.env,
      'INPUT_SUBJECT-PATH': 'app.bin',
    })
    assert.equal(status, 1)
    assert.match(stdout, /STORE_NONE_VALID: none of 40 attestations/)
    if (peak === undefined) console.warn('not measured: only Linux tells how much memory a process had')
    // 9 MB for each of them, the text and its base64, would be 360 MiB.
    else assert.ok(peak < 300 * 1024, `${Math.round(peak / 1024)} MiB`)
  })

  for (const form of ['block', 'stream', 'json', 'inline'] as const)
    test(`a bundle that is handed out as ${form} is read`, async () => {
      storeAttestation(sandbox, { entry: { form } })
      assertVerified(await verify(), 'github')
      assert.deepEqual(asked(), form === 'inline' ? ['github-api GET'] : ONE_EACH)
    })

  test('without a token what is public is found', async () => {
    storeAttestation(sandbox)
    assertVerified(await verify({ 'INPUT_GITHUB-TOKEN': '' }), 'github')
  })

  suite('which place decides', () => {
    const good = () => makeBundle(sandbox, { artifact: Buffer.from('content') }).bytes
    const bad = () => makeBundle(sandbox, { artifact: Buffer.from('other') }).bytes
    const sbom = () => makeBundle(sandbox, { statement: statementOver(['content'], SBOM) }).bytes

    test('a bundle on disk, and nobody is asked', async () => {
      storeAttestation(sandbox)
      assertVerified(await verify({}, await jobWith({ 'app.bin.sigstore.json': good() })), 'file')
      assert.deepEqual(asked(), [])
    })

    test('a bundle on disk that fails, whatever the store holds', async () => {
      storeAttestation(sandbox)
      for (const [bytes, code] of [
        [bad(), 'SIG_DIGEST'],
        [Buffer.from('{}'), 'BUNDLE_VERSION'],
      ] as const) {
        const done = await verify({}, await jobWith({ 'app.bin.sigstore.json': bytes }))
        assert.equal(done.code, 1)
        assert.notEqual(done.outputs.get('error-code'), '')
        if (code === 'SIG_DIGEST') assertFailed(done, code)
      }
      assert.deepEqual(asked(), [])
    })

    test('a good one on disk of a type that was not asked for leaves it to the store', async () => {
      storeAttestation(sandbox)
      const job = await jobWith({ 'app.bin.sbom.sigstore.json': sbom() })
      const done = await verify({}, job)
      assertVerified(done, 'github')
      assert.match(done.report?.unused.map(({ reason }) => reason).join() ?? '', /spdx/)
    })

    test('bundle-source: github looks nowhere else', async () => {
      storeAttestation(sandbox)
      const job = await jobWith({ 'app.bin.sigstore.json': bad() })
      assertVerified(await verify({ 'INPUT_BUNDLE-SOURCE': 'github' }, job), 'github')
    })

    for (const inputs of [{ 'INPUT_BUNDLE-SOURCE': 'file' }, { INPUT_OFFLINE: 'true' }])
      test(`${JSON.stringify(inputs)} never asks`, async () => {
        storeAttestation(sandbox)
        assertFailed(await verify(inputs), 'BUNDLE_MISSING')
        assert.deepEqual(asked(), [])
      })

    const conflicts: readonly (readonly [string, Variables])[] = [
      ['offline', { INPUT_OFFLINE: 'true' }],
      ['bundle-path', { 'INPUT_BUNDLE-PATH': 'x.json' }],
      ['another hash', { 'INPUT_SUBJECT-DIGEST': `sha512:${'a'.repeat(128)}` }],
      ['the issuer of another server', { GITHUB_SERVER_URL: 'https://git.example.com' }],
    ]
    for (const [what, inputs] of conflicts)
      test(`bundle-source: github and ${what} contradict each other`, async () => {
        const extra = { INPUT_REPOSITORY: 'octo/demo', 'INPUT_BUNDLE-SOURCE': 'github' }
        assertFailed(await verify({ ...extra, ...inputs }), 'INPUT_CONFLICT')
        assert.deepEqual(asked(), [])
      })
  })

  suite('what else is in the store', () => {
    const rogue = () =>
      createFulcioCa({ curve: 'P-256', ctLog: createCtLog(), notBefore: 0, notAfter: Date.now() + 3_600_000 })
        .intermediate
    const identity = (changes: object) => ({
      iss: sandbox.addresses.issuer,
      ...sandbox.claims,
      ...changes,
    })
    const other = {
      repository: 'evil/demo',
      repository_id: '666',
      job_workflow_ref: 'evil/demo/.github/workflows/x.yml@refs/heads/main',
    }
    const others: readonly (readonly [string, RegExp, () => unknown])[] = [
      [
        'of another instance, as a release has one of GitHub',
        /^CERT_CHAIN: /,
        () =>
          storeAttestation(sandbox, {
            bundle: { leaf: { issuer: rogue() } },
            entry: { initiator: 'github' },
          }),
      ],
      [
        'by another repository',
        /^IDENTITY_MISMATCH: /,
        () => storeAttestation(sandbox, { bundle: { leaf: { identity: identity(other) } } }),
      ],
      [
        'of a pull request',
        /^IDENTITY_MISMATCH: /,
        () =>
          storeAttestation(sandbox, {
            bundle: { leaf: { identity: identity({ event_name: 'pull_request' }) } },
          }),
      ],
      ['of another type', /spdx\.dev/, () => storeAttestation(sandbox, { predicateType: SBOM })],
      [
        'over another file',
        /^SUBJECT_MISMATCH: /,
        () => storeAttestation(sandbox, { contents: ['other'], listedFor: ['content'] }),
      ],
      ['never logged', /^TLOG_MISSING: /, () => storeAttestation(sandbox, { bundle: { logs: [] } })],
      ['that is no bundle', /^BUNDLE_/, () => storeAttestation(sandbox, { entry: { bundle: { a: 1 } } })],
      [
        'whose address has expired',
        /^GITHUB_RESPONSE: .*403/,
        () => storeAttestation(sandbox, { entry: { expired: true } }),
      ],
      [
        'on a host that is not GitHub’s',
        /^GITHUB_HOST: /,
        () => storeAttestation(sandbox, { entry: { url: 'https://evil.example/1.json.sn' } }),
      ],
      [
        'that lies about its length',
        /^GITHUB_RESPONSE: .*Snappy/,
        () => storeAttestation(sandbox, { entry: { body: encodeSnappyBlock(Buffer.from('{}'), 3) } }),
      ],
      [
        'that claims four gigabytes',
        /^BUNDLE_TOO_LARGE: /,
        () => storeAttestation(sandbox, { entry: { body: Uint8Array.of(255, 255, 255, 255, 15) } }),
      ],
    ]

    test('one that holds is enough; each of the others is listed with its reason', async () => {
      for (const [, , put] of others) put()
      storeAttestation(sandbox)
      for (const [, , put] of others) put()
      const done = await verify()
      assertVerified(done, 'github')
      assert.equal(done.report?.subjects.length, 1)
      const reasons = done.report?.unused.map(({ reason }) => reason) ?? []
      assert.equal(reasons.length, 2 * others.length)
      for (const [what, said] of others)
        assert.ok(
          reasons.some((reason) => said.test(reason)),
          `${what}: ${reasons.join('\n')}`,
        )
    })

    test('where none holds the step fails, and lists them', async () => {
      for (const [, , put] of others) put()
      const done = await verify()
      assertFailed(done, 'STORE_NONE_VALID')
      assert.equal(done.report?.unused.length, others.length)
    })

    for (const [what, said, put] of others)
      test(`one alone ${what} is refused`, async () => {
        put()
        const done = await verify()
        assert.equal(done.code, 1)
        const { code, found = '' } = done.report?.error ?? {}
        assert.ok(
          said.test(`${code}: ${done.report?.error?.message} ${found}`) || code === 'PREDICATE_TYPE',
          done.text,
        )
      })

    test('what was asked for by type is all that is looked at', async () => {
      storeAttestation(sandbox)
      storeAttestation(sandbox, { predicateType: SBOM })
      const done = await verify({ 'INPUT_PREDICATE-TYPE': SBOM })
      assertVerified(done, 'github')
      assert.deepEqual(
        done.report?.subjects.map((one) => one.predicateType),
        [SBOM],
      )
      assert.deepEqual(asked(), ONE_EACH)
    })
  })

  test('the one that holds is found on the last page', async () => {
    storeAttestation(sandbox)
    for (let i = 0; i < 100; i++) storeAttestation(sandbox, { entry: { form: 'inline', bundle: { a: 1 } } })
    assertVerified(await verify(), 'github')
    assert.equal(sandbox.requests.count('github-api'), 2)
  })

  test('beyond a thousand nothing more is looked at', async () => {
    storeAttestation(sandbox)
    for (let i = 0; i < 1000; i++) storeAttestation(sandbox, { entry: { form: 'inline', bundle: { a: 1 } } })
    assertFailed(await verify(), 'STORE_NONE_VALID')
    assert.equal(sandbox.requests.count('github-api'), 10)
  })

  test('one attestation over many files is not fetched for each of them', async () => {
    const contents = Array.from({ length: 60 }, (_, i) => `content of ${i}`)
    storeAttestation(sandbox, { contents })
    const job = await jobWith(Object.fromEntries(contents.map((content, i) => [`out/${i}.bin`, content])))
    const done = await verify({ 'INPUT_SUBJECT-PATH': 'out/*' }, job)
    assertVerified(done, 'github')
    assert.equal(done.outputs.get('subject-count'), '60')
    assert.ok(sandbox.requests.count('github-api') <= 4, `${sandbox.requests.count('github-api')} requests`)
  })

  test('one file of two that is in the store is not enough', async () => {
    storeAttestation(sandbox)
    const done = await verify({ 'INPUT_SUBJECT-PATH': '*.bin' }, await jobWith({ 'b.bin': 'unsigned' }))
    assertFailed(done, 'BUNDLE_MISSING')
    assert.match(done.report?.error?.message ?? '', /"b\.bin".*store of octo\/demo/)
  })

  const api = (answer: Extract<Fault, { kind: 'answer' }>['answer']): FaultRule => ({
    service: 'github-api',
    fault: { kind: 'answer', answer },
  })
  const failures: readonly (readonly [string, ErrorCode, RegExp, FaultRule | undefined, Variables?])[] = [
    ['none', 'BUNDLE_MISSING', /attestations: read/, undefined],
    [
      'a token that GitHub does not know',
      'GITHUB_TOKEN',
      /github-token/,
      undefined,
      { 'INPUT_GITHUB-TOKEN': 'ghs_x' },
    ],
    [
      '403',
      'GITHUB_PERMISSION',
      /attestations: read/,
      api(apiError(403, 'Resource not accessible by integration')),
    ],
    ['422', 'GITHUB_REFUSED', /no such thing/, api(apiError(422, 'no such thing'))],
    ['500 for good', 'NET_UNREACHABLE', /GitHub API/, api({ status: 500 }), { 'INPUT_TIME-BUDGET': '1s' }],
    ['HTML', 'GITHUB_RESPONSE', /./, api({ status: 200, body: '<html>' })],
    [
      'a next page on another host',
      'GITHUB_HOST',
      /./,
      api({
        status: 200,
        body: '{"attestations":[]}',
        headers: { link: '<https://evil.example/x>; rel="next"' },
      }),
    ],
    [
      'a redirect',
      'NET_REDIRECT',
      /./,
      { service: 'github-api', fault: { kind: 'redirect', location: 'https://evil.example/' } },
    ],
    ['an endless list', 'NET_TOO_LARGE', /./, { service: 'github-api', fault: { kind: 'endless' } }],
  ]
  for (const [what, code, says, fault, inputs = {}] of failures)
    test(`the store answers with ${what}: ${code}`, async () => {
      if (fault !== undefined) sandbox.faults.add(fault)
      const done = await verify(inputs)
      assertFailed(done, code)
      const { message, hint } = done.report?.error ?? {}
      assert.match(`${message} ${hint}`, says)
      assert.doesNotMatch(
        done.lines.join('\n') + dataOf(done, 'error').join('\n') + JSON.stringify(done.report),
        /ghs_/,
      )
    })

  test('a repository without the feature has nothing, and the hint says what that may mean', async () => {
    storeAttestation(sandbox)
    sandbox.github.state.withoutAttestations.add('octo/demo')
    assertFailed(await verify(), 'BUNDLE_MISSING')
  })

  test('a bad night: lost answers, 5xx and rate limits are outlasted', async () => {
    storeAttestation(sandbox)
    const faults: readonly FaultRule[] = [
      { service: 'github-api', count: 1, fault: { kind: 'drop' } },
      {
        ...api(apiError(403, 'You have exceeded a secondary rate limit.', [], { 'retry-after': '0' })),
        count: 1,
      },
      { service: 'github-storage', count: 1, fault: { kind: 'cut', bytes: 100 } },
      { service: 'github-storage', count: 1, fault: { kind: 'answer', answer: { status: 503 } } },
    ]
    for (const fault of faults) sandbox.faults.add(fault)
    assertVerified(await verify(), 'github')
  })

  test('certificates of an inspecting proxy must be there and be certificates', async () => {
    const job = await jobWith({ 'ca.pem': 'no certificate' })
    assertFailed(await verify({ 'INPUT_CA-CERTIFICATES': 'absent.pem' }, job), 'FILE_READ')
    await writeFile(
      join(job.workspace, 'app.bin.sigstore.json'),
      makeBundle(sandbox, { artifact: Buffer.from('content') }).bytes,
    )
    const done = await verify({ 'INPUT_CA-CERTIFICATES': 'ca.pem' }, job)
    assert.equal(done.code, 1)
    assert.notEqual(done.outputs.get('error-code'), 'INTERNAL')
  })
})
