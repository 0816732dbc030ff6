/** A process of the differential test: judges spans of mutations that its parent sends. */
import { createComparison, noCounts } from './compare.ts'

// Most bundles are refused, and nobody reads where in the code.
Error.stackTraceLimit = 0

const counts = noCounts()
const judge = createComparison(counts)

process.on('message', (span: { readonly from: number; readonly count: number }) => {
  const kinds = Object.fromEntries(Object.keys(counts.kinds).map((kind) => [kind, 0]))
  Object.assign(counts, noCounts(), { kinds })
  for (let number = span.from; number < span.from + span.count; number += 1) judge(number)
  process.send?.(counts)
})
