import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { Files } from '../ports.ts'
import { MAX_BUNDLE_BYTES, parseBundle } from '../sigstore/bundle.ts'
import { claimedDigests } from '../sigstore/claimed-digests.ts'
import type { Claims, Evidence, Verified } from '../sigstore/evidence.ts'
import type { Identity } from '../sigstore/identity.ts'
import { verifyIdentity } from '../sigstore/policy.ts'
import { verifyBundle } from '../sigstore/verifier.ts'
import { mapConcurrently } from './concurrently.ts'
import type { SubjectOutcome } from './outcome.ts'
import { type ReadArtifact, readArtifact } from './read-artifact.ts'
import type { SignInputs } from './sign-inputs.ts'
import type { PlannedSubject, SignPlan } from './sign-preflight.ts'
import type { Subject } from './subjects.ts'

const AT_ONCE = 8

/** Looks at what is already where the bundles go: nothing is overwritten that is not a Sigstore bundle. */
export async function findExisting(
  files: Files,
  inputs: SignInputs,
  roots: readonly string[],
  subjects: readonly Subject[],
  paths: readonly string[],
): Promise<readonly PlannedSubject[]> {
  const asked = new Map<string, Promise<boolean>>()
  return mapConcurrently(subjects, AT_ONCE, async (subject, i) => {
    const bundlePath = paths[i] ?? ''
    const known = asked.get(bundlePath) ?? holdsBundle(files, inputs, roots, bundlePath)
    asked.set(bundlePath, known)
    return { ...subject, bundlePath, hasBundle: await known }
  })
}

async function holdsBundle(
  files: Files,
  { existingBundles }: SignInputs,
  roots: readonly string[],
  path: string,
): Promise<boolean> {
  const kind = await files.kind(path)
  if (kind === undefined) return false
  if (existingBundles === 'fail') {
    throw new ActionError(
      'OUTPUT_EXISTS',
      `${quote(path)} is there already, and \`existing-bundles\` is \`fail\``,
    )
  }
  if (kind !== 'file') throw new ActionError('OUTPUT_PATH', `${quote(path)} is there already and is no file`)
  const isLines = path.endsWith('.jsonl')
  const bytes = await files.read(path, roots, isLines ? MAX_LINES_BYTES : MAX_BUNDLE_BYTES)
  try {
    for (const text of isLines ? linesOf(bytes) : [bytes]) parseBundle(text)
  } catch (cause) {
    throw new ActionError('OUTPUT_EXISTS', `${quote(path)} is there already and is no Sigstore bundle`, {
      cause,
      hint: 'Move that file away, or choose another `bundle-path`: nothing is overwritten but bundles.',
    })
  }
  return true
}

function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0
  while (start < bytes.length) {
    const end = bytes.indexOf(0x0a, start)
    const line = bytes.subarray(start, end < 0 ? bytes.length : end)
    if (line.length > 0) yield line
    start = end < 0 ? bytes.length : end + 1
  }
}

/** A subject whose bundle of an earlier run still holds, and the bundle's text. */
export interface KeptBundle {
  readonly outcome: SubjectOutcome
  readonly text: Uint8Array
}

/**
 * Which bundles can stay: valid for these very bytes, and by the same signer from the same repository, commit and ref.
 * The same bytes from another commit are an error; a bundle of other bytes is an old one and will be replaced.
 */
export async function keepValid(
  plan: SignPlan,
  identity: Identity,
): Promise<ReadonlyMap<PlannedSubject, KeptBundle>> {
  const kept = new Map<PlannedSubject, KeptBundle>()
  if (plan.inputs.existingBundles !== 'keep-valid') return kept
  const existing = plan.subjects.filter(({ hasBundle }) => hasBundle)
  const lines = plan.inputs.bundles.kind === 'lines' ? await indexLines(plan, existing) : undefined
  await mapConcurrently(existing, AT_ONCE, async (subject) => {
    const one = await keepOne(plan, identity, subject, lines)
    if (one !== undefined) kept.set(subject, one)
  })
  return kept
}

type Lines = ReadonlyMap<string, readonly Uint8Array[]>

