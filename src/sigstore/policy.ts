import { equalBytes } from '../core/bytes.ts'
import { printable } from '../core/printable.ts'
import type { Certificate } from '../core/x509.ts'
import { ActionError } from '../errors.ts'
import { encodeCertificateUri } from './certificate-uri.ts'
import type { CertificateSigner, Claims, Evidence, Verified } from './evidence.ts'
import { isCommit, matchRef, parseWorkflowIdentity, type WorkflowIdentity } from './workflow-identity.ts'

/** Who may have signed, as one exact name. */
export interface ExactIdentity {
  readonly name: string
  readonly issuer: string
  /** The one certificate that is meant, where it is known. */
  readonly certificate?: Certificate
}

/** Which workflow may have signed. Without `path` any of the repository; without `ref` any branch or tag. */
export interface WorkflowRule {
  readonly repository: string
  readonly path?: string
  /** A ref, a commit, or a ref with `*`, which does not cross `/`. */
  readonly ref?: string
}

export interface Policy {
  readonly issuer: string
  /** Where repositories and workflows stand, `https://github.com`. */
  readonly server: string
  /** Whether tokens of the issuer are about workflows, so that their defaults hold. */
  readonly ofGitHub: boolean
  readonly signer: { readonly name: string } | { readonly workflows: readonly WorkflowRule[] }
  /** `owner/name` of the source; without it the source must be the repository of the signer. */
  readonly repository?: string
  readonly repositoryId?: string
  readonly ownerId?: string
  /** The tag of this run: what the source ref must be unless a ref or commit is asked for. */
  readonly ownTag?: string
  readonly sourceRef?: string
  readonly sourceDigest?: string
  readonly trigger?: string
  /** `<server>/<owner>/<name>/actions/runs/<id>`: the run that must have made it, in any attempt. */
  readonly run?: string
  readonly unsafeTriggers: readonly string[]
}

interface Rule {
  readonly what: string
  readonly expected: string
  readonly found: string | undefined
  readonly holds: boolean
  /** The line that would allow what was found. */
  readonly line?: string | undefined
}

const brand = (evidence: Evidence): Verified<Evidence> => evidence as Verified<Evidence>

/** IDENTITY_MISMATCH unless name, issuer and, where given, certificate are exactly these. */
export function verifyIdentity(evidence: Evidence, expected: ExactIdentity): Verified<Evidence> {
  const signer = certificateSigner(evidence)
  assertRules([
    exact('issuer', expected.issuer, signer.claims.issuer),
    exact('signer', expected.name, signer.name.value),
  ])
  if (expected.certificate === undefined) return brand(evidence)
  if (!equalBytes(expected.certificate.raw, signer.certificate.raw)) {
    throw new ActionError('IDENTITY_MISMATCH', 'the bundle holds another certificate of the same identity')
  }
  // A batch of many files keeps one certificate in memory, not one each.
  return brand({ ...evidence, signer: { ...signer, certificate: expected.certificate } })
}

/** For the conformance programs alone: the evidence of a bundle that was verified with a key given from outside. */
export function verifyManagedKey(evidence: Evidence): Verified<Evidence> {
  if (evidence.signer.kind === 'key') return brand(evidence)
  throw new ActionError('BUNDLE_KEY', 'the bundle was not verified with the key')
}

/** The policy of the verify action: exact claims of the certificate's extensions, and the defaults of GitHub's workflows. */
export function verifyPolicy(evidence: Evidence, policy: Policy): Verified<Evidence> {
  const signer = certificateSigner(evidence)
  const workflow = workflowOf(signer, policy.server)
  assertRules([
    {
      ...exact('issuer', policy.issuer, signer.claims.issuer),
      line: lineFor('certificate-oidc-issuer', signer.claims.issuer),
    },
    ...sourceRules(signer, workflow, policy),
    ...signerRules(signer, workflow, policy),
    ...refRules(signer.claims, workflow, policy),
    ...runRules(signer.claims, policy),
  ])
  return brand(evidence)
}

