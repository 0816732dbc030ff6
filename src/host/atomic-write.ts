import { randomBytes } from 'node:crypto'
import { constants, promises as fs } from 'node:fs'
import { join } from 'node:path'

/**
 * Puts a file in place as a whole or not at all: a temporary one beside it, flushed to the disk, then renamed.
 * On an error the temporary one is gone. Throws the system's errors.
 */
export async function replaceFile(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  // Short, so that it fits wherever the name does.
  const temporary = join(folder, `.keyless-${randomBytes(8).toString('hex')}.tmp`)
  try {
    await writeNew(temporary, bytes)
    await fs.rename(temporary, join(folder, name))
  } catch (cause) {
    await fs.rm(temporary, { force: true }).catch(() => undefined)
    throw cause
  }
  await flushFolder(folder)
}

const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await fs.open(path, FLAGS, 0o644)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** So that the name survives a power cut too. Windows opens no folders, and some file systems do not flush them. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await fs.open(folder, constants.O_RDONLY).catch(() => undefined)
  if (handle === undefined) return
  await handle.sync().catch(() => undefined)
  await handle.close()
}
