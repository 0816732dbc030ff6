import { promises as fs } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { ActionError } from '../errors.ts'
import type { Files, OpenFile } from '../ports.ts'
import { fileError } from './file-error.ts'
import { checkPath } from './file-name.ts'
import { kindAt, listFolder } from './list-folder.ts'
import { createFile, moveFile } from './new-file.ts'
import { openFile } from './open-file.ts'
import { resolvePath } from './real-path.ts'
import { removeFile } from './remove-file.ts'
import { writeFile } from './write-file.ts'

/** Every path that comes in is checked for its name first; the rest is one file for each verb. */
export const realFiles = (): Files => ({
  list: async (directory) => await listFolder(checked(directory)),
  kind: async (path) => await kindAt(checked(path)),
  resolve: async (path) => await resolvePath(checked(path)),
  open: async (path, roots) => await openFile(checked(path), roots),
  read: async (path, roots, maxBytes) => await readWhole(checked(path), roots, maxBytes),
  write: async (path, roots, bytes) => await writeFile(checked(path), roots, bytes),
  create: async (path, roots) => await createFile(checked(path), roots),
  move: async (from, to, roots) => await moveFile(checked(from), checked(to), roots),
  remove: async (path, roots) => await removeFile(checked(path), roots),
  makePrivateFolder: async (parent, prefix) => await makePrivateFolder(checked(parent), prefix),
})

function checked(path: string): string {
  if (!isAbsolute(path)) throw new ActionError('INTERNAL', 'A path that is not absolute came to the disk')
  checkPath(path, process.platform)
  return resolve(path)
}

async function readWhole(path: string, roots: readonly string[], maxBytes: number): Promise<Uint8Array> {
  const file = await openFile(path, roots)
  try {
    if (file.size > maxBytes) {
      throw fileError('FILE_TOO_LARGE', path, `has ${file.size} bytes; ${maxBytes} are the most`)
    }
    return await gather(file)
  } finally {
    await file.close()
  }
}

async function gather(file: OpenFile): Promise<Uint8Array> {
  const whole = new Uint8Array(file.size)
  let at = 0
  for await (const chunk of file.chunks()) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

async function makePrivateFolder(parent: string, prefix: string): Promise<string> {
  try {
    return await fs.mkdtemp(join(parent, prefix))
  } catch (cause) {
    throw fileError('OUTPUT_WRITE', parent, 'takes no new folder', cause)
  }
}
