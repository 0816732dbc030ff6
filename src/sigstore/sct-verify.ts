import { encodeHex } from '../core/bytes.ts'
import { digest } from '../core/digest.ts'
import { signatureMatches } from '../core/public-key.ts'
import { encodeSctSignedData, parseSctList, SCT_LIST_OID, type Sct } from '../core/sct.ts'
import { type Certificate, encodeTbsWithout } from '../core/x509.ts'
import { ActionError } from '../errors.ts'
import type { VerifiedSct } from './evidence.ts'
import type { TrustedLog, TrustedRoot } from './trusted-root.ts'
import { isWithin, showTime, showWindow } from './window.ts'

interface ProvenScts {
  readonly issuer: Certificate
  readonly trust: TrustedRoot
  readonly now: number
  readonly scts: readonly VerifiedSct[]
}

/** By the leaf, which the bundles of one batch share. A failure is not kept. */
const proven = new WeakMap<Certificate, ProvenScts>()

/**
 * Every SCT of the leaf (RFC 6962 3.2, embedded), at least one. The issuer is the one of the verified path: two
 * authorities of one name have different keys. Verified once for one issuer and trusted root. Time only goes on: what was
 * not from the future then is not now.
 */
export function verifyScts(
  leaf: Certificate,
  issuer: Certificate,
  trust: TrustedRoot,
  now: number,
): readonly VerifiedSct[] {
  const known = proven.get(leaf)
  if (known?.trust === trust && known.issuer === issuer && known.now <= now) return known.scts
  const scts = proveScts(leaf, issuer, trust, now)
  proven.set(leaf, { issuer, trust, now, scts })
  return scts
}

function proveScts(
  leaf: Certificate,
  issuer: Certificate,
  trust: TrustedRoot,
  now: number,
): readonly VerifiedSct[] {
  const extension = leaf.extensions.find(({ oid }) => oid === SCT_LIST_OID)
  if (trust.isGitHub) return withoutLog(extension !== undefined)
  if (extension === undefined) {
    throw new ActionError('SCT_MISSING', 'the certificate holds no promise of a certificate transparency log')
  }
  const scts = parseSctList(extension.value)
  if (scts.length === 0)
    throw new ActionError('SCT_MISSING', 'the list of promises in the certificate is empty')
  const tbs = encodeTbsWithout(leaf, SCT_LIST_OID)
  const issuerKeyHash = digest('sha256', issuer.publicKey.spki)
  assertDistinctLogs(scts)
  return scts.map((sct) => verifySct(sct, encodeSctSignedData(sct, issuerKeyHash, tbs), trust, now))
}

/** Two of one log prove no more than one, and @sigstore/verify refuses them. */
function assertDistinctLogs(scts: readonly Sct[]): void {
  if (new Set(scts.map(({ logId }) => encodeHex(logId))).size === scts.length) return
  throw new ActionError('SCT_INVALID', 'two promises are of one certificate transparency log')
}

function withoutLog(hasScts: boolean): readonly VerifiedSct[] {
  if (!hasScts) return []
  throw new ActionError('SCT_UNKNOWN_LOG', 'the trusted root names no certificate transparency log')
}

function verifySct(sct: Sct, signed: Uint8Array, trust: TrustedRoot, now: number): VerifiedSct {
  const id = encodeHex(sct.logId)
  const log = trust.certificateLogs.get(id)
  if (log === undefined) {
    throw new ActionError(
      'SCT_UNKNOWN_LOG',
      `the certificate transparency log ${id} is not in the trusted root`,
    )
  }
  assertSctTime(sct, log, now)
  const typeFits = log.key.type === sct.signatureType
  if (!typeFits || !signatureMatches(log.key, sct.hash, signed, sct.signature)) {
    throw new ActionError('SCT_INVALID', `the promise of ${log.baseUrl} is not about this certificate`)
  }
  return { log: log.baseUrl, at: sct.timestamp }
}

function assertSctTime({ timestamp }: Sct, log: TrustedLog, now: number): void {
  if (timestamp > now) {
    throw new ActionError('SCT_INVALID', `the promise of ${log.baseUrl} is from the future`, {
      expected: `at most ${showTime(now)}`,
      found: showTime(timestamp),
    })
  }
  if (isWithin(timestamp, log.window)) return
  throw new ActionError('SCT_UNKNOWN_LOG', `${log.baseUrl} was not in use when it promised`, {
    expected: showWindow(log.window),
    found: showTime(timestamp),
  })
}
