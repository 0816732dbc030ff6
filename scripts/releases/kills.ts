import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Run, start } from '../../__tests__/dist/program.ts'
import type { Fault } from '../../sandbox/faults.ts'
import { halfUpload } from '../../sandbox/github/limits.ts'
import type { Job } from '../../sandbox/job.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { codeOf, jobWith, type Night, RELEASE_INPUTS, type Shown, several, sign, withNight } from './night.ts'

/**
 * A night that is killed at each of its requests, before the service acts and after, and at uploads in the middle too;
 * and the run after it, on the same machine or on a fresh one. It must end complete, and log no file again of which the
 * bundle was stored.
 */

const FILES = { 'a.bin': 'first', 'b.bin': 'second' }
const INPUTS = { ...RELEASE_INPUTS, 'INPUT_RELEASE-PUBLISH': 'true' }
const WANTED = Object.keys(FILES).flatMap((name) => [name, `${name}.sigstore.json`])
const OLDER = 11 * 60_000

type Moment = 'before' | 'after' | 'half'
type Machine = 'same machine' | 'fresh machine'

interface Kill {
  /** Counted from 1. */
  readonly at: number
  readonly what: string
  readonly moment: Moment
  readonly machine: Machine
}

const base64Of = (content: string): string => createHash('sha256').update(content).digest('base64')

/** Digest of each entry that the log has, by its index. */
function entriesOf({ authorities }: Sandbox): ReadonlyMap<number, string> {
  const entries = new Map<number, string>()
  for (const [index, bytes] of authorities.rekorV2.log.bodies.entries()) {
    const digest = digestIn(Buffer.from(bytes).toString())
    if (digest !== undefined) entries.set(index, digest)
  }
  return entries
}

/** The log begins with an entry of its own kind. */
function digestIn(body: string): string | undefined {
  if (!body.startsWith('{')) return undefined
  const digest: unknown = JSON.parse(body).spec?.hashedRekordV002?.data?.digest
  return typeof digest === 'string' ? digest : undefined
}

const countOf = (entries: ReadonlyMap<number, string>, content: string): number =>
  [...entries.values()].filter((digest) => digest === base64Of(content)).length

/** Files whose bundle is where the next run can find it. */
function storedFiles({ release }: Night, job: Job, { machine }: Kill): readonly string[] {
  const assets = [...(release?.assets.values() ?? [])]
  return Object.keys(FILES).filter((name) => {
    const bundle = `${name}.sigstore.json`
    const there = assets.some((asset) => asset.name === bundle && asset.state === 'uploaded')
    return there || (machine === 'same machine' && existsSync(join(job.workspace, bundle)))
  })
}

/** Runs until the kill; resolves when the process is gone. */
async function runKilled({ sandbox }: Night, job: Job, { at, moment }: Kill): Promise<Run> {
  const program = start('sign', { ...job.env, ...INPUTS })
  const kill = (): void => program.kill('SIGKILL')
  const half = halfUpload(sandbox.github.state)
  const killing: Fault = {
    kind: 'change',
    change: (answer, request) => {
      kill()
      return moment === 'half' && half.kind === 'change' ? half.change(answer, request) : answer
    },
  }
  const rule =
    moment === 'before' ? ({ fault: { kind: 'silence' }, onStrike: kill } as const) : { fault: killing }
  const undo = sandbox.faults.add({ from: at, count: 1, ...rule })
  const done = await program.ended
  undo()
  return done
}

async function runKill(kill: Kill): Promise<{ readonly line: string; readonly faults: readonly string[] }> {
  return withNight({}, 'draft', async (night) => {
    const { sandbox, release } = night
    sandbox.github.repository.immutableReleases = true
    const job = await jobWith(night, FILES)
    const killed = await runKilled(night, job, kill)
    const stored = storedFiles(night, job, kill)
    const before = entriesOf(sandbox)
    for (const asset of release?.assets.values() ?? [])
      if (asset.state === 'starter') asset.createdAt -= OLDER
    const next = kill.machine === 'same machine' ? job : await jobWith(night, FILES)
    const done = await finish(night, next)
    const after = entriesOf(sandbox)
    const again = stored.filter(
      (name) => countOf(after, contentOf(name)) !== countOf(before, contentOf(name)),
    )
    const faults = [
      ...(killed.code === null ? [] : [`the first run ended by itself with ${killed.code}`]),
      ...(codeOf(done) === 'ok' ? [] : [`the next run failed: ${codeOf(done)} ${done.text.slice(-600)}`]),
      ...again.map((name) => `${name} was logged again although its bundle was stored`),
      ...faultsOf(night),
    ]
    const orphans = orphansOf(night, after)
    return { line: lineOf(kill, stored, orphans), faults }
  })
}