/** From extension .9, which holds the ref as it is; in the URI of the name other characters than ASCII are escaped. */
const workflowOf = ({ name, claims }: CertificateSigner, server: string): WorkflowIdentity | undefined =>
  name.type === 'uri' ? parseWorkflowIdentity(claims.buildSignerUri ?? name.value, server) : undefined

function certificateSigner({ signer }: Evidence): CertificateSigner {
  if (signer.kind === 'certificate') return signer
  throw new ActionError('BUNDLE_KEY', 'a long-lived key has no identity')
}

const exact = (what: string, expected: string, found: string | undefined): Rule => ({
  what,
  expected,
  found,
  holds: found === expected,
})

const lineFor = (input: string, value: string | undefined): string | undefined =>
  value === undefined ? undefined : `${input}: ${printable(value)}`

function assertRules(rules: readonly Rule[]): void {
  const broken = rules.find(({ holds }) => !holds)
  if (broken === undefined) return
  const { what, expected, found, line } = broken
  const case_ = found !== undefined && found.toLowerCase() === expected.toLowerCase()
  throw new ActionError(
    'IDENTITY_MISMATCH',
    `the ${what} is ${case_ ? 'spelled with other letter case' : 'another one'}`,
    {
      expected: printable(expected, 500),
      found: found === undefined ? 'absent from the certificate' : printable(found, 500),
      ...(line !== undefined && {
        hint: `The signature is good, but by somebody else than the policy names. If that signer is the one you mean, add \`${line}\`.`,
      }),
    },
  )
}

/** Extension .12 names whose commit was built; the ids tell a repository that was registered again under an old name. */
function sourceRules(
  { claims }: CertificateSigner,
  workflow: WorkflowIdentity | undefined,
  policy: Policy,
): Rule[] {
  const found = claims.sourceRepositoryUri
  const prefix = `${policy.server}/`
  const line = found?.startsWith(prefix) ? lineFor('repository', found.slice(prefix.length)) : undefined
  const ids = [
    ...(policy.repositoryId === undefined
      ? []
      : [exact('id of the source repository', policy.repositoryId, claims.sourceRepositoryIdentifier)]),
    ...(policy.ownerId === undefined
      ? []
      : [exact('id of the owner', policy.ownerId, claims.sourceRepositoryOwnerIdentifier)]),
  ]
  if (policy.repository !== undefined) {
    return [{ ...exact('source repository', prefix + policy.repository, found), line }, ...ids]
  }
  if (!policy.ofGitHub) return ids
  return [
    exact('source repository', workflow ? prefix + workflow.repository : 'that of the signer', found),
    ...ids,
  ]
}

function signerRules(
  signer: CertificateSigner,
  workflow: WorkflowIdentity | undefined,
  policy: Policy,
): Rule[] {
  const { name, claims } = signer
  const uri = claims.buildSignerUri
  const agrees = uri === undefined ? [] : [exact('build signer', name.value, encodeCertificateUri(uri))]
  if ('name' in policy.signer) {
    return [exact('signer', policy.signer.name, name.value), ...(policy.ofGitHub ? agrees : [])]
  }
  const { workflows } = policy.signer
  const holds =
    name.type === 'uri' && workflow !== undefined && workflows.some((rule) => isAllowed(workflow, rule))
  return [
    {
      what: 'signing workflow',
      expected: workflows.map((rule) => describe(rule)).join(' or '),
      found: name.value,
      holds,
      line: workflow && lineFor('signer-workflow', `${workflow.repository}/${workflow.path}@${workflow.ref}`),
    },
    ...agrees,
  ]
}

const describe = ({ repository, path, ref }: WorkflowRule): string =>
  `${path === undefined ? `a workflow in ${repository}` : `${repository}/${path}`}${ref === undefined ? ' on a branch or tag' : `@${ref}`}`

