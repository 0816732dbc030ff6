import type { Secret } from '../../core/secret.ts'
import { ActionError } from '../../errors.ts'
import type { GitHub } from '../../github/api.ts'
import { parseGitHubHosts } from '../../github/hosts.ts'
import type { Http } from '../../ports.ts'
import type { Policy } from '../../sigstore/policy.ts'
import { parseWorkflowIdentity } from '../../sigstore/workflow-identity.ts'
import type { Job } from '../job/job.ts'

/** GitHub's store of attestations, for one repository. */
export interface AttestationStore {
  readonly github: GitHub
  /** `owner/name`. */
  readonly repository: string
}

export const GITHUB_API = 'https://api.github.com'

/** GitHub as this job reaches it. ENVIRONMENT for an address that no runner sets. */
export function githubOf(
  http: Http,
  apiUrl: string | undefined,
  {
    githubToken: token,
    sigstore,
  }: { readonly githubToken?: Secret; readonly sigstore: { readonly kind: string } },
): GitHub {
  const hosts = parseGitHubHosts(apiUrl ?? GITHUB_API, { allowLoopback: sigstore.kind === 'custom' })
  return { http, hosts, ...(token !== undefined && { token }) }
}

/**
 * In whose store attestations are looked for: that of the source repository or, where any will do, of the workflow that
 * must have signed, else of this job. INPUT_CONFLICT where those names are not of the server that the job can ask.
 */
export function repositoryOfStore({ repository, signer, server }: Policy, job: Job): string {
  if (job.serverUrl !== server) {
    throw new ActionError(
      'INPUT_CONFLICT',
      `GitHub's store is that of ${job.serverUrl}, and the issuer's names stand under ${server}`,
      { hint: 'Set `bundle-source: file`, and bring the bundle along.' },
    )
  }
  const workflow = 'name' in signer ? parseWorkflowIdentity(signer.name, server) : undefined
  const found = repository ?? workflow?.repository ?? job.repository
  if (found !== undefined) return found
  throw new ActionError('ENVIRONMENT', 'the environment lacks GITHUB_REPOSITORY')
}
