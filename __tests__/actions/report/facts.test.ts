import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countText, groupDigits } from '../../../src/core/counts.ts'

test('digits are grouped as English groups them', () => {
  for (const count of [0, 1, 999, 1000, 12_345, 100_000, 1_234_567, Number.MAX_SAFE_INTEGER])
    assert.equal(groupDigits(count), count.toLocaleString('en-US'))
  fc.assert(fc.property(fc.maxSafeNat(), (count) => groupDigits(count) === count.toLocaleString('en-US')))
})

test('a count has its noun', () => {
  assert.deepEqual(
    [countText(0, 'file'), countText(1, 'file'), countText(1234, 'entry', 'entries')],
    ['0 files', '1 file', '1,234 entries'],
  )
})
