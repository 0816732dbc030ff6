import { encodeHex } from '../core/bytes.ts'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import { parseBundle } from '../sigstore/bundle.ts'
import { encodeBundle } from '../sigstore/bundle-write.ts'
import type { Evidence, Verified } from '../sigstore/evidence.ts'
import type { LogEntry } from '../sigstore/log-entry.ts'
import { verifyIdentity } from '../sigstore/policy.ts'
import { requestEntryV1 } from '../sigstore/rekor-v1.ts'
import { requestEntryV2 } from '../sigstore/rekor-v2.ts'
import type { Submission } from '../sigstore/submission.ts'
import { requestTimestamp } from '../sigstore/timestamp.ts'
import { verifyBundle } from '../sigstore/verifier.ts'
import type { CertifiedKey, CertifiedKeys } from './certified-keys.ts'
import { mapConcurrently } from './concurrently.ts'
import { type KeptBundle, otherLines } from './existing-bundles.ts'
import type { SubjectOutcome } from './outcome.ts'
import { startProgress, stepProgress } from './progress.ts'
import { type SignedFile, signFile } from './sign-file.ts'
import type { PlannedSubject, SignPlan } from './sign-preflight.ts'
import type { SignRecord } from './sign-record.ts'

/** Enough to keep 32 requests under way at the log and at the timestamp authority while others are read and verified. */
const AT_ONCE = 48

const NONCE_BYTES = 8

/** Signs, logs, stamps, verifies and writes each subject, many at once. Kept ones are passed over. */
export async function signBatch(
  plan: SignPlan,
  keys: CertifiedKeys,
  kept: ReadonlyMap<PlannedSubject, KeptBundle>,
  record: SignRecord,
): Promise<void> {
  const { subjects, inputs } = plan
  const lines =
    inputs.bundles.kind === 'lines' ? new Array<Uint8Array | undefined>(subjects.length) : undefined
  const report = progressOf(plan, subjects.length - kept.size)
  const work = async (subject: PlannedSubject, i: number): Promise<void> => {
    const combine = (text: Uint8Array): void => {
      if (lines !== undefined) lines[i] = text
    }
    const old = kept.get(subject)
    if (old !== undefined) combine(old.text)
    record.subjects[i] = old?.outcome ?? (await attempt(plan, keys, subject, record, combine, i))
    if (old === undefined) report()
  }
  try {
    await mapConcurrently(subjects, AT_ONCE, work)
  } finally {
    // After a failure too: what is verified is written, as it is beside the files, and a re-run keeps it.
    if (lines !== undefined) await writeLines(plan, lines, record)
  }
}

async function writeLines(
  plan: SignPlan,
  lines: readonly (Uint8Array | undefined)[],
  record: SignRecord,
): Promise<void> {
  const { world, roots, subjects } = plan
  const done = lines.filter((line) => line !== undefined)
  const [first] = subjects
  if (first === undefined || done.length === 0) return
  const digests = record.subjects.flatMap(({ evidence, digest }) =>
    evidence && digest ? [`sha256:${digest}`] : [],
  )
  const others = await otherLines(plan, first.bundlePath, new Set(digests))
  await world.files.write(first.bundlePath, roots, joinLines([...others, ...done]))
}

/** The outcome of a failure is kept with the subject; the failure itself ends the batch. */
async function attempt(
  plan: SignPlan,
  keys: CertifiedKeys,
  subject: PlannedSubject,
  record: SignRecord,
  combine: (text: Uint8Array) => void,
  i: number,
): Promise<SubjectOutcome> {
  try {
    return await signTwice(plan, keys, subject, record, combine)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    record.subjects[i] = { name: subject.name, path: subject.path, error }
    throw named(error, subject, plan.subjects.length)
  }
}

/** Where answers came so late that the certificate had ended, one new try with a fresh one. */
async function signTwice(
  plan: SignPlan,
  keys: CertifiedKeys,
  subject: PlannedSubject,
  record: SignRecord,
  combine: (text: Uint8Array) => void,
): Promise<SubjectOutcome> {
  const { signer } = await keys.current()
  try {
    return await signSubject(plan, keys, subject, record, combine)
  } catch (error) {
    const late = error instanceof ActionError && error.code === 'CERT_VALIDITY'
    if (!late || plan.now() <= signer.certificate.notAfter) throw error
    return signSubject(plan, keys, subject, record, combine)
  }
}

