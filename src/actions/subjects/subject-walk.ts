import { type Glob, globBase, matchGlob, mayContain } from '../../core/glob.ts'
import type { DirectoryEntry, EntryKind, Files } from '../../ports.ts'
import { nativePath, type PathParts } from '../job/paths.ts'
import type { Places } from '../job/roots.ts'

/** Something that a glob matches, below the root of the walk. */
export interface WalkedEntry {
  readonly segments: readonly string[]
  readonly kind: EntryKind
}

/** Reads each directory once, however many patterns walk through it. */
export type Lister = (path: string) => Promise<readonly DirectoryEntry[]>

export function cachedLister(files: Files): Lister {
  const known = new Map<string, Promise<readonly DirectoryEntry[]>>()
  return (path) => {
    const listing = known.get(path) ?? files.list(path)
    known.set(path, listing)
    return listing
  }
}

interface Walk {
  readonly files: Files
  readonly list: Lister
  readonly root: PathParts
  readonly glob: Glob
  readonly places: Places
  /** Whether the pattern names `.git`, which nobody means by `**`. */
  readonly entersGit: boolean
}

/**
 * What the glob matches below the root, of any kind. Folders that cannot hold a match are not entered, nor those behind
 * links.
 */
export async function* walkGlob(walk: Walk): AsyncGenerator<WalkedEntry> {
  const base = globBase(walk.glob)
    .split('/')
    .filter((segment) => segment !== '')
  if (!(await isPlainFolder(base, walk))) return
  const pending: (readonly string[])[] = [base]
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const { name, kind } of await walk.list(nativeOf(folder, walk))) {
      const segments = [...folder, name]
      const path = segments.join('/')
      if (kind === 'directory' && (name !== '.git' || walk.entersGit) && mayContain(walk.glob, path)) {
        pending.push(segments)
      }
      if (matchGlob(walk.glob, path)) yield { segments, kind }
    }
  }
}

const nativeOf = (segments: readonly string[], { root, places }: Walk): string =>
  nativePath({ prefix: root.prefix, segments: [...root.segments, ...segments] }, places.platform)

/** Whether every step from the root to the folder is a folder of its own. The root itself may be a link: the runner chose it. */
async function isPlainFolder(base: readonly string[], walk: Walk): Promise<boolean> {
  for (let length = 1; length <= base.length; length++) {
    if ((await walk.files.kind(nativeOf(base.slice(0, length), walk))) !== 'directory') return false
  }
  return (
    base.length > 0 || (await walk.files.kind(await walk.files.resolve(nativeOf([], walk)))) === 'directory'
  )
}
