import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { type ActionRun, assertSigned, runAction, writeFiles } from './action.ts'
import { bySize, type Measure, median, type Row, show } from './measure.ts'

const BAR = 20
const BASE = 1000
/** Milliseconds; a machine that is busy with other things is slow with 10,000 files. */
const TIMEOUT = 900_000

/** KiB, of the run that signs and of the one that verifies what it signed. */
interface Peaks {
  readonly sign: number
  readonly verify: number
}

async function peaksOf(sandbox: Sandbox, files: number): Promise<Peaks> {
  const job = await sandbox.newJob()
  await writeFiles(job.workspace, files, 100)
  sandbox.requests.clear()
  const options = { timeout: TIMEOUT }
  const sign = await runAction('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'dist/*' }, options)
  const { 'INPUT_SIGNING-CONFIG': _, ...env } = job.env
  const verify = await runAction('verify', { ...env, 'INPUT_SUBJECT-PATH': 'dist/*.bin' }, options)
  return { sign: peakOf(sign), verify: peakOf(verify) }
}

function peakOf(run: ActionRun): number {
  const { peak } = assertSigned(run)
  if (peak === undefined) throw new Error('this system does not tell the peak memory of a process')
  return peak
}

async function repeat(sandbox: Sandbox, files: number, rounds: number): Promise<Peaks> {
  const all: Peaks[] = []
  for (let i = 0; i < rounds; i += 1) all.push(await peaksOf(sandbox, files))
  return { sign: median(all.map(({ sign }) => sign)), verify: median(all.map(({ verify }) => verify)) }
}

function rowOf(action: keyof Peaks, files: number, few: Peaks, many: Peaks): Row {
  const each = ((many[action] - few[action]) * 1.024) / (files - BASE)
  const [less, more] = [few[action], many[action]].map((kibibytes) => show(kibibytes / 1024))
  return {
    what: `memory for each file beyond ${show(BASE)}, ${action}, ${show(files)} files`,
    found: `${show(each, 1)} kB (${less} MiB with ${show(BASE)}, ${more} MiB with ${show(files)})`,
    bar: `at most ${BAR} kB`,
    met: each <= BAR,
    numbers: { fewKibibytes: few[action], manyKibibytes: many[action], kilobytesPerFile: each, files },
  }
}

interface Plan {
  /** Each number of files, and how often. */
  readonly runs: readonly (readonly [number, number])[]
  readonly baseRounds: number
}

export const memory: Measure = {
  name: 'memory',
  title: 'Many files',
  how:
    'The most that was ever resident (`VmHWM`), asked for every 10 ms until the process ends; Linux only. The difference to ' +
    `a run over ${show(BASE)} files, for each file beyond them; medians of three where a run is short. Garbage that V8 ` +
    'has not collected yet is in it: of 2,000 files it is still most of the difference.',
  run: async (size) => {
    const { runs, baseRounds }: Plan = bySize(size, {
      quick: { baseRounds: 1, runs: [[2000, 1]] },
      usual: {
        baseRounds: 3,
        runs: [
          [2000, 3],
          [5000, 1],
          [10_000, 1],
        ],
      },
      full: {
        baseRounds: 5,
        runs: [
          [2000, 5],
          [5000, 3],
          [10_000, 3],
        ],
      },
    })
    const sandbox = await startSandbox()
    try {
      const few = await repeat(sandbox, BASE, baseRounds)
      const rows: Row[] = []
      for (const [files, rounds] of runs) {
        const many = await repeat(sandbox, files, rounds)
        rows.push(rowOf('sign', files, few, many), rowOf('verify', files, few, many))
      }
      return rows
    } finally {
      await sandbox.close()
    }
  },
}
