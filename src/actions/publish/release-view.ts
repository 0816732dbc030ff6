import { isJsonObject } from '../../core/json-reader.ts'
import { printable, quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { GitHub } from '../../github/api.ts'
import { uploadUrl } from '../../github/asset-upload.ts'
import { parseGitHubHosts } from '../../github/hosts.ts'
import { type Asset, parseRepositoryName, type Release, type RepositoryName } from '../../github/release.ts'
import { type NamedRelease, requestAssets, requestRelease } from '../../github/releases.ts'
import type { World } from '../../ports.ts'
import type { AskedRelease } from '../inputs/release-inputs.ts'
import type { SignInputs } from '../inputs/sign-inputs.ts'
import { readEvent } from '../job/event.ts'
import type { SignJob } from '../job/job.ts'
import type { SignPlan } from '../sign/sign-plan.ts'

/** A release as it was when the run looked. */
export interface ReleaseView {
  readonly github: GitHub
  readonly repository: RepositoryName
  readonly release: Release
  readonly assets: readonly Asset[]
}

/**
 * Finds the release and what it has. Only reads. RELEASE_NOT_FOUND, INPUT_REQUIRED without a token, INPUT_VALUE for
 * `auto` in a run that is about no release, GITHUB_*.
 */
export async function lookAtRelease(
  { world, http, inputs, job }: Pick<SignPlan, 'world' | 'http' | 'inputs' | 'job'>,
  asked: AskedRelease,
): Promise<ReleaseView> {
  const { sigstore, githubToken: token } = inputs
  if (token === undefined) throw new ActionError('INPUT_REQUIRED', '`release` needs `github-token`')
  const apiUrl = world.runner.env('GITHUB_API_URL') ?? 'https://api.github.com'
  const hosts = parseGitHubHosts(apiUrl, { allowLoopback: sigstore.kind === 'custom' })
  const github = { http, hosts, token }
  const repository = parseRepositoryName(job.repository)
  const named = asked.named === 'auto' ? await nameOfRun(world, job) : asked.named
  const release = await requestRelease(github, repository, named)
  uploadUrl(release, hosts)
  const assets = await requestAssets(github, repository, release)
  return { github, repository, release, assets }
}

/** The release of the event, or else the tag that the run is on. */
async function nameOfRun(world: World, job: SignJob): Promise<NamedRelease> {
  if (job.eventName === 'release') {
    const release = (await readEvent(world, job))?.['release']
    const id = isJsonObject(release) ? release['id'] : undefined
    if (typeof id === 'number' && Number.isSafeInteger(id) && id > 0) return { kind: 'id', id }
  }
  const [, tag] = /^refs\/tags\/(.+)$/.exec(job.ref) ?? []
  if (tag !== undefined) return { kind: 'tag', tag }
  throw new ActionError(
    'INPUT_VALUE',
    `\`release: auto\` names no release: the run is on ${quote(job.ref)} and not about a release`,
    { hint: 'Run on a tag or on the event `release`, or name the release by its tag or its id.' },
  )
}

/** For messages: the tag and, of a draft, that it is one. */
export const nameOf = ({ release: { tag, draft } }: Pick<ReleaseView, 'release'>): string =>
  `${draft ? 'the draft' : 'the release'} ${quote(tag)}`

/**
 * The ref that the run, and later the certificate, must be on: with a release its tag, unless the input says otherwise.
 * REF_UNEXPECTED.
 */
export function expectTag(
  { inputs, job }: Pick<SignPlan, 'inputs' | 'job'>,
  { release }: Pick<ReleaseView, 'release'>,
): SignInputs {
  if (inputs.anyRef || inputs.expectedRef !== undefined) return inputs
  const expectedRef = `refs/tags/${release.tag}`
  if (job.ref === expectedRef) return { ...inputs, expectedRef }
  throw new ActionError('REF_UNEXPECTED', `the run is not on the tag of the release, ${quote(release.tag)}`, {
    expected: printable(expectedRef),
    found: printable(job.ref),
    hint: 'Run the workflow on the tag: whoever verifies the release expects that its files come from there. `expected-ref: any` switches this off.',
  })
}
