import { parseJwt } from '../../core/jwt.ts'
import { quote } from '../../core/printable.ts'
import { Secret } from '../../core/secret.ts'
import { ActionError } from '../../errors.ts'
import type { Runner } from '../../ports.ts'
import { isLoopback, parseServiceUrl } from '../../sigstore/service-url.ts'
import { type AskedArtifact, hasForbidden } from '../inputs/artifact-inputs.ts'
import type { Job } from '../job/job.ts'
import { parseAbsolute, slashedPath } from '../job/paths.ts'
import { findRoot } from '../job/roots.ts'

/** What an upload needs, all of it known before anything is signed. */
export interface ArtifactPlan extends AskedArtifact {
  readonly service: URL
  readonly token: Secret
  /** Where each bundle stands in the artifact, by its path on the disk. */
  readonly places: ReadonlyMap<string, string>
}

/** The report's name in the artifact. */
export const REPORT_NAME = 'keyless-report.json'

interface Given {
  readonly runner: Pick<Runner, 'env' | 'mask'>
  readonly job: Job
  readonly asked: AskedArtifact
  readonly bundlePaths: readonly string[]
  readonly allowLoopback: boolean
  readonly notes: string[]
}

/**
 * ARTIFACT_UNSUPPORTED on a server without the service, ENVIRONMENT if the runner offers none, ARTIFACT_NAME for files
 * that an artifact cannot hold.
 */
export function planArtifact({ runner, job, asked, bundlePaths, allowLoopback, notes }: Given): ArtifactPlan {
  assertOffered(job)
  const token = runtimeToken(runner)
  const service = serviceOf(runner, allowLoopback)
  const places = placesOf(bundlePaths, job)
  const { name } = asked
  const retentionDays = cappedDays(asked, runner, notes)
  return { name, service, token, places, ...(retentionDays !== undefined && { retentionDays }) }
}

/** As the toolkit's client decides it, which refuses any other server. */
function assertOffered({ serverUrl }: Job): void {
  const { hostname } = new URL(serverUrl)
  if (hostname === 'github.com' || /\.(?:ghe\.com|localhost)$/.test(hostname)) return
  throw new ActionError('ARTIFACT_UNSUPPORTED', `${serverUrl} has no service for this kind of artifact`)
}

const notOffered = (what: string): ActionError =>
  new ActionError('ENVIRONMENT', `no workflow artifact can be uploaded: ${what}`, {
    hint: 'Only the runner gives an action its access to artifacts; run this as a step of a GitHub Actions job, or leave `upload-artifact` out.',
  })

function runtimeToken({ env, mask }: Given['runner']): Secret {
  const token = env('ACTIONS_RUNTIME_TOKEN')
  if (token === undefined) throw notOffered('ACTIONS_RUNTIME_TOKEN is not set')
  mask(token)
  const scope = scopeOf(token)
  if (/(?:^| )Actions\.Results:[^: ]+:[^: ]+(?: |$)/.test(scope)) return new Secret(token)
  throw notOffered('ACTIONS_RUNTIME_TOKEN does not name the run and job that it is for')
}

function scopeOf(token: string): string {
  try {
    const { scp } = parseJwt(token).claims
    return typeof scp === 'string' ? scp : ''
  } catch (cause) {
    if (cause instanceof ActionError) throw notOffered('ACTIONS_RUNTIME_TOKEN is not a token')
    throw cause
  }
}

function serviceOf({ env }: Given['runner'], allowLoopback: boolean): URL {
  const text = env('ACTIONS_RESULTS_URL')
  if (text === undefined) throw notOffered('ACTIONS_RESULTS_URL is not set')
  const url = parseServiceUrl(text, 'ENVIRONMENT', 'ACTIONS_RESULTS_URL')
  if (url.protocol === 'https:' || (allowLoopback && isLoopback(url))) return url
  throw new ActionError('NET_INSECURE', `ACTIONS_RESULTS_URL is not https: ${quote(url.host)}`)
}

/** Unpacked in the root of a workspace each bundle lies where it lay; those outside it lie as they did in RUNNER_TEMP. */
function placesOf(bundlePaths: readonly string[], job: Job): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  const taken = new Map([[REPORT_NAME, 'the report']])
  for (const path of new Set(bundlePaths)) {
    const place = placeOf(path, job)
    const other = taken.get(place.toLowerCase())
    if (other !== undefined) throw unfit(path, `would lie in the artifact where ${other} does`)
    if (hasForbidden(place)) throw unfit(path, 'has a name that no artifact can hold')
    taken.set(place.toLowerCase(), quote(path))
    places.set(path, place)
  }
  return places
}

function placeOf(path: string, job: Job): string {
  const parts = parseAbsolute(path, job.platform)
  const rooted = parts === undefined ? undefined : findRoot(parts, job)
  if (rooted !== undefined) return rooted.segments.join('/')
  throw new ActionError(
    'FILE_OUTSIDE',
    `the bundle ${quote(parts ? slashedPath(parts) : path)} is not in the workspace`,
  )
}

const unfit = (path: string, why: string): ActionError =>
  new ActionError('ARTIFACT_NAME', `the bundle ${quote(path)} ${why}`, {
    hint: 'Give `bundle-path` a file ending in `.jsonl` or a folder, or rename the file. Names in an artifact hold no `" : < > | * ?`, and no two differ in letter case alone.',
  })

/** GitHub keeps nothing longer than the repository allows; that is said before, not found out later. */
function cappedDays(
  { retentionDays }: AskedArtifact,
  { env }: Given['runner'],
  notes: string[],
): number | undefined {
  const most = env('GITHUB_RETENTION_DAYS') ?? ''
  if (retentionDays === undefined || !/^[1-9][0-9]{0,3}$/.test(most)) return retentionDays
  if (Number(most) >= retentionDays) return retentionDays
  notes.push(
    `the artifact is kept for ${most} days: the repository allows no more, and ${retentionDays} were asked for`,
  )
  return Number(most)
}
