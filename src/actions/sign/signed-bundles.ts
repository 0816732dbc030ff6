import { encodeHex } from '../../core/bytes.ts'
import { digest } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Files } from '../../ports.ts'
import { MAX_BUNDLE_BYTES } from '../../sigstore/bundle.ts'
import { readLines } from '../bundles/bundle-lines.ts'
import type { SubjectOutcome } from '../report/outcome.ts'

/** A bundle that was verified, with the outcome of each of its subjects. */
export interface ProvenBundle {
  readonly rows: readonly SubjectOutcome[]
  /** One line of JSON, without its end. */
  readonly text: Uint8Array
  /** It was found on the release, and its place here lacks it or has another. */
  readonly isElsewhere?: boolean
}

/** A bundle that this run wrote or kept, for whatever hands it on. Its bytes are on the disk; the digest holds them fast. */
export interface SignedBundle {
  readonly kind: 'message' | 'attestation'
  /** Absolute. With `bundle-path: ….jsonl` all bundles have the same one, and each is a line of it. */
  readonly path: string
  /** SHA-256 of its text, hexadecimal. */
  readonly digest: string
  readonly kept: boolean
  /** Its outcomes: names, digests, evidence. */
  readonly subjects: readonly SubjectOutcome[]
}

export const signedBundle = (
  kind: SignedBundle['kind'],
  path: string,
  { rows, text }: ProvenBundle,
): SignedBundle => ({
  kind,
  path,
  digest: encodeHex(digest('sha256', text)),
  kept: rows.every(({ kept }) => kept === true),
  subjects: rows,
})

/**
 * The bundles with their bytes, read again from the disk, one at a time: those of one file together. FILE_CHANGED for one
 * that is no longer what was verified.
 */
export async function* readSignedBundles(
  files: Files,
  roots: readonly string[],
  bundles: readonly SignedBundle[],
): AsyncGenerator<{ readonly bundle: SignedBundle; readonly text: Uint8Array }, void, undefined> {
  for (const [path, wanted] of Map.groupBy(bundles, (one) => one.path)) {
    const missing = new Map(wanted.map((bundle) => [bundle.digest, bundle]))
    for await (const text of textsOf(files, roots, path)) {
      const bundle = missing.get(encodeHex(digest('sha256', text)))
      if (bundle === undefined) continue
      missing.delete(bundle.digest)
      yield { bundle, text }
    }
    if (missing.size > 0) throw new ActionError('FILE_CHANGED', `${quote(path)} is not what was written`)
  }
}

/** FILE_CHANGED unless these are the bytes that the run left in that file with bundles: what is handed on was verified. */
export function assertUnchanged(
  path: string,
  sha256: string,
  { files }: { readonly files: ReadonlyMap<string, string> },
): void {
  if (files.get(path) === sha256) return
  throw new ActionError('FILE_CHANGED', `${quote(path)} is not what was written`)
}

async function* textsOf(
  files: Files,
  roots: readonly string[],
  path: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!path.endsWith('.jsonl')) {
    yield await files.read(path, roots, MAX_BUNDLE_BYTES)
    return
  }
  const file = await files.open(path, roots)
  try {
    for await (const { bytes } of readLines(file)) if (bytes !== undefined) yield bytes
  } finally {
    await file.close()
  }
}
