import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { attest, CUSTOM, jobWith, PROVENANCE, payloadOf, SBOM, SPDX, sha256 } from './attesting.ts'
import { run } from './program.ts'

const MOST_SUMMARY = 200 * 1024

suite('attestations of 1, 50 and 1,024 subjects, by dist/sign.js and for dist/verify.js', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())

  for (const { kind, type, inputs } of [PROVENANCE, SBOM, CUSTOM]) {
    for (const count of [1, 50, 1024]) {
      test(`${kind} of ${count}: accepted, and refused after one changed byte`, async () => {
        const names = Array.from({ length: count }, (_, i) => `out/${String(i).padStart(4, '0')}.bin`)
        const contents = Object.fromEntries(names.map((name) => [name, `content of ${name}`]))
        const job = await jobWith(sandbox, { ...contents, 'sbom.json': SPDX })
        const made = await attest(job, { 'INPUT_SUBJECT-PATH': 'out/*', ...inputs })
        assert.equal(made.outputs.get('subject-count'), String(count))
        const bundle = count === 1 ? `${names[0]}.${kind}.sigstore.json` : `${kind}.sigstore.json`
        assert.equal(made.outputs.get('bundle-paths'), join(job.workspace, bundle))
        const { subject } = JSON.parse(await payloadOf(job, bundle, sandbox))
        const expected = names.map((name) => {
          return { name: name.slice(4), digest: { sha256: sha256(contents[name] ?? '') } }
        })
        assert.deepEqual(subject, expected)
        assert.ok(Buffer.byteLength(made.summary) <= MOST_SUMMARY)
        for (const name of names) assert.ok(made.summary.includes(name), `${name} is in the summary`)
        assert.equal(made.report?.subjects.filter(({ result }) => result === 'good').length, count)
        await assertJudged(job.env, {
          type,
          count,
          workspace: job.workspace,
          bundle,
          file: names.at(-1) ?? '',
        })
      })
    }
  }

  async function assertJudged(
    env: Readonly<Record<string, string>>,
    asked: { type: string; count: number; workspace: string; bundle: string; file: string },
  ): Promise<void> {
    const { type, count, workspace, bundle, file } = asked
    const policy = { ...env, 'INPUT_PREDICATE-TYPE': type }
    const good = await run('verify', { ...policy, 'INPUT_SUBJECT-PATH': 'out/*.bin' })
    assert.equal(good.code, 0, good.text)
    assert.equal(good.outputs.get('subject-count'), String(count))
    assert.equal(good.outputs.get('statement-paths')?.split('\n').length, 1)

    const path = join(workspace, bundle)
    const text = await readFile(path, 'utf8')
    const given = { ...policy, 'INPUT_SUBJECT-PATH': file, 'INPUT_BUNDLE-PATH': bundle }
    // A digest in the statement, a byte of what it says, and last a byte of the file.
    for (const [from, to] of [
      [`"sha256":"${sha256(`content of ${file}`)}"`, `"sha256":"${sha256('other')}"`],
      ['"predicate":{', '"predicate": {'],
    ] as const) {
      const changed = JSON.parse(text)
      const payload = Buffer.from(changed.dsseEnvelope.payload, 'base64').toString()
      assert.ok(payload.includes(from))
      changed.dsseEnvelope.payload = Buffer.from(payload.replace(from, to)).toString('base64')
      await writeFile(path, JSON.stringify(changed))
      const refused = await run('verify', given)
      assert.equal(refused.code, 1)
      assert.equal(refused.outputs.get('error-code'), 'TLOG_MISMATCH', refused.text)
    }
    await writeFile(path, text)
    await writeFile(join(workspace, file), `content of ${file}`.replace(/.$/, 'x'))
    const refused = await run('verify', given)
    assert.equal(refused.outputs.get('error-code'), 'SUBJECT_MISMATCH', refused.text)
  }
})
