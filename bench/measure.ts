/** One line of the table. */
export interface Row {
  readonly what: string
  /** Medians where there are several. */
  readonly found: string
  /** How many times better than the one it is compared with; absent where there is none. */
  readonly ratio?: number
  /** As `docs/performance.md` says it; empty where a number only stands for comparison. */
  readonly bar: string
  /** undefined where there is no bar, or where this run was too small to judge it. */
  readonly met?: boolean
  /** The goal behind the bar, where there is one. */
  readonly goal?: string
  readonly goalMet?: boolean
  /** All that was measured, units in the names. */
  readonly numbers: Readonly<Record<string, number>>
}

export interface Size {
  readonly kind: 'quick' | 'usual' | 'full'
}

export interface Measure {
  /** `npm run bench -- <name>` repeats it alone. */
  readonly name: string
  readonly title: string
  /** How it is measured, in Markdown, for the documentation. */
  readonly how: string
  /** Throws if something could not be measured, or if a count that must be exact is not. */
  readonly run: (size: Size) => Promise<readonly Row[]>
}

/** The middle one; of an even number the mean of the middle two. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('no values to take the median of')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}

/** What one of the three sizes of a run uses. */
export const bySize = <T>({ kind }: Size, sizes: Readonly<Record<Size['kind'], T>>): T => sizes[kind]

export const show = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
