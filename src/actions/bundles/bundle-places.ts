import { encodeUtf8 } from '../../core/bytes.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { BundlePlace } from '../inputs/sign-inputs.ts'
import { assertName, nativePath, type PathParts } from '../job/paths.ts'
import { findRoot, type Places, resolveWritten, rootsOf } from '../job/roots.ts'
import type { Subject } from '../subjects/subjects.ts'

/** File systems take 255 bytes a name. */
const MAX_NAME_BYTES = 255
const EXTENSION = '.sigstore.json'

/** What attestations beside a file are called: `<file>.<kind>.sigstore.json`. */
export const BUNDLE_KINDS = ['provenance', 'sbom', 'attestation'] as const

export type BundleKind = (typeof BUNDLE_KINDS)[number]

type Placed = Pick<Subject, 'name' | 'path'>

/** A bundle that needs a place. */
export interface Placeable {
  /** How a message speaks of what it is about. */
  readonly name: string
  /** Of its one file, absolute; absent for a bundle over several subjects, or over one that has no file. */
  readonly path?: string
  /** Of an attestation; a signature has none. */
  readonly kind?: BundleKind
  /** What a folder of bundles calls it if it has no file: the kind alone, unless this is there. */
  readonly stem?: string
}

/**
 * Where each bundle goes, absolute, in the order given; with `.jsonl` it is one path for all. `files` are all subjects that
 * have a file. OUTPUT_PATH for a place outside the workspace and RUNNER_TEMP, one that two bundles claim, one that is
 * itself a subject, and a name that is too long.
 */
export function placeBundles(
  bundles: readonly Placeable[],
  files: readonly Placed[],
  place: BundlePlace,
  places: Places,
): readonly string[] {
  const paths = targetsOf(bundles, place, places)
  assertUncovered(files, paths, places)
  if (place.kind !== 'lines') assertSeparate(bundles, paths, places)
  return paths
}

function targetsOf(bundles: readonly Placeable[], place: BundlePlace, places: Places): readonly string[] {
  if (place.kind === 'beside') {
    const [root] = rootsOf(places)
    return bundles.map((one) =>
      one.path === undefined
        ? pathIn(root, { name: one.name, ...(one.kind !== undefined && { kind: one.kind }) }, places)
        : assertLength(one.path + suffixOf(one), one.name, places),
    )
  }
  const parts = resolvePlace(place.path, places)
  if (place.kind === 'folder') return bundles.map((one) => pathIn(parts, one, places))
  if (place.kind === 'file' && bundles.length > 1) {
    throw new ActionError(
      'OUTPUT_PATH',
      `\`bundle-path\` ${quote(place.path)} is one file for one bundle, and there are ${bundles.length}`,
    )
  }
  const path = assertLength(nativePath(parts, places.platform), place.path, places)
  return bundles.map(() => path)
}

const suffixOf = ({ kind }: Placeable): string => (kind === undefined ? EXTENSION : `.${kind}${EXTENSION}`)

function pathIn(folder: PathParts, bundle: Placeable, places: Places): string {
  const stem = bundle.path === undefined ? bundle.stem : baseName(bundle.path, places)
  const file = stem === undefined ? suffixOf(bundle).slice(1) : stem + suffixOf(bundle)
  assertName([file], places.platform)
  const path = nativePath({ prefix: folder.prefix, segments: [...folder.segments, file] }, places.platform)
  return assertLength(path, bundle.name, places)
}

function resolvePlace(written: string, places: Places): PathParts {
  if (places.platform !== 'win32' && written.endsWith('\\')) {
    throw new ActionError(
      'OUTPUT_PATH',
      `\`bundle-path\` ${quote(written)} ends in \`\\\`; a folder ends in \`/\``,
    )
  }
  const parts = resolveWritten(written, places)
  if (findRoot(parts, places) === undefined) {
    throw new ActionError(
      'OUTPUT_PATH',
      `\`bundle-path\` ${quote(written)} lies outside the workspace and RUNNER_TEMP`,
    )
  }
  assertName(parts.segments, places.platform)
  return parts
}

const baseName = (path: string, { platform }: Places): string =>
  path.slice(Math.max(path.lastIndexOf('/'), platform === 'win32' ? path.lastIndexOf('\\') : -1) + 1)

function assertLength(path: string, name: string, places: Places): string {
  const bytes = encodeUtf8(baseName(path, places)).length
  if (bytes <= MAX_NAME_BYTES) return path
  throw new ActionError(
    'OUTPUT_PATH',
    `the bundle for ${quote(name)} would have a name of ${bytes} bytes; ${MAX_NAME_BYTES} is the most`,
  )
}

/** One key for all spellings that a file system may take for the same file. */
const keyOf = (path: string, { platform }: Places): string =>
  platform === 'linux' ? path : path.normalize('NFC').toLowerCase()

function assertUncovered(files: readonly Placed[], paths: readonly string[], places: Places): void {
  const taken = new Set(paths.map((path) => keyOf(path, places)))
  const covered = files.find(({ path }) => taken.has(keyOf(path, places)))
  if (covered === undefined) return
  throw new ActionError('OUTPUT_PATH', `a bundle would take the place of ${quote(covered.name)}, a subject`)
}

function assertSeparate(bundles: readonly Placeable[], paths: readonly string[], places: Places): void {
  const owners = new Map<string, Placeable>()
  for (const [i, bundle] of bundles.entries()) {
    const path = paths[i] ?? ''
    const other = owners.get(keyOf(path, places))
    if (other !== undefined) {
      const both = `${quote(other.name)} and ${quote(bundle.name)}`
      throw new ActionError('OUTPUT_PATH', `the bundles for ${both} would be one file, ${quote(path)}`)
    }
    owners.set(keyOf(path, places), bundle)
  }
}

/** Where a bundle for this one file usually lies, absolute, in the order in which to look: plain, by kind, the old extension. */
export const besideBundlePaths = (path: string): readonly string[] => [
  `${path}${EXTENSION}`,
  ...BUNDLE_KINDS.map((kind) => `${path}.${kind}${EXTENSION}`),
  `${path}.sigstore`,
]

/** Where the attestations over several subjects usually lie, absolute: by kind in the root of the workspace. */
export function rootBundlePaths(places: Places): readonly string[] {
  const [{ prefix, segments }] = rootsOf(places)
  return BUNDLE_KINDS.map((kind) =>
    nativePath({ prefix, segments: [...segments, `${kind}${EXTENSION}`] }, places.platform),
  )
}
