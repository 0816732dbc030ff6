import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Files } from '../../ports.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import { nativePath, type PathParts, parseAbsolute, segmentsBelow } from '../job/paths.ts'
import type { Places } from '../job/roots.ts'
import { realRootsOf } from '../subjects/subject-look.ts'

const AT_ONCE = 16

/**
 * What the disk has against the places of bundles, before anything is signed: OUTPUT_PATH for a folder or something odd
 * that stands at a place, a file that stands in the way, and a folder that leads out of the workspace through a link.
 */
export async function checkBundlePlaces(
  files: Files,
  paths: readonly string[],
  places: Places,
): Promise<void> {
  const { platform } = places
  const targets = new Map(
    paths.flatMap((path) => {
      const parts = parseAbsolute(path, platform)
      return parts === undefined ? [] : [[path, parts] as const]
    }),
  )
  await mapConcurrently([...targets.keys()], AT_ONCE, (path) => checkTarget(files, path))
  const folders = new Map(
    [...targets.values()].map((parts) => [nativePath(parentOf(parts), platform), parentOf(parts)]),
  )
  const realRoots = await realRootsOf(files, places)
  await mapConcurrently([...folders.values()], AT_ONCE, (folder) =>
    checkFolder(files, folder, realRoots, places),
  )
}

const parentOf = ({ prefix, segments }: PathParts): PathParts => ({ prefix, segments: segments.slice(0, -1) })

async function checkTarget(files: Files, path: string): Promise<void> {
  const kind = await files.kind(path)
  if (kind === undefined || kind === 'file' || kind === 'link') return
  throw new ActionError('OUTPUT_PATH', `${quote(path)} is no file, so no bundle can be written there`)
}

/** Only what is there already can lead astray; the rest will be made. */
async function checkFolder(
  files: Files,
  folder: PathParts,
  realRoots: readonly PathParts[],
  places: Places,
): Promise<void> {
  let there = folder
  let path = nativePath(there, places.platform)
  while (there.segments.length > 0 && (await files.kind(path)) === undefined) {
    there = parentOf(there)
    path = nativePath(there, places.platform)
  }
  const real = await files.resolve(path)
  const parts = parseAbsolute(real, places.platform)
  const isInside =
    parts !== undefined && realRoots.some((root) => segmentsBelow(root, parts, places.platform) !== undefined)
  if (!isInside) {
    throw new ActionError(
      'OUTPUT_PATH',
      `the folder ${quote(path)} leads out of the workspace and RUNNER_TEMP`,
    )
  }
  if ((await files.kind(real)) === 'directory') return
  throw new ActionError('OUTPUT_PATH', `${quote(path)} is no folder, so no bundle can be written into it`)
}
