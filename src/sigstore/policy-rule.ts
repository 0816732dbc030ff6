import { printable } from '../core/printable.ts'
import { ActionError } from '../errors.ts'

/** One thing that a policy asks of a certificate, and what stands there. */
export interface Rule {
  /** `source ref`, `trigger`: words of ours. */
  readonly what: string
  readonly expected: string
  /** undefined where the certificate does not say it, which is never right. */
  readonly found: string | undefined
  readonly holds: boolean
  /** Nothing but letter case is wrong. */
  readonly caseOnly: boolean
  /** The input line that would allow what was found. */
  readonly line?: string | undefined
}

const MOST = 500

export const exact = (what: string, expected: string, found: string | undefined, line?: string): Rule => ({
  what,
  expected,
  found,
  holds: found === expected,
  caseOnly: found !== undefined && found !== expected && found.toLowerCase() === expected.toLowerCase(),
  line,
})

/** An exact rule, where the policy has one. */
export const exactIf = (
  what: string,
  expected: string | undefined,
  found: string | undefined,
  line?: string,
): Rule[] => (expected === undefined ? [] : [exact(what, expected, found, line)])

export const lineFor = (input: string, value: string | undefined): string | undefined =>
  value === undefined ? undefined : `${input}: ${printable(value, MOST)}`

/** The rules in words, for the list of checks. IDENTITY_MISMATCH for the first that is broken, the others named. */
export function assertRules(rules: readonly Rule[]): readonly string[] {
  const [broken, ...others] = rules.filter(({ holds }) => !holds)
  if (broken === undefined) return rules.map(({ what }) => `${what} as the policy asks`)
  const { what, expected, found } = broken
  const also = others.length === 0 ? '' : `; also wrong: ${others.map((rule) => rule.what).join(', ')}`
  const hint = hintFor(broken)
  throw new ActionError('IDENTITY_MISMATCH', `${describe(what, broken)}${also}`, {
    expected: printable(expected, MOST),
    found: found === undefined ? 'absent from the certificate' : printable(found, MOST),
    ...(hint !== undefined && { hint }),
  })
}

function describe(what: string, { found, caseOnly }: Rule): string {
  if (found === undefined) return `the certificate names no ${what}`
  return caseOnly ? `the ${what} is spelled with other letter case` : `the ${what} is not the one asked for`
}

function hintFor({ line, caseOnly }: Rule): string | undefined {
  if (caseOnly) {
    const write = line === undefined ? 'Write it as it was found.' : `Write \`${line}\`.`
    return `Only the letter case differs, and it counts. ${write}`
  }
  if (line === undefined) return undefined
  return `The signature is good, but by somebody else than the policy names. If that signer is the one you mean, add \`${line}\`.`
}
