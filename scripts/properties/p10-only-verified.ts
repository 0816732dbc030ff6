import type { Property } from './property.ts'
import { runTestFiles } from './test-files.ts'

export const property: Property = {
  number: 10,
  title: 'Sign publishes only what verifies',
  measure: () =>
    runTestFiles(
      ['__tests__/dist/lies-identity.test.ts', '__tests__/dist/lies-evidence.test.ts'],
      'answers of services that lie to dist/sign.js: the right code, no bundle',
    ),
}
