import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, suite, test } from 'node:test'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import {
  attest,
  CUSTOM,
  countsOf,
  jobWith,
  PROVENANCE,
  payloadIn,
  payloadOf,
  SBOM,
  SPDX,
  sha256,
} from './attesting.ts'
import { dataOf, run, treeOf, writeFiles } from './program.ts'

suite('dist/sign.js attests', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())
  afterEach(() => sandbox.requests.clear())

  for (const version of ['1', '2']) {
    test(`provenance of one file on Rekor v${version}: outputs, report and summary say what was done`, async () => {
      const job = await jobWith(sandbox, { 'out/app.bin': 'content' })
      const inputs = { 'INPUT_SUBJECT-PATH': 'out/app.bin', 'INPUT_REKOR-VERSION': version }
      const done = await attest(job, { ...inputs, ...PROVENANCE.inputs })
      assert.deepEqual(countsOf(sandbox), version === '1' ? [1, 1, 1, 0, 1] : [1, 1, 0, 1, 1])
      assert.deepEqual(await treeOf(job.workspace), ['out/app.bin', 'out/app.bin.provenance.sigstore.json'])
      const path = join(job.workspace, 'out/app.bin.provenance.sigstore.json')
      assert.equal(done.outputs.get('bundle-path'), path)
      assert.equal(done.outputs.get('bundle-paths'), path)
      assert.equal(done.outputs.get('subject-count'), '1')
      const [subject] = done.report?.subjects ?? []
      const [entry] = subject?.entries ?? []
      assert.equal(entry?.kind, version === '1' ? 'dsse' : 'hashedrekord')
      const page = `${sandbox.addresses.rekorV1}/api/v1/log/entries?logIndex=${entry?.index}`
      assert.equal(done.outputs.get('log-url'), version === '1' ? page : '')
      assert.deepEqual(
        [subject?.name, subject?.result, subject?.digest?.sha256, subject?.predicateType],
        ['out/app.bin', 'good', sha256('content'), PROVENANCE.type],
      )
      assert.match(done.summary, /Attested: 1 file/)
      assert.match(done.outputs.get('verify-commands') ?? '', /cosign verify-blob-attestation/)
      const statement = JSON.parse(await payloadOf(job, 'out/app.bin.provenance.sigstore.json', sandbox))
      assert.deepEqual(statement.subject, [{ name: 'app.bin', digest: { sha256: sha256('content') } }])
      assert.deepEqual(statement.predicate, provenanceOf(sandbox.claims))
    })
  }

  /** What GitHub's own attestation would say of these claims. */
  const provenanceOf = (claims: Sandbox['claims']) => ({
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: {
        workflow: {
          ref: claims['ref'],
          repository: `https://github.com/${claims['repository']}`,
          path: '.github/workflows/release.yml',
        },
      },
      internalParameters: {
        github: {
          event_name: claims['event_name'],
          repository_id: claims['repository_id'],
          repository_owner_id: claims['repository_owner_id'],
          runner_environment: claims['runner_environment'],
        },
      },
      resolvedDependencies: [
        {
          uri: `git+https://github.com/${claims['repository']}@${claims['ref']}`,
          digest: { gitCommit: claims['sha'] },
        },
      ],
    },
    runDetails: {
      builder: { id: `https://github.com/${claims['job_workflow_ref']}` },
      metadata: {
        invocationId: `https://github.com/${claims['repository']}/actions/runs/${claims['run_id']}/attempts/${claims['run_attempt']}`,
      },
    },
  })

  test('a called workflow is the builder, the workflow that began the run stays the parameter', async () => {
    const own = sandbox.claims['job_workflow_ref']
    sandbox.claims['job_workflow_ref'] = 'octo/tools/.github/workflows/build.yml@refs/heads/main'
    try {
      const job = await jobWith(sandbox, { 'app.bin': 'content' })
      await attest(job, { 'INPUT_SUBJECT-PATH': 'app.bin', ...PROVENANCE.inputs })
      const text = await readFile(join(job.workspace, 'app.bin.provenance.sigstore.json'), 'utf8')
      const { payload } = JSON.parse(text).dsseEnvelope
      assert.deepEqual(
        JSON.parse(Buffer.from(payload, 'base64').toString()).predicate,
        provenanceOf(sandbox.claims),
      )
    } finally {
      sandbox.claims['job_workflow_ref'] = own
    }
  })

  test('one statement over several files, in the root; the SBOM as it was written', async () => {
    const job = await jobWith(sandbox, { 'a.bin': 'a', 'd/b.bin': 'b', 'sbom.json': SPDX })
    const done = await attest(job, { 'INPUT_SUBJECT-PATH': '**/*.bin', ...SBOM.inputs })
    assert.deepEqual(countsOf(sandbox), [1, 1, 0, 1, 1])
    assert.equal(done.outputs.get('subject-count'), '2')
    assert.equal(done.outputs.get('bundle-paths'), join(job.workspace, 'sbom.sigstore.json'))
    const payload = await payloadOf(job, 'sbom.sigstore.json', sandbox)
    assert.ok(payload.endsWith(`"predicateType":"https://spdx.dev/Document/v2.3","predicate":${SPDX}}`))
  })

  test('`attest-each`: a statement beside each file, in a folder, or a line each', async () => {
    const files = { 'a/x.bin': 'x', 'b/y.bin': 'y', 'b/also-x.bin': 'x' }
    const inputs = { 'INPUT_SUBJECT-PATH': '**/*.bin', 'INPUT_ATTEST-EACH': 'true', ...PROVENANCE.inputs }
    const job = await jobWith(sandbox, files)
    const done = await attest(job, inputs)
    assert.deepEqual(countsOf(sandbox), [1, 1, 0, 3, 3])
    assert.equal(done.outputs.get('subject-count'), '3')
    for (const name of Object.keys(files)) {
      const statement = JSON.parse(await payloadOf(job, `${name}.provenance.sigstore.json`, sandbox))
      assert.equal(statement.subject.length, 1)
      assert.equal(statement.subject[0].name, name.slice(2))
    }
    const verified = await run('verify', { ...job.env, 'INPUT_SUBJECT-PATH': '**/*.bin' })
    assert.equal(verified.code, 0, verified.text)
    assert.equal(verified.outputs.get('statement-paths')?.split('\n').length, 3)

    const folder = await jobWith(sandbox, files)
    await attest(folder, { ...inputs, 'INPUT_BUNDLE-PATH': 'to/' })
    assert.deepEqual(
      (await treeOf(folder.workspace)).filter((path) => path.startsWith('to/')),
      ['also-x.bin', 'x.bin', 'y.bin'].map((name) => `to/${name}.provenance.sigstore.json`),
    )

    const lines = await jobWith(sandbox, files)
    const combined = await attest(lines, { ...inputs, 'INPUT_BUNDLE-PATH': 'all.jsonl' })
    assert.equal(combined.outputs.get('bundle-paths'), join(lines.workspace, 'all.jsonl'))
    const text = await readFile(join(lines.workspace, 'all.jsonl'), 'utf8')
    const names = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(payloadIn(line, sandbox)).subject[0].name)
    assert.deepEqual(names, ['x.bin', 'also-x.bin', 'y.bin'])
  })

  test('where one statement goes: a folder, one file, a combined file', async () => {
    const job = await jobWith(sandbox, { 'a.bin': 'a', 'b.bin': 'b' })
    const inputs = { 'INPUT_SUBJECT-PATH': '*.bin', ...PROVENANCE.inputs }
    for (const [to, at] of [
      ['to/', 'to/provenance.sigstore.json'],
      ['deep/one.json', 'deep/one.json'],
      ['all.jsonl', 'all.jsonl'],
    ] as const) {
      await attest(job, { ...inputs, 'INPUT_BUNDLE-PATH': to })
      const { subject } = JSON.parse(await payloadOf(job, at, sandbox))
      assert.deepEqual(
        subject.map(({ name }: { name: string }) => name),
        ['a.bin', 'b.bin'],
      )
      const given = { ...job.env, 'INPUT_SUBJECT-PATH': '*.bin', 'INPUT_BUNDLE-PATH': at }
      assert.equal((await run('verify', given)).code, 0)
    }
  })

  test('a digest alone, an image beside files, and files of a list that are not there', async () => {
    const image = {
      'INPUT_SUBJECT-DIGEST': `sha256:${sha256('image')}`,
      'INPUT_SUBJECT-NAME': 'ghcr.io/octo/app',
    }
    const job = await jobWith(sandbox, {})
    const done = await attest(job, { ...image, ...CUSTOM.inputs })
    const payload = await payloadOf(job, 'attestation.sigstore.json', sandbox)
    assert.equal(
      payload,
      `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"ghcr.io/octo/app","digest":{"sha256":"${sha256('image')}"}}],"predicateType":"https://example.com/scan/v1","predicate":{ "result": "passed" }}`,
    )
    assert.match(done.outputs.get('verify-commands') ?? '', /--digestAlg sha256/)
    assert.match(done.summary, /Attested: 1 subject/)
    const asked = {
      'INPUT_SUBJECT-DIGEST': `sha256:${sha256('image')}`,
      'INPUT_PREDICATE-TYPE': CUSTOM.type,
    }
    const verified = await run('verify', { ...job.env, ...asked })
    assert.equal(verified.code, 0, verified.text)

    const sums = `${sha256('a')}  a.bin\n${sha256('gone')} *gone.bin\n`
    const mixed = await jobWith(sandbox, { 'out/a.bin': 'a', 'out/SHA256SUMS': sums })
    await attest(mixed, { ...image, 'INPUT_SUBJECT-CHECKSUMS': 'out/SHA256SUMS', ...PROVENANCE.inputs })
    const { subject } = JSON.parse(await payloadOf(mixed, 'provenance.sigstore.json', sandbox))
    assert.deepEqual(subject, [
      { name: 'a.bin', digest: { sha256: sha256('a') } },
      { name: 'ghcr.io/octo/app', digest: { sha256: sha256('image') } },
      { name: 'gone.bin', digest: { sha256: sha256('gone') } },
    ])

    const lone = await jobWith(sandbox, { 'out/SHA256SUMS': `${sha256('gone')}  gone.bin\n` })
    const listed = { 'INPUT_SUBJECT-CHECKSUMS': 'out/SHA256SUMS' }
    await attest(lone, { ...listed, ...PROVENANCE.inputs })
    const beside = 'out/gone.bin.provenance.sigstore.json'
    assert.ok((await treeOf(lone.workspace)).includes(beside))
    const found = await run('verify', { ...lone.env, ...listed })
    assert.equal(found.code, 0, found.text)
  })

  test('`--tag` lines, binary marks and escapes of a list', async () => {
    const sums = [
      `SHA256 (a.bin) = ${sha256('a')}`,
      `${sha256('b')} *b.bin`,
      `\\${sha256('c')}  back\\\\slash`,
      '# a comment',
      '',
    ].join('\r\n')
    const job = await jobWith(sandbox, { 'a.bin': 'a', 'b.bin': 'b', 'back\\slash': 'c', sums })
    await attest(job, { 'INPUT_SUBJECT-CHECKSUMS': 'sums', ...PROVENANCE.inputs })
    const { subject } = JSON.parse(await payloadOf(job, 'provenance.sigstore.json', sandbox))
    assert.deepEqual(
      subject.map(({ name }: { name: string }) => name),
      ['a.bin', 'b.bin', 'back\\slash'],
    )
  })

  test('names: by path where two contents share one, the same once, twins told', async () => {
    const job = await jobWith(sandbox, {
      'x/app': '1',
      'y/app': '2',
      'x/lib': '3',
      'y/lib': '3',
      'z/App': '4',
    })
    const done = await attest(job, { 'INPUT_SUBJECT-PATH': '*/*', ...PROVENANCE.inputs })
    const { subject } = JSON.parse(await payloadOf(job, 'provenance.sigstore.json', sandbox))
    assert.deepEqual(
      subject.map(({ name }: { name: string }) => name),
      ['App', 'lib', 'x/app', 'y/app'],
    )
    assert.equal(done.outputs.get('subject-count'), '5')
    const verified = await run('verify', { ...job.env, 'INPUT_SUBJECT-PATH': '[xyz]/*' })
    assert.equal(verified.outputs.get('subject-count'), '5', verified.text)
    const twins = await jobWith(sandbox, { 'x/caf\u00e9': '1', 'y/cafe\u0301': '2' })
    const told = await attest(twins, { 'INPUT_SUBJECT-PATH': '*/caf*', ...PROVENANCE.inputs })
    assert.match(dataOf(told, 'notice').join('\n'), /differ only in letter case or Unicode form/)
  })

  test('an empty file with a notice, and a file that begins like a signed statement', async () => {
    const job = await jobWith(sandbox, { empty: '', odd: 'DSSEv1 28 application/vnd.in-toto+json 2 {}' })
    const done = await attest(job, { 'INPUT_SUBJECT-PATH': '*', ...PROVENANCE.inputs })
    assert.match(dataOf(done, 'notice').join('\n'), /"empty" is empty; it was attested/)
    const verified = await run('verify', { ...job.env, 'INPUT_SUBJECT-PATH': 'empty, odd' })
    assert.equal(verified.code, 0, verified.text)
  })

  test('nothing matched, where that is allowed: nothing is asked for', async () => {
    const job = await jobWith(sandbox, {})
    const inputs = { 'INPUT_SUBJECT-PATH': 'out/*', 'INPUT_IF-NO-FILES-FOUND': 'warn', ...PROVENANCE.inputs }
    const done = await attest(job, inputs)
    assert.equal(done.report?.result, 'empty')
    assert.equal(sandbox.requests.all().length, 0)
  })

  test('a dry run reads everything and asks nobody', async () => {
    const job = await jobWith(sandbox, { 'a.bin': 'a', 'sbom.json': SPDX })
    const inputs = { 'INPUT_SUBJECT-PATH': 'a.bin', 'INPUT_DRY-RUN': 'true', ...SBOM.inputs }
    const done = await attest(job, inputs)
    assert.equal(done.report?.result, 'dry-run')
    assert.equal(done.report?.subjects[0]?.digest?.sha256, sha256('a'))
    assert.equal(sandbox.requests.all().length, 0)
    assert.deepEqual(await treeOf(job.workspace), ['a.bin', 'sbom.json'])
  })

  suite("the runner's list of artifacts", () => {
    const file = (name: string, content: string) => {
      return { name, digest: `sha256:${sha256(content)}`, kind: 'file' }
    }
    const image = { name: 'ghcr.io/octo/app', digest: `sha256:${sha256('image')}`, kind: 'oci' }
    async function listing(files: Readonly<Record<string, string>>, ...subjects: readonly object[]) {
      const job = await jobWith(sandbox, files)
      const path = join(job.temp, 'artifacts-list')
      await writeFiles(
        { workspace: job.temp },
        { 'artifacts-list': JSON.stringify({ version: 1, subjects }) },
      )
      return { ...job, env: { ...job.env, GITHUB_ARTIFACTS_LIST: path } }
    }

    test('names the subjects when no input does: files, images, and files elsewhere', async () => {
      const job = await listing({ 'a.bin': 'a' }, file('a.bin', 'a'), file('elsewhere.bin', 'e'), image)
      const done = await attest(job, PROVENANCE.inputs)
      const { subject } = JSON.parse(await payloadOf(job, 'provenance.sigstore.json', sandbox))
      assert.deepEqual(
        subject.map(({ name }: { name: string }) => name),
        ['a.bin', 'elsewhere.bin', 'ghcr.io/octo/app'],
      )
      assert.match(dataOf(done, 'notice').join('\n'), /3 subjects of the runner's list/)
    })

    test('names the files to be signed, where they are', async () => {
      const job = await listing({ 'a.bin': 'a' }, file('a.bin', 'a'))
      await attest(job, {})
      assert.deepEqual(await treeOf(job.workspace), ['a.bin', 'a.bin.sigstore.json'])
    })

    test('is not read when an input names subjects', async () => {
      const job = await listing({ 'a.bin': 'a' }, image)
      await rm(job.env['GITHUB_ARTIFACTS_LIST'] ?? '')
      await attest(job, { 'INPUT_SUBJECT-PATH': 'a.bin' })
    })
  })
})
