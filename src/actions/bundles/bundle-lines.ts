import { concatBytes } from '../../core/bytes.ts'
import { ActionError } from '../../errors.ts'
import type { OpenFile } from '../../ports.ts'
import { MAX_BUNDLE_BYTES } from '../../sigstore/bundle.ts'

/** A line that is not empty, without its end. `bytes` is absent for one that is longer than any bundle. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly bytes?: Uint8Array
}

const NEWLINE = 0x0a
const RETURN = 0x0d

/** The lines of a file, one at a time and whatever its size: no more than the current one is kept. */
export async function* readLines(file: OpenFile): AsyncGenerator<Line, void, undefined> {
  let parts: Uint8Array[] = []
  let length = 0
  let number = 1
  const keep = (part: Uint8Array): void => {
    length += part.length
    // The chunk is only lent, and `slice` of a Buffer copies nothing. Of a line that is too long nothing is needed any more.
    if (length <= MAX_BUNDLE_BYTES) parts.push(Uint8Array.from(part))
    else parts = []
  }
  const take = (): Line => {
    const line = length > MAX_BUNDLE_BYTES ? { number } : { number, bytes: trimEnd(concatBytes(...parts)) }
    parts = []
    length = 0
    number++
    return line
  }
  for await (const chunk of file.chunks()) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end))
      const line = take()
      if (line.bytes?.length !== 0) yield line
      start = end + 1
    }
    keep(chunk.subarray(start))
  }
  const last = take()
  if (last.bytes?.length !== 0) yield last
}

const trimEnd = (line: Uint8Array): Uint8Array => (line.at(-1) === RETURN ? line.subarray(0, -1) : line)

export const lineTooLong = (): ActionError =>
  new ActionError('BUNDLE_TOO_LARGE', `the line is longer than ${MAX_BUNDLE_BYTES} bytes`)

/** The lines of a `.jsonl` that are not empty, as parts of its bytes, without their ends. */
export function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0
  while (start < bytes.length) {
    const end = bytes.indexOf(0x0a, start)
    const last = end < 0 ? bytes.length : end
    const line = bytes.subarray(start, bytes[last - 1] === 0x0d ? last - 1 : last)
    if (line.length > 0) yield line
    start = end < 0 ? bytes.length : end + 1
  }
}
