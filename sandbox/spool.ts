import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A body that went to the disk as it came, so that gigabytes need no memory. */
export interface SpooledBody {
  readonly path: string
  readonly size: number
  /** SHA-256, hexadecimal. */
  readonly sha256: string
}

/** Rejects, and leaves no file behind, if the client goes away. */
export async function spoolBody(incoming: IncomingMessage, folder: string): Promise<SpooledBody> {
  const path = join(folder, randomUUID())
  const hash = createHash('sha256')
  let size = 0
  async function* watch(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
  }
  try {
    await pipeline(incoming, watch, createWriteStream(path))
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { path, size, sha256: hash.digest('hex') }
}

/** What is in the file, as the rest of the answer. */
export const sendFile = (path: string, response: ServerResponse): Promise<void> =>
  pipeline(createReadStream(path), response)

export async function readStart(path: string, bytes: number): Promise<Uint8Array> {
  const file: FileHandle = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
