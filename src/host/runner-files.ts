import { randomBytes } from 'node:crypto'
import { constants, promises as fs } from 'node:fs'
import { encodeUtf8 } from '../core/bytes.ts'
import { ActionError } from '../errors.ts'
import { fileError } from './file-error.ts'

/** A delimiter that no value can foresee. */
export const newDelimiter = (): string => `keyless_${randomBytes(16).toString('hex')}`

/**
 * Outputs as the runner's file commands want them, `name<<delimiter`, value, delimiter: the only form in which a value
 * cannot end itself. Source: actions/runner FileCommandManager.cs.
 */
export function encodeOutputs(outputs: Readonly<Record<string, string>>, delimiter: string): string {
  const entries = Object.entries(outputs)
  const bad = entries.some(([name, value]) => !/^[a-z][a-z0-9-]*$/.test(name) || value.includes(delimiter))
  if (bad) throw new ActionError('INTERNAL', 'An output cannot be written as the runner reads it')
  return entries.map(([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`).join('')
}

/** Bytes of a whole summary. The runner drops one over 1 MiB with an error. */
export const MOST_SUMMARY = 900 * 1024

const NOTE = '\n\n… cut here: a summary holds no more. The JSON report has all of it.\n'

/** As much of the text as fits beside `taken` bytes, cut at the end of a line, with a note. */
export function cutSummary(markdown: string, taken: number): Uint8Array {
  const whole = encodeUtf8(markdown)
  if (taken + whole.length <= MOST_SUMMARY) return whole
  const room = Math.max(0, MOST_SUMMARY - taken - encodeUtf8(NOTE).length)
  const end = whole.subarray(0, room).lastIndexOf(0x0a)
  return Buffer.concat([whole.subarray(0, Math.max(0, end)), encodeUtf8(NOTE)])
}

/** The runner made the file: a missing one, or a link in its place, is not ours to write to. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0)

/** Appends in one piece what `encode` makes of the file's present size. OUTPUT_WRITE. */
export async function appendToRunnerFile(
  path: string,
  variable: string,
  encode: (size: number) => Uint8Array,
): Promise<void> {
  try {
    if (!(await fs.lstat(path)).isFile()) {
      throw fileError('OUTPUT_WRITE', path, `(${variable}) is no regular file`)
    }
    const handle = await fs.open(path, FLAGS)
    try {
      await handle.writeFile(encode((await handle.stat()).size))
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if (cause instanceof ActionError) throw cause
    throw fileError('OUTPUT_WRITE', path, `(${variable}) cannot be written`, cause)
  }
}
