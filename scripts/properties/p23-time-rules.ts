import { verdictOn } from '../refusals/case.ts'
import { WINDOW_CASES } from '../refusals/statement-cases.ts'
import { type Property, startTally } from './property.ts'

export const property: Property = {
  number: 23,
  title: 'Time rules',
  measure: () => {
    const tally = startTally()
    for (const one of WINDOW_CASES) {
      const verdict = verdictOn(one)
      tally.check(verdict === one.code, `${one.what}: expected ${one.code}, found ${verdict}`)
    }
    return tally.result(
      'signatures before, in the first and the last second of, and after the windows of leaf, intermediate, root and ' +
        'their entry in the trusted root, of log key, CT key, and of the timestamp authority and its entry: closed intervals',
    )
  },
}
