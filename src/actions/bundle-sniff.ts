import { concatBytes } from '../core/bytes.ts'
import type { Files, OpenFile } from '../ports.ts'

/** Larger ones are no bundles, whatever they hold. */
const MAX_BYTES = 32 * 1024 * 1024
const BUNDLE = 'vnd.dev.sigstore.bundle'
const NEWLINE = 0x0a
const OPENING_BRACE = 0x7b

/** Whether a file of this name may be a Sigstore bundle, so that a look into it pays. */
export const mayBeBundle = (name: string): boolean => /\.(?:json|jsonl|sigstore|bundle)$/i.test(name)

/**
 * Whether the file, or the first line of a `.jsonl`, is a JSON object with a bundle's media type. Decided by content:
 * an artifact may have any name. FILE_READ, FILE_CHANGED, FILE_OUTSIDE.
 */
export async function isBundleFile(files: Files, path: string, roots: readonly string[]): Promise<boolean> {
  const file = await files.open(path, roots)
  try {
    const isLines = path.toLowerCase().endsWith('.jsonl')
    const start = isLines || file.size <= MAX_BYTES ? await readStart(file, isLines) : undefined
    return start !== undefined && isBundleText(Buffer.from(start).toString())
  } finally {
    await file.close()
  }
}

/** The file or its first line; undefined as soon as it cannot be a JSON object of fitting size. */
async function readStart(file: OpenFile, isLines: boolean): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let size = 0
  let opened = false
  for await (const chunk of file.chunks()) {
    const { part, ended } = isLines ? cutLine(chunk) : { part: chunk, ended: false }
    const first: number | undefined = opened ? OPENING_BRACE : part.find((byte) => byte > 0x20)
    size += part.length
    if (size > MAX_BYTES || (first ?? OPENING_BRACE) !== OPENING_BRACE) return undefined
    opened ||= first !== undefined
    parts.push(Uint8Array.from(part))
    if (ended) break
  }
  return opened ? concatBytes(...parts) : undefined
}

function cutLine(chunk: Uint8Array): { readonly part: Uint8Array; readonly ended: boolean } {
  const end = chunk.indexOf(NEWLINE)
  return end < 0 ? { part: chunk, ended: false } : { part: chunk.subarray(0, end), ended: true }
}

function isBundleText(text: string): boolean {
  if (!text.includes(BUNDLE)) return false
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('mediaType' in value)) return false
    return typeof value.mediaType === 'string' && value.mediaType.startsWith(`application/${BUNDLE}`)
  } catch {
    return false
  }
}
