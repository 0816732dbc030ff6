import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Identity } from '../../sigstore/identity.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import { startProgress, stepProgress } from '../job/progress.ts'
import type { CertifiedKeys } from './certified-keys.ts'
import { writeLines } from './jsonl.ts'
import { signMessage } from './sign-message.ts'
import type { PlannedBundle, SignPlan } from './sign-plan.ts'
import type { SignRecord } from './sign-record.ts'
import { signStatement } from './sign-statement.ts'
import { type ProvenBundle, signedBundle } from './signed-bundles.ts'

/** Enough to keep 32 requests under way at the log and at the timestamp authority while others are read and verified. */
const AT_ONCE = 48
/** Bytes of predicates under way; each is held about six times, as text, base64 and JSON. */
const MOST_PREDICATES = 64 * 1024 * 1024

/** Signs, logs, stamps, verifies and writes each bundle, many at once. Kept ones are passed over. */
export async function signBatch(
  plan: SignPlan,
  keys: CertifiedKeys,
  identity: Identity,
  kept: ReadonlyMap<PlannedBundle, ProvenBundle>,
  record: SignRecord,
): Promise<void> {
  const { bundles, inputs } = plan
  const lines =
    inputs.bundles.kind === 'lines' ? new Array<Uint8Array | undefined>(bundles.length) : undefined
  const report = progressOf(plan, bundles.length - kept.size)
  const work = async (planned: PlannedBundle, i: number): Promise<void> => {
    const old = kept.get(planned)
    const bundle = old ?? (await attempt(plan, keys, planned, record))
    if (old?.isElsewhere) await copyHere(plan, planned, old)
    if (lines !== undefined) lines[i] = bundle.text
    note(planned, bundle, record, i)
    if (old === undefined) report()
  }
  try {
    await mapConcurrently(bundles, atOnce(bundles), work)
  } finally {
    // After a failure too: what is verified is written, as it is beside the files, and a re-run keeps it.
    if (lines !== undefined) await writeLines(plan, identity, lines, record)
  }
}

/** A bundle of the release: the lines of a `.jsonl` are written together. */
async function copyHere(
  { world, roots, inputs }: SignPlan,
  { bundlePath }: PlannedBundle,
  { text }: ProvenBundle,
): Promise<void> {
  if (inputs.bundles.kind !== 'lines') await world.files.write(bundlePath, roots, text)
}

function atOnce([first]: readonly PlannedBundle[]): number {
  if (first?.kind !== 'statement' || first.predicate.kind === 'provenance') return AT_ONCE
  return Math.max(1, Math.min(AT_ONCE, Math.floor(MOST_PREDICATES / first.predicate.text.length)))
}

function note(planned: PlannedBundle, bundle: ProvenBundle, record: SignRecord, i: number): void {
  for (const [j, row] of bundle.rows.entries()) record.subjects[planned.at + j] = row
  const kind = planned.kind === 'message' ? 'message' : 'attestation'
  const signed = signedBundle(kind, planned.bundlePath, bundle)
  record.bundles[i] = signed
  record.files.set(signed.path, signed.digest)
}

/** The outcome of a failure is kept with the subject, if there is one; the failure itself ends the batch. */
async function attempt(
  plan: SignPlan,
  keys: CertifiedKeys,
  planned: PlannedBundle,
  record: SignRecord,
): Promise<ProvenBundle> {
  try {
    return await signTwice(plan, keys, planned, record)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    const only = onlySubject(planned)
    if (only === undefined) throw error
    record.subjects[planned.at] = { ...only, error }
    throw named(error, only.name, plan.bundles.length)
  }
}

/** A statement about several fails for none of them in particular. */
function onlySubject(planned: PlannedBundle): { readonly name: string; readonly path?: string } | undefined {
  const [only, ...others] = planned.kind === 'message' ? [planned.subject] : planned.members
  if (only === undefined || others.length > 0) return undefined
  const { name, path } = only
  return { name, ...(path !== undefined && { path }) }
}

/** Where answers came so late that the certificate had ended, one new try with a fresh one. */
async function signTwice(
  plan: SignPlan,
  keys: CertifiedKeys,
  planned: PlannedBundle,
  record: SignRecord,
): Promise<ProvenBundle> {
  const { signer } = await keys.current()
  try {
    return await signOne(plan, keys, planned, record)
  } catch (error) {
    const late = error instanceof ActionError && error.code === 'CERT_VALIDITY'
    if (!late || plan.now() <= signer.certificate.notAfter) throw error
    return signOne(plan, keys, planned, record)
  }
}

async function signOne(
  plan: SignPlan,
  keys: CertifiedKeys,
  planned: PlannedBundle,
  record: SignRecord,
): Promise<ProvenBundle> {
  if (plan.world.cancelled.aborted) throw new ActionError('CANCELLED', 'the job was cancelled')
  const { world, roots, inputs } = plan
  const pair = await keys.current()
  const bundle =
    planned.kind === 'message'
      ? await signMessage(plan, pair, planned, record)
      : await signStatement(plan, pair, planned, record)
  // The lines of a `.jsonl` are written together.
  if (inputs.bundles.kind !== 'lines') await world.files.write(planned.bundlePath, roots, bundle.text)
  return bundle
}

/** Which file it was, where there are several. */
function named(error: ActionError, name: string, count: number): ActionError {
  if (count === 1 || error.message.includes(quote(name))) return error
  const { code, message, expected, found, hint } = error
  return new ActionError(code, `${quote(name)}: ${message}`, {
    cause: error,
    hint,
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
  })
}

function progressOf({ world }: SignPlan, total: number): () => void {
  let progress = startProgress('signed', total, world.clock.monotonic())
  let done = 0
  return () => {
    done++
    const step = stepProgress(progress, done, world.clock.monotonic())
    progress = step.progress
    if (step.line !== undefined) world.runner.info(step.line)
  }
}
