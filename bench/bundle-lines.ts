import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { makeBundle } from '../sandbox/bundles.ts'
import type { Job } from '../sandbox/job.ts'
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { runAction } from './action.ts'
import { bySize, type Measure, median, type Row, show } from './measure.ts'

/** Files that are verified; all other lines are about files that are not there. */
const SUBJECTS = 100
const MIB = 1024
/** MiB that ten times as many bundles may add. */
const BAR = 20

/** So many lines in one `.jsonl`, of two hundred different bundles. */
async function writeLines({ workspace }: Job, sandbox: Sandbox, count: number): Promise<void> {
  await mkdir(join(workspace, 'dist'))
  const lines: string[] = []
  for (let i = 0; i < 2 * SUBJECTS; i += 1) {
    const artifact = Buffer.from(`file ${i}\n`)
    lines.push(Buffer.from(makeBundle(sandbox, { artifact }, { logs: [2] }).bytes).toString())
    if (i < SUBJECTS) await writeFile(join(workspace, 'dist', `${i}.bin`), artifact)
  }
  const stream = createWriteStream(join(workspace, 'all.jsonl'))
  for (let i = 0; i < count; i += 1) {
    const line = lines[i < SUBJECTS ? i : SUBJECTS + (i % SUBJECTS)]
    if (!stream.write(`${line}\n`)) await once(stream, 'drain')
  }
  stream.end()
  await finished(stream)
}

/** Of each number of bundles. One run's memory depends on when its garbage was collected. */
const RUNS = 3

interface Peak {
  /** MiB */
  readonly peak: number
  readonly milliseconds: number
}

async function prepare(sandbox: Sandbox, count: number): Promise<() => Promise<Peak>> {
  const job = await sandbox.newJob()
  await writeLines(job, sandbox, count)
  const inputs = { 'INPUT_SUBJECT-PATH': 'dist/*', 'INPUT_BUNDLE-PATH': 'all.jsonl' }
  return async () => {
    const { status, peak, milliseconds, stdout } = await runAction('verify', { ...job.env, ...inputs })
    if (status !== 0) throw new Error(`the action ended with ${status}: ${stdout.slice(-500)}`)
    if (peak === undefined) throw new Error('this system does not tell how much memory a process uses')
    return { peak: peak / MIB, milliseconds }
  }
}

async function measure(most: number): Promise<readonly Row[]> {
  const sandbox = await startSandbox()
  try {
    const few = await prepare(sandbox, most / 10)
    const many = await prepare(sandbox, most)
    const [fewer, more]: [Peak[], Peak[]] = [[], []]
    for (let i = 0; i < RUNS; i += 1) {
      fewer.push(await few())
      more.push(await many())
    }
    const [peakMiB, peakOfATenthMiB] = [more, fewer].map((runs) => median(runs.map(({ peak }) => peak)))
    if (peakMiB === undefined || peakOfATenthMiB === undefined) throw new Error('nothing was measured')
    const seconds = median(more.map(({ milliseconds }) => milliseconds)) / 1000
    return [
      {
        what: `${show(most)} bundles in a .jsonl instead of ${show(most / 10)}, ${SUBJECTS} of them for files that are there`,
        found: `${show(peakMiB)} MiB at the peak instead of ${show(peakOfATenthMiB)} MiB, ${show(seconds, 1)} s (medians of ${RUNS})`,
        bar: `at most ${BAR} MiB more`,
        met: peakMiB - peakOfATenthMiB <= BAR,
        numbers: { bundles: most, peakMiB, peakOfATenthMiB },
      },
    ]
  } finally {
    await sandbox.close()
  }
}

export const bundleLines: Measure = {
  name: 'bundle-lines',
  title: 'Memory by the number of bundles in a file',
  how: 'A `.jsonl` in which a hundred lines are about the hundred files that `dist/verify.js` verifies, and all others about files that are not there. The most that was ever resident, with so many lines and with a tenth of them, in turns.',
  run: (size) => measure(bySize(size, { quick: 2000, usual: 10_000, full: 50_000 })),
}
