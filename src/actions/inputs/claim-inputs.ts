import { parseTimestamp } from '../../sigstore/window.ts'
import { isCommit } from '../../sigstore/workflow-identity.ts'
import { assertExact, parseWorkflow, policySyntax, policyTooBroad, splitAtRef } from './policy-inputs.ts'
import { findRefFault } from './ref-syntax.ts'

/** The oldest signature that will do: a moment, or an age. Milliseconds. */
export type SignedAfter =
  | { readonly kind: 'time'; readonly at: number }
  | { readonly kind: 'age'; readonly age: number }

/** A commit as 40 or 64 lower-case hexadecimal digits. POLICY_SYNTAX. */
export function parseSignerDigest(value: string): string {
  if (isCommit(value)) return value
  const corrected = value.replace(/^(?:git)?sha(?:1|256)?:/i, '').toLowerCase()
  const why = 'it must be a commit as 40 or 64 lower-case hexadecimal digits'
  throw policySyntax('signer-digest', value, why, isCommit(corrected) ? corrected : undefined)
}

/** `owner/repo/.github/workflows/x.yml@refs/…`, exactly. POLICY_SYNTAX, POLICY_TOO_BROAD. */
export function parseBuildWorkflow(value: string): string {
  const name = 'build-workflow'
  const { ref } = splitAtRef(value)
  parseWorkflow(name, value)
  if (ref === undefined) {
    throw policySyntax(
      name,
      value,
      'it must end in `@` and the full ref of the workflow, such as `@refs/heads/main`',
    )
  }
  if (ref.includes('*')) {
    throw policyTooBroad(name, value, '`*` is allowed in the ref of `signer-workflow` only')
  }
  const fault = findRefFault(ref)
  if (fault === undefined) return value
  throw policySyntax(name, value, `behind the \`@\` ${fault}`)
}

/** The name of a deployment environment. POLICY_SYNTAX, POLICY_TOO_BROAD. */
export function parseEnvironment(value: string): string {
  assertExact('deployment-environment', value)
  if (value.length <= 255) return value
  throw policySyntax('deployment-environment', value, 'no environment has a name of more than 255 characters')
}

/** The number of a repository or of its owner. POLICY_SYNTAX. */
export function parseId(name: 'repository-id' | 'owner-id', value: string): string {
  if (/^[1-9][0-9]{0,19}$/.test(value)) return value
  const member = name === 'owner-id' ? '.owner.id' : '.id'
  const why = `it must be the number that \`gh api repos/owner/name --jq ${member}\` prints`
  throw policySyntax(name, value, why, /^0+[1-9][0-9]*$/.test(value) ? value.replace(/^0+/, '') : undefined)
}

/** The type of an attestation, a URI. POLICY_SYNTAX, POLICY_TOO_BROAD. */
export function parsePredicateType(value: string): string {
  assertExact('predicate-type', value)
  if (/^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$/.test(value)) return value
  const why = 'it must be the whole type, such as `https://slsa.dev/provenance/v1`'
  throw policySyntax('predicate-type', value, why)
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 7 * 86_400_000],
])

/** A time as RFC 3339 writes it, or an age: `12h`, `30d`, `8w`. POLICY_SYNTAX. */
export function parseSignedAfter(value: string): SignedAfter {
  const [, digits, unit = ''] = /^([1-9][0-9]{0,4})([hdw])$/.exec(value) ?? []
  const age = Number(digits) * (UNIT_MS.get(unit) ?? Number.NaN)
  if (age > 0) return { kind: 'age', age }
  const why = 'it must be a time such as `2026-11-24T12:00:00Z`, or an age such as `12h`, `30d` or `8w`'
  try {
    return { kind: 'time', at: parseTimestamp(value, 'POLICY_SYNTAX', 'signed-after') }
  } catch {
    const corrected = /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : undefined
    throw policySyntax('signed-after', value, why, corrected)
  }
}
