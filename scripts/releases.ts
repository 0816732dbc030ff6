/**
 * `npm run releases`: what the sign action makes of a release night, through `dist/` and the sandbox. A table of all
 * states, ten jobs at once, and a kill at each request with the run after it. "N of N" each; the exit code is 1 unless
 * all are right. `-- --lines` prints each case.
 */
import { showJobs } from './releases/jobs.ts'
import { showKills } from './releases/kills.ts'
import { showTable } from './releases/table.ts'

const all = process.argv.includes('--lines')
let failed = false
for (const show of [showTable, showJobs, showKills]) {
  const started = performance.now()
  const { title, right, all: count, lines, faults } = await show()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  for (const line of all ? lines : []) process.stdout.write(`${line}\n`)
  for (const fault of faults) process.stdout.write(`WRONG ${fault}\n`)
  process.stdout.write(`${right} of ${count}: ${title} (${seconds} s)\n`)
  failed ||= count === 0 || right !== count
}
process.exitCode = failed ? 1 : 0
