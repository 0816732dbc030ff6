import { encodeHex } from '../core/bytes.ts'
import type { HashName } from '../core/digest.ts'
import { printable } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { BundleVersion } from './bundle.ts'
import type { VerifiedEntry, VerifiedTime } from './evidence.ts'
import { verifyPromise, verifyProof } from './inclusion.ts'
import type { EntryBody, Signed } from './log-body.ts'
import { verifyV1Body } from './log-body-v1.ts'
import { rebuildV2Body } from './log-body-v2.ts'
import type { LogEntry } from './log-entry.ts'
import type { TrustedLog, TrustedRoot } from './trusted-root.ts'
import { isWithin, showTime, showWindow } from './window.ts'

export interface LogEvidence {
  readonly entry: VerifiedEntry
  readonly log: TrustedLog
  /** From the promise of Rekor v1; Rekor v2 gives no time. */
  readonly time?: VerifiedTime
  /** The hash of the signature, where the entry names it. */
  readonly hash?: HashName
}

/** Which entries may stand for which content. `dsse` 0.0.2 existed on retired staging logs only. */
const KINDS: Readonly<Record<string, 'message' | 'envelope' | 'any'>> = {
  'hashedrekord 0.0.1': 'message',
  'dsse 0.0.1': 'envelope',
  'intoto 0.0.2': 'envelope',
  'hashedrekord 0.0.2': 'any',
}

/** A promise without a proof is enough only in the bundles of the time before proofs were common. */
const PROOFS_SINCE = Date.UTC(2024, 0, 1)

/**
 * Every entry completely, none skipped, each of another log: body against the signed tuple, promise, proof, tree head,
 * and that the log was in use.
 */
export function verifyLogEntries(
  entries: readonly LogEntry[],
  version: BundleVersion,
  signed: Signed,
  trust: TrustedRoot,
  now: number,
): readonly LogEvidence[] {
  if (entries.length === 0 && !trust.isGitHub) {
    throw new ActionError('TLOG_MISSING', 'the bundle holds no entry of a transparency log')
  }
  const verified = entries.map((entry) => verifyLogEntry(entry, version, signed, trust, now))
  if (new Set(verified.map(({ log }) => log)).size !== verified.length) {
    throw new ActionError('TLOG_DUPLICATE', 'two entries are of one transparency log')
  }
  return verified
}

function verifyLogEntry(
  entry: LogEntry,
  version: BundleVersion,
  signed: Signed,
  trust: TrustedRoot,
  now: number,
): LogEvidence {
  const log = trust.transparencyLogs.get(encodeHex(entry.logId))
  if (log === undefined) {
    throw new ActionError('TLOG_UNKNOWN_LOG', `the log ${encodeHex(entry.logId)} is not in the trusted root`)
  }
  const body = verifyBody(entry, signed)
  const time = body.api === 1 ? verifyLogTime(entry, log, now) : refusePromise(entry)
  verifyEntryProof(entry, version, body, log, time)
  return {
    entry: {
      log: log.baseUrl,
      logId: encodeHex(entry.logId),
      ...provenIndex(entry, body.api),
      kind: entry.kind,
      version: entry.version,
    },
    log,
    ...(time !== undefined && { time }),
    ...(body.hash !== undefined && { hash: body.hash }),
  }
}

/** On Rekor v1 the outer index counts all shards and only the promise signs it; without one the proof has the word. */
function provenIndex(entry: LogEntry, api: 1 | 2): Pick<VerifiedEntry, 'index' | 'ofTree'> {
  if (api === 2 || entry.promise !== undefined || entry.proof === undefined) return { index: entry.logIndex }
  return { index: entry.proof.logIndex, ofTree: true }
}

function verifyBody(entry: LogEntry, signed: Signed): EntryBody {
  const kind = `${entry.kind} ${entry.version}`
  const allowed = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (allowed === undefined || (allowed !== 'any' && allowed !== signed.content.kind)) {
    const content = signed.content.kind === 'message' ? 'a message signature' : 'an attestation'
    throw new ActionError('TLOG_KIND', `an entry of kind ${printable(kind)} does not stand for ${content}`)
  }
  return allowed === 'any' ? rebuildV2Body(entry, signed) : verifyV1Body(entry, signed)
}

function refusePromise({ promise }: LogEntry): undefined {
  if (promise === undefined) return undefined
  throw new ActionError('TLOG_PROMISE', 'a Rekor v2 entry carries a promise, which that log never gives')
}

function verifyLogTime(entry: LogEntry, log: TrustedLog, now: number): VerifiedTime | undefined {
  if (entry.promise === undefined) return undefined
  const at = verifyPromise(entry, entry.promise, log)
  if (at > now) {
    throw new ActionError('TLOG_TIME', 'the log entry is from the future', {
      expected: `at most ${showTime(now)}`,
      found: showTime(at),
    })
  }
  assertLogInUse(log, at)
  return { source: 'transparency log', at, by: log.names[0] ?? log.baseUrl }
}

/** Also for entries that give no time: every verified time of the bundle must fall into the life of the log. */
export function assertLogInUse(log: TrustedLog, at: number): void {
  if (isWithin(at, log.window)) return
  throw new ActionError('TLOG_UNKNOWN_LOG', `${log.baseUrl} was not in use at the time of the signature`, {
    expected: showWindow(log.window),
    found: showTime(at),
  })
}

function verifyEntryProof(
  entry: LogEntry,
  version: BundleVersion,
  body: EntryBody,
  log: TrustedLog,
  time: VerifiedTime | undefined,
): void {
  if (entry.proof !== undefined) {
    // On Rekor v1 the outer index counts all shards and the proof has its own; on v2 there is one.
    const index = body.api === 1 ? entry.proof.logIndex : entry.logIndex
    verifyProof(entry.proof, body.leaf, index, log, body.api)
    return
  }
  if (version === '0.1' && time !== undefined && time.at < PROOFS_SINCE) return
  throw new ActionError('TLOG_PROOF_MISSING', 'the log entry comes without a proof that it is in the log')
}
