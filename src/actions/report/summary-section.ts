import { groupDigits } from '../../core/counts.ts'
import type { Fact } from './facts.ts'
import { codeSpan, cutLines, tableRow } from './markdown.ts'

export const KIB = 1024

/** A part of the summary: what always stands, rows that may be cut, and what the rows are called. */
export interface Section {
  readonly head: readonly string[]
  readonly rows: readonly string[]
  readonly foot?: readonly string[]
  /** `files`, for `… and 12 more files`. */
  readonly unit: string
  /** Bytes that the rows may take. */
  readonly most: number
}

/** A section with as many rows as fit, and a line that says how many did not. */
export function encodeSection({ head, rows, foot = [], unit, most }: Section): string {
  const { lines, more } = cutLines(rows, most)
  const rest =
    more === 0 ? [] : ['', `… and ${groupDigits(more)} more ${unit}. The JSON report has them all.`]
  return [...head, ...lines, ...rest, ...foot].join('\n')
}

/** A section that is short by its nature. */
export const fixed = (head: readonly string[]): Section => ({ head, rows: [], unit: '', most: 0 })

/** Rows of a table with two columns. */
export const factRows = (facts: readonly Fact[]): string[] =>
  facts.map(({ label, value }) => tableRow([`**${label}**`, codeSpan(value, 500)]))
