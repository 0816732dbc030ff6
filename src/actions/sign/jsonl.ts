import { encodeHex } from '../../core/bytes.ts'
import { digest } from '../../core/digest.ts'
import { type Bundle, parseBundle } from '../../sigstore/bundle.ts'
import { claimedDigests } from '../../sigstore/claimed-digests.ts'
import { PROVENANCE_TYPE } from '../../sigstore/provenance.ts'
import { parseStatement } from '../../sigstore/statement.ts'
import { linesOf, MAX_LINES_BYTES } from './existing-bundles.ts'
import type { PlannedBundle, SignPlan } from './sign-plan.ts'
import type { SignRecord } from './sign-record.ts'

/**
 * Writes the one `.jsonl`: the lines of this run, in the order of the bundles, behind those that were there and that it
 * does not replace. A bundle that the run did not get to has no line.
 */
export async function writeLines(
  plan: SignPlan,
  lines: readonly (Uint8Array | undefined)[],
  { subjects, files }: SignRecord,
): Promise<void> {
  const { bundles } = plan
  const done = bundles.filter((_, i) => lines[i] !== undefined)
  const [first] = done
  if (first === undefined) return
  const digests = done.flatMap((planned) =>
    planned.kind === 'message'
      ? [`sha256:${subjects[planned.at]?.digest}`]
      : planned.members.map(({ hash, hex }) => `${hash}:${hex}`),
  )
  const found = lines.includes(undefined) ? undefined : plan.release?.found.get(first.bundlePath)
  if (found !== undefined && !first.hasBundle) {
    // All of them are lines of the one on the release, which stays as it is: so here is a copy.
    return writeWhole(plan, first.bundlePath, found, files)
  }
  const others = await otherLines(plan, first, new Set(digests))
  await writeWhole(plan, first.bundlePath, joinLines([...others, ...lines]), files)
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

const typeOf = (predicate: Extract<PlannedBundle, { kind: 'statement' }>['predicate']): string =>
  predicate.kind === 'provenance' ? PROVENANCE_TYPE : predicate.type

/**
 * A signature for a file that has a new or kept line. An attestation of the type made now, if all that it is about has
 * one: what it says of anything else would be lost.
 */
function isReplaced(bundle: Bundle, type: string | undefined, done: ReadonlySet<string>): boolean {
  const { content } = bundle
  const found = content.kind === 'message' ? undefined : parseStatement(content).predicateType
  if (found !== type) return false
  const claims = claimedDigests(bundle)
  return type === undefined ? claims.some((one) => done.has(one)) : claims.every((one) => done.has(one))
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
