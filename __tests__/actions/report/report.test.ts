import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { ActionOutcome } from '../../../src/actions/report/outcome.ts'
import { buildReport, encodeReport } from '../../../src/actions/report/report.ts'
import { ActionError } from '../../../src/errors.ts'
import { findFaults, type Schema } from '../json-schema.ts'
import {
  CLAIMS,
  checked,
  evidence,
  IDENTITY,
  ISSUER,
  NOON,
  signed,
  signer,
  subject,
  unproven,
} from '../outcomes.ts'

const schema: Schema = JSON.parse(readFileSync('docs/report.schema.json', 'utf8'))

const decode = (outcome: ActionOutcome): unknown =>
  JSON.parse(new TextDecoder().decode(encodeReport(buildReport(outcome))))

const mismatch = new ActionError('IDENTITY_MISMATCH', 'another one', {
  expected: 'octo/demo',
  found: 'evil/demo',
})
const statement = {
  type: 'https://in-toto.io/Statement/v1',
  predicateType: 'https://slsa.dev/provenance/v1',
  subjects: [],
  payload: new Uint8Array(),
}

const outcomes: Record<string, ActionOutcome> = {
  'a signed run': signed(),
  'a signed run with a kept bundle and a note': signed({
    subjects: [subject('a', { kept: true })],
    notes: ['x'],
  }),
  'an empty run': signed({ result: 'empty', subjects: [] }),
  'a dry run': signed({ result: 'dry-run', subjects: [unproven('a')] }),
  'a failed run that left traces': signed({
    result: 'failed',
    subjects: [subject('a'), unproven('b', { error: mismatch }), unproven('c')],
    error: mismatch,
    public: [
      { kind: 'certificate', identity: IDENTITY, issuer: ISSUER },
      { kind: 'entry', log: 'https://rekor.sigstore.dev', index: 7n, subject: 'a' },
      { kind: 'entry', log: 'https://rekor.sigstore.dev' },
    ],
  }),
  'a run that failed before anything': {
    action: 'sign',
    result: 'failed',
    version: '0.1.0',
    started: NOON,
    finished: NOON,
    subjects: [],
    public: [],
    error: new ActionError('INPUT_REQUIRED', 'no subject'),
  },
  'a verification': checked({ unused: [{ bundle: 'x.jsonl line 2', reason: 'for no subject' }] }),
  'a verification of an attestation without a log': checked({
    subjects: [
      subject('a', {
        evidence: evidence({
          entries: [],
          statement,
          times: [{ source: 'timestamp authority', at: NOON, by: 'GitHub' }],
        }),
      }),
    ],
  }),
  'a failed verification': checked({
    result: 'failed',
    subjects: [unproven('a', { error: mismatch })],
    error: new ActionError('VERIFY_FAILED', 'one file failed'),
  }),
}

for (const [what, outcome] of Object.entries(outcomes)) {
  test(`the report of ${what} is what the schema describes`, () => {
    const report = decode(outcome)
    assert.deepEqual(findFaults(schema, report), [])
    assert.deepEqual(report, JSON.parse(JSON.stringify(buildReport(outcome))))
  })
}

const spoiled: Record<string, (report: Record<string, unknown>) => void> = {
  'an unknown result': (report) => {
    report['result'] = 'fine'
  },
  'an index that is a number': (report) => {
    report['subjects'] = [
      {
        ...buildReport(signed()).subjects[0],
        entries: [{ log: '', logId: 'aa', index: 1, kind: '', version: '' }],
      },
    ]
  },
  'no time': (report) => {
    delete report['started']
  },
  'an error although it went well': (report) => {
    report['error'] = { code: 'INTERNAL', message: '', hint: '' }
  },
  'a failure without an error': (report) => {
    report['result'] = 'failed'
  },
  'an undocumented member': (report) => {
    report['verdict'] = 'good'
  },
}

for (const [what, spoil] of Object.entries(spoiled)) {
  test(`the schema refuses a report with ${what}`, () => {
    const report = { ...JSON.parse(JSON.stringify(buildReport(signed()))) }
    spoil(report)
    assert.notDeepEqual(findFaults(schema, report), [])
  })
}

test('every member of the schema says what it is', () => {
  const undocumented: string[] = []
  const walk = (value: unknown, at: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, child] of Object.entries(value)) {
      const described =
        typeof child === 'object' && child !== null && ('description' in child || '$ref' in child)
      const member = at.endsWith('.properties') && !/\.(?:if|then|else)\./.test(at)
      if (member && !described) undocumented.push(`${at}.${name}`)
      walk(child, `${at}.${name}`)
    }
  }
  walk(schema, '$')
  assert.deepEqual(undocumented, [])
})

test('an index beyond 2^53 keeps its digits', () => {
  assert.equal(buildReport(signed()).subjects[0]?.entries[0]?.index, '9007199254740993')
})

test('a verification names an identity only if all subjects have the same one', () => {
  const other = evidence({ signer: signer({ ...CLAIMS, sourceRepositoryRef: 'refs/heads/main' }) })
  assert.equal(buildReport(checked()).identity?.name, IDENTITY)
  assert.equal(buildReport(checked()).identity?.issuer, ISSUER)
  const mixed = checked({ subjects: [subject('a'), subject('b', { evidence: other })] })
  assert.equal(buildReport(mixed).identity, undefined)
  const half = checked({
    result: 'failed',
    subjects: [subject('a'), unproven('b', { error: mismatch })],
    error: mismatch,
  })
  assert.equal(buildReport(half).identity, undefined)
})

test('expected and found stand beside each other in the error of the subject', () => {
  const [first] = buildReport(outcomes['a failed verification'] ?? signed()).subjects
  assert.deepEqual(
    [first?.result, first?.error?.code, first?.error?.expected, first?.error?.found],
    ['failed', 'IDENTITY_MISMATCH', 'octo/demo', 'evil/demo'],
  )
})

test('subjects stand one a line, however many', () => {
  const subjects = Array.from({ length: 1000 }, (_, i) => subject(`file-${i}`))
  const text = new TextDecoder().decode(encodeReport(buildReport(signed({ subjects }))))
  assert.equal(text.split('\n').filter((line) => line.startsWith('    {"name":"file-')).length, 1000)
})
