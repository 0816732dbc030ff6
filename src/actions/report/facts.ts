import { countText } from '../../core/counts.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Claims, Evidence, VerifiedTime } from '../../sigstore/evidence.ts'
import type { Policy, WorkflowRule } from '../../sigstore/policy.ts'
import type { TrustInfo } from '../job/trust-source.ts'
import type { SignerIdentity, SubjectOutcome } from './outcome.ts'

/** What was proven, as names and plain values. Nothing here is escaped: the values are foreign text. */

/** A label of ours and a foreign value. */
export interface Fact {
  readonly label: string
  readonly value: string
}

const LABELS: readonly (readonly [keyof Claims, string])[] = [
  ['issuer', 'Issuer'],
  ['sourceRepositoryUri', 'Source repository'],
  ['sourceRepositoryDigest', 'Commit'],
  ['sourceRepositoryRef', 'Branch or tag'],
  ['buildSignerUri', 'Signing workflow'],
  ['buildSignerDigest', 'Commit of that workflow'],
  ['buildConfigUri', 'Workflow that started the run'],
  ['buildTrigger', 'Trigger'],
  ['runnerEnvironment', 'Runner'],
  ['runInvocationUri', 'Run'],
  ['deploymentEnvironment', 'Environment'],
  ['sourceRepositoryVisibility', 'Visibility'],
]

/** Who signed and what was built, in the order in which people ask. What only repeats another line is left out. */
export function signerFacts({ name, claims }: SignerIdentity): readonly Fact[] {
  const shown = new Set([name.value])
  const facts: Fact[] = [{ label: 'Signed by', value: name.value }]
  for (const [claim, label] of LABELS) {
    const value = claims[claim]
    const repeats = claim.endsWith('Uri') && value !== undefined && shown.has(value)
    if (value === undefined || repeats) continue
    if (claim === 'buildSignerDigest' && value === claims.sourceRepositoryDigest) continue
    shown.add(value)
    facts.push({ label, value })
  }
  return facts
}

const workflowText = ({ repository, path, ref }: WorkflowRule): string =>
  `${path === undefined ? `any workflow in ${repository}` : `${repository}/${path}`} ${ref === undefined ? 'on a branch or tag' : `at ${ref}`}`

/** What the policy of a verification asks for. */
export function policyFacts(policy: Policy): readonly Fact[] {
  const signer =
    'name' in policy.signer
      ? policy.signer.name
      : policy.signer.workflows.map((rule) => workflowText(rule)).join(', or ')
  const defaults = policy.ofGitHub && policy.run === undefined
  const asked: readonly (readonly [string, string | undefined])[] = [
    ['Signed by', signer],
    ['Issuer', policy.issuer],
    ['Source repository', policy.repository ?? (policy.ofGitHub ? 'the repository of the signer' : 'any')],
    ['Id of the repository', policy.repositoryId],
    ['Id of its owner', policy.ownerId],
    [
      'Branch or tag',
      policy.sourceRef ?? policy.ownTag ?? (defaults ? 'any, but no pull request' : undefined),
    ],
    ['Commit', policy.sourceDigest],
    ['Commit of the signing workflow', policy.signerDigest],
    ['Workflow that started the run', policy.buildWorkflow],
    ['Trigger', policy.trigger ?? (defaults ? 'none at which strangers decide what is built' : undefined)],
    ['Environment', policy.deploymentEnvironment],
    ['Run', policy.run],
    ['Runner', policy.hostedRunners === true ? 'github-hosted' : undefined],
    ['Signed at or after', policy.signedAfter === undefined ? undefined : timeText(policy.signedAfter)],
    ['What counts', policy.predicateType ?? 'plain signatures and SLSA provenance'],
  ]
  return asked.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]))
}

/** `2026-11-24 11:41:51 UTC`. */
export function timeText(milliseconds: number): string {
  const date = new Date(milliseconds)
  if (Number.isNaN(date.getTime())) return `${milliseconds} ms after 1970`
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

export const voucherText = ({ by, source }: VerifiedTime): string => `${by} (${source})`

/** Everyone who vouches for a time, each once. */
export const vouchers = ({ times }: Evidence): string => [...new Set(times.map(voucherText))].join(', ')

/** The log and the index of each entry. */
export const entriesText = ({ entries }: Evidence): string =>
  entries.map(({ log, index, ofTree }) => `${log} entry ${index}${ofTree ? ' of its tree' : ''}`).join(', ')

/** The trusted root in words: which one, from where, how old. `name` is foreign text where it is a file. */
export function trustText({ source, version, date, ageDays }: TrustInfo): string {
  const origin = source === 'shipped' ? 'shipped with this version of the action' : 'from a file'
  const edition = version === undefined ? '' : `, version ${version}`
  const dated = date === undefined ? '' : `, dated ${date}`
  const age = ageDays === undefined ? '' : ` (${countText(ageDays, 'day')} old)`
  return `${origin}${edition}${dated}${age}`
}

/** Failed, good, not reached; each in the order they came. */
export function sortSubjects(subjects: readonly SubjectOutcome[]): {
  readonly failed: readonly SubjectOutcome[]
  readonly good: readonly (SubjectOutcome & Required<Pick<SubjectOutcome, 'evidence'>>)[]
  readonly open: readonly SubjectOutcome[]
} {
  const failed = subjects.filter(({ error }) => error !== undefined)
  const good = subjects.flatMap((subject) =>
    subject.error === undefined && subject.evidence !== undefined
      ? [{ ...subject, evidence: subject.evidence }]
      : [],
  )
  const open = subjects.filter(({ error, evidence }) => error === undefined && evidence === undefined)
  return { failed, good, open }
}

/** The signer of a good subject; undefined for a long-lived key, which names nobody. */
export function signerOf({ evidence }: { readonly evidence?: Evidence }): SignerIdentity | undefined {
  if (evidence?.signer.kind !== 'certificate') return undefined
  return { name: evidence.signer.name, claims: evidence.signer.claims }
}

/** Equal for signers of the same name and claims. */
export const signerKey = ({ name, claims }: SignerIdentity): string =>
  JSON.stringify([name.type, name.value, Object.entries(claims).sort(([a], [b]) => (a < b ? -1 : 1))])

/** The codes of all failures, each once. */
export const failureCodes = (subjects: readonly SubjectOutcome[]): readonly ErrorCode[] => [
  ...new Set(subjects.flatMap(({ error }) => (error === undefined ? [] : [error.code]))),
]

/** What the good subjects have in common if one bundle over all of them was made or checked: all but name and digest. */
export interface SharedBundle {
  readonly bundlePath: string
  readonly kept: boolean
  readonly evidence: Evidence
}

/** undefined unless all are of one bundle, and more than one of them. */
export function sharedBundle(good: ReturnType<typeof sortSubjects>['good']): SharedBundle | undefined {
  const [first, ...others] = good
  if (first?.bundlePath === undefined || first.evidence.statement === undefined || others.length === 0) {
    return undefined
  }
  const key = bundleKey(first)
  if (!others.every((one) => bundleKey(one) === key)) return undefined
  return { bundlePath: first.bundlePath, kept: first.kept === true, evidence: first.evidence }
}

/** In a `.jsonl` several bundles have one path, but each has its own signed time and entries. */
const bundleKey = ({ bundlePath, kept, evidence }: SubjectOutcome): string =>
  JSON.stringify([
    bundlePath,
    kept === true,
    evidence?.statement?.predicateType,
    evidence && entriesText(evidence),
    evidence?.times,
  ])
