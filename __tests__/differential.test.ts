import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Counts, noCounts } from '../scripts/differential/compare.ts'
import { findEmptiness, runDifferential } from '../scripts/differential/run.ts'

const counts = (more: Partial<Counts>): Counts => ({ ...noCounts(), mutations: 10_000, ...more })

test('a run that accepted nothing, or next to nothing, proves nothing', () => {
  assert.match(String(findEmptiness(counts({}))), /only 0 of 10000 were accepted/)
  assert.match(String(findEmptiness(counts({ accepted: 199 }))), /only 199/)
  assert.deepEqual(findEmptiness(counts({ accepted: 200 })), [])
})

test('a long run in which one kind of bundle was never accepted proves nothing about it', () => {
  const kinds = { 'sandbox: DSSE': 0, 'staging: message': 5000 }
  assert.deepEqual(findEmptiness(counts({ accepted: 5000, kinds })), [
    'nothing was accepted of sandbox: DSSE',
  ])
  assert.deepEqual(findEmptiness(counts({ mutations: 9999, accepted: 5000, kinds })), [])
})

test('processes share the mutations, each is judged once, and what we accept the library accepts', async () => {
  const total = await runDifferential({ from: 7_000_000, count: 1500 })
  const refused = Object.values(total.codes).reduce((sum, one) => sum + one, 0)
  assert.equal(total.mutations, 1500)
  assert.equal(total.accepted + refused, 1500)
  assert.ok(total.distinct > 50 && total.distinct <= total.accepted, String(total.distinct))
  assert.deepEqual(total.faults, [])
})
