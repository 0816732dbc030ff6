/**
 * `npm run refusals`: the catalogue of bad input for verifying, row by row. Each bundle is really signed by authorities of
 * the sandbox and wrong in one point, and has one code that is right. Prints "N of N" for each table. `-- --show` tells
 * instead how a later job verifies what an earlier one signed, and five refusals as a person reads them.
 */

import { ACTION_CASES, laterJob, runCase, signFiles } from './refusals/action-cases.ts'
import { verdictOn } from './refusals/case.ts'
import { missingRows, NOT_APPLICABLE, TABLES } from './refusals/tables.ts'
import { tellRefusals } from './refusals/tell.ts'
import { withSandbox } from './refusals/with-sandbox.ts'

let failed = 0

function line(title: string, right: number, all: number, rows: ReadonlySet<string>): void {
  if (right !== all || all === 0) failed += 1
  console.log(`${title}: ${right} of ${all}, in ${rows.size} rows`)
}

function wrong(row: string, what: string, expected: string, found: string): void {
  console.log(`  WRONG ${row}, ${what}: expected ${expected}, found ${found}`)
}

async function throughActions(): Promise<void> {
  await withSandbox(async (sandbox) => {
    const { lay } = await signFiles(sandbox)
    let right = 0
    for (const one of ACTION_CASES) {
      const { verdict } = await runCase(one, await laterJob(sandbox, lay))
      if (verdict === one.code) right += 1
      else wrong(one.row, one.what, one.code, verdict)
    }
    const rows = new Set(ACTION_CASES.map(({ row }) => row))
    line('rows about files and folders, through dist/verify.js', right, ACTION_CASES.length, rows)
  })
}

if (process.argv.includes('--show')) {
  await withSandbox(tellRefusals)
  process.exit(0)
}
for (const { title, cases } of TABLES) {
  let right = 0
  for (const one of cases) {
    const verdict = verdictOn(one)
    if (verdict === one.code) right += 1
    else wrong(one.row, one.what, one.code, verdict)
  }
  line(title, right, cases.length, new Set(cases.map(({ row }) => row)))
}
await throughActions()
for (const [row, why] of Object.entries(NOT_APPLICABLE)) console.log(`does not apply: row ${row}: ${why}`)
const missing = missingRows()
if (missing.length > 0) console.log(`NO CASE for ${missing.join(', ')}`)
process.exit(failed > 0 || missing.length > 0 ? 1 : 0)
