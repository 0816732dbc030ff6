/**
 * `npm run bench`: what `docs/performance.md` promises, measured beside those whom it names. Prints what was found, the
 * ratio and the bar, and writes `.work/bench.json`. `-- NAME…` for some of it, `--quick` for less, `--full` for more rounds;
 * `--write-docs` makes `docs/performance.md` of what the last run wrote, or of this one if anything is measured. Nothing
 * fails by time: the exit code is 1 only if something could not be measured, or if the number of requests is wrong.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { exitWithParent } from '../e2e/lifetime.ts'
import { bundleLines } from './bundle-lines.ts'
import { renderDocs } from './docs.ts'
import { largeFile } from './large-file.ts'
import { latency } from './latency.ts'
import { type Measure, type Row, type Size, show } from './measure.ts'
import { memory } from './memory.ts'
import { oneFile } from './one-file.ts'
import { type BenchReport, commandOf, countBars, machineInWords } from './report.ts'
import { requests } from './requests.ts'
import { sizes } from './sizes.ts'
import { start } from './start.ts'
import { verify } from './verify.ts'

const MEASURES: readonly Measure[] = [
  ...[latency, oneFile, verify, largeFile, memory, bundleLines],
  ...[start, requests, sizes],
]
const JSON_FILE = '.work/bench.json'
const DOCS_FILE = 'docs/performance.md'

const mark = ({ met }: Row): string => (met === undefined ? '     ' : met ? 'ok   ' : 'MISS ')

function print(row: Row): void {
  const { what, found, ratio, bar, goal, goalMet } = row
  const aim = goal === undefined ? '' : `; goal: ${goal}, ${goalMet ? 'reached' : 'not reached'}`
  console.log(`  ${mark(row)}${what}`)
  console.log(
    `       ${found}${ratio === undefined ? '' : `; ratio ${show(ratio, 2)}`}${bar === '' ? '' : `   [bar: ${bar}${aim}]`}`,
  )
}

async function measureAll(measures: readonly Measure[], size: Size): Promise<BenchReport> {
  const machine = machineInWords()
  console.log(`Machine: ${machine}. Size: ${size.kind}.`)
  const began = performance.now()
  const results: { name: string; rows: readonly Row[] }[] = []
  const broken: string[] = []
  for (const measure of measures) {
    console.log(`\n${measure.title}   (${commandOf(measure, size.kind)})`)
    try {
      const rows = await measure.run(size)
      for (const row of rows) print(row)
      results.push({ name: measure.name, rows })
    } catch (error) {
      broken.push(measure.name)
      console.log(`  NOT MEASURED: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const seconds = Math.round((performance.now() - began) / 1000)
  return { at: new Date().toISOString(), machine, size: size.kind, seconds, results, broken }
}

const sizeOf = (words: readonly string[]): Size => ({
  kind: words.includes('--full') ? 'full' : words.includes('--quick') ? 'quick' : 'usual',
})

async function main(words: readonly string[]): Promise<number> {
  const names = words.filter((word) => !word.startsWith('--'))
  const unknown = words.filter(
    (word) =>
      !['--full', '--quick', '--write-docs'].includes(word) && !MEASURES.some(({ name }) => name === word),
  )
  if (unknown.length > 0) {
    console.error(
      `What is ${unknown.join(', ')}? Measures: ${MEASURES.map(({ name }) => name).join(', ')}; --quick, --full, --write-docs`,
    )
    return 2
  }
  const writesDocs = words.includes('--write-docs')
  const measures = MEASURES.filter(({ name }) => names.length === 0 || names.includes(name))
  const report =
    writesDocs && words.length === 1
      ? (JSON.parse(readFileSync(JSON_FILE, 'utf8')) as BenchReport)
      : await measureAll(measures, sizeOf(words))
  mkdirSync('.work', { recursive: true })
  writeFileSync(JSON_FILE, `${JSON.stringify(report, null, 2)}\n`)
  if (writesDocs) writeFileSync(DOCS_FILE, renderDocs(report, MEASURES))
  const { met, all } = countBars(report)
  console.log(`\n${met} of ${all} bars reached, in ${report.seconds} s; ${JSON_FILE}`)
  if (report.broken.length > 0) console.log(`Not measured: ${report.broken.join(', ')}`)
  return report.broken.length > 0 ? 1 : 0
}

exitWithParent()
process.exitCode = 1
process.exitCode = await main(process.argv.slice(2))
