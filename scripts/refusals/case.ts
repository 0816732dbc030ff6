import { type Presented, verdictOf, verify } from '../../__tests__/sigstore/hostile-bundles.ts'
import type { ErrorCode } from '../../src/errors.ts'

/** One row of a table of refusals: wrong in one point, and the one code that is right. */
export interface Case {
  /** Number of the row in the catalogue of bad input, or name of the advisory. */
  readonly row: string
  readonly what: string
  /** `accepted` for the honest neighbour of a row. */
  readonly code: ErrorCode | 'accepted'
  /** Throws the refusal. */
  readonly attempt: () => unknown
}

export type Presentation = () => Presented

/** A bundle shown to the verifier. */
export const shown = (
  row: number | string,
  what: string,
  code: Case['code'],
  present: Presentation,
): Case => ({
  row: String(row),
  what,
  code,
  attempt: () => verify(present()),
})

/** Anything else that refuses by throwing. */
export const tried = (
  row: number | string,
  what: string,
  code: Case['code'],
  attempt: () => unknown,
): Case => ({
  row: String(row),
  what,
  code,
  attempt,
})

export const verdictOn = ({ attempt }: Case): string => {
  try {
    return verdictOf(attempt)
  } catch (error) {
    return `bug: ${String(error)}`
  }
}
