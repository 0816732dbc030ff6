import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import type { Job } from '../../sandbox/job.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { CUSTOM, jobWith, PROVENANCE, SBOM, sha256 } from './attesting.ts'
import { dataOf, type Variables, writeFiles } from './program.ts'
import { assertRefused } from './refusal.ts'

interface Row {
  readonly title: string
  readonly code: ErrorCode
  /** Beside `subject-path: app.bin`, of which there is one. */
  readonly inputs: Variables
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Text of the runner's list of artifacts; then no input names a subject. */
  readonly list?: string
  readonly says?: RegExp
}

const IMAGE = { name: 'ghcr.io/octo/app', digest: `sha256:${sha256('x')}`, kind: 'oci' }
const listOf = (...subjects: readonly object[]): string => JSON.stringify({ version: 1, subjects })
const custom = (predicate: string): Variables => ({ ...CUSTOM.inputs, INPUT_PREDICATE: predicate })
const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`many/${i}`, 'same']))
const named = (name: string): Variables => {
  return { 'INPUT_SUBJECT-DIGEST': `sha256:${sha256('x')}`, 'INPUT_SUBJECT-NAME': name }
}

const ROWS: readonly Row[] = [
  { title: 'an unknown kind', code: 'INPUT_VALUE', inputs: { INPUT_ATTEST: 'slsa' }, says: /provenance/ },
  { title: 'a digest without attest', code: 'INPUT_REQUIRED', inputs: named('app'), says: /needs `attest`/ },
  { title: 'an SBOM without attest', code: 'INPUT_CONFLICT', inputs: { 'INPUT_SBOM-PATH': 'app.bin' } },
  { title: 'no SBOM', code: 'INPUT_REQUIRED', inputs: { INPUT_ATTEST: 'sbom' }, says: /sbom-path/ },
  { title: 'an SBOM that is not there', code: 'FILE_READ', inputs: SBOM.inputs },
  { title: 'an SBOM that is none', code: 'SBOM_UNKNOWN', inputs: SBOM.inputs, files: { 'sbom.json': '{}' } },
  {
    title: 'an SBOM in XML',
    code: 'PREDICATE_INVALID',
    inputs: SBOM.inputs,
    files: { 'sbom.json': '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>' },
  },
  {
    title: 'an SBOM with a member twice',
    code: 'PREDICATE_INVALID',
    inputs: SBOM.inputs,
    files: { 'sbom.json': '{"spdxVersion":"SPDX-2.3","SPDXID":"a","SPDXID":"b"}' },
  },
  {
    title: 'an SBOM over 16 MiB',
    code: 'FILE_TOO_LARGE',
    inputs: SBOM.inputs,
    files: { 'sbom.json': ' '.repeat(16 * 1024 * 1024 + 1) },
  },
  {
    title: 'an SBOM that fits, in a statement that does not',
    code: 'PREDICATE_INVALID',
    inputs: SBOM.inputs,
    files: { 'sbom.json': `{"spdxVersion":"SPDX-2.3","SPDXID":"a"}${' '.repeat(16 * 1024 * 1024 - 39)}` },
    says: /its subjects included/,
  },
  { title: 'a predicate that is a list', code: 'PREDICATE_INVALID', inputs: custom('[]') },
  { title: 'a predicate with a member twice', code: 'PREDICATE_INVALID', inputs: custom('{"a":1,"a":1}') },
  {
    title: 'a predicate file that is not there',
    code: 'FILE_READ',
    inputs: { ...CUSTOM.inputs, INPUT_PREDICATE: '', 'INPUT_PREDICATE-PATH': 'absent.json' },
  },
  {
    title: 'more subjects than a statement holds',
    code: 'INPUT_TOO_MANY',
    inputs: { ...PROVENANCE.inputs, 'INPUT_SUBJECT-PATH': 'many/*' },
    files: many(1025),
    says: /attest-each/,
  },
  {
    title: 'one name for two contents',
    code: 'INPUT_CONFLICT',
    inputs: { ...PROVENANCE.inputs, ...named('app.bin') },
    says: /"app\.bin"/,
  },
  {
    title: 'one file for a statement each',
    code: 'OUTPUT_PATH',
    inputs: {
      ...PROVENANCE.inputs,
      'INPUT_SUBJECT-PATH': '*.bin',
      'INPUT_ATTEST-EACH': 'true',
      'INPUT_BUNDLE-PATH': 'one.json',
    },
    files: { 'b.bin': 'b' },
  },
  {
    title: 'two statements of one name in a folder',
    code: 'OUTPUT_PATH',
    inputs: {
      ...PROVENANCE.inputs,
      'INPUT_SUBJECT-PATH': '**/*.bin',
      'INPUT_ATTEST-EACH': 'true',
      'INPUT_BUNDLE-PATH': 'to/',
    },
    files: { 'sub/app.bin': 'b' },
  },
  {
    title: 'a statement in the place of a subject',
    code: 'OUTPUT_PATH',
    inputs: { ...PROVENANCE.inputs, 'INPUT_SUBJECT-PATH': '*.json', 'INPUT_BUNDLE-PATH': 'a.json' },
    files: { 'a.json': '{}', 'b.json': '{}' },
  },
  {
    title: 'something else where the statement goes',
    code: 'OUTPUT_EXISTS',
    inputs: { ...PROVENANCE.inputs, 'INPUT_EXISTING-BUNDLES': 'replace' },
    files: { 'app.bin.provenance.sigstore.json': '{"mine":true}' },
  },
  {
    title: 'a listed file that is there and is another one',
    code: 'FILE_DIGEST_MISMATCH',
    inputs: { ...PROVENANCE.inputs, 'INPUT_SUBJECT-CHECKSUMS': 'sums' },
    files: { sums: `${createHash('sha256').update('other').digest('hex')}  app.bin\n` },
  },
  { title: 'no list of artifacts', code: 'INPUT_REQUIRED', inputs: { 'INPUT_SUBJECT-PATH': '' } },
  { title: 'an empty list of artifacts', code: 'INPUT_REQUIRED', inputs: PROVENANCE.inputs, list: '' },
  { title: 'a list without artifacts', code: 'INPUT_REQUIRED', inputs: PROVENANCE.inputs, list: listOf() },
  {
    title: 'a list of another version',
    code: 'INPUT_ARTIFACTS',
    inputs: PROVENANCE.inputs,
    list: '{"version":2,"subjects":[]}',
    says: /version 1/,
  },
  {
    title: 'a listed image without attest',
    code: 'INPUT_REQUIRED',
    inputs: {},
    list: listOf(IMAGE),
    says: /ghcr\.io\/octo\/app.*needs `attest`/,
  },
  {
    title: 'a listed file that lies elsewhere, without attest',
    code: 'INPUT_NO_MATCH',
    inputs: {},
    list: listOf({ ...IMAGE, name: 'elsewhere.bin', kind: 'file' }),
    says: /subject-path/,
  },
  {
    title: 'a listed file that changed since',
    code: 'FILE_DIGEST_MISMATCH',
    inputs: PROVENANCE.inputs,
    list: listOf({ ...IMAGE, name: 'app.bin', kind: 'file' }),
  },
  {
    title: 'a listed name that climbs out',
    code: 'INPUT_NO_MATCH',
    inputs: {},
    list: listOf({ ...IMAGE, name: '../../event.json', kind: 'file' }),
  },
]

suite('attestations that are refused before anything is asked of anybody', { concurrency: 2 }, () => {
  let sandbox: Sandbox
  let held = 0
  before(async () => {
    sandbox = await startSandbox()
  })
  after(async () => {
    await sandbox.close()
    console.log(`attestations refused before any request: ${held} of ${ROWS.length}`)
  })

  async function prepare({ files = {}, list }: Row): Promise<Job> {
    const job = await jobWith(sandbox, { 'app.bin': 'content', ...files })
    if (list === undefined) return { ...job, env: { 'INPUT_SUBJECT-PATH': 'app.bin', ...job.env } }
    await writeFiles({ workspace: job.temp }, { list })
    return { ...job, env: { ...job.env, GITHUB_ARTIFACTS_LIST: `${job.temp}/list` } }
  }

  for (const row of ROWS) {
    test(row.title, async () => {
      const done = await assertRefused(await prepare(row), row.inputs, row.code)
      if (row.says !== undefined) assert.match(dataOf(done, 'error')[0] ?? '', row.says)
      assert.equal(sandbox.requests.all().length, 0)
      assert.deepEqual(done.report?.public, [])
      held++
    })
  }
})
