import { promises as fs } from 'node:fs'
import { sep } from 'node:path'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import { fileError } from './file-error.ts'
import { codeOf } from './network-error.ts'

/** The path without any link in it. FILE_SYMLINK if a link leads nowhere or in a circle, else FILE_READ. */
export async function resolvePath(path: string): Promise<string> {
  try {
    return await fs.realpath(path)
  } catch (cause) {
    if (codeOf(cause) === 'ELOOP') throw fileError('FILE_SYMLINK', path, 'is a link that leads in a circle')
    if (await isLink(path)) throw fileError('FILE_SYMLINK', path, 'is a link that leads nowhere')
    throw fileError('FILE_READ', path, 'cannot be read', cause)
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await fs.lstat(path)).isSymbolicLink()
  } catch {
    return false
  }
}

/** Refuses a real path that lies in none of the roots, whose own links are resolved. FILE_OUTSIDE. */
export async function checkInside(real: string, roots: readonly string[], shown: string): Promise<void> {
  for (const root of roots) {
    const folder = await fs.realpath(root).catch(() => undefined)
    if (folder !== undefined && isWithin(folder, real)) return
  }
  const target = real === shown ? '' : `, which is ${quote(real)},`
  throw new ActionError('FILE_OUTSIDE', `${quote(shown)}${target} lies outside the workspace and RUNNER_TEMP`)
}

const isWithin = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
