import { encodeUtf8 } from '../core/bytes.ts'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import { assertName, nativePath, type PathParts } from './paths.ts'
import { findRoot, type Places, resolveWritten, rootsOf } from './roots.ts'
import type { BundlePlace } from './sign-inputs.ts'
import type { Subject } from './subjects.ts'

/** File systems take 255 bytes a name. */
const MAX_NAME_BYTES = 255
const EXTENSION = '.sigstore.json'

/** What attestations beside a file are called: `<file>.<kind>.sigstore.json`. */
export const BUNDLE_KINDS = ['provenance', 'sbom', 'attestation'] as const

type Placed = Pick<Subject, 'name' | 'path'>

/**
 * Where the bundle of each subject goes, absolute, in the order of the subjects; with `.jsonl` it is one path for all.
 * OUTPUT_PATH for a place outside the workspace and RUNNER_TEMP, one that two bundles claim, one that is itself a
 * subject, and a name that is too long.
 */
export function placeBundles(
  subjects: readonly Placed[],
  place: BundlePlace,
  places: Places,
): readonly string[] {
  const paths = targetsOf(subjects, place, places)
  assertSeparate(subjects, paths, place, places)
  return paths
}

function targetsOf(subjects: readonly Placed[], place: BundlePlace, places: Places): readonly string[] {
  if (place.kind === 'beside') {
    return subjects.map(({ path, name }) => assertLength(`${path}${EXTENSION}`, name, places))
  }
  const parts = resolvePlace(place.path, places)
  if (place.kind === 'folder') {
    return subjects.map(({ path, name }) => {
      const file = { prefix: parts.prefix, segments: [...parts.segments, baseName(path, places) + EXTENSION] }
      return assertLength(nativePath(file, places.platform), name, places)
    })
  }
  if (place.kind === 'file' && subjects.length > 1) {
    throw new ActionError(
      'OUTPUT_PATH',
      `\`bundle-path\` ${quote(place.path)} is one file for one bundle, and there are ${subjects.length} subjects`,
    )
  }
  const path = assertLength(nativePath(parts, places.platform), place.path, places)
  return subjects.map(() => path)
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

function assertSeparate(
  subjects: readonly Placed[],
  paths: readonly string[],
  place: BundlePlace,
  places: Places,
): void {
  const files = new Map(subjects.map((subject) => [keyOf(subject.path, places), subject]))
  const owners = new Map<string, Placed>()
  for (const [i, path] of paths.entries()) {
    const subject = subjects[i]
    const key = keyOf(path, places)
    const covered = files.get(key)
    if (covered !== undefined) {
      throw new ActionError(
        'OUTPUT_PATH',
        `the bundle would take the place of ${quote(covered.name)}, a subject`,
      )
    }
    const other = owners.get(key)
    if (subject === undefined || place.kind === 'lines') continue
    if (other !== undefined) {
      const both = `${quote(other.name)} and ${quote(subject.name)}`
      throw new ActionError('OUTPUT_PATH', `the bundles for ${both} would be one file, ${quote(path)}`)
    }
    owners.set(key, subject)
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
