import { type Dirent, promises as fs, type Stats } from 'node:fs'
import { encodeHex, parseUtf8 } from '../core/bytes.ts'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { DirectoryEntry, EntryKind } from '../ports.ts'
import { fileError } from './file-error.ts'
import { codeOf } from './network-error.ts'

/** Names are asked for as bytes: as text, one that is not UTF-8 would be shown as another and could not be opened. */
export async function listFolder(directory: string): Promise<readonly DirectoryEntry[]> {
  try {
    const entries = await fs.readdir(directory, { encoding: 'buffer', withFileTypes: true })
    return entries.map((entry) => ({ name: parseName(entry.name, directory), kind: kindOf(entry) }))
  } catch (cause) {
    throw cause instanceof ActionError ? cause : fileError('FILE_READ', directory, 'cannot be listed', cause)
  }
}

const parseName = (name: Uint8Array, directory: string): string =>
  parseUtf8(name, 'FILE_NAME', `The name in ${quote(directory)} with the bytes ${encodeHex(name)}`)

/** What is at the path, links not followed; undefined if nothing is or could be. */
export async function kindAt(path: string): Promise<EntryKind | undefined> {
  try {
    return kindOf(await fs.lstat(path))
  } catch (cause) {
    if (/^(?:ENOENT|ENOTDIR|ENAMETOOLONG)$/.test(codeOf(cause))) return undefined
    throw fileError('FILE_READ', path, 'cannot be looked at', cause)
  }
}

function kindOf(entry: Dirent<Buffer> | Stats): EntryKind {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'link' : 'other'
}
