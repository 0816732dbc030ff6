import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { GitHub } from '../../github/api.ts'
import { type Asset, parseRepositoryName, type Release, type RepositoryName } from '../../github/release.ts'
import { requestAssets, requestRelease } from '../../github/releases.ts'
import { requestTagCommit } from '../../github/tags.ts'
import type { Http, World } from '../../ports.ts'
import type { Policy } from '../../sigstore/policy.ts'
import type { AskedDownload, VerifyInputs } from '../inputs/verify-inputs.ts'
import type { Job } from '../job/job.ts'
import { githubOf } from '../publish/attestation-store.ts'

/** A release as GitHub shows it now. Nothing of it is trusted yet but what its name and its tag are. */
export interface ShownRelease {
  readonly github: GitHub
  readonly repository: RepositoryName
  readonly release: Release
  /** Where the tag points to, annotated tags peeled. Absent if there is no tag yet, or if nothing asks for it. */
  readonly commit?: string
  /** At least one, each uploaded completely. */
  readonly assets: readonly Asset[]
}

interface Looking {
  readonly world: World
  readonly http: Http
  readonly inputs: VerifyInputs
  readonly job: Job
  readonly policy: Policy
}

/**
 * Finds the release, its assets and the commit of its tag. RELEASE_NOT_FOUND; INPUT_NO_MATCH without an asset,
 * RELEASE_ASSET_STATE with one that is not complete; POLICY_REQUIRED where there is no tag and nothing else names the
 * commit; GITHUB_*.
 */
export async function lookAtRelease(asked: AskedDownload, looking: Looking): Promise<ShownRelease> {
  const { world, http, inputs } = looking
  const github = githubOf(http, world.runner.env('GITHUB_API_URL'), inputs)
  const repository = repositoryOf(looking)
  const release = await requestRelease(github, repository, asked.release)
  const commit = await commitOf(looking, github, repository, release)
  const assets = await requestAssets(github, repository, release)
  assertComplete(assets, release)
  return { github, repository, release, assets, ...(commit !== undefined && { commit }) }
}

function repositoryOf({ policy, job }: Looking): RepositoryName {
  if (policy.repository === undefined) {
    throw new ActionError('INPUT_CONFLICT', '`release` is looked up in `repository`, and that is `any`')
  }
  if (policy.server === job.serverUrl) return parseRepositoryName(policy.repository)
  throw new ActionError(
    'INPUT_CONFLICT',
    `\`release\` is looked up on ${job.serverUrl}, and the issuer's names stand under ${policy.server}`,
    { hint: 'Download the assets in a step of your own and name them with `subject-path`.' },
  )
}

/** The rule holds under GitHub's issuers, like all about refs, until `source-digest` says which commit it must be. */
async function commitOf(
  { policy, inputs }: Looking,
  github: GitHub,
  repository: RepositoryName,
  { tag, draft }: Release,
): Promise<string | undefined> {
  if (!policy.ofGitHub || inputs.sourceDigest !== undefined) return undefined
  const commit = await requestTagCommit(github, repository, tag)
  if (commit !== undefined) return commit
  const yet = draft ? ' yet' : ''
  throw new ActionError('POLICY_REQUIRED', `there is no tag ${quote(tag)}${yet} that would name the commit`, {
    hint: 'Give `source-digest`, the commit that the release is built from (`current` is that of this run), and `source-ref` if it was not built on the tag.',
  })
}

function assertComplete(assets: readonly Asset[], { tag }: Release): void {
  if (assets.length === 0) {
    throw new ActionError(
      'INPUT_NO_MATCH',
      `the release ${quote(tag)} has no asset, and nothing verified is no success`,
      { hint: 'Check that the release is the one that is meant, and that its files are uploaded.' },
    )
  }
  const open = assets.filter(({ state }) => state !== 'uploaded').map(({ name }) => quote(name))
  if (open.length === 0) return
  throw new ActionError(
    'RELEASE_ASSET_STATE',
    `the release ${quote(tag)} has assets that are not uploaded completely: ${open.slice(0, 10).join(', ')}`,
  )
}
