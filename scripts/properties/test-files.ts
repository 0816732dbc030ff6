import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Result } from './property.ts'

/** Runs test files and counts their tests. */
export function runTestFiles(files: readonly string[], what: string): Result {
  const missing = files.filter((file) => !existsSync(file))
  if (missing.length > 0) return { absent: `${missing.join(', ')} is absent` }
  const { stdout } = spawnSync(
    process.execPath,
    ['--test', '--test-timeout=60000', '--test-reporter=tap', ...files],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  const count = (word: string): number => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0)
  const faults = [...stdout.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map(([, name = '']) => name)
  const skipped = count('skipped')
  const note = skipped === 0 ? '' : ` (${skipped} that cannot run on this machine left out)`
  return { right: count('pass'), all: count('tests') - skipped, faults, what: what + note }
}
