import type { Property } from './property.ts'
import { runTestFiles } from './test-files.ts'

export const property: Property = {
  number: 9,
  title: 'Tokens never leak',
  measure: () =>
    runTestFiles(
      ['__tests__/dist/secrets.test.ts'],
      'runs of dist/sign.js, good ones and with servers that repeat or redirect: no token in log, summary, outputs, ' +
        'files, and each token sent to one service',
    ),
}
