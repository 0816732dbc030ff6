import { printable } from '../core/printable.ts'
import { ActionError, type ErrorCode } from '../errors.ts'
import type { Claims } from './evidence.ts'
import type { Identity } from './identity.ts'
import type { Predicate } from './statement-write.ts'
import { parseWorkflowIdentity } from './workflow-identity.ts'

export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1'
const BUILD_TYPE = 'https://actions.github.io/buildtypes/workflow/v1'

/** What GitHub says about a run. Every value is a text, ids included; repository, builder and invocation are URIs. */
export interface ProvenanceFacts {
  readonly ref: string
  readonly repository: string
  /** Of the workflow that began the run, below the repository. */
  readonly path: string
  readonly eventName: string
  readonly repositoryId: string
  readonly ownerId: string
  readonly runnerEnvironment: string
  readonly commit: string
  /** The workflow that defines the job, with its ref. */
  readonly builder: string
  readonly invocation: string
}

type Found = { readonly [name in keyof ProvenanceFacts]: string | undefined }

/** Fulcio's extensions .9 to .21 (fulcio docs/oid-info.md). CERT_IDENTITY if one is missing. */
export function provenanceOfCertificate(claims: Claims): ProvenanceFacts {
  const repository = claims.sourceRepositoryUri
  return complete('CERT_IDENTITY', 'the certificate', {
    ref: claims.sourceRepositoryRef,
    repository,
    path: pathOf(claims.buildConfigUri, repository),
    eventName: claims.buildTrigger,
    repositoryId: claims.sourceRepositoryIdentifier,
    ownerId: claims.sourceRepositoryOwnerIdentifier,
    runnerEnvironment: claims.runnerEnvironment,
    commit: claims.sourceRepositoryDigest,
    builder: claims.buildSignerUri,
    invocation: claims.runInvocationUri,
  })
}

/** The claims of a job's token. TOKEN_PROVENANCE if one is missing, as in a token that no job of GitHub Actions has. */
export function provenanceOfToken({ github, server }: Pick<Identity, 'github' | 'server'>): ProvenanceFacts {
  const under = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : `${server}/${path}`
  const repository = under(github.repository)
  const { runId, runAttempt } = github
  const run =
    runId === undefined || runAttempt === undefined
      ? undefined
      : `actions/runs/${runId}/attempts/${runAttempt}`
  return complete('TOKEN_PROVENANCE', 'the identity token', {
    ref: github.ref,
    repository,
    path: pathOf(under(github.workflowRef), repository),
    eventName: github.eventName,
    repositoryId: github.repositoryId,
    ownerId: github.repositoryOwnerId,
    runnerEnvironment: github.runnerEnvironment,
    commit: github.sha,
    builder: under(github.jobWorkflowRef),
    invocation: run && repository && `${repository}/${run}`,
  })
}

/** The part behind the repository and in front of the first `@` that ends a path. */
function pathOf(workflow: string | undefined, repository: string | undefined): string | undefined {
  if (workflow === undefined || repository === undefined) return undefined
  const [, server = '', name = ''] = /^(.*)\/([^/]+\/[^/]+)$/.exec(repository) ?? []
  const parts = parseWorkflowIdentity(workflow, server)
  return parts?.repository === name ? parts.path : undefined
}

function complete(code: ErrorCode, what: string, found: Found): ProvenanceFacts {
  const { ref, repository, path, eventName, repositoryId, ownerId } = found
  const { runnerEnvironment, commit, builder, invocation } = found
  if (ref && repository && path && eventName && repositoryId && ownerId) {
    if (runnerEnvironment && commit && builder && invocation) {
      const first = { ref, repository, path, eventName, repositoryId, ownerId }
      return { ...first, runnerEnvironment, commit, builder, invocation }
    }
  }
  const missing = NAMES.filter(([name]) => !found[name]).map(([, label]) => label)
  throw new ActionError(code, `${what} does not say what provenance needs: ${missing.join(', ')}`)
}

const NAMES: readonly (readonly [keyof ProvenanceFacts, string])[] = [
  ['ref', 'ref'],
  ['repository', 'repository'],
  ['path', 'path of the workflow'],
  ['eventName', 'event'],
  ['repositoryId', 'id of the repository'],
  ['ownerId', 'id of its owner'],
  ['runnerEnvironment', 'kind of runner'],
  ['commit', 'commit'],
  ['builder', 'workflow of the job'],
  ['invocation', 'run'],
]

/** CERT_IDENTITY unless what Fulcio certified is what the token claims, fact by fact. */
export function verifyProvenance(certified: ProvenanceFacts, claimed: ProvenanceFacts): void {
  for (const [name, label] of NAMES) {
    if (certified[name] === claimed[name]) continue
    throw new ActionError('CERT_IDENTITY', `the ${label} of the certificate is not that of the token`, {
      expected: printable(claimed[name]),
      found: printable(certified[name]),
    })
  }
}

/** SLSA provenance v1 of GitHub's build type, member by member what GitHub's own attestations hold. */
export function encodeProvenance(facts: ProvenanceFacts): Predicate {
  const predicate = {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        workflow: { ref: facts.ref, repository: facts.repository, path: facts.path },
      },
      internalParameters: {
        github: {
          event_name: facts.eventName,
          repository_id: facts.repositoryId,
          repository_owner_id: facts.ownerId,
          runner_environment: facts.runnerEnvironment,
        },
      },
      resolvedDependencies: [
        { uri: `git+${facts.repository}@${facts.ref}`, digest: { gitCommit: facts.commit } },
      ],
    },
    runDetails: { builder: { id: facts.builder }, metadata: { invocationId: facts.invocation } },
  }
  return { type: PROVENANCE_TYPE, text: JSON.stringify(predicate) }
}
