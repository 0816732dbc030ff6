import { encodeHex } from '../../core/bytes.ts'
import type { HashName } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { ClaimedDigest } from '../../sigstore/claimed-digests.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import type { SubjectOutcome, UnusedBundle } from '../report/outcome.ts'
import {
  isOfSubject,
  type ReadSubject,
  readSubject,
  type VerifyRun,
  type VerifySubject,
} from './verify-subject.ts'

/** A subject while bundles pass by, one after the other. */
export interface Seat {
  readonly row: SubjectOutcome
  /** Empty if the subject cannot be read: then its row says why. */
  readonly digests: readonly ClaimedDigest[]
  /** The subject with its bytes. Throws what reading does, and FILE_CHANGED if it is not what it was before. */
  readonly load: () => Promise<ReadSubject>
  /** Filled as bundles are judged. */
  readonly rows: SubjectOutcome[]
  readonly unused: UnusedBundle[]
}

const AT_ONCE = 4
/** Bytes of small files that are kept; what does not fit is read again when a bundle for it comes by. */
const MOST_KEPT = 64 * 1024 * 1024
const ALL: readonly HashName[] = ['sha256', 'sha384', 'sha512']

/** Reads every subject once, for these hashes. The seats are in the order of the subjects. */
export async function takeSeats(
  subjects: readonly VerifySubject[],
  hashes: ReadonlySet<HashName>,
  run: Pick<VerifyRun, 'world' | 'roots'>,
  mostKept = MOST_KEPT,
): Promise<readonly Seat[]> {
  let kept = 0
  let last: { readonly subject: VerifySubject; readonly read: ReadSubject } | undefined
  const again = async (subject: VerifySubject, before: SubjectOutcome): Promise<ReadSubject> => {
    if (last?.subject === subject) return last.read
    const read = await readSubject(subject, hashes, run)
    if (read.row.digest !== before.digest) {
      throw new ActionError('FILE_CHANGED', `${quote(before.name)} changed while it was verified`)
    }
    last = { subject, read }
    return read
  }
  return mapConcurrently(subjects, AT_ONCE, async (subject) => {
    try {
      const read = await readSubject(subject, hashes, run)
      const { row, weight } = read
      const digests = digestsOf(read, subject.kind === 'file' ? new Set(['sha256', ...hashes]) : new Set(ALL))
      const fits = kept + weight <= mostKept
      if (fits) kept += weight
      const load = fits ? async () => read : () => again(subject, row)
      return { row, digests, load, rows: [], unused: [] }
    } catch (error) {
      if (!isOfSubject(error)) throw error
      return unreadable(subject, error)
    }
  })
}

const digestsOf = ({ artifact }: ReadSubject, hashes: ReadonlySet<HashName>): readonly ClaimedDigest[] =>
  ALL.flatMap((hash) => {
    const value = hashes.has(hash) ? artifact.digest(hash) : undefined
    return value === undefined ? [] : [`${hash}:${encodeHex(value)}` as const]
  })

function unreadable(subject: VerifySubject, error: ActionError): Seat {
  const row = { name: subject.name, ...(subject.kind === 'file' && { path: subject.path }) }
  const load = async (): Promise<never> => {
    throw error
  }
  return { row, digests: [], load, rows: [{ ...row, error }], unused: [] }
}

/** The seats by each of their digests. Files that are the same share one. */
export function indexSeats(seats: readonly Seat[]): ReadonlyMap<ClaimedDigest, readonly Seat[]> {
  const index = new Map<ClaimedDigest, Seat[]>()
  for (const seat of seats) {
    for (const digest of seat.digests) {
      const sharing = index.get(digest)
      if (sharing === undefined) index.set(digest, [seat])
      else sharing.push(seat)
    }
  }
  return index
}