/** The lines of the one `.jsonl` by the digests that they claim to be about; unreadable ones are left behind. */
async function indexLines({ world, roots }: SignPlan, [first]: readonly PlannedSubject[]): Promise<Lines> {
  const index = new Map<string, Uint8Array[]>()
  if (first === undefined) return index
  for (const line of linesOf(await world.files.read(first.bundlePath, roots, MAX_LINES_BYTES))) {
    for (const claim of claimsOf(line)) index.set(claim, [...(index.get(claim) ?? []), line])
  }
  return index
}

const MAX_LINES_BYTES = 1024 * 1024 * 1024

function claimsOf(line: Uint8Array): readonly string[] {
  try {
    return claimedDigests(parseBundle(line))
  } catch (error) {
    if (error instanceof ActionError) return []
    throw error
  }
}

/**
 * The lines of the `.jsonl` that is there and that this run does not replace: those of other files, of files that it did
 * not get to, and attestations. `done` are the SHA-256 digests, hexadecimal, that have a new or kept line.
 */
export async function otherLines(
  { world, roots }: SignPlan,
  path: string,
  done: ReadonlySet<string>,
): Promise<readonly Uint8Array[]> {
  if ((await world.files.kind(path)) !== 'file') return []
  const lines = [...linesOf(await world.files.read(path, roots, MAX_LINES_BYTES))]
  return lines.filter((line) => isAttestation(line) || !claimsOf(line).some((claim) => done.has(claim)))
}

const isAttestation = (line: Uint8Array): boolean => parseBundle(line).content.kind === 'envelope'

async function keepOne(
  plan: SignPlan,
  identity: Identity,
  subject: PlannedSubject,
  lines: Lines | undefined,
): Promise<KeptBundle | undefined> {
  const { files } = plan.world
  const read = await readArtifact(files, subject.path, plan.roots, new Set())
  const texts =
    lines === undefined
      ? [await files.read(subject.bundlePath, plan.roots, MAX_BUNDLE_BYTES)]
      : (lines.get(`sha256:${read.sha256}`) ?? [])
  for (const text of texts) {
    const proven = proveBundle(text, read, plan)
    if (proven === undefined) continue
    if (proven.statement !== undefined) {
      if (lines !== undefined) continue
      throw new ActionError(
        'OUTPUT_EXISTS',
        `${quote(subject.bundlePath)} holds an attestation, not a signature`,
      )
    }
    const evidence = assertSame(proven, identity, subject)
    const { name, path, bundlePath } = subject
    const outcome = { name, path, bundlePath, digest: read.sha256, size: read.size, kept: true, evidence }
    return { outcome, text: text.slice() }
  }
  return undefined
}

/** undefined for a bundle that does not hold for these bytes, whatever the reason. */
function proveBundle(
  text: Uint8Array,
  { artifact }: ReadArtifact,
  { trust, now }: SignPlan,
): Evidence | undefined {
  try {
    return verifyBundle(parseBundle(text), artifact, { trust: trust.root, now: now() })
  } catch (error) {
    if (error instanceof ActionError) return undefined
    throw error
  }
}

function assertSame(evidence: Evidence, identity: Identity, { name }: PlannedSubject): Verified<Evidence> {
  try {
    const same = verifyIdentity(evidence, { name: identity.name.value, issuer: identity.issuer })
    if (same.signer.kind === 'certificate') assertSameSource(same.signer.claims, identity)
    return same
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    const { expected, found } = error
    throw new ActionError('OUTPUT_EXISTS', `the bundle of ${quote(name)} is valid, but ${error.message}`, {
      cause: error,
      ...(expected !== undefined && { expected }),
      ...(found !== undefined && { found }),
    })
  }
}

function assertSameSource(claims: Claims, { github, server }: Identity): void {
  const repository = github.repository === undefined ? undefined : `${server}/${github.repository}`
  const pairs: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['source repository', repository, claims.sourceRepositoryUri],
    ['source commit', github.sha, claims.sourceRepositoryDigest],
    ['source ref', github.ref, claims.sourceRepositoryRef],
  ]
  for (const [what, expected, found] of pairs) {
    if (expected === found) continue
    throw new ActionError('IDENTITY_MISMATCH', `its ${what} is another one`, {
      expected: expected ?? 'none',
      found: found ?? 'none',
    })
  }
}
