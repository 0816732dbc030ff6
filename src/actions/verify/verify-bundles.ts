import { encodeHex } from '../../core/bytes.ts'
import type { HashName } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Files } from '../../ports.ts'
import type { Artifact } from '../../sigstore/artifact.ts'
import { type Bundle, MAX_BUNDLE_BYTES, parseBundle } from '../../sigstore/bundle.ts'
import { type ClaimedDigest, claimedDigests, hashesFor } from '../../sigstore/claimed-digests.ts'
import { lineTooLong, readLines } from '../bundles/bundle-lines.ts'
import { inputPath, type Places } from '../job/roots.ts'

/** The name under which a bundle is spoken of, and its path unless it came from GitHub's store. */
export interface BundleName {
  readonly place: string
  readonly path?: string
}

/** A bundle on disk. */
export interface BundlePath extends BundleName {
  readonly path: string
}

/** A bundle that can be read, with what it claims to be about. Nothing of it is verified. */
export interface ReadableBundle extends BundleName {
  readonly bundle: Bundle
  readonly claims: readonly ClaimedDigest[]
  readonly hashes: readonly HashName[]
}

/** Or why it cannot be read. */
export type FoundBundle = ReadableBundle | (BundleName & { readonly error: ActionError })

/** Whether the bundle says that it is about the artifact. */
export const isAbout = ({ claims, hashes }: ReadableBundle, artifact: Artifact): boolean =>
  hashes.some((hash) => {
    const known = artifact.digest(hash)
    return known !== undefined && claims.includes(`${hash}:${encodeHex(known)}`)
  })

interface Reading {
  readonly files: Files
  readonly roots: readonly string[]
}

export function readBundle(source: Uint8Array, where: BundleName): FoundBundle {
  try {
    const bundle = parseBundle(source)
    return { ...where, bundle, claims: claimedDigests(bundle), hashes: hashesFor(bundle) }
  } catch (error) {
    if (error instanceof ActionError) return { ...where, error }
    throw error
  }
}

/**
 * The one bundle of a file, or in a `.jsonl` one a line, each dropped before the next is read. A file that cannot be
 * read is a bundle that cannot be read; it throws nothing that is foreseen.
 */
export async function* readBundles(
  where: BundlePath,
  { files, roots }: Reading,
): AsyncGenerator<FoundBundle, void, undefined> {
  try {
    if (where.path.endsWith('.jsonl')) yield* readBundleLines(where, { files, roots })
    else yield readBundle(await readCapped(where, { files, roots }), where)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    yield { ...where, error }
  }
}

/** One bundle a line, each dropped before the next is read. BUNDLE_MISSING if there is none. */
export async function* readBundleLines(
  { path, place }: BundlePath,
  { files, roots }: Reading,
): AsyncGenerator<FoundBundle, void, undefined> {
  const file = await files.open(path, roots)
  try {
    let isEmpty = true
    for await (const { number, bytes } of readLines(file)) {
      const where = { path, place: `${place}:${number}` }
      isEmpty = false
      yield bytes === undefined ? { ...where, error: lineTooLong() } : readBundle(bytes, where)
    }
    if (isEmpty) throw new ActionError('BUNDLE_MISSING', `${quote(place)} holds no bundle`)
  } finally {
    await file.close()
  }
}

async function readCapped({ path, place }: BundlePath, { files, roots }: Reading): Promise<Uint8Array> {
  try {
    return await files.read(path, roots, MAX_BUNDLE_BYTES)
  } catch (cause) {
    if (!(cause instanceof ActionError) || cause.code !== 'FILE_TOO_LARGE') throw cause
    throw new ActionError('BUNDLE_TOO_LARGE', `${quote(place)} is larger than ${MAX_BUNDLE_BYTES} bytes`, {
      cause,
    })
  }
}

const BUNDLE_NAME = /\.(?:sigstore(?:\.jsonl?)?|jsonl)$/

/** The files that `bundle-path` means: the one that it names, or those in the folder that are called like bundles. BUNDLE_MISSING. */
export async function givenPlaces(
  written: string,
  files: Files,
  places: Places,
): Promise<readonly BundlePath[]> {
  const path = inputPath(written, places)
  const kind = await files.kind(path)
  if (kind === undefined)
    throw new ActionError('BUNDLE_MISSING', `there is nothing at \`bundle-path\` ${quote(written)}`)
  if (kind !== 'directory') return [{ path, place: written }]
  const folder = path.replace(/[/\\]$/, '') + (places.platform === 'win32' ? '\\' : '/')
  const found = (await files.list(path))
    .filter((entry) => entry.kind !== 'directory' && BUNDLE_NAME.test(entry.name))
    .map(({ name }) => ({ path: folder + name, place: name }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
  if (found.length > 0) return found
  throw new ActionError('BUNDLE_MISSING', `the folder ${quote(written)} holds no bundle`)
}
