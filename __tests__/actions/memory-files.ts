import { ActionError } from '../../src/errors.ts'
import type { DirectoryEntry, EntryKind, Files, OpenFile } from '../../src/ports.ts'

/** Content, `->` and a target for a link, or a kind of something else. */
export type Tree = Readonly<Record<string, string | { readonly link: string } | { readonly other: true }>>

/** A file system in memory, for Linux paths or Windows ones. Counts what was listed. */
export function memoryFiles(tree: Tree, separator: '/' | '\\' = '/'): Files & { readonly listed: string[] } {
  const parentOf = (path: string) => path.slice(0, path.lastIndexOf(separator))
  const folders = new Set<string>()
  for (const path of Object.keys(tree)) {
    for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder)) folders.add(folder)
  }
  const listed: string[] = []

  const kindOf = (path: string): EntryKind | undefined => {
    const node = tree[path]
    if (node === undefined) return folders.has(path) ? 'directory' : undefined
    if (typeof node === 'string') return 'file'
    return 'link' in node ? 'link' : 'other'
  }

  const resolve = (path: string, steps = 0): string => {
    if (steps > 20) throw new ActionError('FILE_SYMLINK', 'loop')
    const links = Object.entries(tree).flatMap(([from, node]) =>
      typeof node === 'object' && 'link' in node ? [{ from, to: node.link }] : [],
    )
    const link = links.find(({ from }) => path === from || path.startsWith(from + separator))
    if (link !== undefined) return resolve(link.to + path.slice(link.from.length), steps + 1)
    if (kindOf(path) === undefined) throw new ActionError('FILE_SYMLINK', 'dangling')
    return path
  }

  const bytesOf = (path: string): Uint8Array => {
    const node = tree[resolve(path)]
    if (typeof node !== 'string') throw new ActionError('FILE_READ', `no file ${path}`)
    return Buffer.from(node)
  }

  return {
    listed,
    list: async (directory) => {
      listed.push(directory)
      const names = [...Object.keys(tree), ...folders].filter((path) => parentOf(path) === directory)
      return names.map((path): DirectoryEntry => {
        return { name: path.slice(directory.length + 1), kind: kindOf(path) ?? 'other' }
      })
    },
    kind: async (path) => {
      const parent = parentOf(path)
      const real =
        folders.has(parent) || parent === '' ? path : path.replace(parent, resolveOr(parent, resolve))
      return kindOf(real)
    },
    resolve: async (path) => resolve(path),
    open: async (path): Promise<OpenFile> => {
      const bytes = bytesOf(path)
      return {
        size: bytes.length,
        chunks: async function* () {
          for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
        },
        close: async () => {},
      }
    },
    read: async (path) => bytesOf(path),
    write: async () => {},
    create: () => Promise.reject(new ActionError('INTERNAL', 'a new file')),
    move: async () => {},
    remove: async () => {},
    makePrivateFolder: async (parent) => parent,
  }
}

function resolveOr(path: string, resolve: (path: string) => string): string {
  try {
    return resolve(path)
  } catch {
    return path
  }
}
