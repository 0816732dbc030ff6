import { join } from 'node:path'
import { runConformance } from '../conformance-cases.ts'
import { type Property, type Result, startTally, sum } from './property.ts'
import { ABSENT, hasSharedData, SHARED_DATA } from './shared-data.ts'
import { runTestFiles } from './test-files.ts'

/** The cases of the shared corpora that must be refused, or those that must not. */
export function corpusCases(expected: 'refused' | 'accepted'): Result {
  const tally = startTally()
  for (const root of [SHARED_DATA, join(SHARED_DATA, 'wild')])
    for (const line of runConformance(root).lines)
      if (line.includes(`: expected ${expected}, `)) tally.check(line.startsWith('ok '), line)
  return tally.result(`cases of the conformance suite and of real clients that must be ${expected}`)
}

const HOSTILE = ['__tests__/sigstore/verifier-hostile.test.ts']

export const property: Property = {
  number: 1,
  title: 'No false accept',
  measure: () =>
    hasSharedData()
      ? sum([
          corpusCases('refused'),
          runTestFiles(
            HOSTILE,
            'bundles of the sandbox, really signed and wrong in one point, each with its code',
          ),
        ])
      : ABSENT,
}
