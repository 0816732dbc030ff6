import { type BigIntStats, constants, promises as fs } from 'node:fs'
import { ActionError } from '../errors.ts'
import type { OpenFile } from '../ports.ts'
import { fileError } from './file-error.ts'
import { codeOf } from './network-error.ts'
import { checkInside, resolvePath } from './real-path.ts'

/**
 * Opens what the path leads to, if that is a regular file within the roots, and watches that it stays this very file.
 * Each look at the path is compared with the open file, so that a link put there in between is noticed.
 */
export async function openFile(path: string, roots: readonly string[]): Promise<OpenFile> {
  const real = await resolvePath(path)
  await checkInside(real, roots, path)
  const seen = await look(real, path)
  if (seen.isSymbolicLink()) throw changed(path, 'was replaced by a link')
  if (!seen.isFile()) throw fileError('FILE_NOT_REGULAR', path, `is ${kindInWords(seen)}, no regular file`)
  const handle = await openUnlinked(real, path)
  try {
    const before = await handle.stat({ bigint: true })
    const same = before.isFile() && isSameFile(before, seen) && (await fs.realpath(real)) === real
    if (!same) throw changed(path, 'was replaced while it was opened')
    let begun = false
    const chunks = (): AsyncIterable<Uint8Array> => {
      if (begun) throw new ActionError('INTERNAL', 'A file is read twice')
      begun = true
      return readUnchanged(handle, before, path)
    }
    return { size: Number(before.size), chunks, close: () => handle.close() }
  } catch (cause) {
    await handle.close()
    throw cause instanceof ActionError ? cause : changed(path, 'was replaced while it was opened')
  }
}

async function look(real: string, path: string): Promise<BigIntStats> {
  try {
    return await fs.lstat(real, { bigint: true })
  } catch (cause) {
    throw fileError('FILE_READ', path, 'cannot be read', cause)
  }
}

/** Windows knows neither flag; there the comparison with `seen` has to do. O_NONBLOCK: a FIFO swapped in must not hang. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

async function openUnlinked(real: string, path: string): Promise<fs.FileHandle> {
  try {
    return await fs.open(real, FLAGS)
  } catch (cause) {
    if (codeOf(cause) === 'ELOOP') throw changed(path, 'was replaced by a link')
    throw fileError('FILE_READ', path, 'cannot be read', cause)
  }
}

/**
 * Bytes. 1 GiB through two SHA-256 took 1.47 s by 64 KiB, 1.26 by 256 KiB, 1.23 by 1 or 4 MiB; with a single buffer 1.40
 * by 1 MiB. Many files are open at once, so not the largest.
 */
const CHUNK = 1 << 19

/** Bytes. In files from here on a message to another thread for each chunk has to be worth it. */
const LARGE = 1 << 26
const LARGE_CHUNK = 1 << 20

const bufferOf = (bytes: number, size: bigint): Buffer =>
  size < LARGE ? Buffer.allocUnsafeSlow(bytes) : Buffer.from(new SharedArrayBuffer(bytes))

/** Two buffers in turn: one is being filled while the other is worked on. */
async function* readUnchanged(
  handle: fs.FileHandle,
  before: BigIntStats,
  path: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  // One byte more than there should be, so that growth shows in the same read.
  const room = before.size < LARGE ? Math.min(CHUNK, Number(before.size) + 1) : LARGE_CHUNK
  let [filled, free] = [bufferOf(room, before.size), bufferOf(room, before.size)]
  let total = 0
  let reading = fill(handle, filled, path)
  try {
    for (let length = await reading; length > 0; length = await reading) {
      total += length
      if (total > before.size) throw changed(path, 'grew while it was read')
      reading = fill(handle, free, path)
      yield filled.subarray(0, length)
      ;[filled, free] = [free, filled]
    }
  } finally {
    // Whoever stops early must not close the file under a read.
    await reading.catch(() => undefined)
  }
  if (total < before.size) throw changed(path, 'became shorter while it was read')
  await checkUnchanged(handle, before, path)
}

async function fill(handle: fs.FileHandle, buffer: Buffer, path: string): Promise<number> {
  try {
    return (await handle.read(buffer, 0, buffer.length, null)).bytesRead
  } catch (cause) {
    throw fileError('FILE_READ', path, 'cannot be read to its end', cause)
  }
}

async function checkUnchanged(handle: fs.FileHandle, before: BigIntStats, path: string): Promise<void> {
  const after = await handle.stat({ bigint: true })
  // Windows moves this time for its own reasons, an archive bit for example.
  const touched = process.platform !== 'win32' && after.ctimeNs !== before.ctimeNs
  if (touched || after.size !== before.size || after.mtimeNs !== before.mtimeNs) {
    throw changed(path, 'was written to while it was read')
  }
  const named = await fs.stat(path, { bigint: true }).catch(() => undefined)
  if (named === undefined) throw changed(path, 'was removed while it was read')
  if (!isSameFile(named, before)) throw changed(path, 'was replaced while it was read')
}

/** On Windows the two ways to ask give a different upper half of the volume's number; elsewhere there is none. */
const isSameFile = (a: BigIntStats, b: BigIntStats): boolean =>
  a.ino === b.ino && BigInt.asUintN(32, a.dev) === BigInt.asUintN(32, b.dev)

const changed = (path: string, what: string): ActionError => fileError('FILE_CHANGED', path, what)

function kindInWords(stats: BigIntStats): string {
  if (stats.isDirectory()) return 'a directory'
  if (stats.isFIFO()) return 'a named pipe'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}