/** A commit behind the `@` may be a fork's: it is allowed only where the rule names it, or `*`. */
function isAllowed(workflow: WorkflowIdentity, rule: WorkflowRule): boolean {
  if (workflow.repository !== rule.repository) return false
  if (rule.path !== undefined && workflow.path !== rule.path) return false
  if (rule.ref === undefined) return isBranchOrTag(workflow.ref)
  if (rule.ref === '*') return isCommit(workflow.ref) || isBranchOrTag(workflow.ref)
  return matchRef(rule.ref, workflow.ref)
}

const isBranchOrTag = (ref: string): boolean => /^refs\/(?:heads|tags)\/./.test(ref)

/**
 * What was built. Where signer and source are one repository, a pinned workflow alone does not pin the commit: a branch
 * could call the release workflow of another ref.
 */
function refRules(claims: Claims, workflow: WorkflowIdentity | undefined, policy: Policy): Rule[] {
  const { sourceRepositoryRef: ref, sourceRepositoryDigest: commit } = claims
  if (policy.sourceRef !== undefined || policy.sourceDigest !== undefined) {
    return [
      ...(policy.sourceRef === undefined
        ? []
        : [{ ...exact('source ref', policy.sourceRef, ref), line: lineFor('source-ref', ref) }]),
      ...(policy.sourceDigest === undefined ? [] : [exact('source commit', policy.sourceDigest, commit)]),
    ]
  }
  if (!policy.ofGitHub) return []
  const onBranch: Rule = {
    what: 'source ref',
    expected: 'a branch or tag',
    found: ref,
    holds: ref !== undefined && isBranchOrTag(ref),
    line: lineFor('source-ref', ref),
  }
  const ofThisRun =
    policy.ownTag === undefined
      ? onBranch
      : { ...exact("source ref (this run's tag)", policy.ownTag, ref), line: lineFor('source-ref', ref) }
  return [...(policy.run === undefined ? [ofThisRun] : []), ...ownRefRule(claims, workflow, policy)]
}

function ownRefRule(claims: Claims, workflow: WorkflowIdentity | undefined, { server }: Policy): Rule[] {
  const { sourceRepositoryRef: ref, sourceRepositoryDigest: commit, buildSignerDigest } = claims
  if (workflow === undefined || claims.sourceRepositoryUri !== `${server}/${workflow.repository}`) return []
  const sameCommit = commit !== undefined && (commit === buildSignerDigest || commit === workflow.ref)
  return [
    {
      what: 'source ref',
      expected: `${workflow.ref}, the ref of the signing workflow`,
      found: ref,
      holds: ref === workflow.ref || sameCommit,
      line: lineFor('source-ref', ref),
    },
  ]
}

function runRules({ buildTrigger, runInvocationUri }: Claims, policy: Policy): Rule[] {
  const { run, trigger } = policy
  const rules: Rule[] = []
  if (run !== undefined) {
    const attempt = runInvocationUri?.startsWith(`${run}/attempts/`)
      ? runInvocationUri.slice(run.length + '/attempts/'.length)
      : ''
    rules.push({
      what: 'run',
      expected: `${run} in any attempt`,
      found: runInvocationUri,
      holds: /^[1-9][0-9]*$/.test(attempt),
    })
  }
  if (trigger !== undefined) {
    rules.push({ ...exact('trigger', trigger, buildTrigger), line: lineFor('trigger', buildTrigger) })
  } else if (policy.ofGitHub && run === undefined) {
    rules.push({
      what: 'trigger',
      expected: 'one at which only members of the repository decide what is built',
      found: buildTrigger,
      holds: buildTrigger !== undefined && !isUnsafe(buildTrigger, policy),
      line: lineFor('trigger', buildTrigger),
    })
  }
  return rules
}

const isUnsafe = (trigger: string, { unsafeTriggers }: Policy): boolean =>
  trigger.startsWith('pull_request') || unsafeTriggers.includes(trigger)
