import { promises as fs } from 'node:fs'
import { basename, dirname } from 'node:path'
import { ActionError } from '../errors.ts'
import { replaceFile } from './atomic-write.ts'
import { fileError } from './file-error.ts'
import { codeOf } from './network-error.ts'
import { checkInside } from './real-path.ts'

/** The most that file systems take: bytes, on Windows UTF-16 units. */
const LONGEST_NAME = 255

/** OUTPUT_WRITE, FILE_OUTSIDE. Only a regular file is ever replaced. */
export async function writeFile(path: string, roots: readonly string[], bytes: Uint8Array): Promise<void> {
  const name = basename(path)
  const length = process.platform === 'win32' ? name.length : Buffer.byteLength(name)
  if (length > LONGEST_NAME) {
    throw fileError('OUTPUT_WRITE', path, `has a name of ${length} bytes; ${LONGEST_NAME} are the most`)
  }
  try {
    const folder = await makeFolder(dirname(path), roots)
    await checkReplaceable(path)
    await replaceFile(folder, name, bytes)
  } catch (cause) {
    throw cause instanceof ActionError ? cause : fileError('OUTPUT_WRITE', path, 'cannot be written', cause)
  }
}

/** Makes what is missing of a folder, one level at a time, each inside the roots. Resolves with its real path. */
export async function makeFolder(folder: string, roots: readonly string[]): Promise<string> {
  const real = await fs.realpath(folder).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT' && dirname(folder) !== folder) return undefined
    throw cause
  })
  if (real === undefined) {
    await makeFolder(dirname(folder), roots)
    await fs.mkdir(folder).catch((cause: unknown) => {
      if (codeOf(cause) !== 'EEXIST') throw cause
    })
  }
  const made = real ?? (await fs.realpath(folder))
  await checkInside(made, roots, folder)
  return made
}

async function checkReplaceable(path: string): Promise<void> {
  const there = await fs.lstat(path).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw cause
  })
  if (there === undefined || there.isFile()) return
  const what = there.isSymbolicLink() ? 'is a link' : 'is no regular file'
  throw fileError('OUTPUT_WRITE', path, `${what} and is not replaced`)
}
