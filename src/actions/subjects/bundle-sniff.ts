import { ActionError } from '../../errors.ts'
import type { Files } from '../../ports.ts'
import { MAX_BUNDLE_BYTES, parseBundle } from '../../sigstore/bundle.ts'

const MAX_LINES_BYTES = 1024 * 1024 * 1024
const BUNDLE = 'vnd.dev.sigstore.bundle'
const NEWLINE = 0x0a
const OPENING_BRACE = 0x7b

/** Whether a file of this name may be a Sigstore bundle, so that a look into it pays. */
export const mayBeBundle = (name: string): boolean => /\.(?:json|jsonl|sigstore|bundle)$/i.test(name)

/**
 * Whether the file, or every line of a `.jsonl`, is a bundle by the same strict parser that verifies: what merely looks
 * like one is an artifact. FILE_READ, FILE_CHANGED, FILE_OUTSIDE.
 */
export async function isBundleFile(files: Files, path: string, roots: readonly string[]): Promise<boolean> {
  const isLines = path.toLowerCase().endsWith('.jsonl')
  const bytes = await readAtMost(files, path, roots, isLines ? MAX_LINES_BYTES : MAX_BUNDLE_BYTES)
  // A cheap look first: most files are no bundles.
  if (bytes === undefined || bytes.find((byte) => byte > 0x20) !== OPENING_BRACE) return false
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(BUNDLE)) return false
  return isLines ? everyLine(bytes, isBundle) : isBundle(bytes)
}

/** undefined for a file that is larger than any bundle. */
async function readAtMost(
  files: Files,
  path: string,
  roots: readonly string[],
  most: number,
): Promise<Uint8Array | undefined> {
  try {
    return await files.read(path, roots, most)
  } catch (error) {
    if (error instanceof ActionError && error.code === 'FILE_TOO_LARGE') return undefined
    throw error
  }
}

function everyLine(bytes: Uint8Array, holds: (line: Uint8Array) => boolean): boolean {
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start)
    const end = newline < 0 ? bytes.length : newline
    if (end > start && !holds(bytes.subarray(start, end))) return false
    start = end + 1
  }
  return true
}

function isBundle(bytes: Uint8Array): boolean {
  try {
    parseBundle(bytes)
    return true
  } catch (error) {
    if (error instanceof ActionError) return false
    throw error
  }
}
