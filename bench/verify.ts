import { hash, randomBytes } from 'node:crypto'
import { buildTools } from '../e2e/build.ts'
import { type BundleContent, type Makers, makeBundle } from '../sandbox/bundles.ts'
import { generateEcdsaKey } from '../sandbox/keys.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/sandbox.ts'
import { bySize, type Measure, type Row, show } from './measure.ts'
import { type RaceResult, race } from './race.ts'
import type { Sample } from './sigstore-go.ts'

const JS_BAR = 8
const GO_GOAL = 2
const BATCH = 25
/** How many files one certificate is good for in the batches that share one. */
const SHARING = 100
const NAME = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'

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

interface Instance {
  readonly curve: 'P-256' | 'P-384'
  readonly options: SandboxOptions
}

const INSTANCES: readonly Instance[] = [
  { curve: 'P-256', options: { curve: 'P-256' } },
  { curve: 'P-384', options: { curve: 'P-384', timestampHash: 'sha256' } },
]

const statementOf = (artifact: Uint8Array): object => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'demo.bin', digest: { sha256: hash('sha256', artifact) } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {},
})

function contentOf(form: Kind['form'], artifact: Uint8Array): BundleContent {
  return form === 'message' ? { artifact } : { statement: statementOf(artifact) }
}

/** Key, certificate, artifact, entry and timestamp of each are its own. */
function makeDistinct(sandbox: Sandbox, { form, log }: Kind): Sample {
  const artifact = randomBytes(64)
  return { bundle: makeBundle(sandbox, contentOf(form, artifact), { logs: [log] }).bytes, artifact }
}

/** As one run of the sign action makes them: one key and one certificate for all, the rest its own. */
function makeShared(sandbox: Sandbox, log: 1 | 2): readonly Sample[] {
  const key = generateEcdsaKey()
  const { fulcio } = sandbox.authorities
  let leaf: ReturnType<typeof fulcio.issue> | undefined
  const issue: typeof fulcio.issue = (request) => {
    leaf ??= fulcio.issue(request)
    return leaf
  }
  const makers: Makers = { authorities: { ...sandbox.authorities, fulcio: { ...fulcio, issue } } }
  const at = Date.now()
  return Array.from({ length: SHARING }, () => {
    const artifact = randomBytes(64)
    return { bundle: makeBundle(makers, { artifact }, { key, at, logs: [log] }).bytes, artifact }
  })
}

interface Course {
  readonly sandbox: Sandbox
  readonly program: string
  readonly curve: Instance['curve']
}

async function raceDistinct(
  { sandbox, program, curve }: Course,
  kind: Kind,
  count: number,
): Promise<readonly Row[]> {
  const samples = Array.from({ length: count + BATCH }, () => makeDistinct(sandbox, kind))
  const identity = { name: NAME, issuer: sandbox.addresses.issuer }
  const isMessage = kind.form === 'message'
  const result = await race({ sandbox, program, samples, identity, isMessage, batch: BATCH })
  const what = `${kind.form === 'message' ? 'message signature' : 'attestation'}, Rekor v${kind.log}, ${curve} authorities`
  return [
    goRow(`${show(count)} distinct bundles: ${what}, against sigstore-go`, result),
    jsRow(`the same against @sigstore/verify (${what})`, result, curve),
  ]
}

async function raceShared({ sandbox, program, curve }: Course, log: 1 | 2, groups: number): Promise<Row> {
  const samples = Array.from({ length: groups + 1 }, () => makeShared(sandbox, log)).flat()
  const identity = { name: NAME, issuer: sandbox.addresses.issuer }
  const result = await race({ sandbox, program, samples, identity, isMessage: true, batch: SHARING })
  const row = goRow(
    `${SHARING} files that share a certificate: message signature, Rekor v${log}, ${curve} authorities, against sigstore-go`,
    result,
  )
  const { goal: _, goalMet: __, ...rest } = row
  return rest
}

function goRow(what: string, { ours, go, goRatio: ratio }: RaceResult): Row {
  return {
    what,
    found: `${show(ours.wall, 2)} ms each against ${show(go.wall, 2)} (user CPU time ${show(ours.cpu, 2)} against ${show(go.cpu, 2)})`,
    ratio,
    bar: 'no slower',
    met: ratio >= 1,
    goal: 'half of its time',
    goalMet: ratio >= GO_GOAL,
    numbers: {
      milliseconds: ours.wall,
      cpuMilliseconds: ours.cpu,
      sigstoreGoMilliseconds: go.wall,
      sigstoreGoCpuMilliseconds: go.cpu,
      ratio,
      cpuRatio: go.cpu / ours.cpu,
    },
  }
}

function jsRow(what: string, { ours, js, jsRatio: ratio }: RaceResult, curve: Instance['curve']): Row {
  const hasBar = curve === 'P-256'
  return {
    what,
    found: `${show(ours.wall, 2)} ms each against ${show(js.wall, 2)} (user CPU time ${show(ours.cpu, 2)} against ${show(js.cpu, 2)})`,
    ratio,
    bar: hasBar ? `at least ${JS_BAR} times faster` : '',
    ...(hasBar && { met: ratio >= JS_BAR }),
    numbers: {
      milliseconds: ours.wall,
      sigstoreJsMilliseconds: js.wall,
      sigstoreJsCpuMilliseconds: js.cpu,
      ratio,
      cpuRatio: js.cpu / ours.cpu,
    },
  }
}

async function measure(count: number): Promise<readonly Row[]> {
  const tools = await buildTools((line) => console.error(`  ${line}`))
  const program = tools.programs['sigstore-go-bench']
  const rows: Row[] = []
  for (const { curve, options } of INSTANCES) {
    const sandbox = await startSandbox(options)
    const course = { sandbox, program, curve }
    try {
      for (const kind of KINDS) rows.push(...(await raceDistinct(course, kind, count)))
      const groups = Math.max(2, Math.round(count / SHARING))
      for (const log of [1, 2] as const) rows.push(await raceShared(course, log, groups))
    } finally {
      await sandbox.close()
    }
  }
  return rows
}

export const verify: Measure = {
  name: 'verify',
  title: 'Verifying in one warm process',
  how:
    'Bundles that share nothing, each with its own key, certificate, artifact, entry and timestamp, made by the ' +
    `sandbox's authorities. Ours, sigstore-go and \`@sigstore/verify\` get the same bytes in batches of ${BATCH} that take ` +
    'turns, trusted root read once, the same identity asked of all; medians of the batches, the first left out, and the ' +
    'median of the ratios of each turn. Each ' +
    'verifies on one thread: sigstore-go in a process of its own with `GOMAXPROCS=1`, the two others in one process of ' +
    'Node, whose garbage collector and compiler have threads too: the user CPU time holds them. P-384 is what production ' +
    'has: CA and timestamp authority with P-384 keys, logs with P-256 and Ed25519. Bundles that share a certificate are those of ' +
    `one run of the sign action, in batches of ${SHARING} with a certificate each.`,
  run: (size) => measure(bySize(size, { quick: 50, usual: 1000, full: 1000 })),
}
