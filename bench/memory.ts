import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { assertSigned, runAction, writeFiles } from './action.ts'
import { bySize, type Measure, type Row, show } from './measure.ts'

const BAR = 20
const BASE = 1000

async function peakOf(sandbox: Sandbox, files: number): Promise<number> {
  const job = await sandbox.newJob()
  await writeFiles(job.workspace, files, 100)
  sandbox.requests.clear()
  const run = assertSigned(await runAction('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'dist/*' }))
  if (run.peak === undefined) throw new Error('this system does not tell the peak memory of a process')
  return run.peak
}

export const memory: Measure = {
  name: 'memory',
  title: 'Many files',
  run: async (size) => {
    const many = bySize(size, { quick: 2000, usual: 5000, full: 10_000 })
    const sandbox = await startSandbox()
    try {
      const few = await peakOf(sandbox, BASE)
      const all = await peakOf(sandbox, many)
      const each = ((all - few) * 1.024) / (many - BASE)
      const row: Row = {
        what: `memory with ${show(BASE)} and with ${show(many)} files`,
        found: `${show(few / 1024)} and ${show(all / 1024)} MiB: ${show(each, 1)} kB for each file beyond ${show(BASE)}`,
        bar: `at most ${BAR} kB for each`,
        met: each <= BAR,
        numbers: { fewKibibytes: few, manyKibibytes: all, kilobytesPerFile: each, files: many },
      }
      return [row]
    } finally {
      await sandbox.close()
    }
  },
}