/**
 * What broke off under the name of a file is not proven ours: a run refuses it before anything is logged, and goes on when
 * the maintainer has removed it.
 */
async function finish({ sandbox, release }: Night, job: Job): Promise<Run> {
  const half = [...(release?.assets.values() ?? [])].find(
    ({ name, state }) => state === 'starter' && name in FILES,
  )
  if (half === undefined) return sign(job, INPUTS)
  const { size } = entriesOf(sandbox)
  const refused = await sign(job, INPUTS)
  if (codeOf(refused) !== 'RELEASE_ASSET_STATE' || entriesOf(sandbox).size !== size) return refused
  release?.assets.delete(half.id)
  return sign(job, INPUTS)
}

const contentOf = (name: string): string => FILES[name as keyof typeof FILES]

/** What the release lacks, or has too much of. */
function faultsOf({ release }: Night): readonly string[] {
  const assets = [...(release?.assets.values() ?? [])]
  const names = assets.map(({ name }) => name).sort()
  return [
    ...(names.join() === WANTED.toSorted().join() ? [] : [`the release has ${names.join(', ')}`]),
    ...assets.flatMap(({ name, state }) => (state === 'uploaded' ? [] : [`${name} is ${state}`])),
    ...(release?.draft === false && release.immutable ? [] : ['the release is not published']),
    ...assets.flatMap(({ name, digest }) =>
      name in FILES && digest !== createHash('sha256').update(contentOf(name)).digest('hex')
        ? [`${name} is another file`]
        : [],
    ),
  ]
}

/** Entries that no bundle of the release is about, in words: they stand in the log for ever. */
function orphansOf({ release }: Night, entries: ReadonlyMap<number, string>): readonly string[] {
  const bundled = [...(release?.assets.values() ?? [])]
    .filter(({ name }) => name.endsWith('.sigstore.json'))
    .map(({ path }) =>
      Number(JSON.parse(readFileSync(path, 'utf8')).verificationMaterial.tlogEntries[0].logIndex),
    )
  const names = new Map(Object.entries(FILES).map(([name, content]) => [base64Of(content), name]))
  return [...entries]
    .filter(([index]) => !bundled.includes(index))
    .map(([index, digest]) => `entry ${index} of ${names.get(digest) ?? '?'}`)
}

function lineOf(
  { at, what, moment, machine }: Kill,
  stored: readonly string[],
  orphans: readonly string[],
): string {
  const kept = stored.length === 0 ? 'nothing stored' : `stored: ${stored.join(', ')}`
  const left = orphans.length === 0 ? 'no entry without a bundle' : `without a bundle: ${orphans.join(', ')}`
  return [
    `${String(at).padStart(2)} ${moment.padEnd(6)} ${what.padEnd(20)}`,
    machine.padEnd(13),
    kept.padEnd(22),
    left,
  ].join(' | ')
}

/** The requests of a night that goes well, in their order. */
async function listRequests(): Promise<readonly string[]> {
  return withNight({}, 'draft', async (night) => {
    const job = await jobWith(night, FILES)
    const done = await sign(job, INPUTS)
    if (codeOf(done) !== 'ok') throw new Error(done.text)
    return night.sandbox.requests.all().map(({ service, method }) => `${service} ${method}`)
  })
}

export async function showKills(): Promise<Shown> {
  const requests = await listRequests()
  const kills = requests.flatMap((what, i): Kill[] => {
    const at = i + 1
    return [
      { at, what, moment: 'before', machine: i % 2 === 0 ? 'same machine' : 'fresh machine' },
      { at, what, moment: 'after', machine: i % 2 === 0 ? 'fresh machine' : 'same machine' },
      ...(what.startsWith('github-uploads')
        ? [{ at, what, moment: 'half', machine: 'fresh machine' } as const]
        : []),
    ]
  })
  const done = await several(kills, 4, runKill)
  const faults = done.flatMap(({ line, faults: found }) =>
    found.length === 0 ? [] : [`${line}\n    ${found.join('\n    ')}`],
  )
  return {
    title: 'kills at each request, and the run after it ends complete',
    right: done.length - faults.length,
    all: done.length,
    lines: done.map(({ line }) => line),
    faults,
  }
}
