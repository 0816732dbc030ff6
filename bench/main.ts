/**
 * `npm run bench`: what `docs/performance.md` promises, measured. Prints what was found beside its bar and writes
 * `.work/bench.json`. `-- NAME…` for some of it, `--quick` for less, `--full` for all. Nothing fails by time: the exit
 * code is 1 only if something could not be measured, or if the number of requests is wrong.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { bundleLines } from './bundle-lines.ts'
import { largeFile } from './large-file.ts'
import { latency } from './latency.ts'
import type { Measure, Row, Size } from './measure.ts'
import { memory } from './memory.ts'
import { requests } from './requests.ts'
import { sizes } from './sizes.ts'
import { start } from './start.ts'
import { verify } from './verify.ts'

const MEASURES: readonly Measure[] = [sizes, start, requests, latency, largeFile, memory, bundleLines, verify]

const given = process.argv.slice(2)
const kind = given.includes('--full') ? 'full' : given.includes('--quick') ? 'quick' : 'usual'
const size: Size = { kind }
const names = given.filter((word) => !word.startsWith('--'))
const unknown = names.filter((name) => !MEASURES.some((measure) => measure.name === name))
if (unknown.length > 0) {
  console.error(`No measure is called ${unknown.join(', ')}: ${MEASURES.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const mark = ({ met }: Row): string => (met === undefined ? '     ' : met ? 'ok   ' : 'MISS ')

function print({ what, found, bar }: Row, flag: string): void {
  console.log(`  ${flag}${what}`)
  console.log(`       ${found}${bar === '' ? '' : `   [bar: ${bar}]`}`)
}

const machine = `${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${process.platform}`
console.log(`Machine: ${machine}. Size: ${kind}.`)
const began = performance.now()
const results: { name: string; rows: readonly Row[] }[] = []
const broken: string[] = []
for (const measure of MEASURES.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const flag = kind === 'usual' ? '' : ` --${kind}`
  console.log(`\n${measure.title}   (npm run bench -- ${measure.name}${flag})`)
  try {
    const rows = await measure.run(size)
    for (const row of rows) print(row, mark(row))
    results.push({ name: measure.name, rows })
  } catch (error) {
    broken.push(measure.name)
    console.log(`  NOT MEASURED: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const rows = results.flatMap((one) => one.rows).filter(({ met }) => met !== undefined)
const seconds = Math.round((performance.now() - began) / 1000)
mkdirSync('.work', { recursive: true })
const report = { at: new Date().toISOString(), machine, size: kind, seconds, results, broken }
writeFileSync('.work/bench.json', `${JSON.stringify(report, null, 2)}\n`)
console.log(
  `\n${rows.filter(({ met }) => met).length} of ${rows.length} bars reached, in ${seconds} s; .work/bench.json`,
)
if (broken.length > 0) console.log(`Not measured: ${broken.join(', ')}`)
process.exit(broken.length > 0 ? 1 : 0)
