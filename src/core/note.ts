import { ActionError } from '../errors.ts'
import { encodeBase64, parseBase64 } from './base64.ts'
import { concatBytes } from './bytes.ts'

/** C2SP signed-note: a text, an empty line, signature lines. */
export interface Note {
  /** What is signed, as UTF-8: the text up to and including the newline before the empty line. */
  readonly text: string
  /** One or more, in the order written. */
  readonly signatures: readonly NoteSignature[]
}

export interface NoteSignature {
  /** Of the key: without spaces or `+`. */
  readonly name: string
  /** The first 4 bytes of the key's id. */
  readonly keyHint: Uint8Array
  readonly signature: Uint8Array
}

const MAX_NOTE = 64 * 1024
const MAX_SIGNATURES = 64
const KEY_HINT_BYTES = 4
const BREAK = '\n\n'
const SIGNATURE = /^\u2014 ([^\p{White_Space}+]+) ([A-Za-z0-9+/=]+)$/u

/** Refuses (TLOG_CHECKPOINT) whatever encodeNote would not write, and signed texts with empty lines in them. */
export function parseNote(envelope: string): Note {
  if (envelope.length > MAX_NOTE) throw malformed(`is larger than ${MAX_NOTE} bytes`)
  const end = envelope.indexOf(BREAK)
  // C2SP splits at the last empty line, others at the first: where they differ, two readers see two texts.
  if (end < 1 || end !== envelope.lastIndexOf(BREAK)) throw malformed('has no empty line, or several')
  const text = envelope.slice(0, end + 1)
  if (!isNoteText(text)) throw malformed('has a text with control characters or half a surrogate pair')
  return { text, signatures: parseSignatures(envelope.slice(end + BREAK.length)) }
}

function parseSignatures(block: string): readonly NoteSignature[] {
  if (!block.endsWith('\n')) throw malformed('has no signature, or does not end with a newline')
  const lines = block.slice(0, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw malformed(`has more than ${MAX_SIGNATURES} signatures`)
  return lines.map(parseSignature)
}

function parseSignature(line: string): NoteSignature {
  const [, name, base64] = SIGNATURE.exec(line) ?? []
  if (name === undefined || base64 === undefined || !isNoteText(name)) {
    throw malformed('has a line behind its text that is no signature')
  }
  const bytes = parseBase64(base64, 'TLOG_CHECKPOINT', 'a signature of the signed note')
  if (bytes.length <= KEY_HINT_BYTES) throw malformed('has a signature without content')
  return { name, keyHint: bytes.subarray(0, KEY_HINT_BYTES), signature: bytes.subarray(KEY_HINT_BYTES) }
}

export function encodeNote({ text, signatures }: Note): string {
  const lines = signatures.map(
    ({ name, keyHint, signature }) => `\u2014 ${name} ${encodeBase64(concatBytes(keyHint, signature))}\n`,
  )
  return `${text}\n${lines.join('')}`
}

/** C2SP signed-note: whole Unicode characters, no control character but newline. */
export const isNoteText = (text: string): boolean => text.isWellFormed() && !/(?!\n)\p{Cc}/u.test(text)

const malformed = (what: string): ActionError => new ActionError('TLOG_CHECKPOINT', `the signed note ${what}`)
