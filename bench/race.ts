import type { Sandbox } from '../sandbox/sandbox.ts'
import { createKeyless } from './keyless.ts'
import { median } from './measure.ts'
import { type Cost, type Sample, startSigstoreGo } from './sigstore-go.ts'
import { createSigstoreJs } from './sigstore-js.ts'

/** Milliseconds for each bundle: medians of the batches on the clock, means of all on the processor. */
export interface RaceResult {
  readonly ours: Cost
  readonly go: Cost
  readonly js: Cost
  /** How many times as long as ours they took: medians over the turns, so that a slow moment of the machine hits both sides. */
  readonly goRatio: number
  readonly jsRatio: number
}

export interface Race {
  readonly sandbox: Sandbox
  readonly program: string
  readonly samples: readonly Sample[]
  readonly identity: { readonly name: string; readonly issuer: string }
  /** Whether the artifact is what was signed, and not only a statement about it. */
  readonly isMessage: boolean
  /** Each verifier gets so many, then the next one does. */
  readonly batch: number
}

/** The three verify the same bundles, trusted root read once, in batches that take turns. The first batch warms up. */
export async function race(course: Race): Promise<RaceResult> {
  const { samples, batch } = course
  const go = await startSigstoreGo({ ...course, trustedRoot: course.sandbox.trustedRoot })
  const ours = runOurs(course)
  const js = runJs(course)
  const costs: Record<'ours' | 'go' | 'js', Cost[]> = { ours: [], go: [], js: [] }
  try {
    for (let from = 0; from + batch <= samples.length; from += batch) {
      const part = samples.slice(from, from + batch)
      const round = { ours: timed(ours, part), go: await go.verify(from, from + batch), js: timed(js, part) }
      if (from === 0) continue
      costs.ours.push(round.ours)
      costs.go.push(round.go)
      costs.js.push(round.js)
    }
  } finally {
    await go.close()
  }
  return {
    ours: summary(costs.ours),
    go: summary(costs.go),
    js: summary(costs.js),
    goRatio: medianRatio(costs.go, costs.ours),
    jsRatio: medianRatio(costs.js, costs.ours),
  }
}

type Run = (sample: Sample) => unknown

function runOurs({ sandbox, identity }: Race): Run {
  const verify = createKeyless(sandbox.trustedRoot)
  return ({ bundle, artifact }) => verify(bundle, artifact, identity)
}

function runJs({ sandbox, identity, isMessage }: Race): Run {
  const verify = createSigstoreJs(sandbox.trustedRoot)
  return ({ bundle, artifact }) => verify(bundle, isMessage ? artifact : undefined, identity)
}

function timed(run: Run, samples: readonly Sample[]): Cost {
  const before = process.cpuUsage()
  const started = performance.now()
  for (const sample of samples) run(sample)
  const wall = performance.now() - started
  return { wall: wall / samples.length, cpu: process.cpuUsage(before).user / 1000 / samples.length }
}

const summary = (costs: readonly Cost[]): Cost => ({
  wall: median(costs.map(({ wall }) => wall)),
  cpu: costs.reduce((sum, { cpu }) => sum + cpu, 0) / costs.length,
})

const medianRatio = (theirs: readonly Cost[], ours: readonly Cost[]): number =>
  median(theirs.map(({ wall }, i) => wall / (ours[i]?.wall ?? Number.NaN)))
