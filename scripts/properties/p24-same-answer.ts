import { spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { type Property, startTally } from './property.ts'
import { ABSENT, hasSharedData } from './shared-data.ts'

const ZONES = ['UTC', 'Asia/Kathmandu', 'America/St_Johns']
const LOCALES = ['C', 'tr_TR.UTF-8']

function verdictsUnder(zone: string, locale: string): string {
  const env = { TZ: zone, LC_ALL: locale, LANG: locale }
  const { stdout } = spawnSync(process.execPath, ['scripts/conformance.ts', '../shared/data'], {
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  return stdout
}

export const property: Property = {
  number: 24,
  title: 'Same answer everywhere: here, 3 time zones and 2 locales',
  measure: () => {
    if (!hasSharedData()) return ABSENT
    const tally = startTally()
    const first = verdictsUnder('UTC', 'C')
    if (!first.includes('found accepted')) throw new Error('the conformance command prints no verdicts')
    for (const zone of ZONES)
      for (const locale of LOCALES) {
        const found = verdictsUnder(zone, locale)
        tally.check(found === first, `${zone}, ${locale}: ${hash('sha256', found)}`)
      }
    return tally.result('runs of the conformance suite with the same output')
  },
}
