import { findEmptiness, runDifferential } from '../differential/run.ts'
import type { Property } from './property.ts'
import { hasSharedData } from './shared-data.ts'

export const property: Property = {
  number: 21,
  title: 'Stricter than the library, never looser',
  measure: async ({ full }) => {
    const makers = hasSharedData() ? 'the sandbox, production and staging' : 'the sandbox'
    const total = await runDifferential({ from: 0, count: full ? 1_000_000 : 100_000 })
    const empty = findEmptiness(total)
    if (empty.length > 0) throw new Error(empty.join('; '))
    const { mutations, accepted, distinct, looser, faults } = total
    return {
      right: mutations - Math.max(looser, faults.length),
      all: mutations,
      faults: faults.map(({ number, specimen, what }) => `${number}, a change of ${specimen}: ${what}`),
      what:
        `mutated bundles of ${makers}, refused by us or accepted by both: ${accepted} accepted, ` +
        `${distinct} of them different; more of them by npm run differential -- --from ${mutations}`,
    }
  },
}
