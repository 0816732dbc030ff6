import { hash, randomBytes } from 'node:crypto'
import { type BundleContent, makeBundle } from '../sandbox/bundles.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/sandbox.ts'
import { createKeyless } from './keyless.ts'
import { bySize, type Measure, median, type Row, show } from './measure.ts'
import { createSigstoreJs } from './sigstore-js.ts'

const BAR = 8
/** Each library verifies so many, then the other one does. */
const BATCH = 25
const NAME = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'

interface Sample {
  readonly bundle: Uint8Array
  readonly artifact: Uint8Array
}

interface Kind {
  readonly form: 'message' | 'DSSE'
  readonly log: 1 | 2
}

const KINDS: readonly Kind[] = [
  { form: 'message', log: 1 },
  { form: 'message', log: 2 },
  { form: 'DSSE', log: 1 },
  { form: 'DSSE', log: 2 },
]

const statementOf = (artifact: Uint8Array): object => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'demo.bin', digest: { sha256: hash('sha256', artifact) } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {},
})

/** Key, certificate, artifact, entry and timestamp of each are its own. */
function makeSample(sandbox: Sandbox, { form, log }: Kind): Sample {
  const artifact = randomBytes(64)
  const content: BundleContent = form === 'message' ? { artifact } : { statement: statementOf(artifact) }
  return { bundle: makeBundle(sandbox, content, { logs: [log] }).bytes, artifact }
}

/** Milliseconds for each bundle, by batches that take turns. */
function race(
  sandbox: Sandbox,
  kind: Kind,
  count: number,
): { readonly ours: number; readonly theirs: number } {
  const identity = { name: NAME, issuer: sandbox.addresses.issuer }
  const verifyOurs = createKeyless(sandbox.trustedRoot)
  const verifyTheirs = createSigstoreJs(sandbox.trustedRoot)
  const runOurs = ({ bundle, artifact }: Sample): unknown => verifyOurs(bundle, artifact, identity)
  const runTheirs = ({ bundle, artifact }: Sample): void =>
    verifyTheirs(bundle, kind.form === 'message' ? artifact : undefined, identity)
  const samples = Array.from({ length: count + BATCH }, () => makeSample(sandbox, kind))
  const timed = (run: (sample: Sample) => unknown, batch: readonly Sample[]): number => {
    const started = performance.now()
    for (const sample of batch) run(sample)
    return (performance.now() - started) / batch.length
  }
  const [warm, ...batches] = Array.from({ length: samples.length / BATCH }, (_, i) =>
    samples.slice(i * BATCH, (i + 1) * BATCH),
  )
  timed(runOurs, warm ?? [])
  timed(runTheirs, warm ?? [])
  const ours: number[] = []
  const theirs: number[] = []
  for (const batch of batches) {
    ours.push(timed(runOurs, batch))
    theirs.push(timed(runTheirs, batch))
  }
  return { ours: median(ours), theirs: median(theirs) }
}

const INSTANCES: readonly { readonly curve: 'P-256' | 'P-384'; readonly options: SandboxOptions }[] = [
  { curve: 'P-256', options: { curve: 'P-256' } },
  { curve: 'P-384', options: { curve: 'P-384', timestampHash: 'sha256' } },
]

async function measure(count: number): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const { curve, options } of INSTANCES) {
    const sandbox = await startSandbox(options)
    try {
      for (const kind of KINDS) {
        const { ours, theirs } = race(sandbox, kind, count)
        const ratio = theirs / ours
        rows.push({
          what: `${kind.form} bundle, Rekor v${kind.log}, authorities on ${curve} (${show(count)} distinct)`,
          found: `${show(ours, 2)} ms, @sigstore/verify ${show(theirs, 2)} ms: ${show(ratio, 1)}x`,
          bar: curve === 'P-256' ? `at least ${BAR}x faster` : '',
          ...(curve === 'P-256' && { met: ratio >= BAR }),
          numbers: { milliseconds: ours, sigstoreJsMilliseconds: theirs, ratio, bundles: count },
        })
      }
    } finally {
      await sandbox.close()
    }
  }
  return rows
}

export const verify: Measure = {
  name: 'verify',
  title: 'Verifying in one warm process',
  run: (size) => measure(bySize(size, { quick: 50, usual: 200, full: 1000 })),
}
