import { encodeHex } from '../../core/bytes.ts'
import type { EphemeralKey } from '../../core/ephemeral-key.ts'
import { quote } from '../../core/printable.ts'
import { signatureMatchesDigest, startSignatureCheck } from '../../core/public-key.ts'
import { ActionError } from '../../errors.ts'
import type { DigestElsewhere, World } from '../../ports.ts'
import type { Artifact } from '../../sigstore/artifact.ts'
import { startOfFile } from '../subjects/read-artifact.ts'
import type { Subject } from '../subjects/subjects.ts'

/** A file, its signature, and what is needed to check it again without reading again. */
export interface SignedFile {
  /** SHA-256. */
  readonly digest: Uint8Array
  /** ECDSA, DER. */
  readonly signature: Uint8Array
  readonly size: number
  readonly artifact: Artifact
}

/** Up to here the bytes feed a check beside digest and signature; beyond, the slower check by digest costs less. */
const CHECKED_IN_PASSING = 16 * 1024 * 1024

/** From here on the digest is made on another thread: starting one takes as long as a digest over some 30 MiB. */
const LARGE = 64 * 1024 * 1024

/** Reads the file once: the same bytes feed the digest, the signature and, in files of usual size, the check. */
export async function signFile(
  { files, cancelled, digestElsewhere }: Pick<World, 'files' | 'cancelled' | 'digestElsewhere'>,
  subject: Subject,
  roots: readonly string[],
  key: EphemeralKey,
): Promise<SignedFile> {
  const file = await files.open(subject.path, roots)
  try {
    const signing = file.size < LARGE ? startHere(key) : startOnTwoThreads(key, digestElsewhere())
    const check = file.size <= CHECKED_IN_PASSING ? startSignatureCheck('sha256') : undefined
    const start = startOfFile()
    for await (const chunk of file.chunks()) {
      if (cancelled.aborted) throw new ActionError('CANCELLED', 'the job was cancelled')
      start.update(chunk)
      const busy = signing.update(chunk)
      check?.update(chunk)
      // The next chunk may be written over this one.
      if (busy !== undefined) await busy
    }
    // The key signs nothing before the content was seen to be harmless.
    assertSignable(subject, start.looksSigned())
    const { digest: sha256, signature } = await signing.finish()
    assertExpected(subject, encodeHex(sha256))
    const artifact = artifactOf(sha256, check)
    return { digest: sha256, signature, size: file.size, artifact }
  } finally {
    await file.close()
  }
}

interface Signing {
  /** Resolves when the chunk is needed no more; undefined: at once. */
  readonly update: (chunk: Uint8Array) => Promise<void> | undefined
  readonly finish: () => Promise<{ readonly digest: Uint8Array; readonly signature: Uint8Array }>
}

function startHere(key: EphemeralKey): Signing {
  const signing = key.startSigning()
  return {
    update: (chunk) => {
      signing.update(chunk)
      return undefined
    },
    finish: async () => signing.finish(),
  }
}

/** The check that follows fails unless both threads saw the same bytes. */
function startOnTwoThreads(key: EphemeralKey, digesting: DigestElsewhere): Signing {
  const signing = key.startSignature()
  return {
    update: (chunk) => {
      const busy = digesting.update(chunk)
      signing.update(chunk)
      return busy
    },
    finish: async () => ({ digest: await digesting.finish(), signature: signing.finish() }),
  }
}

function artifactOf(sha256: Uint8Array, check: ReturnType<typeof startSignatureCheck> | undefined): Artifact {
  return {
    digest: (hash) => (hash === 'sha256' ? sha256 : undefined),
    signatureMatches: (key, hash, signature) => {
      if (hash !== 'sha256') return false
      return check === undefined
        ? signatureMatchesDigest(key, hash, sha256, signature)
        : check.matches(key, signature)
    },
    looksSigned: false,
  }
}

/** FILE_LOOKS_SIGNED. */
export function assertSignable({ name }: Subject, looksSigned: boolean): void {
  if (looksSigned) throw new ActionError('FILE_LOOKS_SIGNED', `${quote(name)} begins with \`DSSEv1 \``)
}

/** `found`: SHA-256, hexadecimal. FILE_DIGEST_MISMATCH, if a checksums file names another digest. */
export function assertExpected({ name, expectedDigest }: Subject, found: string): void {
  if (expectedDigest === undefined || expectedDigest === found) return
  throw new ActionError('FILE_DIGEST_MISMATCH', `${quote(name)} is not the file that the checksums name`, {
    expected: expectedDigest,
    found,
  })
}
