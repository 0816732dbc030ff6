import type { HashName } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { besideBundlePaths, rootBundlePaths } from '../bundles/bundle-places.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import type { SubjectOutcome, UnusedBundle } from '../report/outcome.ts'
import { judge, nothingCounts } from './judge.ts'
import { type FoundBundle, isAbout, readBundles } from './verify-bundles.ts'
import { type HeldBundles, verifyInStore } from './verify-store.ts'
import {
  assertNotCancelled,
  isOfSubject,
  readSubject,
  type VerifyRun,
  type VerifySubject,
} from './verify-subject.ts'

/** What became of all subjects and bundles. */
export interface Judged {
  readonly rows: readonly SubjectOutcome[]
  readonly unused: readonly UnusedBundle[]
}

const AT_ONCE = 4

interface SubjectJudged extends Judged {
  /** The bundles of several subjects that this one used. */
  readonly used: readonly FoundBundle[]
}

/**
 * Each subject with the bundles that lie beside it, or else with those by kind in the root of the workspace; where none of
 * them counts or fails, with those in GitHub's store, if that may be asked.
 */
export async function verifyBeside(subjects: readonly VerifySubject[], run: VerifyRun): Promise<Judged> {
  const onDisk = run.inputs.bundles.kind !== 'store'
  const shared = onDisk ? await readExisting(rootBundlePaths(run.job), run) : []
  const held: HeldBundles = []
  const judged = await mapConcurrently(subjects, AT_ONCE, (subject) => verifyOne(subject, shared, run, held))
  const used = new Set(judged.flatMap((one) => one.used))
  const spare = shared.filter((one) => !used.has(one))
  const listed = [
    ...judged.flatMap(({ unused }) => unused),
    ...spare.map(({ place }) => ({ bundle: place, reason: 'no subject needed it' })),
  ]
  return { rows: judged.flatMap(({ rows }) => rows), unused: onceEach(listed) }
}

/** A bundle over several subjects that is of no use to one of them is of no use to the others. */
const onceEach = (unused: readonly UnusedBundle[]): readonly UnusedBundle[] => [
  ...new Map(unused.map((one) => [JSON.stringify([one.bundle, one.reason]), one])).values(),
]

async function readExisting(paths: readonly string[], run: VerifyRun): Promise<readonly FoundBundle[]> {
  const found: FoundBundle[] = []
  for (const path of paths) {
    if ((await run.world.files.kind(path)) === undefined) continue
    for await (const one of readBundles({ path, place: path }, { ...run, files: run.world.files }))
      found.push(one)
  }
  return found
}

async function verifyOne(
  subject: VerifySubject,
  shared: readonly FoundBundle[],
  run: VerifyRun,
  held: HeldBundles,
): Promise<SubjectJudged> {
  assertNotCancelled(run)
  const base = { name: subject.name, ...(subject.kind === 'file' && { path: subject.path }) }
  try {
    const local = run.inputs.bundles.kind === 'store' ? nowhere(base) : await judgeLocal(subject, shared, run)
    if ('rows' in local) return local
    if (run.openStore === undefined) return { ...local, rows: [{ ...local.row, error: local.missing }] }
    const { rows, unused } = await verifyInStore(subject, local.missing, run, run.openStore(), held)
    return { rows, unused: [...local.unused, ...unused], used: local.used }
  } catch (error) {
    if (!isOfSubject(error)) throw error
    return { rows: [{ ...base, error }], unused: [], used: [] }
  }
}

/** No bundle on disk counted or failed. */
interface Missing extends Omit<SubjectJudged, 'rows'> {
  readonly row: SubjectOutcome
  readonly missing: ActionError
}

const nowhere = (row: SubjectOutcome): Missing => ({
  row,
  unused: [],
  used: [],
  missing: new ActionError('BUNDLE_MISSING', `there is no bundle for ${quote(row.name)}`),
})

async function judgeLocal(
  subject: VerifySubject,
  shared: readonly FoundBundle[],
  run: VerifyRun,
): Promise<SubjectJudged | Missing> {
  const own = subject.path === undefined ? [] : await readExisting(besideBundlePaths(subject.path), run)
  const hashes = new Set<HashName>([...own, ...shared].flatMap((one) => ('error' in one ? [] : one.hashes)))
  const read = await readSubject(subject, hashes, run)
  const rows: SubjectOutcome[] = []
  const unused: UnusedBundle[] = []
  const judgeAll = async (bundles: readonly FoundBundle[]): Promise<void> => {
    for (const one of bundles) {
      const judgement = await judge(one, read, run)
      if (judgement.kind === 'row') rows.push(judgement.row)
      else unused.push(judgement.unused)
    }
  }
  await judgeAll(own)
  // One by kind that cannot be read might be this file's: that nobody can tell is a failure.
  const ours = shared.filter((one) => 'error' in one || isAbout(one, read.artifact))
  const used = rows.length > 0 ? [] : ours
  await judgeAll(used)
  if (rows.length > 0) return { rows, unused, used }
  const sought = own.length + shared.length === 0 ? whereSought(subject) : 'in the usual places'
  const missing = nothingCounts(read.row, unused, { others: shared.length, sought })
  return { row: read.row, unused, used, missing }
}

const whereSought = ({ path }: VerifySubject): string =>
  path === undefined ? 'in the root of the workspace' : 'beside it or in the root of the workspace'
