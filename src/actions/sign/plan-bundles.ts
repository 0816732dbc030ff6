import { encodeHex } from '../../core/bytes.ts'
import { startDigest } from '../../core/digest.ts'
import { PAE_PREFIX } from '../../core/dsse.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Files, World } from '../../ports.ts'
import { MAX_PAYLOAD_BYTES } from '../../sigstore/bundle.ts'
import { encodeStatement } from '../../sigstore/statement-write.ts'
import { type Placeable, placeBundles } from '../bundles/bundle-places.ts'
import { checkBundlePlaces } from '../bundles/bundle-places-check.ts'
import type { SignInputs } from '../inputs/sign-inputs.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import type { SignJob } from '../job/job.ts'
import type { SubjectOutcome } from '../report/outcome.ts'
import { readArtifact, startOfFile } from '../subjects/read-artifact.ts'
import type { Subject } from '../subjects/subjects.ts'
import { findExisting } from './existing-bundles.ts'
import { assertExpected, assertSignable } from './sign-file.ts'
import type {
  AttestedSubject,
  PlannedBundle,
  PlannedMessage,
  PlannedPredicate,
  PlannedStatement,
} from './sign-plan.ts'
import type { SignRecord } from './sign-record.ts'
import type { SignSubjects } from './sign-subjects.ts'
import {
  assertSubjectCount,
  baseName,
  describeTwins,
  leastCount,
  statementSubjects,
} from './statement-subjects.ts'

const CHECKED_AT_ONCE = 8

export interface Planning {
  readonly world: World
  readonly inputs: SignInputs
  readonly job: SignJob
  readonly roots: readonly string[]
}

/** A signature for each file. What cannot be read, must not be signed or does not match its checksum fails here. */
export async function planMessages(
  planning: Planning,
  { files }: SignSubjects,
  record: SignRecord,
): Promise<readonly PlannedBundle[]> {
  const { world, inputs, job, roots } = planning
  const paths = placeBundles(files, files, inputs.bundles, job)
  await checkBundlePlaces(world.files, paths, job)
  record.subjects.push(...files.map(({ name, path }) => ({ name, path })))
  await mapConcurrently(files, CHECKED_AT_ONCE, (subject) => checkContent(world.files, subject, roots))
  const existing = await findExisting(world.files, inputs, roots, paths)
  return files.map((subject, at): PlannedMessage => {
    return { kind: 'message', subject, at, bundlePath: paths[at] ?? '', hasBundle: existing[at] === true }
  })
}

async function checkContent(files: Files, subject: Subject, roots: readonly string[]): Promise<void> {
  if (subject.expectedDigest === undefined) return checkStart(files, subject, roots)
  const { sha256, artifact } = await readArtifact(files, subject.path, roots, new Set())
  assertSignable(subject, artifact.looksSigned)
  assertExpected(subject, sha256)
}

async function checkStart(files: Files, subject: Subject, roots: readonly string[]): Promise<void> {
  const file = await files.open(subject.path, roots)
  try {
    const start = startOfFile()
    let length = 0
    for await (const chunk of file.chunks()) {
      start.update(chunk)
      length += chunk.length
      if (length >= PAE_PREFIX.length) break
    }
    assertSignable(subject, start.looksSigned())
  } finally {
    await file.close()
  }
}

/** One statement over all subjects, or one each. Every file is read here, once: its digest is what will be signed. */
export async function planStatements(
  planning: Planning,
  found: SignSubjects,
  predicate: PlannedPredicate,
  record: SignRecord,
): Promise<readonly PlannedBundle[]> {
  const { world, inputs, job, roots } = planning
  if (!inputs.attestEach)
    assertSubjectCount(leastCount([...found.files, ...found.absent].map(({ name }) => name)))
  const members = await readMembers(planning, found)
  record.subjects.push(...members.map(rowOf))
  record.notes.push(...members.filter(({ size }) => size === 0).map(describeEmpty))
  const groups = inputs.attestEach ? members.map((member) => [member]) : members.length > 0 ? [members] : []
  const statements = groups.map((group) => ({ members: group, subjects: statementSubjects(group) }))
  for (const { subjects } of statements) {
    assertSize(predicate, subjects)
    if (!inputs.attestEach) record.notes.push(...describeTwins(subjects))
  }
  const bundles = groups.map((group) => placeableOf(group, predicate))
  const paths = placeBundles(bundles, found.files, inputs.bundles, job)
  await checkBundlePlaces(world.files, paths, job)
  const existing = await findExisting(world.files, inputs, roots, paths)
  return statements.map((statement, i): PlannedStatement => {
    // With a statement each its place among them is that of its subject.
    const common = { at: i, bundlePath: paths[i] ?? '', hasBundle: existing[i] === true }
    return { kind: 'statement', predicate, ...statement, ...common }
  })
}

const describeEmpty = ({ name }: AttestedSubject): string =>
  `${quote(name)} is empty; it was attested all the same`

async function readMembers(
  planning: Planning,
  { files, absent, named }: SignSubjects,
): Promise<readonly AttestedSubject[]> {
  const read = await mapConcurrently(files, CHECKED_AT_ONCE, (file) => readMember(planning, file))
  const byDigest = absent.map(({ name, path, expectedDigest = '' }): AttestedSubject => {
    return { name, isNamed: false, place: path, hash: 'sha256', hex: expectedDigest }
  })
  return [...read, ...byDigest, ...named.map((one) => ({ ...one, isNamed: true }))]
}

async function readMember({ world, roots }: Planning, subject: Subject): Promise<AttestedSubject> {
  const { name, path } = subject
  const file = await world.files.open(path, roots)
  try {
    const sha256 = startDigest('sha256')
    for await (const chunk of file.chunks()) {
      if (world.cancelled.aborted) throw new ActionError('CANCELLED', 'the job was cancelled')
      sha256.update(chunk)
    }
    const hex = encodeHex(sha256.finish())
    assertExpected(subject, hex)
    return { name, isNamed: false, path, place: path, hash: 'sha256', hex, size: file.size }
  } finally {
    await file.close()
  }
}

/** What is known of a subject of a statement, whatever becomes of the bundle. */
export const rowOf = ({ name, path, hash, hex, size }: AttestedSubject): SubjectOutcome => ({
  name,
  ...(path !== undefined && { path }),
  ...(hash === 'sha256' && { digest: hex }),
  ...(size !== undefined && { size }),
})

function placeableOf(members: readonly AttestedSubject[], predicate: PlannedPredicate): Placeable {
  const { kind } = predicate
  const [only] = members
  if (only === undefined || members.length > 1) return { name: `the ${kind} of all subjects`, kind }
  const { name, place } = only
  return place === undefined ? { name, kind, stem: baseName(name) } : { name, kind, path: place }
}

/** What the verifier takes, of which provenance is a small part. INPUT_TOO_MANY, PREDICATE_INVALID. */
function assertSize(predicate: PlannedPredicate, subjects: PlannedStatement['subjects']): void {
  const { type, text } =
    predicate.kind === 'provenance' ? { type: '', text: ' '.repeat(64 * 1024) } : predicate
  const size = encodeStatement(subjects, { type, text }).length
  if (size <= MAX_PAYLOAD_BYTES) return
  throw new ActionError(
    'PREDICATE_INVALID',
    `the statement would have ${size} bytes; ${MAX_PAYLOAD_BYTES} is the most, its subjects included`,
  )
}
