/** Runs every test that needs nothing but Node: `npm test`, or `npm test -- name…` for the files whose path holds a name. */
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync } from 'node:fs'

const wanted = process.argv.slice(2)
mkdirSync('.work', { recursive: true })
const files = globSync('__tests__/**/*.test.ts')
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
  .sort()
if (files.length === 0) {
  console.error('No test file matches.')
  process.exit(1)
}
const { status } = spawnSync(
  process.execPath,
  [
    '--test',
    '--test-timeout=120000',
    '--test-reporter=dot',
    '--test-reporter-destination=stdout',
    '--test-reporter=spec',
    '--test-reporter-destination=.work/tests.txt',
    ...files,
  ],
  {
    stdio: 'inherit',
  },
)
const report = readFileSync('.work/tests.txt', 'utf8')
const count = (what: string): number => Number(new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(report)?.[1] ?? 0)
for (const line of report.split('\n')) if (/# SKIP|﹣/.test(line)) console.log(`SKIPPED ${line.trim()}`)
const failed = count('fail') + count('cancelled')
console.log(`\n${count('pass')} passed, ${failed} failed, ${count('skipped')} skipped`)
process.exit(count('pass') === 0 ? 1 : (status ?? 1))
