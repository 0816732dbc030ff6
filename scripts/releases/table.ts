import { outputsOf, type Variables } from '../../__tests__/dist/program.ts'
import type { RunFacts } from '../../sandbox/claims.ts'
import { addAsset } from '../../sandbox/github/release-store.ts'
import {
  bundleOf,
  type Counts,
  codeOf,
  countRequests,
  jobWith,
  type Night,
  RELEASE_INPUTS,
  type ReleaseState,
  type Shown,
  several,
  sign,
  withNight,
} from './night.ts'

/** Release state × trigger × what is there already: what comes of it, and what was asked of whom. */

const TRIGGERS: Readonly<Record<string, { readonly facts: RunFacts; readonly inputs: Variables }>> = {
  'push of the tag': { facts: {}, inputs: { INPUT_RELEASE: 'auto' } },
  'release event': { facts: { event: 'release' }, inputs: { INPUT_RELEASE: 'auto' } },
  'dispatch on main': { facts: { event: 'workflow_dispatch', ref: 'refs/heads/main' }, inputs: {} },
  'dispatch on main, any ref': {
    facts: { event: 'workflow_dispatch', ref: 'refs/heads/main' },
    inputs: { 'INPUT_EXPECTED-REF': 'any' },
  },
}

const FILE = 'content'
const OLD = 11 * 60_000

type There = 'nothing' | 'the same' | 'another file' | 'another bundle' | 'half, just now' | 'half, old'

const THERE: Readonly<Record<There, (night: Night) => void>> = {
  nothing: () => undefined,
  'the same': (night) => {
    put(night, 'app.bin', FILE)
    put(night, 'app.bin.sigstore.json', bundleOf(night.sandbox, FILE))
  },
  'another file': (night) => {
    put(night, 'app.bin', 'older')
    put(night, 'app.bin.sigstore.json', bundleOf(night.sandbox, FILE))
  },
  'another bundle': (night) => {
    put(night, 'app.bin', FILE)
    put(night, 'app.bin.sigstore.json', bundleOf(night.sandbox, 'older'))
  },
  'half, just now': (night) => half(night, Date.now()),
  'half, old': (night) => half(night, Date.now() - OLD),
}

function put({ sandbox, release }: Night, name: string, content: string | Uint8Array, changes = {}): void {
  if (release !== undefined) addAsset(sandbox.github.state, release, name, content, changes)
}

const half = (night: Night, createdAt: number): void =>
  put(night, 'app.bin.sigstore.json', '', { state: 'starter', digest: undefined, createdAt })

interface Row {
  readonly state: ReleaseState
  readonly trigger: string
  readonly there: There
}

/** What must come of it. Nothing is asked of Sigstore unless all of it can work. */
interface Expected {
  readonly code: string
  readonly kept: boolean
  readonly counts: Omit<Counts, 'reads'>
}

const NONE = { uploads: 0, deletes: 0, publishes: 0, tokens: 0, certificates: 0, entries: 0 }
const SIGNED = { ...NONE, uploads: 2, tokens: 1, certificates: 1, entries: 1 }

const refused = (code: string, counts: Partial<Counts> = {}): Expected => ({
  code,
  kept: false,
  counts: { ...NONE, ...counts },
})

function expectedOf({ state, trigger, there }: Row): Expected {
  if (state === 'none') return refused('RELEASE_NOT_FOUND')
  if (trigger === 'dispatch on main') return refused('REF_UNEXPECTED')
  if (there === 'another file') return refused('RELEASE_EXISTS')
  // Whether a bundle can be kept is known when there is a token: it says who would sign.
  if (there === 'another bundle') return refused('RELEASE_EXISTS', { tokens: 1 })
  if (there === 'the same') return { code: 'ok', kept: true, counts: { ...NONE, tokens: 1 } }
  if (state === 'immutable') return refused('RELEASE_IMMUTABLE')
  if (there === 'half, just now') return refused('RELEASE_ASSET_STATE')
  return { code: 'ok', kept: false, counts: { ...SIGNED, deletes: there === 'half, old' ? 1 : 0 } }
}

const STATES: readonly ReleaseState[] = ['none', 'draft', 'published', 'immutable']

/** GitHub sends no event about a draft, and on the wrong ref it does not matter what is there. */
function placesOf(state: ReleaseState, trigger: string): readonly There[] {
  if (state === 'none') return ['nothing']
  if (state === 'draft' && trigger === 'release event') return []
  return trigger === 'dispatch on main' ? ['nothing', 'the same'] : (Object.keys(THERE) as There[])
}

const ROWS: readonly Row[] = STATES.flatMap((state) =>
  Object.keys(TRIGGERS).flatMap((trigger) =>
    placesOf(state, trigger).map((there) => ({ state, trigger, there })),
  ),
)

async function runRow(row: Row): Promise<{ readonly line: string; readonly fault?: string }> {
  const { facts, inputs } = TRIGGERS[row.trigger] ?? { facts: {}, inputs: {} }
  return withNight(facts, row.state, async (night) => {
    THERE[row.there](night)
    const job = await jobWith(night, { 'app.bin': FILE })
    const done = await sign(job, { ...RELEASE_INPUTS, ...inputs })
    const { reads, ...counts } = countRequests(night.sandbox)
    const kept = done.report?.subjects.some((subject) => subject.kept) === true
    const found = { code: codeOf(done), kept, counts }
    const expected = expectedOf(row)
    const line = lineOf(row, found, reads)
    const whole = found.code !== 'ok' || isWhole(night, outputsOf(done)['release-url'] ?? '')
    if (JSON.stringify(found) === JSON.stringify(expected) && whole) return { line }
    return {
      line,
      fault: `${line}\n    expected ${JSON.stringify(expected)}${whole ? '' : ' and a whole release'}`,
    }
  })
}

/** File and bundle are there, once each and whole, and the release is as public as it was. */
function isWhole({ release }: Night, url: string): boolean {
  const assets = [...(release?.assets.values() ?? [])]
  const names = assets.map(({ name }) => name).sort()
  return (
    names.join() === 'app.bin,app.bin.sigstore.json' &&
    assets.every(({ state }) => state === 'uploaded') &&
    url.includes('/releases/tag/')
  )
}

function lineOf({ state, trigger, there }: Row, { code, kept, counts }: Expected, reads: number): string {
  const asked = Object.entries({ reads, ...counts })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
  const result = kept ? `${code}, kept` : code
  return [state.padEnd(9), trigger.padEnd(25), there.padEnd(14), result.padEnd(19), asked.join(', ')].join(
    ' | ',
  )
}

export async function showTable(): Promise<Shown> {
  const rows = await several(ROWS, 4, runRow)
  const faults = rows.flatMap(({ fault }) => fault ?? [])
  return {
    title: 'release state × trigger × what is there already',
    right: rows.length - faults.length,
    all: rows.length,
    lines: rows.map(({ line }) => line),
    faults,
  }
}
