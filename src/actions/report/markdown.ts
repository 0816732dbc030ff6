import { encodeUtf8 } from '../../core/bytes.ts'
import { printable } from '../../core/printable.ts'

/**
 * Foreign text in Markdown as GitHub reads it. The toolkit escapes nothing, so whatever is not ours becomes a code span,
 * in which no link, mention, heading or command can start. A pipe ends a table cell even there: it becomes a visible
 * escape, and so do `<`, `>` and `&`, for readers that trust code spans less.
 */

const escapeOne = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`

/** One line of at most `most` characters and its escapes, without controls, pipes, `<`, `>` and `&`. */
const harmless = (text: string, most: number): string => printable(text, most).replace(/[|<>&]/g, escapeOne)

const longestRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0)

/** A code span whose fence is longer than any run of back-ticks in it (CommonMark 6.1). An empty text says so. */
export function codeSpan(text: string, most = 300): string {
  const inner = harmless(text, most)
  if (inner === '') return '(empty)'
  const fence = '`'.repeat(longestRun(inner) + 1)
  const pad = /^[ `]|[ `]$/.test(inner) ? ' ' : ''
  return fence + pad + inner + pad + fence
}

/** A fenced block, a line each (CommonMark 4.5). Only for text that is to be copied as it is: nothing in it is escaped but controls. */
export function codeBlock(language: 'sh' | 'text', text: string): string {
  const lines = text.split('\n').map((line) => printable(line, 2000))
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1))
  return [fence + language, ...lines, fence].join('\n')
}

/** What Markdown, and GitHub's links and mentions, leave alone: letters and digits, and numbers such as 5,000. */
const PLAIN = /^(?:[A-Za-z0-9]+(?:['-][A-Za-z0-9]+)*|[0-9]{1,3}(?:,[0-9]{3})+)?$/

/** Punctuation around a word, which starts nothing by itself. */
const AROUND = /^([("']*)(.*?)([)"',.;:?!…]*)$/s

function proseWord(word: string): string {
  const [, before = '', core = '', after = ''] = AROUND.exec(word) ?? []
  return before + (PLAIN.test(core) ? core : codeSpan(core, Infinity)) + after
}

/**
 * A sentence of ours that may hold foreign words, as messages and hints do: every word that is not plainly a word becomes
 * a code span, and so does what stands in back-ticks. It must not begin a line, where `1.` would begin a list.
 */
export function prose(text: string, most = 1000): string {
  return printable(text, most)
    .split(/(`[^`]*`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? codeSpan(part.slice(1, -1), Infinity) : proseWords(part)))
    .reduce(joinSpans, '')
}

/** Two fences that touch would be one longer fence. */
const joinSpans = (before: string, next: string): string =>
  before.endsWith('`') && next.startsWith('`') ? `${before} ${next}` : before + next

const proseWords = (text: string): string =>
  text
    .split(/( +)/)
    .map((word) => (word.startsWith(' ') ? ' ' : proseWord(word)))
    .join('')

/** One row of a table. The cells are Markdown already. */
export const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** The first two lines of a table. */
export const tableHead = (titles: readonly string[]): string =>
  `${tableRow(titles)}\n|${' --- |'.repeat(titles.length)}`

export const byteLength = (text: string): number => encodeUtf8(text).length

/** As many lines as fit into `budget` bytes with their line ends, and how many were left out. */
export function cutLines(lines: readonly string[], budget: number): { lines: string[]; more: number } {
  const kept: string[] = []
  let used = 0
  for (const line of lines) {
    used += byteLength(line) + 1
    if (used > budget) break
    kept.push(line)
  }
  return { lines: kept, more: lines.length - kept.length }
}
