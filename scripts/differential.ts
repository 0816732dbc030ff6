/**
 * `npm run differential`: mutated bundles, really signed ones and those of other clients. Whatever we accept,
 * `@sigstore/verify` must accept. `-- --from N --count M` goes on where another run ended; the last line says where this
 * one did. The exit code is 1 on a counter-example, and if too little was accepted to mean anything.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findEmptiness, runDifferential } from './differential/run.ts'
import { hasSharedData } from './properties/shared-data.ts'

const { values } = parseArgs({ options: { from: { type: 'string' }, count: { type: 'string' } } })
const [from, count] = [Number(values.from ?? 0), Number(values.count ?? 100_000)]
if (!Number.isSafeInteger(from) || from < 0 || !Number.isSafeInteger(count) || count < 1) {
  console.error('Usage: npm run differential -- [--from N] [--count M]')
  process.exit(2)
}

const show = (value: number): string => value.toLocaleString('en-US')
const list = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, one]) => `${name} ${show(one)}`)
    .join(' · ')

const started = performance.now()
let lastTold = started
const total = await runDifferential({ from, count }, ({ mutations, accepted }) => {
  if (performance.now() - lastTold < 15_000) return
  lastTold = performance.now()
  console.log(`  ${show(mutations)} judged, ${show(accepted)} accepted`)
})
if (!hasSharedData()) console.log('NOT MUTATED: bundles of other clients, since ../shared/data is absent')

const { accepted, distinct, looser, kinds, codes, faults } = total
console.log(`Mutations ${show(from)} to ${show(from + count - 1)}: ${show(accepted)} accepted by us`)
console.log(`  of those ${show(distinct)} that say something new were shown to @sigstore/verify`)
console.log(`  accepted: ${list(kinds)}`)
console.log(`  refused: ${list(codes)}`)
for (const fault of faults) {
  mkdirSync('.work/differential', { recursive: true })
  const file = join('.work/differential', `${fault.number}.json`)
  writeFileSync(file, JSON.stringify(fault))
  console.log(
    `COUNTER-EXAMPLE ${fault.number}, a change of ${fault.specimen}: ${fault.what}; kept as ${file}`,
  )
}
const empty = findEmptiness(total)
for (const one of empty) console.log(`EMPTY: ${one}`)
console.log(
  `${show(distinct - looser)} of ${show(distinct)} accepted bundles are accepted by @sigstore/verify too ` +
    `(${Math.round((performance.now() - started) / 1000)} s); go on with --from ${from + count}`,
)
process.exit(faults.length > 0 || empty.length > 0 ? 1 : 0)
