import type { HashName } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { MAX_BUNDLE_BYTES } from '../../sigstore/bundle.ts'
import { type AssetKind, kindOfAsset } from '../bundles/asset-kind.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import type { SubjectOutcome, UnusedBundle } from '../report/outcome.ts'
import { type Judgement, nothingCounts } from './judge.ts'
import type { Judged } from './verify-beside.ts'
import { type FoundBundle, readBundle, readBundleLines } from './verify-bundles.ts'
import { judgeAt, seatsFor } from './verify-given.ts'
import type { DownloadedAsset } from './verify-release-download.ts'
import { indexSeats, type Seat, takeSeats } from './verify-seats.ts'
import { type HeldBundles, verifyInStore } from './verify-store.ts'
import { assertNotCancelled, type VerifyRun, type VerifySubject } from './verify-subject.ts'

interface Sorted extends DownloadedAsset {
  readonly kind: AssetKind
}

const AT_ONCE = 4

/**
 * Every asset needs a bundle that holds under the policy, found by content and matched by digest; only a bundle that some
 * asset used needs none itself. Where an asset has none GitHub's store is asked, if it may be.
 */
export async function judgeAssets(assets: readonly DownloadedAsset[], run: VerifyRun): Promise<Judged> {
  const sorted = await mapConcurrently(assets, AT_ONCE, async (one): Promise<Sorted> => {
    assertNotCancelled(run)
    return { ...one, kind: await kindOfAsset(run.world.files, one.path, run.roots) }
  })
  const hashes = new Set<HashName>(
    sorted.flatMap(({ kind }) => (kind.kind === 'other' ? [] : [...kind.hashes])),
  )
  const subjects = sorted.map(subjectOf)
  const seats = await takeSeats(subjects, hashes, run)
  const tally: Tally = { used: new Set(), unused: [], bundles: 0 }
  const index = indexSeats(seats)
  for (const one of sorted) await judgeFile(one, index, run, tally)
  const held: HeldBundles = []
  const rows = await mapConcurrently(sorted, AT_ONCE, (one, i) =>
    settle({ one, subject: subjects[i], seat: seats[i] }, tally, run, held),
  )
  return { rows: rows.flat(), unused: tally.unused }
}

const subjectOf = ({ asset, path, sha256 }: Sorted): VerifySubject => ({
  kind: 'file',
  name: asset.name,
  path,
  expectedDigest: sha256,
})

interface Tally {
  /** Names of the bundles that some asset used: they held, or their failure is a row of that asset. */
  readonly used: Set<string>
  readonly unused: UnusedBundle[]
  bundles: number
}

async function judgeFile(
  one: Sorted,
  index: ReturnType<typeof indexSeats>,
  run: VerifyRun,
  tally: Tally,
): Promise<void> {
  for await (const bundle of bundlesOf(one, run)) {
    assertNotCancelled(run)
    tally.bundles++
    const seated = seatsFor(bundle, index)
    if (seated.length === 0) {
      tally.unused.push({ bundle: bundle.place, reason: 'for no asset of the release' })
    } else {
      tally.used.add(one.asset.name)
      await judgeFor(bundle, seated, run, tally)
    }
  }
}

async function* bundlesOf(
  { asset, path, kind }: Sorted,
  { world: { files }, roots }: VerifyRun,
): AsyncGenerator<FoundBundle, void, undefined> {
  const where = { path, place: asset.name }
  if (kind.kind === 'lines') yield* readBundleLines(where, { files, roots })
  if (kind.kind === 'bundle') yield readBundle(await files.read(path, roots, MAX_BUNDLE_BYTES), where)
}

/** Of two assets with the same bytes an attestation may name the one and not the other: then it is about the one alone. */
async function judgeFor(
  bundle: FoundBundle,
  seated: readonly Seat[],
  run: VerifyRun,
  { unused }: Tally,
): Promise<void> {
  const judged: { readonly seat: Seat; readonly judgement: Judgement }[] = []
  for (const seat of seated) judged.push({ seat, judgement: await judgeAt(seat, bundle, run) })
  const named = judged.filter(({ judgement }) => !isMisnamed(judgement))
  const notes: UnusedBundle[] = []
  for (const { seat, judgement } of named.length > 0 ? named : judged) {
    if (judgement.kind === 'row') seat.rows.push(judgement.row)
    else {
      seat.unused.push(judgement.unused)
      notes.push(judgement.unused)
    }
  }
  unused.push(...notes.slice(0, 1))
}

const isMisnamed = (judgement: Judgement): boolean =>
  judgement.kind === 'row' && judgement.row.error?.code === 'SUBJECT_NAME'

interface Pending {
  readonly one: Sorted
  readonly subject: VerifySubject | undefined
  readonly seat: Seat | undefined
}

/** What is to be said of one asset when all bundles have passed by; nothing of a bundle that was used. */
async function settle(
  { one, subject, seat }: Pending,
  tally: Tally,
  run: VerifyRun,
  held: HeldBundles,
): Promise<readonly SubjectOutcome[]> {
  if (seat === undefined || subject === undefined) throw new ActionError('INTERNAL', 'an asset has no seat')
  if (seat.rows.length > 0) return seat.rows
  if (tally.used.has(one.asset.name)) return []
  const error = missingError(one, seat, tally)
  if (run.openStore === undefined) return [{ ...seat.row, error }]
  const { rows, unused } = await verifyInStore(subject, error, run, run.openStore(), held)
  tally.unused.push(...unused)
  return rows
}

function missingError({ asset, kind }: Sorted, { row, unused }: Seat, { bundles }: Tally): ActionError {
  if (kind.kind !== 'other') {
    return new ActionError('BUNDLE_MISSING', `${quote(asset.name)} is a bundle that no asset used`, {
      hint: 'Its file was changed or is gone, or it does not hold: remove it from the release, or put its file there.',
    })
  }
  const missing = nothingCounts(row, unused, { others: bundles, sought: 'on the release' })
  if (kind.fault === undefined || !/\.(?:sigstore(?:\.json)?|jsonl)$/.test(asset.name)) return missing
  const said = `${quote(asset.name)} has no bundle and is none: ${kind.fault.message}`
  return new ActionError(missing.code, said, { cause: kind.fault, hint: missing.hint })
}
