import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { after, afterEach, before, suite, test } from 'node:test'
import { githubClaims } from '../../sandbox/claims.ts'
import type { Job } from '../../sandbox/job.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { withoutSharedData } from '../core/shared-data.ts'
import { dataOf, run, type Variables, writeFiles } from './program.ts'

/** When the shipped files were still fresh: these tests must not end with them. */
const clockAt = (now: number): Variables => ({
  NODE_OPTIONS: `--require=${resolve('__tests__/dist/clock-at.cjs')}`,
  KEYLESS_TEST_NOW: String(now),
})

const PRIVATE = githubClaims({ visibility: 'private' })

suite("dist/ with an instance like GitHub's own: no log, signed time", () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startSandbox({ instance: 'github', curve: 'P-384', claims: PRIVATE })
  })
  after(() => sandbox.close())
  afterEach(() => {
    sandbox.requests.clear()
    sandbox.faults.clear()
  })

  async function job(): Promise<Job> {
    const one = await sandbox.newJob()
    await writeFiles(one, { 'app.bin': 'content' })
    return one
  }
  const subject = { 'INPUT_SUBJECT-PATH': 'app.bin' }
  const bundleOf = async ({ workspace }: Job) =>
    JSON.parse(await readFile(join(workspace, 'app.bin.sigstore.json'), 'utf8'))

  test('a private repository signs without being asked to permit anything, and nothing is logged', async () => {
    const one = await job()
    const signed = await run('sign', { ...one.env, ...subject })
    assert.equal(signed.code, 0, signed.text)
    assert.deepEqual(
      sandbox.requests.all().map(({ service }) => service),
      ['token', 'fulcio', 'tsa'],
    )
    const { verificationMaterial } = await bundleOf(one)
    assert.deepEqual(verificationMaterial.tlogEntries ?? [], [])
    assert.equal(verificationMaterial.timestampVerificationData.rfc3161Timestamps.length, 1)
    assert.deepEqual(signed.report?.subjects[0]?.entries, [])
    assert.match(signed.summary, /in no public log/)
    assert.match(signed.outputs.get('verify-commands') ?? '', /sigstore: 'custom'/)
    assert.doesNotMatch(signed.outputs.get('verify-commands') ?? '', /cosign verify-blob/)

    const verified = await run('verify', { ...one.env, ...subject })
    assert.equal(verified.code, 0, verified.text)
    assert.match(verified.summary, /no log/)
    assert.deepEqual(
      verified.report?.subjects[0]?.times.map(({ source }) => source),
      ['timestamp authority'],
    )
  })

  test('a failed run says that nothing became public, for nothing did', async () => {
    const one = await job()
    sandbox.faults.add({ service: 'tsa', fault: { kind: 'answer', answer: { status: 400 } } })
    const failed = await run('sign', { ...one.env, ...subject })
    assert.equal(failed.code, 1)
    assert.equal(failed.outputs.get('error-code'), 'TSA_REFUSED')
    assert.equal(sandbox.requests.count('fulcio'), 1)
    assert.deepEqual(failed.report?.public, [])
  })

  const spoilt: readonly (readonly [string, ErrorCode, (bundle: Bundle) => void])[] = [
    [
      'without the timestamp',
      'TIME_MISSING',
      ({ verificationMaterial: material }) => {
        material.timestampVerificationData = { rfc3161Timestamps: [] }
      },
    ],
    [
      'with a log entry',
      'TLOG_UNKNOWN_LOG',
      ({ verificationMaterial: material }) => {
        material.tlogEntries = [ENTRY]
      },
    ],
  ]
  for (const [why, code, spoil] of spoilt)
    test(`a bundle ${why} is refused: ${code}`, async () => {
      const one = await job()
      assert.equal((await run('sign', { ...one.env, ...subject })).code, 0)
      const bundle = await bundleOf(one)
      spoil(bundle)
      await writeFile(join(one.workspace, 'app.bin.sigstore.json'), JSON.stringify(bundle))
      const refused = await run('verify', { ...one.env, ...subject })
      assert.equal(refused.code, 1)
      assert.equal(refused.outputs.get('error-code'), code, refused.text)
    })

  test('which instance it is, the bundle never says: under another root it is refused, and theirs here', async () => {
    const other = await startSandbox({ claims: githubClaims() })
    try {
      const [ours, theirs] = [await job(), await other.newJob()]
      await writeFiles(theirs, { 'app.bin': 'content' })
      for (const one of [ours, theirs]) assert.equal((await run('sign', { ...one.env, ...subject })).code, 0)
      const root = (one: Job): Variables => ({ 'INPUT_TRUSTED-ROOT': one.env['INPUT_TRUSTED-ROOT'] ?? '' })
      for (const [one, under] of [
        [ours, theirs],
        [theirs, ours],
      ] as const) {
        const inside = join(one.temp, 'root_of_the_other.json')
        await writeFile(inside, await readFile(root(under)['INPUT_TRUSTED-ROOT'] ?? ''))
        const refused = await run('verify', { ...one.env, ...subject, 'INPUT_TRUSTED-ROOT': inside })
        assert.equal(refused.code, 1)
        assert.match(refused.outputs.get('error-code') ?? '', /^(?:TLOG_MISSING|TLOG_UNKNOWN_LOG)$/)
      }
    } finally {
      await other.close()
    }
  })

  const refused: readonly (readonly [string, Variables, ErrorCode])[] = [
    ['a version of a log', { 'INPUT_REKOR-VERSION': '1' }, 'CONFIG_NO_LOG'],
    ['the public signing config', { INPUT_SIGSTORE: 'github' }, 'INPUT_CONFLICT'],
    [
      'the instance of github.com on another server',
      {
        INPUT_SIGSTORE: 'github',
        'INPUT_TRUSTED-ROOT': '',
        'INPUT_SIGNING-CONFIG': '',
        GITHUB_SERVER_URL: 'https://acme.ghe.com',
      },
      'INPUT_CONFLICT',
    ],
  ]
  for (const [what, inputs, code] of refused)
    test(`asked for ${what}: ${code}, and nobody was asked anything`, async () => {
      const one = await job()
      const done = await run('sign', { ...one.env, ...subject, ...inputs })
      assert.equal(done.outputs.get('error-code'), code, done.text)
      assert.deepEqual(sandbox.requests.all(), [])
    })

  test('sigstore: github passes preflight with what is shipped', async () => {
    const one = await job()
    const env = { ...one.env, INPUT_SIGSTORE: 'github', 'INPUT_TRUSTED-ROOT': '', 'INPUT_SIGNING-CONFIG': '' }
    const dry = await run('sign', {
      ...env,
      ...subject,
      'INPUT_DRY-RUN': 'true',
      ...clockAt(Date.UTC(2026, 8, 2)),
    })
    assert.equal(dry.code, 0, dry.text)
    assert.equal(dry.report?.trust?.name, 'github')
    assert.match(dataOf(dry, 'notice').join('\n'), /no public log/)
    const stale = await run('sign', {
      ...env,
      ...subject,
      'INPUT_DRY-RUN': 'true',
      ...clockAt(Date.UTC(2027, 0, 2)),
    })
    assert.equal(stale.outputs.get('error-code'), 'TRUST_STALE')
  })
})

