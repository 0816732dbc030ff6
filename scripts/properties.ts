/**
 * `npm run properties`: the security properties P1 to P25 as numbers. A line each: "N of N", or why there is nothing to
 * measure yet. `-- P2 P21` for some of them, `--full` for the long versions. The exit code is 1 if one that was measured
 * is incomplete.
 */
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Property, Result } from './properties/property.ts'

const MOST_FAULTS = 10
/** Stands before the result that the process of one measure gives back. */
const MARK = 'keyless-property '

const given = process.argv.slice(2)
const full = given.includes('--full')
const wanted = given.filter((word) => /^P\d+$/i.test(word)).map((word) => Number(word.slice(1)))

const numberOf = (file: string): number => Number(/^p(\d+)-/.exec(basename(file))?.[1])
const files = globSync('scripts/properties/p[0-9][0-9]-*.ts')
  .sort()
  .filter((file) => wanted.length === 0 || wanted.includes(numberOf(file)))

const load = async (file: string): Promise<Property> =>
  (await import(pathToFileURL(resolve(file)).href)).property

interface Told {
  readonly title: string
  readonly result: Result
  readonly seconds: number
}

/** Each measure has a process of its own, so that a crash is one property that failed. */
function measure(file: string): Promise<Told> {
  const { promise, resolve: done, reject } = Promise.withResolvers<Told>()
  const started = performance.now()
  const args = [process.argv[1] ?? '', '--one', file, ...(full ? ['--full'] : [])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  child.once('error', reject)
  child.once('close', (status) => {
    const seconds = (performance.now() - started) / 1000
    const line = text.split('\n').findLast((one) => one.startsWith(MARK))
    if (line !== undefined) return done({ ...JSON.parse(line.slice(MARK.length)), seconds })
    const faults = [`ended with ${status}: ${text.slice(-1500)}`]
    done({ title: basename(file), result: { right: 0, all: 1, faults, what: 'the measure failed' }, seconds })
  })
  return promise
}

const show = (value: number): string => value.toLocaleString('en-US')

const isGood = (result: Result): boolean => 'all' in result && result.all > 0 && result.right === result.all

/** How it went, and what was wrong. */
function linesOf(number: number, { title, result, seconds }: Told): readonly string[] {
  const head = `${`P${number}`.padEnd(4)}${title}:`
  if ('notYet' in result) return [`${head} not yet: ${result.notYet}`]
  if ('absent' in result) return [`${head} NOT MEASURED: ${result.absent}`]
  const { right, all, faults, what } = result
  const flag = isGood(result) ? '' : ' FAILED'
  const more = Math.max(faults.length, all - right) - MOST_FAULTS
  return [
    `${head} ${show(right)} of ${show(all)}${flag}: ${what} (${seconds.toFixed(1)} s)`,
    ...faults.slice(0, MOST_FAULTS).map((fault) => `       ${fault.slice(0, 300)}`),
    ...(more > 0 ? [`       … and ${show(more)} more`] : []),
  ]
}

/** As many at once as there are processors, told in order. */
async function measureAll(): Promise<readonly Result[]> {
  const waiting = files.map((file) => ({ file, ...Promise.withResolvers<Told>() }))
  const queue = [...waiting]
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      const { file, resolve: done, reject } = one
      await measure(file).then(done, reject)
    }
  }
  const workers = Promise.all(Array.from({ length: Math.min(availableParallelism(), files.length) }, work))
  const results: Result[] = []
  for (const { file, promise } of waiting) {
    const told = await promise
    for (const line of linesOf(numberOf(file), told)) console.log(line)
    results.push(told.result)
  }
  await workers
  return results
}

/** A fault may hold a whole bundle. */
function shorten(result: Result): Result {
  if (!('faults' in result)) return result
  const faults = result.faults.slice(0, 1000).map((fault) => fault.slice(0, 20_000))
  return { ...result, faults }
}

if (given[0] === '--one') {
  const { title, measure: run } = await load(given[1] ?? '')
  const result = shorten(await run({ full }))
  process.stdout.write(`\n${MARK}${JSON.stringify({ title, result })}\n`, () => process.exit(0))
  await new Promise(() => undefined)
}

const started = performance.now()
const results = await measureAll()
const measured = results.filter((result) => 'all' in result)
const passed = measured.filter(isGood).length
const later = results.filter((result) => 'notYet' in result).length
const absent = results.filter((result) => 'absent' in result).length
const missing = absent > 0 ? `; ${absent} NOT MEASURED for want of data` : ''
const seconds = Math.round((performance.now() - started) / 1000)
console.log(
  `\n${passed} of ${measured.length} properties that apply hold; ${later} not yet${missing} (${seconds} s)`,
)
console.log(`${passed} passed, ${measured.length - passed} failed`)
process.exit(measured.length === 0 || passed < measured.length ? 1 : 0)
