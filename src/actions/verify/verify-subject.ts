import { parseHex } from '../../core/bytes.ts'
import type { HashName } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { World } from '../../ports.ts'
import { type Artifact, artifactOfDigests } from '../../sigstore/artifact.ts'
import type { Policy } from '../../sigstore/policy.ts'
import type { VerifyInputs } from '../inputs/verify-inputs.ts'
import type { Job } from '../job/job.ts'
import type { Trust } from '../job/trust-source.ts'
import type { AttestationStore } from '../publish/attestation-store.ts'
import type { SubjectOutcome } from '../report/outcome.ts'
import { readArtifact } from '../subjects/read-artifact.ts'
import type { Statements } from './statements.ts'

/** What is to be verified: a file, or something of which only a digest is known. */
export type VerifySubject =
  | {
      readonly kind: 'file'
      readonly name: string
      readonly path: string
      /** SHA-256, hexadecimal, where a checksums file names one. */
      readonly expectedDigest?: string
    }
  | {
      readonly kind: 'digest'
      readonly name: string
      /** Where the file would be, if a checksums file says so. */
      readonly path?: string
      readonly hash: HashName
      readonly hex: string
    }

/** All that one verification needs to know. */
export interface VerifyRun {
  readonly world: World
  readonly inputs: VerifyInputs
  readonly job: Job
  readonly roots: readonly string[]
  readonly policy: Policy
  readonly trust: Trust
  readonly statements: Statements
  /** An attestation must name the subject as it is called here. */
  readonly namesCount?: true
  /** Milliseconds since 1970, corrected by what GitHub says if it is asked. */
  readonly now: () => number
  /** GitHub's store; absent where it must not be asked. Throws where it cannot be. */
  readonly openStore?: () => AttestationStore
}

/** A subject whose digests are known. */
export interface ReadSubject {
  readonly artifact: Artifact
  /** What the report says of it, whatever becomes of its bundles. */
  readonly row: SubjectOutcome
  /** Bytes that the artifact keeps in memory. */
  readonly weight: number
}

/**
 * Reads the file once, for all the hashes that its bundles ask for. FILE_DIGEST_MISMATCH if it is not the one that the
 * checksums name; FILE_READ and its like.
 */
export async function readSubject(
  subject: VerifySubject,
  hashes: ReadonlySet<HashName>,
  { world, roots }: Pick<VerifyRun, 'world' | 'roots'>,
): Promise<ReadSubject> {
  const { name } = subject
  if (subject.kind === 'digest') {
    const value = parseHex(subject.hex, 'INPUT_DIGEST', 'the digest')
    const digest = subject.hash === 'sha256' ? { digest: subject.hex } : {}
    return { artifact: artifactOfDigests({ [subject.hash]: value }), row: { name, ...digest }, weight: 0 }
  }
  const { path, expectedDigest } = subject
  const { artifact, sha256, size, weight } = await readArtifact(
    world.files,
    path,
    roots,
    hashes,
    world.cancelled,
  )
  const row = { name, path, digest: sha256, size }
  if (expectedDigest === undefined || expectedDigest === sha256) return { artifact, row, weight }
  throw new ActionError('FILE_DIGEST_MISMATCH', `${quote(name)} is not the file that the checksums name`, {
    expected: `sha256:${expectedDigest}`,
    found: `sha256:${sha256}`,
  })
}

/** What is wrong with one subject stands in its row; that the job was cancelled ends all of them. */
export const isOfSubject = (error: unknown): error is ActionError =>
  error instanceof ActionError && error.code !== 'CANCELLED'

/** CANCELLED as soon as the job is. */
export function assertNotCancelled({ world }: VerifyRun): void {
  if (world.cancelled.aborted) throw new ActionError('CANCELLED', 'the job was cancelled')
}
