import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { assertSigned, runAction, writeFiles } from './action.ts'
import { bySize, type Measure, type Row, show } from './measure.ts'

const BAR = 20
const BASE = 1000

/** KiB. */
async function peakOf(sandbox: Sandbox, files: number): Promise<number> {
  const job = await sandbox.newJob()
  await writeFiles(job.workspace, files, 100)
  sandbox.requests.clear()
  const run = assertSigned(await runAction('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'dist/*' }))
  if (run.peak === undefined) throw new Error('this system does not tell the peak memory of a process')
  return run.peak
}

function rowOf(files: number, few: number, many: number): Row {
  const each = ((many - few) * 1.024) / (files - BASE)
  return {
    what: `memory for each file beyond ${show(BASE)}, with ${show(files)} files`,
    found: `${show(each, 1)} kB (${show(few / 1024)} MiB with ${show(BASE)}, ${show(many / 1024)} MiB with ${show(files)})`,
    bar: `at most ${BAR} kB`,
    met: each <= BAR,
    numbers: { fewKibibytes: few, manyKibibytes: many, kilobytesPerFile: each, files },
  }
}

export const memory: Measure = {
  name: 'memory',
  title: 'Many files',
  how:
    'The most that was ever resident (`VmHWM`), asked for every 10 ms until the process ends; Linux only. The difference to ' +
    `a run over ${show(BASE)} files, for each file beyond them. Garbage that V8 has not collected yet is in it.`,
  run: async (size) => {
    const counts = bySize(size, { quick: [2000], usual: [2000, 5000, 10_000], full: [2000, 5000, 10_000] })
    const sandbox = await startSandbox()
    try {
      const few = await peakOf(sandbox, BASE)
      const rows: Row[] = []
      for (const files of counts) rows.push(rowOf(files, few, await peakOf(sandbox, files)))
      return rows
    } finally {
      await sandbox.close()
    }
  },
}
