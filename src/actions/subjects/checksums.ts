import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'

/** One line of a checksums file. */
export interface ChecksumEntry {
  /** As written, escapes undone. */
  readonly name: string
  /** SHA-256, 64 lower-case hexadecimal digits. */
  readonly digest: string
  /** From 1. */
  readonly line: number
}

export const MAX_CHECKSUMS = 100_000

/** `digest`, a space, ` ` for text or `*` for binary, name: GNU coreutils, "md5sum invocation". */
const PLAIN = /^([0-9A-Fa-f]{32,128}) [ *](.+)$/s
/** `--tag`, and `openssl dgst`, which leaves spaces out. */
const TAGGED = /^([A-Z][A-Z0-9-]*) ?\((.+)\) ?= ?([0-9A-Fa-f]{32,128})$/s
const SHA256_NAMES: readonly string[] = ['SHA256', 'SHA2-256']

function malformed(line: number, why: string): ActionError {
  return new ActionError('INPUT_CHECKSUMS', `line ${line} of the checksums file ${why}`)
}

/**
 * Every form that `sha256sum` and `shasum -a 256` write: text and binary, `--tag`, names with escapes behind a leading
 * backslash; LF or CRLF. As they do when they check, blank lines and `#` comments are passed over. A byte order mark is
 * refused, as is upper case in a digest. INPUT_CHECKSUMS with the number of the line; INPUT_TOO_MANY.
 */
export function parseChecksums(text: string): readonly ChecksumEntry[] {
  if (text.startsWith('\ufeff')) throw malformed(1, 'begins with a byte order mark')
  const digests = new Map<string, ChecksumEntry>()
  let number = 0
  for (const line of linesOf(text)) {
    number++
    if (line === '' || line.startsWith('#')) continue
    const entry = parseLine(line, number)
    const before = digests.get(entry.name)
    if (before !== undefined) assertAgree(before, entry)
    else digests.set(entry.name, entry)
    if (digests.size > MAX_CHECKSUMS) {
      throw new ActionError('INPUT_TOO_MANY', `the checksums file lists more than ${MAX_CHECKSUMS} files`)
    }
  }
  if (digests.size === 0) throw new ActionError('INPUT_CHECKSUMS', 'the checksums file lists no file')
  return [...digests.values()]
}

/** Two lines may say the same; INPUT_CHECKSUMS where they name one file and two digests. */
export function assertAgree(before: ChecksumEntry, entry: ChecksumEntry): void {
  if (before.digest === entry.digest) return
  throw malformed(entry.line, `contradicts line ${before.line} about ${quote(entry.name)}`)
}

const linesOf = (text: string): readonly string[] =>
  text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))

function parseLine(line: string, number: number): ChecksumEntry {
  const escaped = line.startsWith('\\')
  const { digest, name } = splitLine(escaped ? line.slice(1) : line, number)
  if (!/^[0-9a-f]{64}$/.test(digest)) {
    const why = digest.length === 64 ? 'has upper-case digits' : 'has a digest that is not SHA-256'
    throw malformed(number, why)
  }
  if (name === '-') throw malformed(number, 'names no file but the standard input')
  return { name: escaped ? unescapeName(name, number) : name, digest, line: number }
}

function splitLine(line: string, number: number): { digest: string; name: string } {
  const [, digest, name] = PLAIN.exec(line) ?? []
  if (digest !== undefined && name !== undefined) return { digest, name }
  const [, hash = '', tagged, hex] = TAGGED.exec(line) ?? []
  if (hex === undefined || tagged === undefined) {
    throw malformed(number, 'is no digest, two characters and a name')
  }
  if (!SHA256_NAMES.includes(hash)) throw malformed(number, `has a ${hash} digest; only SHA256 will do`)
  return { digest: hex, name: tagged }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\\\', '\\'],
  ['\\n', '\n'],
  ['\\r', '\r'],
])

function unescapeName(name: string, number: number): string {
  return name.replace(/\\.?/gs, (written) => {
    const meant = ESCAPES.get(written)
    if (meant === undefined) throw malformed(number, `has an unknown escape in ${quote(name)}`)
    return meant
  })
}
