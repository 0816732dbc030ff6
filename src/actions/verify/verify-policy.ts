import { ActionError } from '../../errors.ts'
import { UNSAFE_TRIGGERS } from '../../sigstore/identity.ts'
import type { Policy } from '../../sigstore/policy.ts'
import { isIssuerOfServer, isPublicGitHubIssuer } from '../../sigstore/workflow-identity.ts'
import type { VerifyInputs } from '../inputs/verify-inputs.ts'
import { assertFacts, type Job } from '../job/job.ts'
import { withoutAbsent } from '../job/present.ts'

const GITHUB = 'https://github.com'

/** Where names stand, as the issuer decides, and whether its tokens are about workflows. */
interface Issuing {
  readonly server: string
  readonly ofGitHub: boolean
}

/** What a release says of where it comes from; `source-ref` and `source-digest` each replace one of them. */
export interface ReleaseRules {
  readonly tag: string
  /** Where the tag points to now. */
  readonly commit?: string
}

const tagRefOf = (release: ReleaseRules | undefined): string | undefined =>
  release === undefined ? undefined : `refs/tags/${release.tag}`

/**
 * The policy of the inputs, and of the job where they leave something out; each default holds until its own input is
 * given. ENVIRONMENT if the job does not say what is needed, POLICY_REQUIRED where nothing would say who may sign,
 * INPUT_CONFLICT for what no signature can fulfil.
 */
export function policyOf(inputs: VerifyInputs, job: Job, now: number, release?: ReleaseRules): Policy {
  const issuing = issuingOf(inputs, job)
  const source = sourceOf(inputs, job, issuing)
  const { server, ofGitHub } = issuing
  const { buildWorkflow, hostedRunners } = inputs
  return {
    issuer: inputs.issuer,
    server,
    ofGitHub,
    signer: signerOf(inputs, source.repository, issuing),
    ...withoutAbsent({
      repository: source.repository,
      repositoryId: source.repositoryId,
      ownerId: source.ownerId,
      ownTag: source.own && release === undefined ? ownTagOf(inputs, job, issuing) : undefined,
      sourceRef: inputs.sourceRef ?? (ofGitHub ? tagRefOf(release) : undefined),
      sourceDigest: commitOf(inputs, job) ?? (ofGitHub ? release?.commit : undefined),
      signerDigest: inputs.signerDigest,
      buildWorkflow: buildWorkflow === undefined ? undefined : `${server}/${buildWorkflow}`,
      trigger: inputs.trigger,
      deploymentEnvironment: inputs.deploymentEnvironment,
      run: runOf(inputs, job, issuing),
      hostedRunners: hostedRunners ? hostedRunners : undefined,
      signedAfter: signedAfterOf(inputs, now),
      predicateType: inputs.predicateType,
    }),
    unsafeTriggers: UNSAFE_TRIGGERS,
  }
}

function issuingOf({ issuer }: VerifyInputs, job: Job): Issuing {
  const ofServer = isIssuerOfServer(issuer, job.serverUrl)
  return { server: ofServer ? job.serverUrl : GITHUB, ofGitHub: ofServer || isPublicGitHubIssuer(issuer) }
}

interface Source {
  readonly repository?: string
  /** Whether it is the repository of this very job, whose ids the runner gives. */
  readonly own: boolean
  readonly repositoryId?: string
  readonly ownerId?: string
}

function sourceOf(inputs: VerifyInputs, job: Job, { server }: Issuing): Source {
  const { repository, repositoryId, ownerId } = inputs
  const asked = withoutAbsent({ repositoryId, ownerId })
  if (repository.kind === 'any') return { own: false, ...asked }
  // A server of one's own may have a repository of the same name: its ids say nothing about the other one.
  const here = job.serverUrl === server
  if (repository.kind === 'own') {
    if (!here) throw elsewhere('`repository`: this one', job, server)
    assertFacts(job, ['repository'])
  }
  const name = repository.kind === 'named' ? repository.name : job.repository
  // Other letter case is no other repository; that the name is not the exact one is for the policy to say.
  const own = here && name?.toLowerCase() === job.repository?.toLowerCase()
  return { ...withoutAbsent({ repository: name }), own, ...(own ? ownIds(inputs, job) : asked) }
}

function ownIds(
  { repositoryId, ownerId }: VerifyInputs,
  job: Job,
): { repositoryId: string; ownerId: string } {
  return {
    repositoryId: repositoryId ?? idOf(job, 'repositoryId'),
    ownerId: ownerId ?? idOf(job, 'repositoryOwnerId'),
  }
}

function idOf(job: Job, name: 'repositoryId' | 'repositoryOwnerId'): string {
  assertFacts(job, [name])
  return job[name] ?? ''
}

function elsewhere(what: string, { serverUrl }: Job, server: string): ActionError {
  return new ActionError(
    'POLICY_REQUIRED',
    `${what} is on ${serverUrl}, and the issuer's names stand under ${server}`,
    {
      hint: 'Give `repository`, or the `certificate-oidc-issuer` of this server.',
    },
  )
}

function signerOf(
  { signer, issuer }: VerifyInputs,
  repository: string | undefined,
  { ofGitHub }: Issuing,
): Policy['signer'] {
  if (signer.kind === 'identity') return { name: signer.name }
  if (signer.kind === 'workflows') return { workflows: signer.workflows }
  if (ofGitHub && repository !== undefined) return { workflows: [{ repository }] }
  throw new ActionError('POLICY_REQUIRED', `nothing says who may sign under the issuer ${issuer}`, {
    hint: 'Give `certificate-identity`: only under an issuer of GitHub is a workflow of the repository the default.',
  })
}

/** In a run for a tag of this repository: that tag, unless ref or run are asked for. */
function ownTagOf({ sourceRef, run }: VerifyInputs, { ref }: Job, { ofGitHub }: Issuing): string | undefined {
  if (!ofGitHub || sourceRef !== undefined || run === 'current') return undefined
  return ref?.startsWith('refs/tags/') === true ? ref : undefined
}

function commitOf({ sourceDigest }: VerifyInputs, job: Job): string | undefined {
  if (sourceDigest?.kind !== 'current') return sourceDigest?.digest
  assertFacts(job, ['sha'])
  return job.sha
}

function runOf({ run, repository }: VerifyInputs, job: Job, { server }: Issuing): string | undefined {
  if (run !== 'current') return undefined
  if (job.serverUrl !== server) throw elsewhere('`run: current`', job, server)
  assertFacts(job, ['repository', 'runId'])
  if (repository.kind === 'named' && repository.name.toLowerCase() !== job.repository.toLowerCase()) {
    throw new ActionError(
      'INPUT_CONFLICT',
      `\`run: current\` is a run of ${job.repository}, and \`repository\` is ${repository.name}`,
    )
  }
  return `${server}/${job.repository}/actions/runs/${job.runId}`
}

function signedAfterOf({ signedAfter }: VerifyInputs, now: number): number | undefined {
  return signedAfter?.kind === 'age' ? now - signedAfter.age : signedAfter?.at
}
