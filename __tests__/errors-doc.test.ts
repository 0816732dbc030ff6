import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ERRORS_DOC, encodeErrorsDoc } from '../scripts/errors-doc.ts'
import { HINTS } from '../src/errors.ts'

test('docs/errors.md is what the code makes; if not, run `node scripts/errors-doc.ts`', () => {
  assert.equal(readFileSync(ERRORS_DOC, 'utf8').replaceAll('\r\n', '\n'), encodeErrorsDoc())
})

test('every code stands in docs/errors.md once, with its advice', () => {
  const rows = encodeErrorsDoc()
    .split('\n')
    .filter((line) => line.startsWith('- `'))
  assert.deepEqual(rows.map((row) => row.split('`')[1]).sort(), Object.keys(HINTS).sort())
  for (const hint of Object.values(HINTS)) assert.ok(rows.some((row) => row.includes(hint)))
})
