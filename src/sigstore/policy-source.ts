import type { CertificateSigner, Claims } from './evidence.ts'
import type { Policy } from './policy.ts'
import { exact, exactIf, lineFor, type Rule } from './policy-rule.ts'
import { isBranchOrTag, type WorkflowIdentity } from './workflow-identity.ts'

/** Extension .12 names whose commit was built; the ids tell a repository that was registered again under an old name. */
export function sourceRules(
  { claims }: CertificateSigner,
  workflow: WorkflowIdentity | undefined,
  policy: Policy,
): Rule[] {
  const { sourceRepositoryIdentifier, sourceRepositoryOwnerIdentifier } = claims
  return [
    ...repositoryRule(claims, workflow, policy),
    ...exactIf('id of the source repository', policy.repositoryId, sourceRepositoryIdentifier),
    ...exactIf('id of its owner', policy.ownerId, sourceRepositoryOwnerIdentifier),
  ]
}

/** Without a repository it must be that of the signer, unless the issuer knows of no repositories. */
function repositoryRule(claims: Claims, workflow: WorkflowIdentity | undefined, policy: Policy): Rule[] {
  const found = claims.sourceRepositoryUri
  const what = 'source repository'
  if (policy.repository !== undefined) {
    const expected = `${policy.server}/${policy.repository}`
    return [exact(what, expected, found, repositoryLine(found, policy))]
  }
  if (!policy.ofGitHub) return []
  if (workflow !== undefined) return [exact(what, `${policy.server}/${workflow.repository}`, found)]
  return [{ what, expected: 'the repository of the signer', found, holds: false, caseOnly: false }]
}

function repositoryLine(found: string | undefined, { server, signer, ofGitHub }: Policy): string | undefined {
  const prefix = `${server}/`
  if (found === undefined) return 'name' in signer && !ofGitHub ? 'repository: any' : undefined
  return found.startsWith(prefix) ? lineFor('repository', found.slice(prefix.length)) : undefined
}

/** What was built: ref and commit, and that the signer stood there too. */
export function refRules(claims: Claims, workflow: WorkflowIdentity | undefined, policy: Policy): Rule[] {
  return [
    ...refRule(claims.sourceRepositoryRef, policy),
    ...exactIf('source commit', policy.sourceDigest, claims.sourceRepositoryDigest),
    ...ownRefRule(claims, workflow, policy),
  ]
}

/** The ref asked for; else this run's tag, or any branch or tag, under issuers that know refs. */
function refRule(ref: string | undefined, policy: Policy): Rule[] {
  const line = lineFor('source-ref', ref)
  if (policy.sourceRef !== undefined) return [exact('source ref', policy.sourceRef, ref, line)]
  if (!policy.ofGitHub || policy.run !== undefined) return []
  if (policy.ownTag !== undefined) return [exact("source ref (this run's tag)", policy.ownTag, ref, line)]
  const holds = ref !== undefined && isBranchOrTag(ref)
  return [{ what: 'source ref', expected: 'a branch or tag', found: ref, holds, caseOnly: false, line }]
}

/**
 * Where signer and source are one repository, a pinned workflow alone does not pin what was built: a branch could call
 * the release workflow of another ref. A ref or commit that is asked for does pin it.
 */
function ownRefRule(claims: Claims, workflow: WorkflowIdentity | undefined, policy: Policy): Rule[] {
  const { sourceRepositoryRef: ref, sourceRepositoryDigest: commit, buildSignerDigest } = claims
  const isAsked = policy.sourceRef !== undefined || policy.sourceDigest !== undefined
  if (isAsked || workflow === undefined || !isOwn(claims, workflow, policy)) return []
  const sameCommit = commit !== undefined && (commit === buildSignerDigest || commit === workflow.ref)
  return [
    {
      what: "source ref (the signing workflow's)",
      expected: `${workflow.ref}, or the commit of that workflow`,
      found: ref,
      holds: ref === workflow.ref || sameCommit,
      caseOnly: false,
      line: lineFor('source-ref', ref),
    },
  ]
}

/** GitHub does not tell letter case apart in names, so neither does the question whether there is one repository or two. */
const isOwn = (
  { sourceRepositoryUri }: Claims,
  { repository }: WorkflowIdentity,
  { server }: Policy,
): boolean => sourceRepositoryUri?.toLowerCase() === `${server}/${repository}`.toLowerCase()

/** The very run, in any attempt; the event that began it. */
export function runRules({ buildTrigger, runInvocationUri }: Claims, policy: Policy): Rule[] {
  const { run, trigger } = policy
  const line = lineFor('trigger', buildTrigger)
  return [
    ...(run === undefined ? [] : [runRule(run, runInvocationUri)]),
    ...exactIf('trigger', trigger, buildTrigger, line),
    ...(trigger === undefined && run === undefined && policy.ofGitHub
      ? [triggerRule(buildTrigger, policy, line)]
      : []),
  ]
}

function runRule(run: string, found: string | undefined): Rule {
  const prefix = `${run}/attempts/`
  const attempt = found?.startsWith(prefix) ? found.slice(prefix.length) : ''
  const holds = /^[1-9][0-9]*$/.test(attempt)
  return { what: 'run', expected: `${run} in any attempt`, found, holds, caseOnly: false }
}

function triggerRule(found: string | undefined, { unsafeTriggers }: Policy, line: string | undefined): Rule {
  const isUnsafe = found?.startsWith('pull_request') === true || unsafeTriggers.includes(found ?? '')
  return {
    what: 'trigger',
    expected: 'one at which only members of the repository decide what is built',
    found,
    holds: found !== undefined && !isUnsafe,
    caseOnly: false,
    line,
  }
}
