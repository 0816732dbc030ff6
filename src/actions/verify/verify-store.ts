import { countText } from '../../core/counts.ts'
import type { HashName } from '../../core/digest.ts'
import { printable, quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { type ListedAttestation, requestAttestations, requestBundle } from '../../github/attestations.ts'
import { MAX_BUNDLE_BYTES } from '../../sigstore/bundle.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import type { AttestationStore } from '../publish/attestation-store.ts'
import type { SubjectOutcome, UnusedBundle } from '../report/outcome.ts'
import { judge, nothingCounts } from './judge.ts'
import { type FoundBundle, isAbout, type ReadableBundle, readBundle } from './verify-bundles.ts'
import {
  assertNotCancelled,
  type ReadSubject,
  readSubject,
  type VerifyRun,
  type VerifySubject,
} from './verify-subject.ts'

/** Bundles of the store that held for an earlier subject: one over many subjects need not be fetched for each of them. */
export type HeldBundles = ReadableBundle[]

/** What the store holds for one subject: the bundles that count, and those that do not, each with its reason. */
export interface StoreVerdict {
  /** At least one; one failed row if nothing counts. */
  readonly rows: readonly SubjectOutcome[]
  readonly unused: readonly UnusedBundle[]
}

/** Of one subject. Whoever may write to the repository can put more into its store. */
const MOST_ATTESTATIONS = 1000
const FETCHED_AT_ONCE = 8
const MOST_HELD = 16
const ALL: ReadonlySet<HashName> = new Set<HashName>(['sha256', 'sha384', 'sha512'])

/**
 * Looks for the subject in GitHub's store by its SHA-256. One attestation that holds under the policy is enough: anybody
 * with write access, and GitHub itself, can put others beside it. Nothing of an answer counts before it is verified.
 * `missing` is what is wrong if there is nothing. Throws what reading the subject and asking GitHub do.
 */
export async function verifyInStore(
  subject: VerifySubject,
  missing: ActionError,
  run: VerifyRun,
  store: AttestationStore,
  held: HeldBundles,
): Promise<StoreVerdict> {
  const read = await readSubject(subject, ALL, run)
  const { digest } = read.row
  if (digest === undefined) return { rows: [{ ...read.row, error: notBySha256(missing) }], unused: [] }
  const tally = newTally()
  for (const one of held.filter((known) => isAbout(known, read.artifact))) await weigh(one, read, run, tally)
  if (tally.good.length === 0) await weighListed(digest, read, run, store, tally, held)
  if (tally.good.length > 0) return { rows: tally.good, unused: tally.unused }
  return {
    rows: [{ ...read.row, error: nothingHolds(read.row, missing, tally, store) }],
    unused: tally.unused,
  }
}

interface Tally {
  readonly good: SubjectOutcome[]
  readonly unused: UnusedBundle[]
  /** Of the first that failed: what is said of all of them. */
  error?: ActionError
  seen: number
}

const newTally = (): Tally => ({ good: [], unused: [], seen: 0 })

async function weighListed(
  digest: string,
  read: ReadSubject,
  run: VerifyRun,
  store: AttestationStore,
  tally: Tally,
  held: HeldBundles,
): Promise<void> {
  const { predicateType } = run.policy
  const query = {
    repository: store.repository,
    digest,
    ...(predicateType !== undefined && { predicateType }),
  }
  for await (const page of requestAttestations(store.github, query)) {
    const listed = page.slice(0, MOST_ATTESTATIONS - tally.seen)
    // Without delay, since the addresses are good for minutes only; and each dropped before more come: they may be large.
    for (let at = 0; at < listed.length; at += FETCHED_AT_ONCE) {
      const some = listed.slice(at, at + FETCHED_AT_ONCE)
      const first = tally.seen + 1
      tally.seen += some.length
      const bundles = await mapConcurrently(some, FETCHED_AT_ONCE, (one, i) =>
        fetchOne(one, first + i, digest, run, store),
      )
      for (const one of bundles) await weighOne(one, read, run, tally, held)
    }
    if (listed.length < page.length || tally.seen === MOST_ATTESTATIONS) return
  }
}

async function weighOne(
  one: FoundBundle,
  read: ReadSubject,
  run: VerifyRun,
  tally: Tally,
  held: HeldBundles,
): Promise<void> {
  const counts = await weigh(one, read, run, tally)
  if (counts && !('error' in one) && held.length < MOST_HELD) held.push(one)
}

async function fetchOne(
  one: ListedAttestation,
  number: number,
  digest: string,
  run: VerifyRun,
  store: AttestationStore,
): Promise<FoundBundle> {
  assertNotCancelled(run)
  const where = { place: `${store.repository} sha256:${digest} #${number}` }
  try {
    return readBundle(await requestBundle(store.github, one, MAX_BUNDLE_BYTES), where)
  } catch (error) {
    if (error instanceof ActionError && error.code !== 'CANCELLED') return { ...where, error }
    throw error
  }
}

/** Whether it counts. */
async function weigh(one: FoundBundle, read: ReadSubject, run: VerifyRun, tally: Tally): Promise<boolean> {
  const judgement = await judge(one, read, run)
  if (judgement.kind === 'unused') {
    tally.unused.push(judgement.unused)
    return false
  }
  const { error } = judgement.row
  if (error === undefined) {
    tally.good.push(judgement.row)
    return true
  }
  tally.error ??= error
  tally.unused.push({ bundle: one.place, reason: `${error.code}: ${printable(error.message, 300)}` })
  return false
}

const MOST_NAMED = 3

function nothingHolds(
  row: SubjectOutcome,
  missing: ActionError,
  { error: first, unused, seen }: Tally,
  { repository }: AttestationStore,
): ActionError {
  const place = `in GitHub's store of ${repository}`
  if (seen === 0) return withAdvice(missing, `${missing.message}, nor an attestation ${place}`, UNSEEN)
  if (first === undefined) return nothingCounts(row, unused, { others: seen, sought: place })
  if (seen === 1) return first
  const found = unused
    .slice(0, MOST_NAMED)
    .map(({ bundle, reason }) => `${bundle.slice(bundle.indexOf('#'))} ${reason}`)
  return new ActionError(
    'STORE_NONE_VALID',
    `none of ${countText(seen, 'attestation')} ${place} holds for ${quote(row.name)}`,
    { found: found.join('; ') },
  )
}

const UNSEEN =
  "Without `permissions: attestations: read` GitHub's store can look empty, and `repository` says whose is looked at."

const notBySha256 = (missing: ActionError): ActionError =>
  withAdvice(missing, missing.message, "GitHub's store is looked up by SHA-256 alone.")

function withAdvice(
  { code, hint, expected, found }: ActionError,
  message: string,
  advice: string,
): ActionError {
  return new ActionError(code, message, {
    hint: `${hint} ${advice}`,
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
  })
}
