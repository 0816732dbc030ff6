import { createHash } from 'node:crypto'

/** Claims of an identity token that are not about the token itself. May be changed while a sandbox runs. */
export type Claims = Record<string, string | number | boolean | undefined>

/** What the run is about; all other claims follow from it. */
export interface RunFacts {
  /** `owner/name`. */
  readonly repository?: string
  readonly repositoryId?: string
  readonly ownerId?: string
  /** `public`, `internal` or `private`. */
  readonly visibility?: string
  /** `refs/…`. */
  readonly ref?: string
  readonly sha?: string
  /** File name of the workflow. */
  readonly workflow?: string
  /** Of the workflow that defines the job, if it is a called one: `owner/name/.github/workflows/x.yml@ref`. */
  readonly calledWorkflow?: string
  readonly event?: string
  readonly runId?: string
  readonly runAttempt?: string
  readonly environment?: string
  /** `github-hosted` or `self-hosted`. */
  readonly runner?: string
}

const DEFAULTS: Required<Omit<RunFacts, 'calledWorkflow' | 'environment' | 'sha'>> = {
  repository: 'octo/demo',
  repositoryId: '123456',
  ownerId: '654321',
  visibility: 'public',
  ref: 'refs/tags/v1.0.0',
  workflow: 'release.yml',
  event: 'push',
  runId: '42',
  runAttempt: '1',
  runner: 'github-hosted',
}

/** The claims that GitHub puts into the token of such a run (docs oidc.md). */
export function githubClaims(facts: RunFacts = {}): Claims {
  const run = { ...DEFAULTS, ...facts }
  const sha = facts.sha ?? createHash('sha1').update(`commit of ${run.repository} ${run.ref}`).digest('hex')
  const [owner = ''] = run.repository.split('/')
  const workflowRef = `${run.repository}/.github/workflows/${run.workflow}@${run.ref}`
  return {
    sub: `repo:${run.repository}:${subjectOf(run)}`,
    repository: run.repository,
    repository_id: run.repositoryId,
    repository_owner: owner,
    repository_owner_id: run.ownerId,
    repository_visibility: run.visibility,
    ref: run.ref,
    ref_type: run.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: 'false',
    sha,
    head_ref: '',
    base_ref: '',
    event_name: run.event,
    workflow: run.workflow.replace(/\.ya?ml$/, ''),
    workflow_ref: workflowRef,
    workflow_sha: sha,
    job_workflow_ref: facts.calledWorkflow ?? workflowRef,
    job_workflow_sha: sha,
    run_id: run.runId,
    run_number: '7',
    run_attempt: run.runAttempt,
    check_run_id: '7001',
    runner_environment: run.runner,
    actor: 'octocat',
    actor_id: '1',
    ...(facts.environment !== undefined && { environment: facts.environment }),
  }
}

function subjectOf(run: {
  readonly ref: string
  readonly event: string
  readonly environment?: string
}): string {
  if (run.environment !== undefined) return `environment:${run.environment.replaceAll(':', '%3A')}`
  return run.event === 'pull_request' ? 'pull_request' : `ref:${run.ref.replaceAll(':', '%3A')}`
}