interface Bundle {
  readonly verificationMaterial: { timestampVerificationData?: unknown; tlogEntries?: unknown[] }
}

const ENTRY = {
  logIndex: '1',
  logId: { keyId: Buffer.alloc(32).toString('base64') },
  kindVersion: { kind: 'hashedrekord', version: '0.0.1' },
  integratedTime: '1767225600',
  inclusionPromise: { signedEntryTimestamp: 'AAAA' },
  inclusionProof: {
    logIndex: '0',
    rootHash: Buffer.alloc(32).toString('base64'),
    treeSize: '1',
    hashes: [],
    checkpoint: { envelope: 'a\n1\nAAAA\n\n— a AAAA\n' },
  },
  canonicalizedBody: 'e30=',
}

suite('a real attestation of a private repository', { skip: withoutSharedData }, () => {
  const REAL = '../shared/data/github/private-provenance.sigstore.json'
  const SIGNER =
    'neverendingsupport/slsa-attestations/.github/workflows/attest.yml@9f6d9dc1bfc02986955721eb15f89ad618f1cedb'
  const policy = {
    'INPUT_SUBJECT-DIGEST': 'sha256:caa015ef69e9bc31a41322d6c71563ed9600c75bb988e4d639b1edc578580551',
    'INPUT_BUNDLE-PATH': 'real.sigstore.json',
    INPUT_REPOSITORY: 'neverendingsupport/nes-java-test-lib-a',
    'INPUT_SIGNER-WORKFLOW': SIGNER,
    ...clockAt(Date.UTC(2026, 8, 2)),
  }
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())

  async function verifyReal(inputs: Variables) {
    const one = await sandbox.newJob()
    await writeFiles(one, { 'real.sigstore.json': await readFile(REAL) })
    return run('verify', {
      ...one.env,
      'INPUT_TRUSTED-ROOT': '',
      INPUT_SIGSTORE: 'github',
      ...policy,
      ...inputs,
    })
  }

  test('holds under sigstore: github', async () => {
    const done = await verifyReal({})
    assert.equal(done.code, 0, done.text)
    assert.equal(done.outputs.get('verified'), 'true')
    assert.equal(done.report?.trust?.name, 'github')
    const [subject] = done.report?.subjects ?? []
    assert.equal(subject?.predicateType, 'https://slsa.dev/provenance/v1')
    assert.deepEqual(subject?.entries, [])
  })

  const refused: readonly (readonly [string, Variables, ErrorCode])[] = [
    ['unasked, under the public instance', { INPUT_SIGSTORE: '' }, 'TLOG_MISSING'],
    ['under staging', { INPUT_SIGSTORE: 'staging' }, 'TLOG_MISSING'],
    ['of another workflow', { 'INPUT_SIGNER-WORKFLOW': `${SIGNER.slice(0, -1)}0` }, 'IDENTITY_MISMATCH'],
    ['for another file', { 'INPUT_SUBJECT-DIGEST': `sha256:${'0'.repeat(64)}` }, 'SUBJECT_MISMATCH'],
  ]
  for (const [why, inputs, code] of refused)
    test(`is refused ${why}: ${code}`, async () => {
      const done = await verifyReal(inputs)
      assert.equal(done.code, 1)
      assert.equal(done.outputs.get('error-code'), code, done.text)
    })
})
