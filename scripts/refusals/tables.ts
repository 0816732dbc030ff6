import { verify } from '../../__tests__/sigstore/hostile-bundles.ts'
import { ACTION_CASES } from './action-cases.ts'
import { ADVISORY_CASES, RULE_CASES } from './advisory-cases.ts'
import { BUNDLE_CASES } from './bundle-cases.ts'
import type { Case } from './case.ts'
import { MEASURED } from './measured-cases.ts'
import { DEFAULT_CASES, POLICY_CASES } from './policy-cases.ts'
import { STATEMENT_CASES, WINDOW_CASES } from './statement-cases.ts'

export interface Table {
  readonly title: string
  readonly cases: readonly Case[]
}

const MEASURED_CASES: readonly Case[] = MEASURED.map(([what, code, present]) => ({
  row: what,
  what,
  code,
  attempt: () => verify(present()),
}))

export const TABLES: readonly Table[] = [
  { title: 'hostile cases that a popular library was measured with', cases: MEASURED_CASES },
  { title: 'the rules that follow from them', cases: RULE_CASES },
  { title: 'bundles (rows 101 to 130)', cases: BUNDLE_CASES },
  { title: 'statements, artifacts and certificates (rows 131 to 146)', cases: STATEMENT_CASES },
  { title: 'policies (rows 147 to 164)', cases: POLICY_CASES },
  { title: 'defaults of the policy, each with the attack that it stops', cases: DEFAULT_CASES },
  { title: 'advisories of others', cases: ADVISORY_CASES },
  { title: 'windows of validity: before, first, last, after', cases: WINDOW_CASES },
]

/** Rows of the catalogue that nothing here can be measured against, each with the reason. */
export const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  149: 'an empty input is an unset one, as the runner itself has it; the default policy then holds',
  153: 'there is no mode in which a pattern is a regular expression',
  154: 'there is no mode in which a pattern is a regular expression',
  162: 'there is no policy file',
}

const [FIRST, LAST] = [101, 164]

/** Rows that have neither a case nor a reason. */
export function missingRows(): readonly string[] {
  const covered = new Set([...TABLES.flatMap(({ cases }) => cases), ...ACTION_CASES].map(({ row }) => row))
  return Array.from({ length: LAST - FIRST + 1 }, (_, i) => String(FIRST + i)).filter(
    (row) => !covered.has(row) && NOT_APPLICABLE[row] === undefined,
  )
}
