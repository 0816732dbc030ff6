import type { Property } from './property.ts'
import { runTestFiles } from './test-files.ts'

export const property: Property = {
  number: 23,
  title: 'Time rules',
  measure: () =>
    runTestFiles(
      ['__tests__/sigstore/verifier-time.test.ts'],
      'windows of leaf, authorities, logs and times: before, first, last and after',
    ),
}
