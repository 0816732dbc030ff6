import type { HashName } from '../../core/digest.ts'
import { ActionError } from '../../errors.ts'
import type { Files, OpenFile } from '../../ports.ts'
import { type Bundle, MAX_BUNDLE_BYTES, parseBundle } from '../../sigstore/bundle.ts'
import { hashesFor } from '../../sigstore/claimed-digests.ts'
import { linesOf, readLines } from './bundle-lines.ts'

/**
 * What a file is by its content, whatever its name: one bundle, one bundle a line, or anything else. `hashes` are those
 * that the bundles need of their files. `fault` says why it is no bundle although it begins like one.
 */
export type AssetKind =
  | { readonly kind: 'bundle' | 'lines'; readonly hashes: ReadonlySet<HashName> }
  | { readonly kind: 'other'; readonly fault?: ActionError }

const OPENING_BRACE = 0x7b
/** RFC 8259 section 2. */
const WHITE: readonly number[] = [0x20, 0x09, 0x0a, 0x0d]

/** Judged by the same strict parser that verifies. Of a combined file no more than a line is in memory. */
export async function kindOfAsset(files: Files, path: string, roots: readonly string[]): Promise<AssetKind> {
  const { size, beginsLikeOne } = await lookAtStart(files, path, roots)
  if (!beginsLikeOne) return { kind: 'other' }
  const whole =
    size <= MAX_BUNDLE_BYTES ? tryBundle(await files.read(path, roots, MAX_BUNDLE_BYTES)) : undefined
  if (whole?.bundle !== undefined) return { kind: 'bundle', hashes: new Set(hashesFor(whole.bundle)) }
  return (await reading(files, path, roots, readEveryLine)) ?? { kind: 'other', ...whole }
}

/** The same of bytes at hand: the bundles, or undefined for anything else. */
export function bundlesOfAsset(bytes: Uint8Array): readonly Bundle[] | undefined {
  if (!beginsLikeBundle(bytes.subarray(0, FIRST_PIECE))) return undefined
  const whole = bytes.length <= MAX_BUNDLE_BYTES ? tryBundle(bytes).bundle : undefined
  if (whole !== undefined) return [whole]
  const lines = [...linesOf(bytes)].map((line) => tryBundle(line).bundle)
  return lines.every((line) => line !== undefined) ? lines : undefined
}

type Tried = { readonly bundle: Bundle } | { readonly bundle?: undefined; readonly fault: ActionError }

/** An envelope that says of nothing known that it is about it is none. */
function tryBundle(bytes: Uint8Array): Tried {
  try {
    const bundle = parseBundle(bytes)
    hashesFor(bundle)
    return { bundle }
  } catch (error) {
    if (error instanceof ActionError) return { fault: error }
    throw error
  }
}

/** Bytes that are looked at for the beginning of a bundle: nobody must be kept busy by more white space than that. */
const FIRST_PIECE = 512 * 1024

const beginsLikeBundle = (piece: Uint8Array): boolean =>
  piece.find((byte) => !WHITE.includes(byte)) === OPENING_BRACE

/** What has only white space in its first piece is no bundle. */
const lookAtStart = (files: Files, path: string, roots: readonly string[]) =>
  reading(files, path, roots, async (file) => {
    for await (const chunk of file.chunks()) {
      return { size: file.size, beginsLikeOne: beginsLikeBundle(chunk.subarray(0, FIRST_PIECE)) }
    }
    return { size: file.size, beginsLikeOne: false }
  })

async function reading<T>(
  files: Files,
  path: string,
  roots: readonly string[],
  use: (file: OpenFile) => Promise<T>,
): Promise<T> {
  const file = await files.open(path, roots)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

/** undefined unless each line is a bundle. */
async function readEveryLine(file: OpenFile): Promise<AssetKind | undefined> {
  const hashes = new Set<HashName>()
  let count = 0
  for await (const { bytes } of readLines(file)) {
    const bundle = bytes === undefined ? undefined : tryBundle(bytes).bundle
    if (bundle === undefined) return undefined
    for (const hash of hashesFor(bundle)) hashes.add(hash)
    count++
  }
  return count > 0 ? { kind: 'lines', hashes } : undefined
}
