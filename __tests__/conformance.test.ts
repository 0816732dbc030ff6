import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { runConformance } from '../scripts/conformance-cases.ts'

for (const [root, least] of [
  ['../shared/data', 92],
  ['../shared/data/wild', 106],
] as const) {
  const absent = existsSync(`${root}/conformance/index.json`)
    ? false
    : `${root} is absent: real bundles were NOT tried`
  test(`every conformance case of ${root} is judged rightly, by path and by digest`, { skip: absent }, () => {
    const { lines, right, all } = runConformance(root)
    assert.deepEqual(
      lines.filter((line) => line.startsWith('WRONG')),
      [],
    )
    assert.equal(right, all)
    assert.ok(all >= least, `only ${all} cases were tried`)
  })
}
