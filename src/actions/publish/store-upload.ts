import { equalBytes } from '../../core/bytes.ts'
import { countText } from '../../core/counts.ts'
import { type Json, parseJson } from '../../core/json.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { GitHub } from '../../github/api.ts'
import {
  type ListedAttestation,
  parseStored,
  requestAttestations,
  requestBundle,
  requestStore,
} from '../../github/attestations.ts'
import { findRateLimit } from '../../github/rate-limit.ts'
import type { HttpResponse } from '../../ports.ts'
import { type EnvelopeContent, MAX_BUNDLE_BYTES, parseBundle } from '../../sigstore/bundle.ts'
import { parseStatement } from '../../sigstore/statement.ts'
import { paceWrites } from '../job/pace.ts'
import { backOff, PASSING, parseRetryAfter } from '../job/patience.ts'
import type { SignPlan } from '../sign/sign-plan.ts'
import type { SignRecord } from '../sign/sign-record.ts'
import { readSignedBundles } from '../sign/signed-bundles.ts'
import type { AttestationStore } from './attestation-store.ts'
import { type StorePlan, warnNotStored } from './store-plan.ts'

type Storing = Pick<SignPlan, 'world' | 'inputs' | 'job' | 'roots'> & { readonly store: AttestationStore }

/** An attestation on its way: what it is found by again, and what tells it from others. */
interface Outgoing {
  readonly path: string
  readonly json: Json
  readonly content: EnvelopeContent
  /** SHA-256 of its first subject, hexadecimal. */
  readonly digest: string
  readonly predicateType: string
}

/**
 * Stores each attestation of the run, one after the other, and reads it back. One that an earlier run made is looked for
 * first. STORE_FAILED, if `require` was asked for; else a warning.
 */
export async function storeAttestations(
  plan: SignPlan,
  { mode, store }: StorePlan,
  record: SignRecord,
): Promise<void> {
  const storing = { ...plan, store }
  const pace = paceWrites(plan.world)
  const failures: ActionError[] = []
  let done = 0
  for await (const { bundle, text } of readSignedBundles(plan.world.files, plan.roots, record.bundles)) {
    const error = await foreseen(storeOne(outgoingOf(bundle.path, text), bundle.kept, storing, pace, record))
    if (error === undefined) done++
    else if (mode === 'require') throw storeFailed(error, bundle.path)
    else failures.push(error)
    if (error !== undefined && !OF_ONE.has(error.code)) break
  }
  const [first] = failures
  if (first === undefined) return
  const message = `${record.bundles.length - done} of ${countText(record.bundles.length, 'attestation')}: ${first.message}`
  warnNotStored({ code: first.code, message }, plan.world, record)
}

/** What went wrong and was to be expected; anything else is thrown. */
async function foreseen(work: Promise<void>): Promise<ActionError | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof ActionError && error.code !== 'CANCELLED') return error
    throw error
  }
}

/** Codes that are about one attestation; after any other the next would fail too. */
const OF_ONE: ReadonlySet<string> = new Set(['GITHUB_REFUSED', 'GITHUB_RESPONSE', 'STORE_FAILED'])

const storeFailed = (error: ActionError, path: string): ActionError =>
  new ActionError('STORE_FAILED', `${quote(path)} is not in GitHub's store: ${error.message}`, {
    cause: error,
    found: error.code,
    hint: `${error.hint} The attestations are signed, logged and written: a new run keeps them and stores what is missing.`,
  })

function outgoingOf(path: string, text: Uint8Array): Outgoing {
  const { content } = parseBundle(text)
  if (content.kind !== 'envelope') throw new ActionError('INTERNAL', 'only attestations are stored')
  const { subjects, predicateType } = parseStatement(content)
  const digest = subjects[0]?.digest['sha256']
  if (digest === undefined) throw new ActionError('INTERNAL', 'only what GitHub can find again is stored')
  const code = 'BUNDLE_PARSE'
  const rules = { malformed: code, tooLarge: code, tooDeep: code, duplicate: code } as const
  const json = parseJson(text, { maxBytes: MAX_BUNDLE_BYTES, maxDepth: 64, ...rules }, 'the bundle')
  return { path, json, content, digest, predicateType }
}

