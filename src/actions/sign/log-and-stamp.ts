import { ActionError } from '../../errors.ts'
import { encodeBundle } from '../../sigstore/bundle-write.ts'
import type { LogEntry } from '../../sigstore/log-entry.ts'
import { requestEntryV1 } from '../../sigstore/rekor-v1.ts'
import { requestEntryV2 } from '../../sigstore/rekor-v2.ts'
import type { Submission } from '../../sigstore/submission.ts'
import { requestTimestamp } from '../../sigstore/timestamp.ts'
import type { CertifiedKey } from './certified-keys.ts'
import type { SignPlan } from './sign-plan.ts'
import type { SignRecord } from './sign-record.ts'

const NONCE_BYTES = 8

/**
 * Both ask for nothing but the signature, so they are asked at once; what one made public is known even if the other
 * fails. `subject` is the name under which the entry is spoken of. The bundle, unverified.
 */
export async function logAndStamp(
  plan: SignPlan,
  { signer }: CertifiedKey,
  content: Submission['content'],
  subject: string | undefined,
  record: SignRecord,
): Promise<Uint8Array> {
  const { services, http, world } = plan
  const certificate = signer.certificate.raw
  const { signature } = content
  const submission = { content, certificate }
  const logs = services.rekor.urls.slice(0, services.rekor.count)
  const authorities = services.tsa.urls.slice(0, services.tsa.count)
  const [entries, timestamps] = await Promise.all([
    settleAll(logs.map((url) => logEntry(plan, url, submission, subject, record))),
    settleAll(
      authorities.map((url) => requestTimestamp(http, url, { signature, nonce: world.random(NONCE_BYTES) })),
    ),
  ])
  return encodeBundle({
    ...submission,
    entries: valuesOf(entries),
    timestamps: valuesOf(timestamps),
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
  subject: string | undefined,
  record: SignRecord,
): Promise<LogEntry> {
  const log = url.href.replace(/\/$/, '')
  const about = subject === undefined ? {} : { subject }
  const logs = [...trust.root.transparencyLogs.values()]
  try {
    const entry =
      services.rekor.version === 1
        ? await requestEntryV1(http, url, submission)
        : await requestEntryV2(http, url, submission, logs)
    record.public.push({ kind: 'entry', log, index: entry.logIndex, ...about })
    return entry
  } catch (error) {
    const isNot = error instanceof ActionError && (error.unsent || NOT_LOGGED.includes(error.code))
    if (!isNot) {
      record.public.push({ kind: 'entry', log, ...about })
    }
    throw error
  }
}
