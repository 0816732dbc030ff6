import { equalBytes } from '../core/bytes.ts'
import { type Certificate, verifyIssued } from '../core/x509.ts'
import { ActionError } from '../errors.ts'
import type { Window } from './window.ts'
import { isWithin, showTime, showWindow } from './window.ts'

/** Issuing certificate first, trust anchor last. */
export type Path = readonly Certificate[]

/** A certificate or timestamp authority of the trusted root. */
export interface Authority {
  /** As the trusted root lists them: the last one is the trust anchor. */
  readonly certificates: readonly Certificate[]
  readonly window: Window
  /**
   * Every way from a certificate of the list to the anchor. What never changes (signatures, CA flags, path lengths,
   * key usage) is verified once, when the first leaf is looked at.
   */
  readonly paths: (purpose: string) => readonly Path[]
  /** Of those, the ways whose first certificate really issued the leaf; bundles of one batch share their leaf: see leaf.ts. */
  readonly pathsFrom: (leaf: Certificate) => readonly Path[]
  /** The way from the issuer of the first certificate to the anchor, for authorities whose first certificate signs. */
  readonly signerPath: (purpose: string) => Path | undefined
}

export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'

export function authorityOf(certificates: readonly Certificate[], window: Window): Authority {
  const paths = remembered((purpose) => findPaths(certificates, purpose))
  const pathsFrom = rememberedByLeaf((leaf) =>
    paths(CODE_SIGNING).filter(([issuer]) => issuer !== undefined && hasIssued(issuer, leaf)),
  )
  const signerPath = remembered((purpose) => {
    const [signer] = certificates
    return signer && paths(purpose).find(([issuer]) => issuer !== undefined && hasIssued(issuer, signer))
  })
  return { certificates, window, paths, pathsFrom, signerPath }
}

function remembered<R>(compute: (purpose: string) => R): (purpose: string) => R {
  const known = new Map<string, { readonly result: R }>()
  return (purpose) => {
    const found = known.get(purpose) ?? { result: compute(purpose) }
    known.set(purpose, found)
    return found.result
  }
}

function rememberedByLeaf(compute: (leaf: Certificate) => readonly Path[]): Authority['pathsFrom'] {
  const known = new WeakMap<Certificate, readonly Path[]>()
  return (leaf) => {
    const found = known.get(leaf) ?? compute(leaf)
    known.set(leaf, found)
    return found
  }
}

function findPaths(certificates: readonly Certificate[], purpose: string): readonly Path[] {
  const anchor = certificates.at(-1)
  if (anchor === undefined) return []
  const extend = (path: Path): readonly Path[] => {
    const last = path.at(-1)
    if (last === undefined || last === anchor) return [path]
    const next = certificates.filter((one) => !path.includes(one) && hasIssued(one, last))
    return next.flatMap((one) => extend([...path, one]))
  }
  return certificates.flatMap((one) => extend([one])).filter((path) => mayIssue(path, purpose))
}

function hasIssued(issuer: Certificate, child: Certificate): boolean {
  if (!equalBytes(issuer.subject, child.issuer)) return false
  try {
    verifyIssued(child, issuer)
    return true
  } catch {
    return false
  }
}

/** RFC 5280 6.1.4: each certificate of the path is a CA that may sign certificates, at this depth, for this purpose. */
const mayIssue = (path: Path, purpose: string): boolean =>
  path.every(({ basicConstraints, keyUsage, extendedKeyUsage }, depth) => {
    const length = basicConstraints?.pathLength ?? Number.POSITIVE_INFINITY
    const purposes = extendedKeyUsage?.purposes
    return (
      basicConstraints?.ca === true &&
      length >= depth &&
      (keyUsage === undefined || keyUsage.bits.has('keyCertSign')) &&
      (purposes === undefined || purposes.includes(purpose))
    )
  })

/** CERT_VALIDITY unless each of the certificates was valid at that time, both ends included. */
export function assertValidAt(certificates: readonly Certificate[], time: number): void {
  for (const { notBefore, notAfter, basicConstraints } of certificates) {
    const window = { start: notBefore, end: notAfter }
    if (isWithin(time, window)) continue
    const whose = basicConstraints?.ca === true ? 'a certificate of the authority' : 'the certificate'
    throw new ActionError('CERT_VALIDITY', `${whose} was not valid at the time of the signature`, {
      expected: showWindow(window),
      found: showTime(time),
    })
  }
}

interface Issued {
  readonly authority: Authority
  readonly path: Path
}

/**
 * The path from the issuer of the leaf to the anchor (RFC 5280 6.1, hybrid model). At each of the times an authority
 * that was in use and all certificates must be valid. Authorities are tried by signature: names alone decide nothing.
 */
export function verifyPath(
  leaf: Certificate,
  authorities: readonly Authority[],
  times: readonly number[],
): Path {
  const issued = authorities.flatMap((authority) =>
    authority.pathsFrom(leaf).map((path) => ({ authority, path })),
  )
  if (issued.length === 0) {
    throw new ActionError('CERT_CHAIN', 'no certificate authority of the trusted root issued the certificate')
  }
  const [path] = times.map((time) => verifyAt(leaf, issued, time))
  if (path === undefined)
    throw new ActionError('TIME_MISSING', 'there is no verified time to judge the certificate by')
  return path
}

function verifyAt(leaf: Certificate, issued: readonly Issued[], time: number): Path {
  const current = issued.filter(({ authority }) => isWithin(time, authority.window))
  if (current.length === 0) {
    throw new ActionError(
      'CERT_VALIDITY',
      'the certificate authority was not in use at the time of the signature',
      {
        expected: issued.map(({ authority }) => showWindow(authority.window)).join(' or '),
        found: showTime(time),
      },
    )
  }
  return firstThatHolds(current, ({ path }) => {
    assertValidAt([leaf, ...path], time)
    return path
  })
}

/** The result of the first candidate that does not throw; else what the last one threw. At least one candidate. */
export function firstThatHolds<T, R>(candidates: readonly T[], attempt: (candidate: T) => R): R {
  let failure: unknown
  for (const candidate of candidates) {
    try {
      return attempt(candidate)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}
