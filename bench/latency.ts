import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { assertSigned, runAction, writeFiles } from './action.ts'
import { bySize, type Measure, median, type Row, show } from './measure.ts'

const FILES = 100
const DELAY = 100
/** What one at a time takes is measured on a run of one file, and taken so often. */
const BARS = { 1: 25, 2: 15 } as const

async function sign(sandbox: Sandbox, files: number, rekor: 1 | 2): Promise<number> {
  const job = await sandbox.newJob()
  await writeFiles(job.workspace, files, 20_000)
  sandbox.requests.clear()
  const env = { ...job.env, 'INPUT_SUBJECT-PATH': 'dist/*', 'INPUT_REKOR-VERSION': String(rekor) }
  return assertSigned(await runAction('sign', env)).milliseconds
}

async function compare(sandbox: Sandbox, rekor: 1 | 2, rounds: number): Promise<Row> {
  const alone: number[] = []
  const together: number[] = []
  let peak = 0
  for (let i = 0; i < rounds; i += 1) {
    alone.push(await sign(sandbox, 1, rekor))
    together.push(await sign(sandbox, FILES, rekor))
    peak = Math.max(peak, sandbox.requests.peak(rekor === 1 ? 'rekor-v1' : 'rekor-v2'))
  }
  const batch = median(together)
  const oneByOne = median(alone) * FILES
  const ratio = oneByOne / batch
  return {
    what: `${FILES} files of 20 kB on Rekor v${rekor}, ${DELAY} ms added to every request`,
    found:
      `${show(batch / 1000, 2)} s, ${show(ratio)}x faster than one at a time ` +
      `(${FILES} x ${show(median(alone))} ms; median of ${rounds}); ${peak} in flight at most`,
    bar: `at least ${BARS[rekor]}x faster`,
    met: ratio >= BARS[rekor],
    numbers: { batchMilliseconds: batch, oneFileMilliseconds: median(alone), ratio, peakInFlight: peak },
  }
}

export const latency: Measure = {
  name: 'latency',
  title: 'A slow network',
  run: async (size) => {
    const rounds = bySize(size, { quick: 1, usual: 3, full: 7 })
    const sandbox = await startSandbox({ delay: DELAY })
    try {
      return [await compare(sandbox, 1, rounds), await compare(sandbox, 2, rounds)]
    } finally {
      await sandbox.close()
    }
  },
}
