import { equalBytes } from '../../core/bytes.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Artifact } from '../../sigstore/artifact.ts'
import { MAX_BUNDLE_BYTES, parseBundle } from '../../sigstore/bundle.ts'
import { claimedDigests } from '../../sigstore/claimed-digests.ts'
import type { Evidence } from '../../sigstore/evidence.ts'
import type { Identity } from '../../sigstore/identity.ts'
import { lightEvidence } from '../../sigstore/policy.ts'
import { encodeProvenance, provenanceOfToken } from '../../sigstore/provenance.ts'
import { encodeStatement, type Predicate } from '../../sigstore/statement-write.ts'
import { verifyBundle } from '../../sigstore/verifier.ts'
import { linesOf } from '../bundles/bundle-lines.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import { readArtifact } from '../subjects/read-artifact.ts'
import { MAX_LINES_BYTES } from './existing-bundles.ts'
import { rowOf } from './plan-bundles.ts'
import { artifactOfClaim, assertSame } from './same-source.ts'
import type { PlannedBundle, PlannedMessage, PlannedStatement, SignPlan } from './sign-plan.ts'
import type { ProvenBundle } from './signed-bundles.ts'

const AT_ONCE = 8

/**
 * Which bundles can stay: valid for these very bytes or subjects, and by the same signer from the same repository, commit
 * and ref; an attestation with the same type and predicate too, but for the invocation. The same bytes from another commit
 * are an error; a bundle of other bytes is an old one and will be replaced.
 */
export async function keepValid(
  plan: SignPlan,
  identity: Identity,
): Promise<ReadonlyMap<PlannedBundle, ProvenBundle>> {
  if (plan.inputs.existingBundles !== 'keep-valid') return new Map()
  const { world, roots, bundles, release } = plan
  const isFound = ({ bundlePath }: PlannedBundle): boolean => release?.found.has(bundlePath) === true
  const onDisk: Place = { read: (path, most) => world.files.read(path, roots, most), isElsewhere: false }
  const onRelease: Place = {
    read: async (path) => release?.found.get(path) ?? new Uint8Array(),
    isElsewhere: true,
  }
  // What the release has stays: if it cannot be kept, nothing may take its place.
  const here = bundles.filter((one) => one.hasBundle && !isFound(one))
  const there = await keepFrom(plan, identity, bundles.filter(isFound), onRelease)
  return new Map([...there, ...(await keepFrom(plan, identity, here, onDisk))])
}

/** Where bundles may be already. */
interface Place {
  readonly read: (path: string, maxBytes: number) => Promise<Uint8Array>
  readonly isElsewhere: boolean
}

async function keepFrom(
  plan: SignPlan,
  identity: Identity,
  existing: readonly PlannedBundle[],
  place: Place,
): Promise<ReadonlyMap<PlannedBundle, ProvenBundle>> {
  const kept = new Map<PlannedBundle, ProvenBundle>()
  const lines = plan.inputs.bundles.kind === 'lines' ? await indexLines(place, existing) : undefined
  await mapConcurrently(existing, AT_ONCE, async (planned) => {
    const seeking = { plan, identity, place, lines }
    const one = await keepOne(seeking, planned).catch((error: unknown) => {
      throw place.isElsewhere ? onTheRelease(error) : error
    })
    if (one !== undefined) kept.set(planned, place.isElsewhere ? { ...one, isElsewhere: true } : one)
  })
  return kept
}

interface Seeking {
  readonly plan: SignPlan
  readonly identity: Identity
  readonly place: Place
  readonly lines: Lines | undefined
}

const keepOne = (seeking: Seeking, planned: PlannedBundle): Promise<ProvenBundle | undefined> =>
  planned.kind === 'message' ? keepMessage(seeking, planned) : keepStatement(seeking, planned)

/** There nothing is replaced, whatever the inputs say. */
function onTheRelease(error: unknown): unknown {
  if (!(error instanceof ActionError) || error.code !== 'OUTPUT_EXISTS') return error
  const { expected, found } = error
  return new ActionError('RELEASE_EXISTS', `on the release ${error.message}`, {
    cause: error,
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
  })
}

type Lines = ReadonlyMap<string, readonly Uint8Array[]>

/** The lines of the one `.jsonl` by the digests that they claim to be about; unreadable ones are left behind. */
async function indexLines({ read }: Place, [first]: readonly PlannedBundle[]): Promise<Lines> {
  const index = new Map<string, Uint8Array[]>()
  if (first === undefined) return index
  for (const line of linesOf(await read(first.bundlePath, MAX_LINES_BYTES))) {
    for (const claim of new Set(claimsOf(line))) {
      const sharing = index.get(claim)
      if (sharing === undefined) index.set(claim, [line])
      else sharing.push(line)
    }
  }
  return index
}

