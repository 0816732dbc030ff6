import { spawnSync } from 'node:child_process'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { assertSigned, runAction } from './action.ts'
import { bySize, type Measure, median, type Row, show } from './measure.ts'

const MIB = 2 ** 20
const MOST_MEMORY = 200
const LEAST_SHARE = 0.45
const GOAL_SHARE = 0.8

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

interface Round {
  readonly ours: number
  readonly openssl: number
  /** KiB. */
  readonly peak: number
}

async function measureOnce(sandbox: Sandbox, mebibytes: number): Promise<Round> {
  const job = await sandbox.newJob()
  await mkdir(join(job.workspace, 'dist'))
  const file = join(job.workspace, 'dist', 'large.bin')
  await writeSparse(file, mebibytes * MIB)
  try {
    timeOpenssl(file) // brings the file into memory
    const openssl = timeOpenssl(file)
    const run = assertSigned(await runAction('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'dist/*' }))
    if (run.peak === undefined) throw new Error('this system does not tell the peak memory of a process')
    return { ours: run.milliseconds, openssl, peak: run.peak }
  } finally {
    await rm(file)
  }
}

async function measure(mebibytes: number, rounds: number): Promise<readonly Row[]> {
  const sandbox = await startSandbox()
  try {
    const all: Round[] = []
    for (let i = 0; i < rounds; i += 1) all.push(await measureOnce(sandbox, mebibytes))
    return [memoryRow(mebibytes, all), speedRow(mebibytes, all)]
  } finally {
    await sandbox.close()
  }
}

const sizeOf = (mebibytes: number): string =>
  mebibytes < 1024 ? `${mebibytes} MiB` : `${show(mebibytes / 1024)} GiB`

function memoryRow(mebibytes: number, rounds: readonly Round[]): Row {
  const peak = Math.max(...rounds.map((round) => round.peak)) / 1024
  return {
    what: `memory while a file of ${sizeOf(mebibytes)} is signed`,
    found: `${show(peak)} MiB at most in ${rounds.length} run${rounds.length === 1 ? '' : 's'}`,
    bar: `under ${MOST_MEMORY} MiB`,
    met: peak < MOST_MEMORY,
    numbers: { peakMebibytes: peak, fileMebibytes: mebibytes },
  }
}

function speedRow(mebibytes: number, rounds: readonly Round[]): Row {
  const speed = mebibytes / (median(rounds.map(({ ours }) => ours)) / 1000)
  const openssl = mebibytes / (median(rounds.map((round) => round.openssl)) / 1000)
  const share = median(rounds.map((round) => round.openssl / round.ours))
  return {
    what: `throughput with that file, from start to end, against \`openssl dgst -sha256\``,
    found: `${show(speed)} against ${show(openssl)} MiB/s: ${show(share * 100)} % (median of ${rounds.length})`,
    ratio: share,
    bar: `at least ${LEAST_SHARE * 100} %`,
    met: share >= LEAST_SHARE,
    goal: `${GOAL_SHARE * 100} %`,
    goalMet: share >= GOAL_SHARE,
    numbers: { mebibytesPerSecond: speed, opensslMebibytesPerSecond: openssl, share },
  }
}

export const largeFile: Measure = {
  name: 'large-file',
  title: 'One large file',
  how:
    'Sparse, read once by `openssl dgst -sha256` to bring it into memory, then by that command again and by ' +
    '`dist/sign.js` in turns. The whole run counts: start, requests to the sandbox, and the check of the bundle. Memory ' +
    'is the most that was ever resident.',
  run: (size) =>
    bySize(size, {
      quick: () => measure(1024, 1),
      usual: () => measure(4096, 3),
      full: () => measure(4096, 7),
    })(),
}
