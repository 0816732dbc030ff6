import { encodeCertificateUri } from './certificate-uri.ts'
import type { CertificateSigner, Claims } from './evidence.ts'
import type { Policy, WorkflowRule } from './policy.ts'
import { exact, exactIf, lineFor, type Rule } from './policy-rule.ts'
import {
  isBranchOrTag,
  isCommit,
  isPublicGitHubIssuer,
  matchRef,
  parseWorkflowIdentity,
  type WorkflowIdentity,
} from './workflow-identity.ts'

/**
 * From extension .9, which holds the ref as it is; in the URI of the name other characters than ASCII are escaped.
 * undefined if the signer is no workflow under this server.
 */
export const workflowOf = (
  { name, claims }: CertificateSigner,
  server: string,
): WorkflowIdentity | undefined =>
  name.type === 'uri' ? parseWorkflowIdentity(claims.buildSignerUri ?? name.value, server) : undefined

/** Exactly this issuer. The line to add is printed for GitHub's own alone: any other is no slip of the pen. */
export const issuerRule = (found: string | undefined, issuer: string): Rule =>
  exact(
    'issuer',
    issuer,
    found,
    found !== undefined && isPublicGitHubIssuer(found)
      ? lineFor('certificate-oidc-issuer', found)
      : undefined,
  )

/** Who signed: the name, or the workflow and where it stood; and that name and extension .9 say the same. */
export function signerRules(
  signer: CertificateSigner,
  workflow: WorkflowIdentity | undefined,
  policy: Policy,
): Rule[] {
  const { name, claims } = signer
  const uri = claims.buildSignerUri
  const agrees = uri === undefined ? [] : [exact('build signer', name.value, encodeCertificateUri(uri))]
  if ('name' in policy.signer) {
    return [nameRule(signer, policy.signer.name), ...(policy.ofGitHub ? agrees : [])]
  }
  return [workflowRule(signer, workflow, policy.signer.workflows, policy), ...agrees]
}

/** A text that begins like a URI is one: a mail address or user name that looks the same is somebody else's. */
export function nameRule({ name }: CertificateSigner, expected: string): Rule {
  const rule = exact('signer', expected, name.value)
  const isUri = /^[A-Za-z][A-Za-z0-9+.-]*:/.test(expected)
  return { ...rule, holds: rule.holds && isUri === (name.type === 'uri') }
}

function workflowRule(
  { name, claims }: CertificateSigner,
  workflow: WorkflowIdentity | undefined,
  workflows: readonly WorkflowRule[],
  policy: Policy,
): Rule {
  const holds = (found: WorkflowIdentity, rules: readonly WorkflowRule[]): boolean =>
    rules.some((rule) => isAllowed(found, rule, claims, policy))
  const good = workflow !== undefined && holds(workflow, workflows)
  return {
    what: 'signing workflow',
    expected: workflows.map((rule) => describe(rule)).join(' or '),
    found: name.value,
    holds: good,
    caseOnly: !good && workflow !== undefined && holds(lower(workflow), workflows.map(lower)),
    line: workflow && lineFor('signer-workflow', `${workflow.repository}/${workflow.path}@${workflow.ref}`),
  }
}

const lower = <T extends WorkflowRule>(rule: T): T => ({
  ...rule,
  repository: rule.repository.toLowerCase(),
  ...(rule.path !== undefined && { path: rule.path.toLowerCase() }),
  ...(rule.ref !== undefined && { ref: rule.ref.toLowerCase() }),
})

const describe = ({ repository, path, ref }: WorkflowRule): string =>
  `${path === undefined ? `a workflow in ${repository}` : `${repository}/${path}`}${ref === undefined ? ' on a branch or tag' : `@${ref}`}`

/** A commit behind the `@` may be a fork's: it is allowed only where the rule names it, or `*`. */
function isAllowed(workflow: WorkflowIdentity, rule: WorkflowRule, claims: Claims, policy: Policy): boolean {
  if (workflow.repository !== rule.repository) return false
  if (rule.path !== undefined && workflow.path !== rule.path) return false
  if (rule.ref === undefined) return isUsualRef(workflow.ref, claims, policy)
  return rule.ref === '*' ? isCommit(workflow.ref) : matchRef(rule.ref, workflow.ref)
}

/** A branch or tag; where the very run is demanded, a pull request's own ref as well. */
function isUsualRef(ref: string, { sourceRepositoryRef }: Claims, { run }: Policy): boolean {
  const ofThisPull = run !== undefined && /^refs\/pull\/./.test(ref) && ref === sourceRepositoryRef
  return ofThisPull || isBranchOrTag(ref)
}

/** The workflow file's commit, the workflow that began the run, and where it ran. */
export function buildRules(claims: Claims, policy: Policy): Rule[] {
  const { buildConfigUri, buildSignerDigest, deploymentEnvironment, runnerEnvironment } = claims
  const prefix = `${policy.server}/`
  const config = buildConfigUri?.startsWith(prefix) ? buildConfigUri.slice(prefix.length) : undefined
  return [
    ...exactIf('commit of the signing workflow', policy.signerDigest, buildSignerDigest),
    ...exactIf('build workflow', policy.buildWorkflow, buildConfigUri, lineFor('build-workflow', config)),
    ...exactIf(
      'deployment environment',
      policy.deploymentEnvironment,
      deploymentEnvironment,
      lineFor('deployment-environment', deploymentEnvironment),
    ),
    ...exactIf(
      'kind of runner',
      policy.hostedRunners === true ? 'github-hosted' : undefined,
      runnerEnvironment,
    ),
  ]
}
