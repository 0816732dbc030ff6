import { UNSAFE_TRIGGERS } from '../sigstore/identity.ts'
import type { Policy } from '../sigstore/policy.ts'
import { isIssuerOfServer, isPublicGitHubIssuer } from '../sigstore/workflow-identity.ts'
import { assertFacts, type Job } from './job.ts'
import type { VerifyInputs } from './verify-inputs.ts'

const GITHUB = 'https://github.com'

/** The policy of the inputs, and of the job where they leave something out. ENVIRONMENT if the job does not say what is needed. */
export function policyOf(inputs: VerifyInputs, job: Job): Policy {
  const { issuer, sourceRef, trigger } = inputs
  const ofServer = isIssuerOfServer(issuer, job.serverUrl)
  const ofGitHub = ofServer || isPublicGitHubIssuer(issuer)
  const source = sourceOf(inputs, job)
  const commit = commitOf(inputs, job)
  const asked = sourceRef !== undefined || commit !== undefined || inputs.run === 'current'
  const tag = source.own && ofGitHub && !asked && job.ref?.startsWith('refs/tags/') ? job.ref : undefined
  const run = runOf(inputs, job, ofServer)
  return {
    issuer,
    server: ofServer ? job.serverUrl : GITHUB,
    ofGitHub,
    signer: signerOf(inputs, source.repository),
    ...(source.repository !== undefined && { repository: source.repository }),
    ...source.ids,
    ...(tag !== undefined && { ownTag: tag }),
    ...(sourceRef !== undefined && { sourceRef }),
    ...(commit !== undefined && { sourceDigest: commit }),
    ...(trigger !== undefined && { trigger }),
    ...(run !== undefined && { run }),
    unsafeTriggers: UNSAFE_TRIGGERS,
  }
}

interface Source {
  readonly repository: string | undefined
  /** Whether it is the repository of this very job, whose ids the runner gives. */
  readonly own: boolean
  readonly ids: Pick<Policy, 'repositoryId' | 'ownerId'>
}

function sourceOf({ repository }: VerifyInputs, job: Job): Source {
  if (repository.kind === 'any') return { repository: undefined, own: false, ids: {} }
  if (repository.kind === 'named' && repository.name !== job.repository) {
    return { repository: repository.name, own: false, ids: {} }
  }
  assertFacts(job, ['repository', 'repositoryId', 'repositoryOwnerId'])
  const ids = { repositoryId: job.repositoryId, ownerId: job.repositoryOwnerId }
  return { repository: job.repository, own: true, ids }
}

function signerOf({ signer }: VerifyInputs, repository: string | undefined): Policy['signer'] {
  if (signer.kind === 'identity') return { name: signer.name }
  if (signer.kind === 'workflows') return { workflows: signer.workflows }
  return { workflows: repository === undefined ? [] : [{ repository }] }
}

function commitOf({ sourceDigest }: VerifyInputs, job: Job): string | undefined {
  if (sourceDigest?.kind !== 'current') return sourceDigest?.digest
  assertFacts(job, ['sha'])
  return job.sha
}

function runOf({ run }: VerifyInputs, job: Job, ofServer: boolean): string | undefined {
  if (run !== 'current') return undefined
  assertFacts(job, ['repository', 'runId'])
  return `${ofServer ? job.serverUrl : GITHUB}/${job.repository}/actions/runs/${job.runId}`
}
