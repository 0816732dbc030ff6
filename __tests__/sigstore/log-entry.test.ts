import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { jsonReader } from '../../src/core/json-reader.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { parseLogEntry } from '../../src/sigstore/log-entry-json.ts'
import { changed, createInstance, ENTRY, make, valueAt, verdictOf } from './hostile-bundles.ts'

const instance = createInstance()
const v1 = valueAt(make(instance).bundle, ENTRY)
const v2 = valueAt(make(instance, { logs: [2] }).bundle, ENTRY)
const read = jsonReader('TLOG_RESPONSE', 'TLOG_BODY')
const parse = (json: unknown) => parseLogEntry(JSON.parse(JSON.stringify(json)), 'the entry', read)

suite('an entry as bundles and Rekor v2 write it', () => {
  test('of v1: both indexes, time, promise, proof', () => {
    const entry = parse(v1)
    assert.equal(entry.kind, 'hashedrekord')
    assert.equal(entry.version, '0.0.1')
    assert.ok(entry.logIndex > (entry.proof?.logIndex ?? 0n))
    assert.ok(entry.integratedTime !== undefined && entry.promise !== undefined)
  })
  test('of v2: neither time nor promise', () => {
    const entry = parse(v2)
    assert.equal(entry.logIndex, entry.proof?.logIndex)
    assert.equal(entry.integratedTime, undefined)
    assert.equal(entry.promise, undefined)
  })
  test('an index that is left out is 0', () => {
    assert.equal(parse(changed(v2, 'logIndex', undefined)).logIndex, 0n)
    assert.equal(parse(changed(v2, 'inclusionProof.logIndex', null)).proof?.logIndex, 0n)
  })
  test('a body that is left out is empty', () => {
    assert.equal(parse(changed(v2, 'canonicalizedBody', undefined)).body.length, 0)
  })
  test('an index beyond 2^53 is kept', () => {
    assert.equal(parse(changed(v2, 'logIndex', '9223372036854775807')).logIndex, 2n ** 63n - 1n)
  })
})

type Refusal = readonly [what: string, code: ErrorCode, path: string, value: unknown]
const refusals: readonly Refusal[] = [
  ['an unknown member', 'TLOG_RESPONSE', 'extra', 1],
  ['no id', 'TLOG_RESPONSE', 'logId', undefined],
  ['an id that is no base64', 'TLOG_BODY', 'logId.keyId', '!'],
  ['no kind', 'TLOG_RESPONSE', 'kindVersion', undefined],
  ['a kind that is a number', 'TLOG_RESPONSE', 'kindVersion.kind', 1],
  ['no version', 'TLOG_RESPONSE', 'kindVersion.version', undefined],
  ['an index of a fraction', 'TLOG_INDEX', 'logIndex', 0.5],
  ['a negative index', 'TLOG_INDEX', 'logIndex', '-1'],
  ['an index of 2^63', 'TLOG_INDEX', 'logIndex', '9223372036854775808'],
  ['an index that is an object', 'TLOG_INDEX', 'logIndex', {}],
  ['an index in the proof that is no number', 'TLOG_INDEX', 'inclusionProof.logIndex', 'x'],
  ['a time that is no number', 'TLOG_RESPONSE', 'integratedTime', 'x'],
  ['a promise that is a text', 'TLOG_RESPONSE', 'inclusionPromise', 'x'],
  ['a promise without its signature', 'TLOG_RESPONSE', 'inclusionPromise', {}],
  ['a body that is no base64', 'TLOG_BODY', 'canonicalizedBody', '!'],
  ['no root', 'TLOG_RESPONSE', 'inclusionProof.rootHash', undefined],
  ['no size', 'TLOG_RESPONSE', 'inclusionProof.treeSize', undefined],
  ['hashes that are no list', 'TLOG_RESPONSE', 'inclusionProof.hashes', {}],
  ['a hash that is no text', 'TLOG_RESPONSE', 'inclusionProof.hashes', [1]],
  ['64 hashes', 'TLOG_PROOF', 'inclusionProof.hashes', new Array(64).fill('')],
  ['no checkpoint', 'TLOG_CHECKPOINT', 'inclusionProof.checkpoint', undefined],
  ['a checkpoint that is null', 'TLOG_CHECKPOINT', 'inclusionProof.checkpoint', null],
  ['a checkpoint without text', 'TLOG_RESPONSE', 'inclusionProof.checkpoint', {}],
  ['a checkpoint that is a number', 'TLOG_RESPONSE', 'inclusionProof.checkpoint.envelope', 1],
]
suite(`an entry that is refused (${refusals.length} rows)`, () => {
  for (const [what, code, path, value] of refusals) {
    test(`${what}: ${code}`, () =>
      assert.equal(
        verdictOf(() => parse(changed(v1, path, value))),
        code,
      ))
  }
  for (const value of [null, [], 'x', 1]) {
    test(`${JSON.stringify(value)} instead of an entry`, () =>
      assert.equal(
        verdictOf(() => parse(value)),
        'TLOG_RESPONSE',
      ))
  }
})
