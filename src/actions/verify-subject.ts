import { encodeHex } from '../core/bytes.ts'
import type { HashName } from '../core/digest.ts'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { World } from '../ports.ts'
import { type Policy, verifyPolicy } from '../sigstore/policy.ts'
import { verifyBundle } from '../sigstore/verifier.ts'
import type { Job } from './job.ts'
import type { SubjectOutcome, UnusedBundle } from './outcome.ts'
import { type ReadArtifact, readArtifact } from './read-artifact.ts'
import type { Subject } from './subjects.ts'
import type { Trust } from './trust-source.ts'
import { bundlesBeside, type FoundBundle } from './verify-bundles.ts'
import type { VerifyInputs } from './verify-inputs.ts'

/** What a message signature or SLSA provenance proves is asked for by everyone; other predicates only by name. */
const ASKED_PREDICATES = ['https://slsa.dev/provenance/v1', 'https://slsa.dev/provenance/v0.2']

export interface VerifyRun {
  readonly world: World
  readonly inputs: VerifyInputs
  readonly job: Job
  readonly roots: readonly string[]
  readonly policy: Policy
  readonly trust: Trust
}

export interface SubjectResult {
  readonly rows: readonly SubjectOutcome[]
  readonly used: readonly FoundBundle[]
  readonly unused: readonly UnusedBundle[]
}

/** Finds, binds and judges every bundle of one subject. */
export async function verifySubject(
  subject: Subject,
  count: number,
  given: readonly FoundBundle[] | undefined,
  run: VerifyRun,
): Promise<SubjectResult> {
  const base: SubjectOutcome = { name: subject.name, path: subject.path }
  try {
    const near = given ?? (await bundlesBeside(run.world.files, subject, run.job, run.roots))
    const hashes = new Set<HashName>(near.flatMap((one) => ('error' in one ? [] : one.hashes)))
    const read = await readArtifact(run.world.files, subject.path, run.roots, hashes)
    const row = { ...base, digest: read.sha256, size: read.size }
    const isOurs = (one: FoundBundle): boolean =>
      given === undefined || (given.length === 1 && count === 1) || isAbout(one, read)
    const own = near.filter(isOurs)
    const judged = own.map((one) => judge(one, row, read, run))
    const rows = judged.flatMap(({ row: done }) => (done === undefined ? [] : [done]))
    const unused = judged.flatMap(({ unused: one }) => (one === undefined ? [] : [one]))
    if (rows.length > 0) return { rows, used: own, unused }
    return { rows: [{ ...row, error: missing(subject, unused) }], used: own, unused }
  } catch (error) {
    if (error instanceof ActionError) return { rows: [{ ...base, error }], used: [], unused: [] }
    throw error
  }
}

function missing(subject: Subject, unused: readonly UnusedBundle[]): ActionError {
  if (unused.length === 0)
    return new ActionError('BUNDLE_MISSING', `there is no bundle for ${quote(subject.name)}`)
  return new ActionError('PREDICATE_TYPE', `no bundle for ${quote(subject.name)} is of a type that counts`, {
    found: unused.map(({ reason }) => reason).join('; '),
  })
}

function isAbout(one: FoundBundle, { artifact }: ReadArtifact): boolean {
  if ('error' in one) return false
  return one.claims.some((claim) => {
    const [hash, hex] = claim.split(':') as [HashName, string]
    const known = artifact.digest(hash)
    return known !== undefined && encodeHex(known) === hex
  })
}

/** A bundle that holds but is of a type nobody asked for neither counts nor fails. */
function judge(
  one: FoundBundle,
  row: SubjectOutcome,
  read: ReadArtifact,
  { world, policy, trust }: VerifyRun,
): { readonly row?: SubjectOutcome; readonly unused?: UnusedBundle } {
  const found = { ...row, bundlePath: one.path }
  if ('error' in one) return { row: { ...found, error: one.error } }
  try {
    const proven = verifyBundle(one.bundle, read.artifact, { trust: trust.root, now: world.clock.now() })
    const evidence = verifyPolicy(proven, policy)
    const type = evidence.statement?.predicateType
    if (type === undefined || ASKED_PREDICATES.includes(type)) return { row: { ...found, evidence } }
    return { unused: { bundle: one.place, reason: `predicate type ${quote(type)} was not asked for` } }
  } catch (error) {
    if (error instanceof ActionError) return { row: { ...found, error } }
    throw error
  }
}