async function storeOne(
  one: Outgoing,
  kept: boolean,
  storing: Storing,
  pace: () => Promise<void>,
  record: SignRecord,
): Promise<void> {
  const { path: bundle } = one
  if (kept && (await isStored(one, storing.store))) {
    record.published.push({ kind: 'attestation', bundle, kept: true })
    return
  }
  const id = await send(one, storing, pace)
  const { serverUrl, repository } = storing.job
  const known = id === undefined ? {} : { id, url: `${serverUrl}/${repository}/attestations/${id}` }
  record.published.push({ kind: 'attestation', bundle, ...known })
  await readBack(one, storing)
}

/** GitHub's id; undefined where the answer was lost and the store has it all the same. Time, not tries, ends it. */
async function send(one: Outgoing, storing: Storing, pace: () => Promise<void>): Promise<string | undefined> {
  const { world, inputs, store } = storing
  const began = world.clock.monotonic()
  for (let tries = 1; ; tries++) {
    await pace()
    const sent = await sendOnce(one, storing)
    if ('id' in sent) return sent.id
    const wait = Math.max(sent.wait ?? 0, backOff(tries, { world }))
    if (world.clock.monotonic() + wait - began > inputs.timeBudget) throw sent.error
    if (tries === 1) world.runner.warning(`${sent.error.message}; trying again`)
    await world.clock.sleep(wait, world.cancelled)
    if (sent.perhaps && (await isStored(one, store))) return undefined
  }
}

type Sent =
  | { readonly id: string }
  /** `perhaps`: GitHub may have stored it without our hearing of it. */
  | { readonly error: ActionError; readonly perhaps: boolean; readonly wait?: number | undefined }

async function sendOnce({ json }: Outgoing, { store, world }: Storing): Promise<Sent> {
  try {
    const answer = await requestStore(store.github, store.repository, json)
    const limit = findRateLimit(answer, world.clock.now())
    if (limit === undefined && answer.status < 500) return { id: parseStored(answer, store.repository) }
    const wait = parseRetryAfter(answer.headers['retry-after'], world.clock.now()) ?? limit?.wait
    return { error: troubled(answer, limit !== undefined), perhaps: limit === undefined, wait }
  } catch (error) {
    if (error instanceof ActionError && PASSING.has(error.code)) return { error, perhaps: true }
    throw error
  }
}

const troubled = ({ status }: HttpResponse, isLimit: boolean): ActionError =>
  new ActionError(
    isLimit ? 'NET_OVERLOADED' : 'NET_UNREACHABLE',
    `GitHub answers ${status} to storing an attestation`,
  )

/** Whether the store holds this very attestation: the same payload under the same signature. */
async function isStored(one: Outgoing, { github, repository }: AttestationStore): Promise<boolean> {
  const { digest, predicateType } = one
  for await (const page of requestAttestations(github, { repository, digest, predicateType })) {
    for (const listed of page) if (await isThis(listed, one, github)) return true
  }
  return false
}

/** What cannot be fetched or read is not ours, as far as anybody can tell. */
async function isThis(
  listed: ListedAttestation,
  { content: ours }: Outgoing,
  github: GitHub,
): Promise<boolean> {
  try {
    const { content } = parseBundle(await requestBundle(github, listed, MAX_BUNDLE_BYTES))
    if (content.kind !== 'envelope') return false
    return equalBytes(content.signature, ours.signature) && equalBytes(content.payload, ours.payload)
  } catch (error) {
    if (error instanceof ActionError && error.code !== 'CANCELLED') return false
    throw error
  }
}

/** Milliseconds: a list may be behind the store for a moment. */
const READ_BACK_AFTER = [0, 1000, 2000, 4000, 8000]

async function readBack(one: Outgoing, { world, store }: Storing): Promise<void> {
  for (const wait of READ_BACK_AFTER) {
    if (wait > 0) await world.clock.sleep(wait, world.cancelled)
    if (await isStored(one, store)) return
  }
  throw new ActionError('STORE_FAILED', 'GitHub took it, and does not list it under its first subject')
}
