/** Runs every test that needs nothing but Node: `npm test`, or `npm test -- name…` for the files whose path holds a name. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

// Inherited by all that is started here: to read and compile the code takes most of the time of most tests.
process.env['NODE_COMPILE_CACHE'] ??= resolve('.work/compile-cache')

const wanted = process.argv.slice(2)
mkdirSync('.work', { recursive: true })
const files = globSync('__tests__/**/*.test.ts')
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
  .sort()
if (files.length === 0) {
  console.error('No test file matches.')
  process.exit(1)
}
/** These start programs and wait for them: beside them the others take what is left of the processors. */
const startsPrograms = (file: string): boolean =>
  /^__tests__[/\\](?:dist|bench|e2e)[/\\]|^__tests__[/\\][^/\\]+$/.test(file)

interface Ended {
  readonly status: number
  readonly report: string
}

/** In one process, for what takes longest with many files is to load the code. */
async function runTests(name: string, some: readonly string[]): Promise<Ended> {
  const report = `.work/tests-${name}.txt`
  if (some.length === 0) return { status: 0, report: '' }
  const args = [
    '--test',
    '--test-isolation=none',
    '--test-timeout=120000',
    '--test-reporter=dot',
    '--test-reporter-destination=stdout',
    '--test-reporter=spec',
    `--test-reporter-destination=${report}`,
    ...some,
  ]
  const [status] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'close')
  const text = readFileSync(report, 'utf8')
  // Whatever ends the process ends all tests in it.
  const isWhole = /^ℹ pass \d+$/m.test(text)
  if (!isWhole) console.error(`\nThe process of the ${name} ended before its tests did`)
  return { status: isWhole ? (status ?? 1) : 1, report: text }
}

const ended = await Promise.all([
  runTests('programs', files.filter(startsPrograms)),
  runTests(
    'modules',
    files.filter((file) => !startsPrograms(file)),
  ),
])
const report = ended.map((one) => one.report).join('\n')
const count = (what: string): number =>
  [...report.matchAll(new RegExp(`^ℹ ${what} (\\d+)$`, 'gm'))].reduce((sum, [, n]) => sum + Number(n), 0)
for (const line of report.split('\n')) if (/# SKIP|﹣/.test(line)) console.log(`SKIPPED ${line.trim()}`)
const failed = count('fail') + count('cancelled')
console.log(`\n${count('pass')} passed, ${failed} failed, ${count('skipped')} skipped`)
process.exit(count('pass') === 0 ? 1 : Math.max(...ended.map(({ status }) => status)))
