import type { Property } from './property.ts'
import { runTestFiles } from './test-files.ts'

export const property: Property = {
  number: 16,
  title: 'Network faults end in one of two states',
  measure: () =>
    runTestFiles(
      ['services', 'recovery', 'settle'].map((name) => `__tests__/dist/${name}.test.ts`),
      'faults of five services, for ever and for a while, and cancelled jobs; seeded chaos comes later',
    ),
}
