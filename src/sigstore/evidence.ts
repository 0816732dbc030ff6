import type { Certificate } from '../core/x509.ts'

declare const verified: unique symbol

/** Only the verifier makes this type; whatever is written, published or reported as good demands it. */
export type Verified<T> = T & { readonly [verified]: true }

/**
 * Fulcio's extensions 1.3.6.1.4.1.57264.1.8 to .24 as text, `.1` standing in for an absent `.8`.
 * Source: fulcio docs/oid-info.md.
 */
export interface Claims {
  readonly issuer?: string
  readonly buildSignerUri?: string
  readonly buildSignerDigest?: string
  readonly runnerEnvironment?: string
  readonly sourceRepositoryUri?: string
  readonly sourceRepositoryDigest?: string
  readonly sourceRepositoryRef?: string
  readonly sourceRepositoryIdentifier?: string
  readonly sourceRepositoryOwnerUri?: string
  readonly sourceRepositoryOwnerIdentifier?: string
  readonly buildConfigUri?: string
  readonly buildConfigDigest?: string
  readonly buildTrigger?: string
  readonly runInvocationUri?: string
  readonly sourceRepositoryVisibility?: string
  readonly deploymentEnvironment?: string
  readonly tokenSubject?: string
}

/** The one subject alternative name of a Fulcio certificate. */
export interface SubjectName {
  readonly type: 'uri' | 'email' | 'otherName'
  readonly value: string
}

export interface CertificateSigner {
  readonly kind: 'certificate'
  readonly certificate: Certificate
  readonly name: SubjectName
  readonly claims: Claims
}

/** A long-lived key, given from outside; only the conformance programs accept one. */
export interface KeySigner {
  readonly kind: 'key'
  readonly hint: string
}

export interface VerifiedTime {
  readonly source: 'transparency log' | 'timestamp authority'
  /** Milliseconds since 1970. */
  readonly at: number
  /** Who vouches: host name of the log, or name of the authority. */
  readonly by: string
}

export interface VerifiedEntry {
  /** `baseUrl` of the log in the trusted root. */
  readonly log: string
  /** Hexadecimal. */
  readonly logId: string
  /** The index that the log's users know: on Rekor v1 the global one, which the promise signs. */
  readonly index: bigint
  /** Nothing signs the global one, for want of a promise: `index` is the proven one, in the tree of this shard. */
  readonly ofTree?: true
  readonly kind: string
  readonly version: string
}

export interface VerifiedSct {
  /** `baseUrl` of the log in the trusted root. */
  readonly log: string
  readonly at: number
}

export interface StatementSubject {
  readonly name?: string
  readonly digest: Readonly<Record<string, string>>
}

export interface Statement {
  readonly type: string
  readonly predicateType: string
  readonly subjects: readonly StatementSubject[]
  /** The signed bytes. */
  readonly payload: Uint8Array
}

/** What a verified bundle proves. */
export interface Evidence {
  readonly signer: CertificateSigner | KeySigner
  /** The statement of an attestation; absent for a message signature. */
  readonly statement?: Statement
  readonly entries: readonly VerifiedEntry[]
  /** All of them, earliest first. */
  readonly times: readonly VerifiedTime[]
  readonly scts: readonly VerifiedSct[]
  /** Each check that was made, in words. */
  readonly checks: readonly string[]
}
