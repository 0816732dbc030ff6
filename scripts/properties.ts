/**
 * `npm run properties`: the security properties P1 to P25 as numbers. A line each: "N of N", or why there is nothing to
 * measure yet. `-- P2 P21` for some of them, `--full` for the long versions. The exit code is 1 if one that was measured
 * is incomplete.
 */
import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Property, Result } from './properties/property.ts'

const MOST_FAULTS = 10

const given = process.argv.slice(2)
const full = given.includes('--full')
const wanted = given.filter((word) => /^P\d+$/i.test(word)).map((word) => Number(word.slice(1)))

const files = globSync('scripts/properties/p[0-9][0-9]-*.ts').sort()
const loaded = await Promise.all(
  files.map(async (file): Promise<Property> => (await import(pathToFileURL(resolve(file)).href)).property),
)
/** Properties without a number of their own so far, and why. */
const NOT_YET: readonly (readonly [number, string, string])[] = [
  [5, 'Identity is exact', 'held by __tests__/sigstore/policy.test.ts, not counted here'],
  [6, 'Nothing verified is failure', 'held by the refusal tables of __tests__/sigstore, not counted here'],
  [8, 'The key never leaves memory', 'held by __tests__/dist/secrets.test.ts; the memory scan is missing'],
  [9, 'Tokens never leak', 'held by __tests__/dist/secrets.test.ts, not counted here'],
  [10, 'Sign publishes only what verifies', 'held by __tests__/dist/lies-*.test.ts, not counted here'],
  [11, 'Trust root cannot be planted, rolled back or frozen', 'there is no TUF client so far'],
  [12, 'All or nothing', 'no kill at every request and write so far'],
  [13, 'Hostile input never crashes, hangs or swells', 'no seeded fuzzing of all targets so far'],
  [14, 'Every bad input gives its code', 'held by the refusal tables in __tests__, not counted here'],
  [15, 'Output injection is impossible', 'held by __tests__/host and __tests__/actions, not counted here'],
  [
    16,
    'Network faults end in one of two states',
    'held by __tests__/dist/services.test.ts, not counted here',
  ],
  [17, 'Monitor misses nothing', 'there is no monitor so far'],
  [20, 'The checks are tested', 'npm run check-deletion, which takes ten minutes'],
  [21, 'Stricter than the library, never looser', 'no differential run over many mutations so far'],
  [23, 'Time rules', 'held by __tests__/sigstore/verifier-time.test.ts, not counted here'],
]

const unmeasured = NOT_YET.filter(([number]) => loaded.every((one) => one.number !== number)).map(
  ([number, title, notYet]): Property => ({ number, title, measure: () => ({ notYet }) }),
)

const properties = [...loaded, ...unmeasured]
  .filter(({ number }) => wanted.length === 0 || wanted.includes(number))
  .sort((a, b) => a.number - b.number)

const show = (value: number): string => value.toLocaleString('en-US')

async function measure(property: Property): Promise<Result> {
  try {
    return await property.measure({ full })
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { right: 0, all: 1, faults: [reason], what: 'the measure itself failed' }
  }
}

function tell({ number, title }: Property, result: Result, seconds: number): void {
  const head = `P${number}`.padEnd(4)
  if ('notYet' in result) {
    console.log(`${head} ${title}: not yet: ${result.notYet}`)
    return
  }
  if ('absent' in result) {
    console.log(`${head} ${title}: NOT MEASURED: ${result.absent}`)
    return
  }
  const { right, all, faults, what } = result
  const flag = isGood(result) ? '' : ' FAILED'
  console.log(`${head} ${title}: ${show(right)} of ${show(all)}${flag}: ${what} (${seconds.toFixed(1)} s)`)
  for (const fault of faults.slice(0, MOST_FAULTS)) console.log(`       ${fault}`)
  if (faults.length > MOST_FAULTS) console.log(`       … and ${show(faults.length - MOST_FAULTS)} more`)
}

const isGood = (result: Result): boolean => 'all' in result && result.all > 0 && result.right === result.all

const results: Result[] = []
for (const property of properties) {
  const started = performance.now()
  const result = await measure(property)
  tell(property, result, (performance.now() - started) / 1000)
  results.push(result)
}
const measured = results.filter((result) => 'all' in result)
const passed = measured.filter(isGood).length
const later = results.filter((result) => 'notYet' in result).length
const absent = results.filter((result) => 'absent' in result).length
console.log(
  `\n${passed} of ${measured.length} properties that apply hold; ${later} not yet` +
    `${absent > 0 ? `; ${absent} NOT MEASURED for want of data` : ''}`,
)
console.log(`${passed} passed, ${measured.length - passed} failed`)
process.exit(measured.length === 0 || passed < measured.length ? 1 : 0)
