import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type BundleJson, makeBundle } from '../../sandbox/bundles.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { jobWith, sha256 } from './attesting.ts'
import { run, type Variables } from './program.ts'

/** The rules of statements one by one are in __tests__/sigstore/statement.test.ts; here they hold in dist/verify.js. */

const CONTENT = 'content'
const SUBJECT = { name: 'app.bin', digest: { sha256: sha256(CONTENT) } }
const STATEMENT = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [SUBJECT],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {},
}
const TEXT = JSON.stringify(STATEMENT)

interface Row {
  readonly title: string
  readonly code: ErrorCode
  /** Really signed and logged by the job's workflow, whatever it is. */
  readonly statement: object | string
  readonly payloadType?: string
  readonly change?: (bundle: BundleJson) => void
  readonly inputs?: Variables
}

const about = (subject: unknown): object => ({ ...STATEMENT, subject })
const digest = (one: unknown): object => about([{ name: 'app.bin', digest: one }])

const ROWS: readonly Row[] = [
  {
    title: 'a payload of another type',
    code: 'STATEMENT_TYPE',
    statement: STATEMENT,
    payloadType: 'application/json',
  },
  {
    title: 'no signature in the envelope',
    code: 'BUNDLE_CONTENT',
    statement: STATEMENT,
    change: ({ dsseEnvelope }) => dsseEnvelope?.signatures.pop(),
  },
  {
    title: 'two signatures in the envelope',
    code: 'BUNDLE_CONTENT',
    statement: STATEMENT,
    change: ({ dsseEnvelope }) => dsseEnvelope?.signatures.push(...dsseEnvelope.signatures),
  },
  {
    title: 'a signature that covers another payload type',
    code: 'STATEMENT_TYPE',
    statement: STATEMENT,
    change: ({ dsseEnvelope }) => {
      if (dsseEnvelope !== undefined) dsseEnvelope.payloadType = 'application/vnd.in-toto+json '
    },
  },
  { title: 'no JSON', code: 'STATEMENT_PARSE', statement: 'subject' },
  { title: 'a list', code: 'STATEMENT_PARSE', statement: '[]' },
  { title: 'no _type', code: 'STATEMENT_PARSE', statement: { ...STATEMENT, _type: undefined } },
  {
    title: 'an unknown _type',
    code: 'STATEMENT_PARSE',
    statement: { ...STATEMENT, _type: 'https://in-toto.io/Statement/v2' },
  },
  {
    title: 'no predicate type',
    code: 'STATEMENT_PARSE',
    statement: { ...STATEMENT, predicateType: undefined },
  },
  {
    title: 'an empty predicate type',
    code: 'STATEMENT_PARSE',
    statement: { ...STATEMENT, predicateType: '' },
  },
  {
    title: 'subjects twice',
    code: 'STATEMENT_PARSE',
    statement: TEXT.replace('"subject"', '"subject":[],"subject"'),
  },
  {
    title: 'a predicate type twice',
    code: 'STATEMENT_PARSE',
    statement: TEXT.replace('"predicateType"', '"predicateType":"x:y","predicateType"'),
  },
  { title: 'a byte order mark', code: 'STATEMENT_PARSE', statement: `\ufeff${TEXT}` },
  { title: 'no subject', code: 'STATEMENT_SUBJECTS', statement: about(undefined) },
  { title: 'null for subjects', code: 'STATEMENT_SUBJECTS', statement: about(null) },
  { title: 'an empty list of subjects', code: 'STATEMENT_SUBJECTS', statement: about([]) },
  {
    title: '1,025 subjects',
    code: 'STATEMENT_SUBJECTS',
    statement: about(Array.from({ length: 1025 }, () => SUBJECT)),
  },
  { title: 'a subject without digests', code: 'STATEMENT_SUBJECTS', statement: digest({}) },
  {
    title: 'a digest of an unknown hash alone',
    code: 'STATEMENT_SUBJECTS',
    statement: digest({ md5: 'ab' }),
  },
  {
    title: 'a digest in upper case',
    code: 'STATEMENT_SUBJECTS',
    statement: digest({ sha256: sha256(CONTENT).toUpperCase() }),
  },
  { title: 'a short digest', code: 'STATEMENT_SUBJECTS', statement: digest({ sha256: 'ab' }) },
  { title: 'a digest that is a number', code: 'STATEMENT_PARSE', statement: digest({ sha256: 1 }) },
  {
    title: 'the same name, another digest',
    code: 'SUBJECT_MISMATCH',
    statement: digest({ sha256: sha256('other') }),
  },
  {
    title: 'the digest under the name of another hash',
    code: 'SUBJECT_MISMATCH',
    statement: about([
      { name: 'app.bin', digest: { sha1: sha256(CONTENT) } },
      { name: 'x', digest: { sha256: sha256('x') } },
    ]),
  },
  {
    title: 'one digest that fits and one that does not',
    code: 'SUBJECT_MISMATCH',
    statement: digest({ sha256: sha256(CONTENT), sha512: '0'.repeat(128) }),
  },
  {
    title: 'an SBOM where provenance counts',
    code: 'PREDICATE_TYPE',
    statement: { ...STATEMENT, predicateType: 'https://spdx.dev/Document/v2.3' },
  },
  {
    title: 'another predicate type than the one asked for',
    code: 'PREDICATE_TYPE',
    statement: STATEMENT,
    inputs: { 'INPUT_PREDICATE-TYPE': 'https://slsa.dev/provenance/v1.0' },
  },
  {
    title: 'a predicate type that differs in letter case alone',
    code: 'PREDICATE_TYPE',
    statement: STATEMENT,
    inputs: { 'INPUT_PREDICATE-TYPE': 'https://slsa.dev/Provenance/v1' },
  },
]

suite('statements that dist/verify.js refuses, each really signed and logged', { concurrency: 2 }, () => {
  let sandbox: Sandbox
  let held = 0
  before(async () => {
    sandbox = await startSandbox()
  })
  after(async () => {
    await sandbox.close()
    console.log(`statements refused by dist/verify.js: ${held} of ${ROWS.length}`)
  })

  const show = async ({ statement, payloadType, change, inputs = {} }: Omit<Row, 'title' | 'code'>) => {
    const signed = typeof statement === 'string' ? Buffer.from(statement) : statement
    const content = { statement: signed, ...(payloadType !== undefined && { payloadType }) }
    const { bundle } = makeBundle(sandbox, content, { logs: [2] })
    change?.(bundle)
    const files = { 'app.bin': CONTENT, 'one.json': JSON.stringify(bundle) }
    const { env } = await jobWith(sandbox, files)
    const given = { 'INPUT_SUBJECT-PATH': 'app.bin', 'INPUT_BUNDLE-PATH': 'one.json' }
    return run('verify', { ...env, ...given, ...inputs })
  }

  test('the statement that they are made from is accepted', async () => {
    const done = await show({ statement: STATEMENT })
    assert.equal(done.code, 0, done.text)
  })

  for (const { title, code, ...row } of ROWS) {
    test(title, async () => {
      const done = await show(row)
      assert.equal(done.code, 1, done.text)
      assert.equal(done.outputs.get('error-code'), code, done.text)
      assert.equal(done.outputs.get('verified'), '')
      assert.equal(done.outputs.get('statement-paths'), '')
      held++
    })
  }
})
