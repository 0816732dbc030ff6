/*
 * Left out of the lists, because another check refuses the same with the same code: an empty line in a signed note (its
 * signature lines refuse it), the timestamp that GitHub's instance must have (it has no log that could give a time), the
 * shape of an ECDSA signature (both engines refuse every other one that is known), an entry without a body (no empty body
 * is JSON; the check gives the clearer message).
 */

/** One check of the verifier, and what the source is without it. */
export interface Deletion {
  /** The check in words. */
  readonly check: string
  /** Under `src/`. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly snippet: string
  readonly replacement: string
  /** Tests under `__tests__/` that should see it first. */
  readonly tests: readonly string[]
}

type Edit = readonly [check: string, snippet: string, replacement: string]

export const deletionsOf = (file: string, tests: readonly string[], edits: readonly Edit[]): Deletion[] =>
  edits.map(([check, snippet, replacement]) => ({ check, file, snippet, replacement, tests }))
