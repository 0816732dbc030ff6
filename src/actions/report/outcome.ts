import type { ActionError } from '../../errors.ts'
import type { CertificateSigner, Evidence, Verified } from '../../sigstore/evidence.ts'
import type { Policy } from '../../sigstore/policy.ts'
import type { TrustInfo } from '../job/trust-source.ts'

/** What a run knows when it ends. Report, summary, outputs and recipes are made from it and from nothing else. */

/**
 * One subject and the one bundle that was made or checked for it. It failed if `error` is there, and is good if
 * `evidence` is there; with neither nothing was proven (a dry run, or a run that ended before its turn).
 */
export interface SubjectOutcome {
  /** As the user would write it: relative to the workspace with `/`, or absolute. */
  readonly name: string
  /** Absolute, in the platform's own form; absent for a subject without a file. */
  readonly path?: string
  /** SHA-256, hexadecimal. */
  readonly digest?: string
  /** Bytes. */
  readonly size?: number
  /** Absolute, in the platform's own form. */
  readonly bundlePath?: string
  /** Where the verified bundle came from: the disk, or GitHub's store of attestations. */
  readonly source?: 'file' | 'github'
  /** An earlier run made the bundle, and it still holds. */
  readonly kept?: boolean
  readonly evidence?: Verified<Evidence>
  /** Path of the signed statement of a verified attestation, which `evidence` then holds no more. */
  readonly statementPath?: string
  readonly error?: ActionError
  /** Where a good signature is by somebody else than the policy names: who that is. */
  readonly signer?: SignerIdentity
}

/** Who signs, or signed. */
export type SignerIdentity = Pick<CertificateSigner, 'name' | 'claims'>

/** What stands in a public log for ever although the run failed. */
export type PublicRecord =
  | {
      readonly kind: 'certificate'
      readonly identity: string
      readonly issuer?: string
      /** The answer was lost or unusable: the certificate may have been issued or not. */
      readonly perhaps?: true
    }
  | {
      readonly kind: 'entry'
      /** `baseUrl` of the log. */
      readonly log: string
      /** Absent if the answer was lost: the entry may be there or not. */
      readonly index?: bigint
      /** Name of the subject. */
      readonly subject?: string
    }

/** What stands somewhere besides the disk, put there by this run or found there by it with the very same bytes. */
export type PublishedRecord =
  | {
      readonly kind: 'release-asset'
      /** The tag of the release, or its id. */
      readonly release: string
      /** As GitHub stored it. */
      readonly name: string
      /** SHA-256, hexadecimal. */
      readonly digest: string
      readonly size: number
      readonly url?: string
      /** It was there before. */
      readonly kept?: true
    }
  | { readonly kind: 'release'; readonly release: string; readonly url: string }
  | {
      readonly kind: 'artifact'
      readonly id: string
      readonly name: string
      readonly digest: string
      readonly url: string
    }
  | {
      readonly kind: 'attestation'
      /** GitHub's own, and its page; absent where GitHub's answer was lost, or the attestation was there before. */
      readonly id?: string
      readonly url?: string
      /** Path of the bundle. */
      readonly bundle: string
      readonly kept?: true
    }

/** A bundle, or a line of one, that proved nothing about a subject and is no failure either. */
export interface UnusedBundle {
  readonly bundle: string
  /** In words: `for no subject`, `predicate type … was not asked for`. */
  readonly reason: string
}

interface Outcome {
  /** Version of the action, as in package.json. */
  readonly version: string
  /** Milliseconds since 1970. */
  readonly started: number
  readonly finished: number
  readonly trust?: TrustInfo
  readonly subjects: readonly SubjectOutcome[]
  /** Sentences a reader of the result should know, such as that a file is empty. */
  readonly notes?: readonly string[]
  /** There exactly if the result is `failed`. */
  readonly error?: ActionError
}

export interface SignOutcome extends Outcome {
  readonly action: 'sign'
  readonly result: 'signed' | 'empty' | 'dry-run' | 'failed'
  /** Of the certificate or, before there is one, of the token. */
  readonly identity?: SignerIdentity
  /** The release that bundles are attached to, and its page. */
  readonly release?: { readonly tag: string; readonly url: string }
  /** In the order in which it was done; of a failed run what was done before. */
  readonly published?: readonly PublishedRecord[]
  /** Empty unless the run failed. */
  readonly public: readonly PublicRecord[]
}

export interface VerifyOutcome extends Outcome {
  readonly action: 'verify'
  readonly result: 'verified' | 'failed'
  readonly policy?: Policy
  /** Where the assets of a release are, all of them verified. */
  readonly downloadPath?: string
  readonly unused?: readonly UnusedBundle[]
}

export type ActionOutcome = SignOutcome | VerifyOutcome
