import type { HashName } from '../core/digest.ts'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { Files } from '../ports.ts'
import { type Bundle, MAX_BUNDLE_BYTES, parseBundle } from '../sigstore/bundle.ts'
import { type ClaimedDigest, claimedDigests, hashesFor } from '../sigstore/claimed-digests.ts'
import { usualBundlePaths } from './bundle-places.ts'
import { inputPath, type Places } from './roots.ts'
import type { Subject } from './subjects.ts'

/** A bundle that was found, with what it claims to be about, or why it cannot be read. Nothing of it is verified. */
export type FoundBundle =
  | {
      readonly place: string
      readonly path: string
      readonly bundle: Bundle
      readonly claims: readonly ClaimedDigest[]
      readonly hashes: readonly HashName[]
    }
  | { readonly place: string; readonly path: string; readonly error: ActionError }

/** A bundle, and the path and name under which it is spoken of. */
export interface BundlePath {
  readonly path: string
  readonly place: string
}

const MAX_LINES_BYTES = 1024 * 1024 * 1024

export function readBundle(source: Uint8Array | string, where: BundlePath): FoundBundle {
  try {
    const bundle = parseBundle(source)
    return { ...where, bundle, claims: claimedDigests(bundle), hashes: hashesFor(bundle) }
  } catch (error) {
    if (error instanceof ActionError) return { ...where, error }
    throw error
  }
}

/** One bundle, or in a `.jsonl` one a line. FILE_READ and its like if the file itself cannot be read. */
export async function readBundleFile(
  files: Files,
  where: BundlePath,
  roots: readonly string[],
): Promise<readonly FoundBundle[]> {
  if (!where.path.endsWith('.jsonl')) return [readBundle(await readCapped(files, where, roots), where)]
  const bytes = await files.read(where.path, roots, MAX_LINES_BYTES)
  const found: FoundBundle[] = []
  for (const [i, line] of splitLines(bytes).entries()) {
    if (line.length === 0) continue
    found.push(readBundle(line, { path: where.path, place: `${where.place}:${i + 1}` }))
  }
  if (found.length === 0) throw new ActionError('BUNDLE_MISSING', `${quote(where.place)} holds no bundle`)
  return found
}

async function readCapped(
  files: Files,
  { path, place }: BundlePath,
  roots: readonly string[],
): Promise<Uint8Array> {
  try {
    return await files.read(path, roots, MAX_BUNDLE_BYTES)
  } catch (cause) {
    if (!(cause instanceof ActionError) || cause.code !== 'FILE_TOO_LARGE') throw cause
    throw new ActionError('BUNDLE_TOO_LARGE', `${quote(place)} is larger than ${MAX_BUNDLE_BYTES} bytes`, {
      cause,
    })
  }
}

function splitLines(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = []
  let start = 0
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    lines.push(bytes.subarray(start, bytes[end - 1] === 0x0d && end > start ? end - 1 : end))
    start = end + 1
  }
  if (start < bytes.length) lines.push(bytes.subarray(start))
  return lines
}

/** What lies beside the subject, or else by kind in the root of the workspace. */
export async function bundlesBeside(
  files: Files,
  subject: Subject,
  places: Places,
  roots: readonly string[],
): Promise<readonly FoundBundle[]> {
  const found: FoundBundle[] = []
  for (const path of usualBundlePaths(subject, places)) {
    const isBeside = path.startsWith(subject.path)
    if (!isBeside && found.length > 0) break
    if ((await files.kind(path)) === undefined) continue
    found.push(...(await readBundleFile(files, { path, place: path }, roots)))
  }
  return found
}

/** The bundles of the file, folder or `.jsonl` that `bundle-path` names. */
export async function givenBundles(
  written: string,
  {
    world: { files },
    job,
    roots,
  }: { readonly world: { readonly files: Files }; readonly job: Places; readonly roots: readonly string[] },
): Promise<readonly FoundBundle[]> {
  const path = inputPath(written, job)
  const kind = await files.kind(path)
  if (kind === undefined)
    throw new ActionError('BUNDLE_MISSING', `there is nothing at \`bundle-path\` ${quote(written)}`)
  if (kind !== 'directory') return readBundleFile(files, { path, place: written }, roots)
  const separator = job.platform === 'win32' ? '\\' : '/'
  const names = (await files.list(path))
    .filter((entry) => entry.kind !== 'directory' && BUNDLE_NAME.test(entry.name))
    .map(({ name }) => name)
    .sort()
  const found: FoundBundle[] = []
  for (const name of names) {
    found.push(
      ...(await readBundleFile(
        files,
        { path: path.replace(/[/\\]$/, '') + separator + name, place: name },
        roots,
      )),
    )
  }
  if (found.length > 0) return found
  throw new ActionError('BUNDLE_MISSING', `the folder ${quote(written)} holds no bundle`)
}

const BUNDLE_NAME = /\.(?:sigstore(?:\.jsonl?)?|jsonl)$/
