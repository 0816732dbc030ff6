import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { verdictOn } from '../../scripts/refusals/case.ts'
import { missingRows, TABLES } from '../../scripts/refusals/tables.ts'

test('each row of the catalogue has a case or a reason why not', () => {
  assert.deepEqual(missingRows(), [])
})

/** A table may only grow. */
const AT_LEAST = [49, 39, 99, 70, 96, 29, 31, 32]

for (const [i, { title, cases }] of TABLES.entries()) {
  suite(`${title} (${cases.length} cases)`, () => {
    test('the table is whole', () => {
      assert.ok(cases.length >= (AT_LEAST[i] ?? Number.POSITIVE_INFINITY), `${cases.length} cases`)
      const names = cases.map(({ row, what }) => `${row}: ${what}`)
      assert.equal(new Set(names).size, names.length, 'two cases have one name')
    })
    for (const one of cases) {
      test(`${one.row}, ${one.what}: ${one.code}`, () => {
        assert.equal(verdictOn(one), one.code)
      })
    }
  })
}
