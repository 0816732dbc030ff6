import { join } from 'node:path'
import { runConformance } from '../conformance-cases.ts'
import { verdictOn } from '../refusals/case.ts'
import { TABLES } from '../refusals/tables.ts'
import { type Property, type Result, startTally, sum } from './property.ts'
import { ABSENT, hasSharedData, SHARED_DATA } from './shared-data.ts'

/** The cases of the shared corpora that must be refused, or those that must not. */
export function corpusCases(expected: 'refused' | 'accepted'): Result {
  const tally = startTally()
  for (const root of [SHARED_DATA, join(SHARED_DATA, 'wild')])
    for (const line of runConformance(root).lines)
      if (line.includes(`: expected ${expected}, `)) tally.check(line.startsWith('ok '), line)
  return tally.result(`cases of the conformance suite and of real clients that must be ${expected}`)
}

/** Really signed, wrong in one point, with the very code that is right; their honest neighbours are not counted. */
function catalogue(): Result {
  const tally = startTally()
  for (const { title, cases } of TABLES)
    for (const one of cases.filter(({ code }) => code !== 'accepted')) {
      const verdict = verdictOn(one)
      tally.check(
        verdict === one.code,
        `${title}: ${one.row}, ${one.what}: expected ${one.code}, found ${verdict}`,
      )
    }
  return tally.result(`rows of ${TABLES.length} tables of refusals (npm run refusals), each with its code`)
}

export const property: Property = {
  number: 1,
  title: 'No false accept',
  measure: () => (hasSharedData() ? sum([corpusCases('refused'), catalogue()]) : ABSENT),
}
