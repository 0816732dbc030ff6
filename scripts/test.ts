/** Runs every test that needs nothing but Node: `npm test`, or `npm test -- name…` for the files whose path holds a name. */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

const wanted = process.argv.slice(2)
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
process.exit(status ?? 1)
