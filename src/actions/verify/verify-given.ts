import type { HashName } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import type { ClaimedDigest } from '../../sigstore/claimed-digests.ts'
import type { SubjectOutcome, UnusedBundle } from '../report/outcome.ts'
import { judge, nothingCounts } from './judge.ts'
import type { Judged } from './verify-beside.ts'
import { type BundlePath, type FoundBundle, givenPlaces, readBundles } from './verify-bundles.ts'
import { indexSeats, type Seat, takeSeats } from './verify-seats.ts'
import { assertNotCancelled, isOfSubject, type VerifyRun, type VerifySubject } from './verify-subject.ts'

/**
 * All subjects with the bundles of the file, folder or `.jsonl` that `bundle-path` names. The bundles are read twice, one
 * at a time: first for the hashes that they ask for, then, when the digests of the subjects are known, to be verified.
 * The verdict is about the second reading alone. BUNDLE_MISSING if there are none.
 */
export async function verifyGiven(
  subjects: readonly VerifySubject[],
  written: string,
  run: VerifyRun,
): Promise<Judged> {
  const places = await givenPlaces(written, run.world.files, run.job)
  const { hashes, count } = await survey(places, run)
  const seats = await takeSeats(subjects, hashes, run)
  const index = indexSeats(seats)
  // One bundle and one subject are meant for each other, also where the digests say that they are not.
  const pair = count === 1 && seats.length === 1 ? seats.filter(({ digests }) => digests.length > 0) : []
  const unread: SubjectOutcome[] = []
  const unused: UnusedBundle[] = []
  for await (const one of bundlesOf(places, run)) {
    const seated = pair.length > 0 ? pair : seatsFor(one, index)
    if (seated.length > 0) unused.push(...(await judgeFor(one, seated, run)))
    else if ('error' in one) unread.push({ name: one.place, ...pathOf(one), error: one.error })
    else unused.push({ bundle: one.place, reason: 'for no subject' })
  }
  return { rows: [...seats.flatMap((seat) => rowsOf(seat, count, written)), ...unread], unused }
}

async function* bundlesOf(
  places: readonly BundlePath[],
  run: VerifyRun,
): AsyncGenerator<FoundBundle, void, undefined> {
  for (const where of places) {
    for await (const one of readBundles(where, { files: run.world.files, roots: run.roots })) {
      assertNotCancelled(run)
      yield one
    }
  }
}

async function survey(
  places: readonly BundlePath[],
  run: VerifyRun,
): Promise<{ readonly hashes: ReadonlySet<HashName>; readonly count: number }> {
  const hashes = new Set<HashName>()
  let count = 0
  for await (const one of bundlesOf(places, run)) {
    count++
    if (!('error' in one)) for (const hash of one.hashes) hashes.add(hash)
  }
  return { hashes, count }
}

/** The subjects that it names, by digest. */
export function seatsFor(
  one: FoundBundle,
  index: ReadonlyMap<ClaimedDigest, readonly Seat[]>,
): readonly Seat[] {
  if ('error' in one) return []
  return [...new Set(one.claims.flatMap((claim) => index.get(claim) ?? []))]
}

/** For each subject that the bundle names. Returns it once if it is of a type that nobody asked for. */
async function judgeFor(
  one: FoundBundle,
  seated: readonly Seat[],
  run: VerifyRun,
): Promise<readonly UnusedBundle[]> {
  const notes: UnusedBundle[] = []
  for (const seat of seated) {
    const judgement = await judgeAt(seat, one, run)
    if (judgement.kind === 'row') seat.rows.push(judgement.row)
    else {
      seat.unused.push(judgement.unused)
      notes.push(judgement.unused)
    }
  }
  return notes.slice(0, 1)
}

export async function judgeAt(seat: Seat, one: FoundBundle, run: VerifyRun): ReturnType<typeof judge> {
  try {
    return await judge(one, await seat.load(), run)
  } catch (error) {
    if (!isOfSubject(error)) throw error
    return { kind: 'row', row: { ...seat.row, ...pathOf(one), error } }
  }
}

const pathOf = ({ path }: FoundBundle): Pick<SubjectOutcome, 'bundlePath'> =>
  path === undefined ? {} : { bundlePath: path }

function rowsOf({ row, rows, unused }: Seat, count: number, written: string): readonly SubjectOutcome[] {
  if (rows.length > 0) return rows
  return [{ ...row, error: nothingCounts(row, unused, { others: count, sought: `in ${quote(written)}` }) }]
}
