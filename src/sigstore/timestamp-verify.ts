import { equalBytes } from '../core/bytes.ts'
import { digest } from '../core/digest.ts'
import { parseTimestampResponse, type TimestampToken, verifyTimestampToken } from '../core/timestamp-token.ts'
import type { Certificate } from '../core/x509.ts'
import { ActionError } from '../errors.ts'
import { type Authority, assertValidAt, firstThatHolds, TIME_STAMPING } from './authority.ts'
import type { VerifiedTime } from './evidence.ts'
import { isWithin, showTime, showWindow } from './window.ts'

interface Stamped {
  readonly time: VerifiedTime
  readonly authority: Authority
}

/**
 * Every RFC 3161 token of the bundle, each over the raw signature bytes, each by another authority of the trusted root.
 * One that does not verify fails the bundle: an unknown authority is not skipped.
 */
export function verifyTimestamps(
  timestamps: readonly Uint8Array[],
  signature: Uint8Array,
  authorities: readonly Authority[],
  now: number,
): readonly VerifiedTime[] {
  const stamped = timestamps.map((one) =>
    verifyTimestamp(parseTimestampResponse(one), signature, authorities, now),
  )
  if (new Set(stamped.map(({ authority }) => authority)).size !== stamped.length) {
    throw new ActionError('TLOG_DUPLICATE', 'two timestamps are by one authority')
  }
  return stamped.map(({ time }) => time)
}

function verifyTimestamp(
  token: TimestampToken,
  signature: Uint8Array,
  authorities: readonly Authority[],
  now: number,
): Stamped {
  if (!equalBytes(token.imprint.digest, digest(token.imprint.hash, signature))) {
    throw new ActionError('TSA_IMPRINT', 'the timestamp is not over the signature of this bundle')
  }
  const signers = authorities.filter(
    ({ certificates: [leaf] }) => leaf !== undefined && isNamedBy(token, leaf),
  )
  if (signers.length === 0) {
    throw new ActionError('TSA_SIGNER', 'no timestamp authority of the trusted root made the timestamp')
  }
  if (token.genTime > now) {
    throw new ActionError('TSA_TIME', 'the timestamp is from the future', {
      expected: `at most ${showTime(now)}`,
      found: showTime(token.genTime),
    })
  }
  return firstThatHolds(signers, (authority) => verifyAuthority(token, authority))
}

const isNamedBy = ({ signer }: TimestampToken, { issuer, serialNumber }: Certificate): boolean =>
  equalBytes(signer.issuer, issuer) && equalBytes(signer.serialNumber, serialNumber)

/**
 * One authority alone: its first certificate signed, its own chain leads to its own anchor, and its own window holds
 * the time. Pooling them would let a retired authority borrow another's validity.
 */
function verifyAuthority(token: TimestampToken, authority: Authority): Stamped {
  const [leaf] = authority.certificates
  const path = authority.signerPath(TIME_STAMPING)
  if (leaf === undefined || path === undefined) {
    throw new ActionError('TSA_SIGNER', 'the chain of the timestamp authority does not lead to its root')
  }
  assertTimestampingLeaf(leaf)
  verifyTimestampToken(token, leaf)
  const at = token.genTime
  if (!isWithin(at, authority.window)) {
    throw new ActionError('TSA_TIME', 'the timestamp authority was not in use at that time', {
      expected: showWindow(authority.window),
      found: showTime(at),
    })
  }
  assertAuthorityValidAt([leaf, ...path], at)
  const by = leaf.commonNames[0] ?? leaf.organizations[0] ?? 'timestamp authority'
  return { time: { source: 'timestamp authority', at, by }, authority }
}

function assertTimestampingLeaf({ extendedKeyUsage: usage, basicConstraints }: Certificate): void {
  const only = usage?.critical === true && usage.purposes.length === 1 && usage.purposes[0] === TIME_STAMPING
  if (only && basicConstraints?.ca !== true) return
  throw new ActionError('TSA_SIGNER', 'the certificate of the timestamp authority may not sign timestamps')
}

function assertAuthorityValidAt(certificates: readonly Certificate[], at: number): void {
  try {
    assertValidAt(certificates, at)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    const { expected, found } = error
    throw new ActionError('TSA_TIME', 'a certificate of the timestamp authority was not valid at that time', {
      ...(expected !== undefined && { expected }),
      ...(found !== undefined && { found }),
    })
  }
}
