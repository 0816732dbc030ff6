import { constants, promises as fs } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ActionError } from '../errors.ts'
import type { NewFile } from '../ports.ts'
import { fileError } from './file-error.ts'
import { codeOf } from './network-error.ts'
import { makeFolder } from './write-file.ts'

const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)

/** A file of any size, written as it comes. Nothing that is there is ever replaced: OUTPUT_WRITE. */
export async function createFile(path: string, roots: readonly string[]): Promise<NewFile> {
  const failed = (cause: unknown): ActionError =>
    cause instanceof ActionError ? cause : fileError('OUTPUT_WRITE', path, 'cannot be written', cause)
  const attempt = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (cause) {
      throw failed(cause)
    }
  }
  const handle = await attempt(async () =>
    fs.open(join(await makeFolder(dirname(path), roots), basename(path)), FLAGS, 0o644),
  )
  return {
    write: (chunk) => attempt(() => writeWhole(handle, chunk)),
    close: () => attempt(() => handle.close()),
  }
}

async function writeWhole(handle: fs.FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten
}

/**
 * Puts a file where none is: by a second name for the same file, which fails if there is one, and where the file system
 * cannot do that by a copy. OUTPUT_WRITE, FILE_OUTSIDE.
 */
export async function moveFile(from: string, to: string, roots: readonly string[]): Promise<void> {
  try {
    const target = join(await makeFolder(dirname(to), roots), basename(to))
    await fs.link(from, target).catch(async (cause: unknown) => {
      if (codeOf(cause) === 'EEXIST') throw cause
      await fs.copyFile(from, target, constants.COPYFILE_EXCL)
    })
    await fs.rm(from)
  } catch (cause) {
    if (cause instanceof ActionError) throw cause
    const why = codeOf(cause) === 'EEXIST' ? 'is there already, and is not replaced' : 'cannot be written'
    throw fileError('OUTPUT_WRITE', to, why, cause)
  }
}
