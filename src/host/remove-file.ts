import { promises as fs } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ActionError } from '../errors.ts'
import { fileError } from './file-error.ts'
import { checkInside } from './real-path.ts'

/** Removes one file, or the link of that name, inside the roots. OUTPUT_WRITE, FILE_OUTSIDE. */
export async function removeFile(path: string, roots: readonly string[]): Promise<void> {
  try {
    const folder = await fs.realpath(dirname(path))
    await checkInside(folder, roots, path)
    await fs.unlink(join(folder, basename(path)))
  } catch (cause) {
    throw cause instanceof ActionError ? cause : fileError('OUTPUT_WRITE', path, 'cannot be removed', cause)
  }
}
