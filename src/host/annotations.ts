import { error, info, notice, warning } from '@actions/core'
import { printable } from '../core/printable.ts'

/** Characters of one line. Annotations are cut at 4096 by the runner, the code and our escapes included. */
const LONGEST = 4000

export const harmless = (text: string): string => printable(text, LONGEST)

/** An annotation may have several lines, which travel escaped. */
const harmlessLines = (text: string): string => text.split('\n').map(harmless).join('\n')

/** The runner records ten of each kind a step; one more is needed for the count of the rest. */
const MOST = 8

const PRINT = { notice, warning, error } as const

type Kind = keyof typeof PRINT

export interface Annotations {
  readonly add: (kind: Kind, message: string, title?: string) => void
  /** Says how many were shown as plain lines only. Does so once. */
  readonly end: () => void
}

/** The first eight of a kind are annotations, later ones plain lines in the log. */
export function startAnnotations(): Annotations {
  const counts: Record<Kind, number> = { notice: 0, warning: 0, error: 0 }
  return {
    add: (kind, message, title) => {
      counts[kind] += 1
      if (counts[kind] > MOST) info(`${kind}: ${harmless(message)}`)
      else PRINT[kind](harmlessLines(message), title === undefined ? {} : { title: printable(title) })
    },
    end: () => {
      for (const kind of ['notice', 'warning', 'error'] as const) {
        const more = counts[kind] - MOST
        if (more > 0) PRINT[kind](`… and ${more} more, see the summary`)
        counts[kind] = 0
      }
    },
  }
}
