import { encodeHex } from '../../core/bytes.ts'
import { digest } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { type Bundle, type EnvelopeContent, parseBundle } from '../../sigstore/bundle.ts'
import { claimedDigests } from '../../sigstore/claimed-digests.ts'
import type { Identity } from '../../sigstore/identity.ts'
import { PROVENANCE_TYPE } from '../../sigstore/provenance.ts'
import { parseStatement } from '../../sigstore/statement.ts'
import { linesOf } from '../bundles/bundle-lines.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import { readArtifact } from '../subjects/read-artifact.ts'
import { MAX_LINES_BYTES } from './existing-bundles.ts'
import { proveSource } from './same-source.ts'
import type { AttestedSubject, PlannedBundle, SignPlan } from './sign-plan.ts'
import type { SignRecord } from './sign-record.ts'

/**
 * Writes the one `.jsonl`: the lines of this run, in the order of the bundles, behind those that were there and that it
 * does not replace. A bundle that the run did not get to has no line.
 */
export async function writeLines(
  plan: SignPlan,
  identity: Identity,
  lines: readonly (Uint8Array | undefined)[],
  { subjects, files }: SignRecord,
): Promise<void> {
  const { bundles } = plan
  const done = bundles.filter((_, i) => lines[i] !== undefined)
  const [first] = done
  if (first === undefined) return
  const digests = done.flatMap((planned) =>
    planned.kind === 'message' ? [`sha256:${subjects[planned.at]?.digest}`] : planned.members.map(claimOf),
  )
  const found = lines.includes(undefined) ? undefined : plan.release?.found.get(first.bundlePath)
  if (found !== undefined && !first.hasBundle) {
    // All of them are lines of the one on the release, which stays as it is: so here is a copy.
    return writeWhole(plan, first.bundlePath, found, files)
  }
  const others = await otherLines(plan, first, new Set(digests))
  // Written whatever lies beside it: the signatures are public. What may be handed on comes after; of a failed run nothing is.
  await writeWhole(plan, first.bundlePath, joinLines([...others, ...lines]), files)
  if (!lines.includes(undefined)) verifyHandedOn(plan, identity, others, 'OUTPUT_EXISTS')
}

async function writeWhole(
  { world, roots }: SignPlan,
  path: string,
  bytes: Uint8Array,
  files: SignRecord['files'],
): Promise<void> {
  await world.files.write(path, roots, bytes)
  files.set(path, encodeHex(digest('sha256', bytes)))
}

const claimOf = ({ hash, hex }: AttestedSubject): string => `${hash}:${hex}`

/**
 * Before anything is public: where the one `.jsonl` goes to others, all that it holds already must hold, and come from the
 * same source as this run. OUTPUT_EXISTS, RELEASE_EXISTS.
 */
export async function verifyOtherLines(plan: SignPlan, identity: Identity): Promise<void> {
  const { inputs, bundles, release, world, roots } = plan
  const [first] = bundles
  if (first === undefined || inputs.bundles.kind !== 'lines' || !isHandedOn(plan)) return
  const found = release?.found.get(first.bundlePath)
  if (found !== undefined) verifyHandedOn(plan, identity, [...linesOf(found)], 'RELEASE_EXISTS')
  if (!first.hasBundle) return
  const digests = await mapConcurrently(bundles, READ_AT_ONCE, async (planned) =>
    planned.kind === 'message'
      ? [`sha256:${(await readArtifact(world.files, planned.subject.path, roots, new Set())).sha256}`]
      : planned.members.map(claimOf),
  )
  const others = await otherLines(plan, first, new Set(digests.flat()))
  verifyHandedOn(plan, identity, others, 'OUTPUT_EXISTS')
}

const READ_AT_ONCE = 8

const isHandedOn = ({ release, artifact }: SignPlan): boolean =>
  release !== undefined || artifact !== undefined

async function otherLines(
  { world, roots }: SignPlan,
  planned: PlannedBundle,
  done: ReadonlySet<string>,
): Promise<readonly Uint8Array[]> {
  const path = planned.bundlePath
  if ((await world.files.kind(path)) !== 'file') return []
  const type = planned.kind === 'message' ? undefined : typeOf(planned.predicate)
  const lines = [...linesOf(await world.files.read(path, roots, MAX_LINES_BYTES))]
  return lines.filter((line) => !isReplaced(parseBundle(line), type, done))
}

function verifyHandedOn(
  plan: SignPlan,
  identity: Identity,
  lines: readonly Uint8Array[],
  code: 'OUTPUT_EXISTS' | 'RELEASE_EXISTS',
): void {
  if (!isHandedOn(plan)) return
  for (const line of lines) {
    try {
      const bundle = parseBundle(line)
      const [claim] = claimedDigests(bundle)
      if (claim !== undefined) proveSource(plan, identity, bundle, claim)
    } catch (cause) {
      if (!(cause instanceof ActionError)) throw cause
      throw wrongLine(plan.bundles[0]?.bundlePath ?? '', code, cause)
    }
  }
}

function wrongLine(path: string, code: 'OUTPUT_EXISTS' | 'RELEASE_EXISTS', cause: ActionError): ActionError {
  const { message, expected, found } = cause
  return new ActionError(
    code,
    `a bundle that is in ${quote(path)} already is not valid here, and would be handed on: ${message}`,
    {
      cause,
      ...(expected !== undefined && { expected }),
      ...(found !== undefined && { found }),
      hint: 'Remove that line, or choose another `bundle-path`: what is published holds as a whole.',
    },
  )
}

const typeOf = (predicate: Extract<PlannedBundle, { kind: 'statement' }>['predicate']): string =>
  predicate.kind === 'provenance' ? PROVENANCE_TYPE : predicate.type

/**
 * A signature for a file that has a new or kept line. An attestation of the type made now, if all that it is about has
 * one: what it says of anything else would be lost.
 */
function isReplaced(bundle: Bundle, type: string | undefined, done: ReadonlySet<string>): boolean {
  const { content } = bundle
  if ((content.kind === 'message') !== (type === undefined)) return false
  if (content.kind === 'envelope' && predicateTypeOf(content) !== type) return false
  const claims = claimedDigests(bundle)
  return type === undefined ? claims.some((one) => done.has(one)) : claims.every((one) => done.has(one))
}

/** undefined for what is no in-toto statement, and so none of ours. */
function predicateTypeOf(content: EnvelopeContent): string | undefined {
  try {
    return parseStatement(content).predicateType
  } catch (error) {
    if (error instanceof ActionError) return undefined
    throw error
  }
}

function joinLines(lines: readonly (Uint8Array | undefined)[]): Uint8Array {
  const there = lines.filter((line) => line !== undefined)
  const whole = new Uint8Array(there.reduce((sum, line) => sum + line.length + 1, 0))
  let at = 0
  for (const line of there) {
    whole.set(line, at)
    at += line.length
    whole[at++] = 0x0a
  }
  return whole
}
