import { spawnSync } from 'node:child_process'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { startSandbox } from '../sandbox/sandbox.ts'
import { assertSigned, runAction } from './action.ts'
import { bySize, type Measure, median, type Row, show } from './measure.ts'

const MIB = 2 ** 20
const MOST_MEMORY = 200
const LEAST_SHARE = 0.45

/** Holes only: the disk of whoever runs this is not worn, and what is read comes out of memory in both programs. */
async function writeSparse(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w')
  await file.truncate(bytes)
  await file.close()
}

function timeOpenssl(path: string): number {
  const started = performance.now()
  const { status } = spawnSync('openssl', ['dgst', '-sha256', path])
  if (status !== 0) throw new Error('openssl is not there, or cannot read the file')
  return performance.now() - started
}

async function measure(mebibytes: number, rounds: number): Promise<readonly Row[]> {
  const sandbox = await startSandbox()
  try {
    const ours: number[] = []
    const theirs: number[] = []
    let peak = 0
    for (let i = 0; i < rounds; i += 1) {
      const job = await sandbox.newJob()
      await mkdir(join(job.workspace, 'dist'))
      const file = join(job.workspace, 'dist', 'large.bin')
      await writeSparse(file, mebibytes * MIB)
      timeOpenssl(file) // brings the file into memory
      theirs.push(timeOpenssl(file))
      const run = assertSigned(await runAction('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'dist/*' }))
      ours.push(run.milliseconds)
      if (run.peak === undefined) throw new Error('this system does not tell the peak memory of a process')
      peak = Math.max(peak, run.peak / 1024)
    }
    const speed = mebibytes / (median(ours) / 1000)
    const openssl = mebibytes / (median(theirs) / 1000)
    return rowsOf({ mebibytes, peak, speed, openssl })
  } finally {
    await sandbox.close()
  }
}

function rowsOf(found: {
  readonly mebibytes: number
  readonly peak: number
  readonly speed: number
  readonly openssl: number
}): readonly Row[] {
  const { mebibytes, peak, speed, openssl } = found
  const share = speed / openssl
  return [
    {
      what: `memory while a file of ${show(mebibytes)} MiB is signed`,
      found: `${show(peak)} MiB at most`,
      bar: `under ${MOST_MEMORY} MiB`,
      met: peak < MOST_MEMORY,
      numbers: { peakMebibytes: peak, fileMebibytes: mebibytes },
    },
    {
      what: `throughput of that run, from start to end, against openssl dgst -sha256`,
      found: `${show(share * 100)} % (${show(speed)} against ${show(openssl)} MiB/s)`,
      bar: `at least ${LEAST_SHARE * 100} %`,
      met: share >= LEAST_SHARE,
      numbers: { mebibytesPerSecond: speed, opensslMebibytesPerSecond: openssl, share },
    },
  ]
}

export const largeFile: Measure = {
  name: 'large-file',
  title: 'One large file (sparse, warm)',
  run: (size) =>
    bySize(size, {
      quick: () => measure(256, 1),
      usual: () => measure(2048, 3),
      full: () => measure(4096, 5),
    })(),
}
