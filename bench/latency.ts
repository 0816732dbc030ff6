import type { Measure, Row, Size } from './measure.ts'
import { bySize, median, show } from './measure.ts'
import { type RealStack, withRealStack } from './real-stack.ts'
import { type BatchSigner, createBatchSigners } from './signers.ts'

const FILES = 100
const DELAY = 100
const COSIGN_BARS = { 1: 25, 2: 15 } as const
const PYTHON_BAR = 4

/** What one signer did in all rounds together. */
interface Result {
  readonly signer: BatchSigner
  /** How many it really signed in a round; what is not FILES is scaled. */
  readonly files: number
  /** Seconds for that many, in each round. */
  readonly seconds: readonly number[]
  readonly requestsPerFile: number
  /** The most that any one server had at once. */
  readonly peak: number
}

interface Plan {
  readonly rounds: number
  /** Of cosign and of `@sigstore/sign` in each round. */
  readonly slowFiles: number
}

const planOf = (size: Size): Plan =>
  bySize(size, {
    quick: { rounds: 1, slowFiles: 5 },
    usual: { rounds: 3, slowFiles: 20 },
    full: { rounds: 5, slowFiles: 20 },
  })

/** All sign in turns; the time of a hundred is what counts. */
async function compare(
  real: RealStack,
  version: 1 | 2,
  { rounds, slowFiles }: Plan,
): Promise<readonly Row[]> {
  const { ours, cosign, python, js } = await createBatchSigners(real, version)
  // A log without entries is no log that anyone has; sigstore-python cannot even read the answer for the first one.
  await ours.sign(3)
  const contenders: readonly (readonly [BatchSigner, number])[] = [
    [ours, FILES],
    [cosign, slowFiles],
    [python, FILES],
    [js, slowFiles],
  ]
  const found = new Map<BatchSigner, { seconds: number[]; requests: number; peak: number }>()
  for (const [signer] of contenders) found.set(signer, { seconds: [], requests: 0, peak: 0 })
  for (let round = 0; round < rounds; round += 1) {
    for (const [signer, files] of contenders) {
      real.traffic.all.clear()
      const seconds = (await signer.sign(files)) / 1000
      const so = found.get(signer)
      so?.seconds.push(seconds)
      found.set(signer, {
        seconds: so?.seconds ?? [],
        requests: (so?.requests ?? 0) + real.traffic.all.count(),
        peak: Math.max(so?.peak ?? 0, real.traffic.all.peak()),
      })
    }
  }
  const results = contenders.map(([signer, files]): Result => {
    const { seconds = [], requests = 0, peak = 0 } = found.get(signer) ?? {}
    return { signer, files, seconds, requestsPerFile: requests / (files * rounds), peak }
  })
  return rowsOf(version, results)
}

const scaled = ({ files, seconds }: Result): number => (median(seconds) * FILES) / files

function rowsOf(version: 1 | 2, [ours, cosign, python, js]: readonly Result[]): readonly Row[] {
  if (ours === undefined || cosign === undefined || python === undefined || js === undefined) return []
  return [
    rowOf(version, ours, cosign, COSIGN_BARS[version]),
    rowOf(version, ours, python, PYTHON_BAR),
    rowOf(version, ours, js, undefined),
  ]
}

function rowOf(version: 1 | 2, ours: Result, theirs: Result, bar: number | undefined): Row {
  const { signer } = theirs
  const ratio = median(
    theirs.seconds.map((one, i) => ((one / (ours.seconds[i] ?? Number.NaN)) * FILES) / theirs.files),
  )
  return {
    what: `${FILES} files of 20 kB on Rekor v${version}, ${DELAY} ms added to every request, against ${signer.name} (${signer.manner})`,
    found: `${describe(ours)} against ${describe(theirs)}; medians of ${ours.seconds.length}`,
    ratio,
    bar: bar === undefined ? '' : `at least ${bar} times faster`,
    ...(bar !== undefined && { met: ratio >= bar }),
    numbers: {
      seconds: scaled(ours),
      theirSeconds: scaled(theirs),
      theirFilesMeasured: theirs.files,
      ratio,
      requestsPerFile: ours.requestsPerFile,
      theirRequestsPerFile: theirs.requestsPerFile,
      peakInFlight: ours.peak,
      theirPeakInFlight: theirs.peak,
    },
  }
}

function describe(result: Result): string {
  const { files, seconds, requestsPerFile, peak } = result
  const measured =
    files === FILES ? '' : ` (${show(median(seconds), 1)} s for ${files}, taken ${FILES / files} times)`
  return `${show(scaled(result), 1)} s${measured}, ${show(requestsPerFile, 2)} requests for each file, ${peak} in flight at most`
}

export const latency: Measure = {
  name: 'latency',
  title: 'A slow network, on the real servers',
  how:
    `Fulcio, Rekor v1 and v2 and the timestamp authority run on loopback (\`e2e/\`), and a proxy holds every request back ` +
    `for ${DELAY} ms, that for the token too. Everybody signs the same kind of files in turns; each time is that of whole ` +
    'processes. cosign has one process for each file, as in a loop of a shell; 20 files are signed and their time taken ' +
    'five times. `@sigstore/sign` signs in a loop in one process, as its users do, and is scaled in the same way. ' +
    'sigstore-python gets all files at once. Ours verifies every bundle too, within its time. The Rekor v2 here gives a ' +
    'checkpoint ten times a second and looks for it once a second; a public one takes longer, for everybody.',
  run: (size) =>
    withRealStack(DELAY, async (real) => {
      const plan = planOf(size)
      return [...(await compare(real, 1, plan)), ...(await compare(real, 2, plan))]
    }),
}
