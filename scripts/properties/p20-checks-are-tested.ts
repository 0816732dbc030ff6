import { spawnSync } from 'node:child_process'
import type { Property } from './property.ts'

/** A copy of the source without one check, one after the other: some test must fail each time. */
export const property: Property = {
  number: 20,
  title: 'The checks are tested',
  measure: ({ full }) => {
    if (!full)
      return { notYet: 'only with --full, or by npm run check-deletion: it takes up to half an hour' }
    const { stdout, stderr } = spawnSync(process.execPath, ['scripts/check-deletion.ts'], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    const [, right, all] = /^(\d+) of (\d+) deleted checks/m.exec(stdout) ?? []
    if (all === undefined) throw new Error(`no count: ${stdout.slice(-500)}${stderr.slice(-500)}`)
    const faults = stdout.split('\n').filter((line) => /^(?:NOT NOTICED|BROKEN)/.test(line))
    const what = 'checks of the verifier, one deleted at a time: a test fails'
    return { right: Number(right), all: Number(all), faults, what }
  },
}
