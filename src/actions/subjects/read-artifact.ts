import { encodeHex } from '../../core/bytes.ts'
import { digest, type HashName, startDigest } from '../../core/digest.ts'
import { PAE_PREFIX, startsLikePae } from '../../core/dsse.ts'
import { ActionError } from '../../errors.ts'
import type { Files, OpenFile } from '../../ports.ts'
import { type Artifact, artifactOfBytes, artifactOfDigests } from '../../sigstore/artifact.ts'

export interface ReadArtifact {
  readonly artifact: Artifact
  /** SHA-256, hexadecimal. */
  readonly sha256: string
  readonly size: number
  /** Bytes of the file that the artifact keeps in memory. */
  readonly weight: number
}

/** Up to here the bytes are at hand for the engine that is quick with bytes; beyond, digests must do. */
const IN_MEMORY = 16 * 1024 * 1024

/** Reads the file once, for all the hashes that its bundles ask for. CANCELLED as soon as the job is. */
export async function readArtifact(
  files: Files,
  path: string,
  roots: readonly string[],
  hashes: ReadonlySet<HashName>,
  cancelled?: AbortSignal,
): Promise<ReadArtifact> {
  const file = await files.open(path, roots)
  try {
    return file.size <= IN_MEMORY ? await readWhole(file) : await readDigests(file, hashes, cancelled)
  } finally {
    await file.close()
  }
}

async function readWhole(file: OpenFile): Promise<ReadArtifact> {
  const bytes = new Uint8Array(file.size)
  let at = 0
  for await (const chunk of file.chunks()) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return {
    artifact: artifactOfBytes(bytes),
    sha256: encodeHex(digest('sha256', bytes)),
    size: at,
    weight: at,
  }
}

async function readDigests(
  file: OpenFile,
  hashes: ReadonlySet<HashName>,
  cancelled: AbortSignal | undefined,
): Promise<ReadArtifact> {
  const streams = [...new Set<HashName>(['sha256', ...hashes])].map((hash) => ({
    hash,
    stream: startDigest(hash),
  }))
  const start = startOfFile()
  for await (const chunk of file.chunks()) {
    // A file of many gigabytes takes longer than the runner waits before it kills.
    if (cancelled?.aborted) throw new ActionError('CANCELLED', 'the job was cancelled')
    start.update(chunk)
    for (const { stream } of streams) stream.update(chunk)
  }
  const digests: Partial<Record<HashName, Uint8Array>> = {}
  for (const { hash, stream } of streams) digests[hash] = stream.finish()
  return {
    artifact: artifactOfDigests(digests, start.looksSigned()),
    sha256: encodeHex(digests.sha256 ?? new Uint8Array()),
    size: file.size,
    weight: 0,
  }
}

/** Keeps the first bytes of a stream, however small its chunks are. */
export function startOfFile(): {
  readonly update: (chunk: Uint8Array) => void
  readonly looksSigned: () => boolean
} {
  const first = new Uint8Array(PAE_PREFIX.length)
  let length = 0
  return {
    update: (chunk) => {
      if (length === first.length) return
      const part = chunk.subarray(0, first.length - length)
      first.set(part, length)
      length += part.length
    },
    looksSigned: () => startsLikePae(first.subarray(0, length)),
  }
}