/** Which file it was, where there are several. */
function named(error: ActionError, { name }: PlannedSubject, count: number): ActionError {
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

async function signSubject(
  plan: SignPlan,
  keys: CertifiedKeys,
  subject: PlannedSubject,
  record: SignRecord,
  combine: (text: Uint8Array) => void,
): Promise<SubjectOutcome> {
  const { world, roots } = plan
  if (world.cancelled.aborted) throw new ActionError('CANCELLED', 'the job was cancelled')
  const pair = await keys.current()
  const signed = await signFile(world, subject, roots, pair.key)
  if (signed.size === 0) record.notes.push(`${quote(subject.name)} is empty; it was signed all the same`)
  const text = await logAndStamp(plan, pair, signed, subject, record)
  const evidence = proveBundle(plan, pair, signed, text)
  if (plan.inputs.bundles.kind === 'lines') combine(text)
  else await world.files.write(subject.bundlePath, roots, text)
  return {
    name: subject.name,
    path: subject.path,
    digest: encodeHex(signed.digest),
    size: signed.size,
    bundlePath: subject.bundlePath,
    evidence,
  }
}

/** Both ask for nothing but the signature, so they are asked at once; what one made public is known even if the other fails. */
async function logAndStamp(
  plan: SignPlan,
  { signer }: CertifiedKey,
  signed: SignedFile,
  subject: PlannedSubject,
  record: SignRecord,
): Promise<Uint8Array> {
  const { services, http, world } = plan
  const certificate = signer.certificate.raw
  const { digest: value, signature } = signed
  const submission = {
    content: { kind: 'message', digest: { hash: 'sha256', value }, signature },
    certificate,
  } as const satisfies Submission
  const logs = services.rekor.urls.slice(0, services.rekor.count)
  const authorities = services.tsa.urls.slice(0, services.tsa.count)
  const [entries, timestamps] = await Promise.all([
    settleAll(logs.map((url) => logEntry(plan, url, submission, subject, record))),
    settleAll(
      authorities.map((url) => requestTimestamp(http, url, { signature, nonce: world.random(NONCE_BYTES) })),
    ),
  ])
  return encodeBundle({
    certificate,
    entries: valuesOf(entries),
    timestamps: valuesOf(timestamps),
    content: submission.content,
  })
}

const settleAll = <T>(promises: readonly Promise<T>[]): Promise<PromiseSettledResult<T>[]> =>
  Promise.allSettled(promises)

function valuesOf<T>(results: readonly PromiseSettledResult<T>[]): readonly T[] {
  return results.map((result) => {
    if (result.status === 'fulfilled') return result.value
    throw result.reason
  })
}

/** Codes after which there is surely no entry; after any other there may be one, although no good answer says so. */
const NOT_LOGGED = ['TLOG_REFUSED', 'TLOG_FROZEN', 'NET_REDIRECT', 'NET_TLS', 'NET_PROXY', 'NET_INSECURE']

async function logEntry(
  { services, http, trust }: SignPlan,
  url: URL,
  submission: Submission,
  { name }: PlannedSubject,
  record: SignRecord,
): Promise<LogEntry> {
  const log = url.href.replace(/\/$/, '')
  const logs = [...trust.root.transparencyLogs.values()]
  try {
    const entry =
      services.rekor.version === 1
        ? await requestEntryV1(http, url, submission)
        : await requestEntryV2(http, url, submission, logs)
    record.public.push({ kind: 'entry', log, index: entry.logIndex, subject: name })
    return entry
  } catch (error) {
    const isNot = error instanceof ActionError && (error.unsent || NOT_LOGGED.includes(error.code))
    if (!isNot) {
      record.public.push({ kind: 'entry', log, subject: name })
    }
    throw error
  }
}

/** As strictly as a stranger would, under exactly the identity, certificate and bytes of this run. */
function proveBundle(
  { trust, now }: SignPlan,
  { signer }: CertifiedKey,
  { artifact }: SignedFile,
  text: Uint8Array,
): Verified<Evidence> {
  const evidence = verifyBundle(parseBundle(text), artifact, { trust: trust.root, now: now() })
  return verifyIdentity(evidence, {
    name: signer.name.value,
    issuer: signer.claims.issuer ?? '',
    certificate: signer.certificate,
  })
}

function joinLines(lines: readonly Uint8Array[]): Uint8Array {
  const length = lines.reduce((sum, line) => sum + line.length + 1, 0)
  const whole = new Uint8Array(length)
  let at = 0
  for (const line of lines) {
    whole.set(line, at)
    at += line.length
    whole[at++] = 0x0a
  }
  return whole
}
