import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { EntryKind, Files } from '../../ports.ts'
import { nativePath, type PathParts, parseAbsolute, segmentsBelow } from '../job/paths.ts'
import { type Places, rootsOf } from '../job/roots.ts'

/** What stands at a path that may be signed. A link is what it points to. */
export type Look = 'file' | 'directory' | 'absent'

/** The workspace and RUNNER_TEMP with every link resolved: what a link may lead to. */
export async function realRootsOf(files: Files, places: Places): Promise<readonly PathParts[]> {
  const real: PathParts[] = []
  for (const root of rootsOf(places)) {
    const path = nativePath(root, places.platform)
    if ((await files.kind(path)) === undefined) continue
    const parts = parseAbsolute(await files.resolve(path), places.platform)
    if (parts !== undefined) real.push(parts)
  }
  return real
}

export interface Looker {
  readonly files: Files
  readonly places: Places
  readonly realRoots: readonly PathParts[]
}

/**
 * Looks at a path that the user named. FILE_NOT_REGULAR for what is neither file nor folder, FILE_OUTSIDE for a file
 * that lies elsewhere behind a link, FILE_SYMLINK for a link to nothing.
 */
export async function lookAt(path: string, name: string, looker: Looker): Promise<Look> {
  const kind = await looker.files.kind(path)
  if (kind === undefined) return 'absent'
  if (kind === 'directory') return kind
  return lookBehind(path, name, kind, looker)
}

/** The same for an entry that a walk came upon, whose folders are known to be no links. */
export async function lookAtEntry(
  path: string,
  name: string,
  kind: EntryKind,
  looker: Looker,
): Promise<Look> {
  return kind === 'file' || kind === 'directory' ? kind : lookBehind(path, name, kind, looker)
}

async function lookBehind(path: string, name: string, kind: EntryKind, looker: Looker): Promise<Look> {
  if (kind === 'other') throw notRegular(name)
  const { files, places, realRoots } = looker
  const real = await files.resolve(path)
  const target = kind === 'link' ? await files.kind(real) : kind
  if (target === 'directory') return target
  const parts = parseAbsolute(real, places.platform)
  const isInside =
    parts !== undefined && realRoots.some((root) => segmentsBelow(root, parts, places.platform) !== undefined)
  if (!isInside) {
    throw new ActionError(
      'FILE_OUTSIDE',
      `${quote(name)} is a link that leads out of the workspace and RUNNER_TEMP`,
    )
  }
  if (target !== 'file') throw notRegular(name)
  return target
}

const notRegular = (name: string): ActionError =>
  new ActionError('FILE_NOT_REGULAR', `${quote(name)} is neither a file nor a folder`)
