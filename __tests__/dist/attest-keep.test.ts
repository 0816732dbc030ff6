import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, suite, test } from 'node:test'
import type { Job } from '../../sandbox/job.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { attest, CUSTOM, countsOf, jobWith, PROVENANCE, payloadIn, SBOM, SPDX } from './attesting.ts'
import { run, type Variables } from './program.ts'
import { assertFailed } from './refusal.ts'

const ALL = { 'INPUT_SUBJECT-PATH': '*.bin' }
const NONE_MADE = [1, 0, 0, 0, 0]
const ONE_MADE = [1, 1, 0, 1, 1]

suite('attestations that are there already', () => {
  let sandbox: Sandbox
  let claims: Sandbox['claims']
  before(async () => {
    sandbox = await startSandbox()
    claims = { ...sandbox.claims }
  })
  after(() => sandbox.close())
  afterEach(() => {
    Object.assign(sandbox.claims, claims)
    sandbox.requests.clear()
  })

  const job = () => jobWith(sandbox, { 'a.bin': 'a', 'b.bin': 'b', 'sbom.json': SPDX })
  const read = ({ workspace }: Job, name: string) => readFile(join(workspace, name), 'utf8')
  const linesOf = async (one: Job) => (await read(one, 'all.jsonl')).trimEnd().split('\n')

  /** A run of later claims over the files of a job. */
  async function later(one: Job, changes: Sandbox['claims']): Promise<Job> {
    Object.assign(sandbox.claims, changes)
    sandbox.requests.clear()
    const { env } = await sandbox.newJob()
    return { ...one, env: { ...env, GITHUB_WORKSPACE: one.workspace } }
  }

  for (const { kind, inputs } of [PROVENANCE, SBOM, CUSTOM]) {
    test(`a later attempt of the run keeps the ${kind}, and makes nothing public`, async () => {
      const one = await job()
      await attest(one, { ...ALL, ...inputs })
      const before = await read(one, `${kind}.sigstore.json`)
      const again = await later(one, { run_attempt: '2' })
      const done = await attest(again, { ...ALL, ...inputs })
      assert.deepEqual(countsOf(sandbox), NONE_MADE)
      assert.deepEqual(
        done.report?.subjects.map(({ kept }) => kept),
        [true, true],
      )
      assert.equal(await read(one, `${kind}.sigstore.json`), before)
      assert.match(done.summary, /0 now, 2 kept/)
    })
  }

  const OLD: readonly (readonly [title: string, change: (one: Job) => Promise<Variables>])[] = [
    [
      'a file changed',
      async (one) => {
        await writeFile(join(one.workspace, 'b.bin'), 'changed')
        return ALL
      },
    ],
    [
      'a subject more',
      async (one) => {
        await writeFile(join(one.workspace, 'c.bin'), 'c')
        return ALL
      },
    ],
    ['a subject less', async () => ({ 'INPUT_SUBJECT-PATH': 'a.bin, sbom.json' })],
    ['`replace`', async () => ({ ...ALL, 'INPUT_EXISTING-BUNDLES': 'replace' })],
  ]
  for (const [title, change] of OLD) {
    test(`${title}: it is made again`, async () => {
      const one = await job()
      const to = { 'INPUT_BUNDLE-PATH': 'one.json', ...PROVENANCE.inputs }
      await attest(one, { ...ALL, ...to })
      const before = await read(one, 'one.json')
      sandbox.requests.clear()
      await attest(one, { ...to, ...(await change(one)) })
      assert.deepEqual(countsOf(sandbox), ONE_MADE)
      assert.notEqual(await read(one, 'one.json'), before)
    })
  }

  test('another SBOM about the same files: it is made again', async () => {
    const one = await job()
    await attest(one, { ...ALL, ...SBOM.inputs })
    await writeFile(join(one.workspace, 'sbom.json'), SPDX.replace('app', 'other'))
    sandbox.requests.clear()
    await attest(one, { ...ALL, ...SBOM.inputs })
    assert.deepEqual(countsOf(sandbox), ONE_MADE)
    assert.match(payloadIn(await read(one, 'sbom.sigstore.json'), sandbox), /"name":"other"/)
  })

  const CONFLICTS: readonly (readonly [title: string, changes: Sandbox['claims'], says: RegExp])[] = [
    ['commit', { sha: 'c'.repeat(40) }, /source commit/],
    ['ref', { ref: 'refs/heads/main' }, /source ref/],
    ['workflow', { job_workflow_ref: 'octo/demo/.github/workflows/other.yml@refs/tags/v1.0.0' }, /signer/],
  ]
  for (const place of ['', 'all.jsonl']) {
    for (const [title, changes, says] of CONFLICTS) {
      test(`the same subjects from another ${title} are refused${place && ', in a combined file too'}`, async () => {
        const one = await job()
        const inputs = { ...ALL, ...PROVENANCE.inputs, 'INPUT_BUNDLE-PATH': place }
        await attest(one, inputs)
        const other = await later(one, changes)
        const done = await run('sign', { ...other.env, ...inputs })
        assertFailed(done, 'OUTPUT_EXISTS')
        assert.match(done.text, says)
        assert.deepEqual(countsOf(sandbox), NONE_MADE)
      })
    }
  }

  test('a valid bundle of another type is not taken for an old one', async () => {
    const to = { ...ALL, 'INPUT_BUNDLE-PATH': 'one.json' }
    const one = await job()
    await attest(one, { ...to, ...PROVENANCE.inputs })
    assertFailed(await run('sign', { ...(await later(one, {})).env, ...to, ...SBOM.inputs }), 'OUTPUT_EXISTS')
    const signed = { 'INPUT_SUBJECT-PATH': 'a.bin', 'INPUT_BUNDLE-PATH': 'two.json' }
    await attest(await later(one, {}), signed)
    const over = await run('sign', { ...(await later(one, {})).env, ...signed, ...PROVENANCE.inputs })
    assertFailed(over, 'OUTPUT_EXISTS')
    const under = { 'INPUT_SUBJECT-PATH': 'a.bin', 'INPUT_BUNDLE-PATH': 'one.json' }
    assertFailed(await run('sign', { ...(await later(one, {})).env, ...under }), 'OUTPUT_EXISTS')
  })

  test('`fail` refuses any that is there', async () => {
    const one = await job()
    await attest(one, { ...ALL, ...PROVENANCE.inputs })
    const inputs = { ...ALL, ...PROVENANCE.inputs, 'INPUT_EXISTING-BUNDLES': 'fail' }
    const again = await later(one, {})
    assertFailed(await run('sign', { ...again.env, ...inputs }), 'OUTPUT_EXISTS')
    assert.deepEqual(countsOf(sandbox), [0, 0, 0, 0, 0])
  })

  test('a combined file keeps the lines of others: signatures, other types, other subjects', async () => {
    const one = await job()
    const to = { 'INPUT_BUNDLE-PATH': 'all.jsonl' }
    await attest(one, { ...ALL, ...to })
    await attest(await later(one, {}), { ...ALL, ...to, ...PROVENANCE.inputs })
    await attest(await later(one, {}), { ...ALL, ...to, ...SBOM.inputs })
    const three = await linesOf(one)
    assert.equal(three.length, 4, 'two signatures, provenance, SBOM')

    await writeFile(join(one.workspace, 'sbom.json'), SPDX.replace('app', 'other'))
    await attest(await later(one, {}), { ...ALL, ...to, ...SBOM.inputs })
    const replaced = await linesOf(one)
    assert.deepEqual(replaced.slice(0, 3), three.slice(0, 3))
    assert.match(payloadIn(replaced[3] ?? '', sandbox), /"name":"other"/)

    const part = { 'INPUT_SUBJECT-PATH': 'a.bin', ...to, ...PROVENANCE.inputs }
    await attest(await later(one, {}), { ...part, 'INPUT_EXISTING-BUNDLES': 'replace' })
    assert.equal((await linesOf(one)).length, 5, 'what it says of b.bin is not lost')
    const given = { ...ALL, 'INPUT_BUNDLE-PATH': 'all.jsonl' }
    const verified = await run('verify', { ...(await later(one, {})).env, ...given })
    assert.equal(verified.code, 0, verified.text)

    const kept = await linesOf(one)
    await attest(await later(one, {}), { ...ALL, ...to, ...PROVENANCE.inputs })
    assert.deepEqual(countsOf(sandbox), NONE_MADE, 'the line over both is found again')
    assert.deepEqual([...(await linesOf(one))].sort(), kept.filter((_, i) => i !== 4).sort())
  })

  test('a statement each is kept one by one', async () => {
    const one = await job()
    const inputs = { ...ALL, 'INPUT_ATTEST-EACH': 'true', ...PROVENANCE.inputs }
    await attest(one, inputs)
    await writeFile(join(one.workspace, 'b.bin'), 'changed')
    const done = await attest(await later(one, {}), inputs)
    assert.deepEqual(countsOf(sandbox), ONE_MADE)
    assert.deepEqual(
      done.report?.subjects.map(({ kept }) => kept),
      [true, false],
    )
  })
})
