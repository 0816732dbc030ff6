import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, suite, test } from 'node:test'
import type { Job } from '../../sandbox/job.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { verifyBySigstoreJs } from '../sandbox/client.ts'
import { dataOf, type Run, run, treeOf, type Variables, writeFiles } from './program.ts'

const NAME = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'
const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

const SPDX = '{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"app","big":12345678901234567890}'

suite('dist/sign.js attests', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())
  afterEach(() => sandbox.requests.clear())

  async function jobWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<Job> {
    const job = await sandbox.newJob()
    await writeFiles(job, files)
    return job
  }

  async function sign(job: Job, inputs: Variables): Promise<Run> {
    const done = await run('sign', { ...job.env, ...inputs })
    assert.equal(done.code, 0, done.text)
    assert.equal(done.stderr, '')
    assert.deepEqual(dataOf(done, 'error'), [])
    return done
  }

  async function verify(job: Job, inputs: Variables): Promise<Run> {
    return run('verify', { ...job.env, 'INPUT_CERTIFICATE-OIDC-ISSUER': sandbox.addresses.issuer, ...inputs })
  }

  const counts = () =>
    (['token', 'fulcio', 'rekor-v1', 'rekor-v2', 'tsa'] as const).map((service) =>
      sandbox.requests.count(service),
    )

  /** The payload of a bundle that an independent client accepts. */
  async function payloadOf(job: Job, file: string): Promise<string> {
    const bundle = JSON.parse(await readFile(join(job.workspace, file), 'utf8'))
    assert.equal(verifyBySigstoreJs(bundle, sandbox.trustedRoot), NAME, file)
    assert.equal(bundle.dsseEnvelope.payloadType, 'application/vnd.in-toto+json')
    return Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()
  }

  for (const version of ['1', '2']) {
    test(`provenance of one file on Rekor v${version}`, async () => {
      const job = await jobWith({ 'out/app.bin': 'content' })
      const inputs = { 'INPUT_SUBJECT-PATH': 'out/app.bin', 'INPUT_REKOR-VERSION': version }
      const done = await sign(job, { ...inputs, INPUT_ATTEST: 'provenance' })
      assert.deepEqual(counts(), version === '1' ? [1, 1, 1, 0, 1] : [1, 1, 0, 1, 1])
      assert.deepEqual(await treeOf(job.workspace), ['out/app.bin', 'out/app.bin.provenance.sigstore.json'])
      const statement = JSON.parse(await payloadOf(job, 'out/app.bin.provenance.sigstore.json'))
      assert.deepEqual(statement.subject, [{ name: 'app.bin', digest: { sha256: sha256('content') } }])
      assert.equal(statement.predicateType, 'https://slsa.dev/provenance/v1')
      const [subject] = done.report?.subjects ?? []
      assert.equal(subject?.predicateType, 'https://slsa.dev/provenance/v1')
      assert.equal(subject?.name, 'out/app.bin')
      const verified = await verify(job, { 'INPUT_SUBJECT-PATH': 'out/app.bin' })
      assert.equal(verified.code, 0, verified.text)
      const path = verified.outputs.get('statement-paths') ?? ''
      assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), statement)
      await writeFiles(job, { 'out/app.bin': 'contend' })
      const refused = await verify(job, { 'INPUT_SUBJECT-PATH': 'out/app.bin' })
      assert.equal(refused.code, 1)
      assert.equal(refused.outputs.get('error-code'), 'SUBJECT_MISMATCH')
    })
  }

  test('an SBOM over several files: one statement in the root, the document as it was written', async () => {
    const job = await jobWith({ 'a.bin': 'a', 'd/b.bin': 'b', 'sbom.json': SPDX })
    const done = await sign(job, {
      'INPUT_SUBJECT-PATH': '**/*.bin',
      INPUT_ATTEST: 'sbom',
      'INPUT_SBOM-PATH': 'sbom.json',
    })
    assert.deepEqual(counts(), [1, 1, 0, 1, 1])
    assert.equal(done.outputs.get('subject-count'), '2')
    assert.equal(done.outputs.get('bundle-paths'), join(job.workspace, 'sbom.sigstore.json'))
    const payload = await payloadOf(job, 'sbom.sigstore.json')
    assert.ok(payload.endsWith(`"predicateType":"https://spdx.dev/Document/v2.3","predicate":${SPDX}}`))
    const inputs = {
      'INPUT_SUBJECT-PATH': '**/*.bin',
      'INPUT_PREDICATE-TYPE': 'https://spdx.dev/Document/v2.3',
    }
    const verified = await verify(job, inputs)
    assert.equal(verified.code, 0, verified.text)
    assert.equal(verified.outputs.get('subject-count'), '2')
  })

  test('a custom predicate about a digest alone', async () => {
    const job = await jobWith({})
    await sign(job, {
      'INPUT_SUBJECT-DIGEST': `sha256:${sha256('image')}`,
      'INPUT_SUBJECT-NAME': 'ghcr.io/octo/app',
      INPUT_ATTEST: 'custom',
      'INPUT_PREDICATE-TYPE': 'https://example.com/scan/v1',
      INPUT_PREDICATE: '{ "result": "passed" }',
    })
    assert.equal(
      await payloadOf(job, 'attestation.sigstore.json'),
      `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"ghcr.io/octo/app","digest":{"sha256":"${sha256('image')}"}}],"predicateType":"https://example.com/scan/v1","predicate":{ "result": "passed" }}`,
    )
    const inputs = {
      'INPUT_SUBJECT-DIGEST': `sha256:${sha256('image')}`,
      'INPUT_PREDICATE-TYPE': 'https://example.com/scan/v1',
    }
    const verified = await verify(job, inputs)
    assert.equal(verified.code, 0, verified.text)
  })
})