function claimsOf(line: Uint8Array): readonly string[] {
  try {
    return claimedDigests(parseBundle(line))
  } catch (error) {
    if (error instanceof ActionError) return []
    throw error
  }
}

async function keepMessage(
  { plan, identity, place, lines }: Seeking,
  { subject, bundlePath }: PlannedMessage,
): Promise<ProvenBundle | undefined> {
  const { files } = plan.world
  const { name, path } = subject
  const read = await readArtifact(files, path, plan.roots, new Set())
  const texts =
    lines === undefined
      ? [await place.read(bundlePath, MAX_BUNDLE_BYTES)]
      : (lines.get(`sha256:${read.sha256}`) ?? [])
  for (const text of texts) {
    const proven = proveBundle(text, read.artifact, plan)
    if (proven === undefined) continue
    if (proven.statement !== undefined) {
      if (lines !== undefined) continue
      throw new ActionError('OUTPUT_EXISTS', `${quote(bundlePath)} holds an attestation, not a signature`)
    }
    const evidence = assertSame(proven, identity, name)
    const row = { name, path, bundlePath, digest: read.sha256, size: read.size, kept: true, evidence }
    return { rows: [row], text: text.slice() }
  }
  return undefined
}

async function keepStatement(seeking: Seeking, planned: PlannedStatement): Promise<ProvenBundle | undefined> {
  const { plan, identity, lines } = seeking
  const { bundlePath, members } = planned
  for (const { text, artifact } of await candidates(seeking, planned)) {
    const proven = proveBundle(text, artifact, plan)
    if (proven === undefined) continue
    const { type, payload } = expectedStatement(planned, proven, identity)
    if (proven.statement?.predicateType !== type) {
      if (lines !== undefined) continue
      throw otherType(bundlePath, type, proven)
    }
    const evidence = assertSame(proven, identity, describe(planned))
    if (!equalBytes(proven.statement.payload, payload)) continue
    const light = lightEvidence(evidence)
    const rows = members.map((member) => ({ ...rowOf(member), bundlePath, kept: true, evidence: light }))
    return { rows, text: text.slice() }
  }
  return undefined
}

/** A bundle of this run's own other step, perhaps: it is not taken for an old one. */
function otherType(bundlePath: string, type: string, { statement }: Evidence): ActionError {
  const found = statement?.predicateType ?? 'a signature, no attestation'
  return new ActionError('OUTPUT_EXISTS', `${quote(bundlePath)} holds a valid bundle of another type`, {
    expected: type,
    found,
    hint: 'Choose another `bundle-path`, or set `existing-bundles: replace` if the other one is not needed.',
  })
}

const describe = ({ members: [first, ...others], bundlePath }: PlannedStatement): string =>
  first === undefined || others.length > 0 ? bundlePath : first.name

interface Candidate {
  readonly text: Uint8Array
  /** A subject that the bundle says it is about. */
  readonly artifact: Artifact
}

async function candidates(
  { place, lines }: Seeking,
  { members, bundlePath }: PlannedStatement,
): Promise<readonly Candidate[]> {
  const [first] = members
  if (first === undefined) return []
  const artifactOf = ({ hash, hex }: typeof first): Artifact => artifactOfClaim(`${hash}:${hex}`)
  if (lines === undefined) {
    const text = await place.read(bundlePath, MAX_BUNDLE_BYTES)
    const claims = claimsOf(text)
    const about = members.find(({ hash, hex }) => claims.includes(`${hash}:${hex}`)) ?? first
    return [{ text, artifact: artifactOf(about) }]
  }
  const found = new Map<Uint8Array, Artifact>()
  for (const member of members) {
    for (const line of lines.get(`${member.hash}:${member.hex}`) ?? []) {
      if (!found.has(line)) found.set(line, artifactOf(member))
    }
  }
  return [...found].map(([text, artifact]) => ({ text, artifact }))
}

/** What this run would sign; provenance with the run that made the bundle at hand, which is all that may differ. */
function expectedStatement(
  { predicate, subjects }: PlannedStatement,
  { signer }: Evidence,
  identity: Identity,
): { readonly type: string; readonly payload: Uint8Array } {
  const made = signer.kind === 'certificate' ? signer.claims.runInvocationUri : undefined
  const { type, text }: Predicate =
    predicate.kind === 'provenance'
      ? encodeProvenance({ ...provenanceOfToken(identity), invocation: made ?? '' })
      : predicate
  return { type, payload: encodeStatement(subjects, { type, text }) }
}

/** undefined for a bundle that does not hold for this artifact, whatever the reason. */
function proveBundle(text: Uint8Array, artifact: Artifact, { trust, now }: SignPlan): Evidence | undefined {
  try {
    return verifyBundle(parseBundle(text), artifact, { trust: trust.root, now: now() })
  } catch (error) {
    if (error instanceof ActionError) return undefined
    throw error
  }
}
