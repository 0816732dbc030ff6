import { availableParallelism, cpus } from 'node:os'
import type { Measure, Row, Size } from './measure.ts'

/** What `.work/bench.json` holds. */
export interface BenchReport {
  readonly at: string
  /** No name of it: what kind of machine it was. */
  readonly machine: string
  readonly size: Size['kind']
  readonly seconds: number
  readonly results: readonly { readonly name: string; readonly rows: readonly Row[] }[]
  /** Measures that could not be made. */
  readonly broken: readonly string[]
}

const SYSTEMS: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }

export function machineInWords(): string {
  const count = availableParallelism()
  const maker =
    /AMD EPYC|AMD Ryzen|Intel|Apple M\d|Neoverse/.exec(cpus()[0]?.model ?? '')?.[0] ?? process.arch
  return `${count} processor${count === 1 ? '' : 's'} (${maker}), ${SYSTEMS[process.platform] ?? process.platform}, Node ${process.versions.node}`
}

/** Rows that have a bar, and how many of them reached it. */
export function countBars({ results }: Pick<BenchReport, 'results'>): {
  readonly met: number
  readonly all: number
} {
  const judged = results.flatMap(({ rows }) => rows).filter(({ met }) => met !== undefined)
  return { met: judged.filter(({ met }) => met).length, all: judged.length }
}

export const flagOf = (size: Size['kind']): string => (size === 'usual' ? '' : ` --${size}`)

export const commandOf = ({ name }: Pick<Measure, 'name'>, size: Size['kind']): string =>
  `npm run bench -- ${name}${flagOf(size)}`
