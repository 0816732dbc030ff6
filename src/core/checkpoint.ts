import { ActionError } from '../errors.ts'
import { encodeBase64, parseBase64 } from './base64.ts'
import { DIGEST_BYTES } from './digest.ts'
import { isNoteText } from './note.ts'
import { quote } from './printable.ts'

/** C2SP tlog-checkpoint: a log's tree head, the text of a signed note. */
export interface Checkpoint {
  /** Names the log, not empty. */
  readonly origin: string
  /** Leaves in the tree, up to 2^63 - 1. */
  readonly size: bigint
  /** 32 bytes. */
  readonly root: Uint8Array
  /** Further lines, none of them empty. */
  readonly extensions: readonly string[]
}

const CODE = 'TLOG_CHECKPOINT'
const MAX_TEXT = 64 * 1024
const DECIMAL = /^(?:0|[1-9][0-9]{0,18})$/
const MAX_SIZE = 2n ** 63n - 1n

/** Refuses (TLOG_CHECKPOINT) whatever encodeCheckpoint would not write. */
export function parseCheckpoint(text: string): Checkpoint {
  if (text.length > MAX_TEXT || !text.endsWith('\n') || !isNoteText(text)) {
    throw new ActionError(CODE, 'the tree head is not a text of whole lines')
  }
  const lines = text.slice(0, -1).split('\n')
  const [origin, size, root, ...extensions] = lines
  if (origin === undefined || size === undefined || root === undefined || lines.includes('')) {
    throw new ActionError(CODE, 'the tree head needs the lines origin, size and root hash, and no empty one')
  }
  return { origin, size: parseSize(size), root: parseRoot(root), extensions }
}

function parseSize(line: string): bigint {
  if (DECIMAL.test(line) && BigInt(line) <= MAX_SIZE) return BigInt(line)
  throw new ActionError(
    CODE,
    `the tree head has the size ${quote(line)}, which is not a plain decimal number`,
  )
}

function parseRoot(line: string): Uint8Array {
  const root = parseBase64(line, CODE, 'the root hash of the tree head')
  if (root.length === DIGEST_BYTES.sha256) return root
  throw new ActionError(CODE, `the root hash of the tree head has ${root.length} bytes, not 32`)
}

/** The text to sign: each line ends with a newline. */
export const encodeCheckpoint = ({ origin, size, root, extensions }: Checkpoint): string =>
  [origin, size, encodeBase64(root), ...extensions].map((line) => `${line}\n`).join('')
