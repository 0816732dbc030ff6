import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { HttpBody, HttpResponse } from '../ports.ts'
import { apiHeaders, type GitHub } from './api.ts'
import type { GitHubHosts } from './hosts.ts'
import { findRateLimit } from './rate-limit.ts'
import { parseRefusal, refusalError } from './refusal.ts'
import { type Asset, parseAssetAnswer, type Release } from './release.ts'
import { permissionError } from './releases.ts'

export interface NewAsset {
  /** One that GitHub keeps: see asset-name.ts. */
  readonly name: string
  /** Shown to people instead of the name. */
  readonly label?: string
  readonly contentType: string
  readonly body: HttpBody
}

/** GitHub takes less than 2 GiB a file, and answers a bare 500 to more. */
export const MAX_ASSET_BYTES = 2 ** 31 - 1

/** Milliseconds for a piece to move: behind the last one GitHub stores the whole. */
const IDLE_TIMEOUT = 120_000
const MAX_ANSWER = 1024 * 1024

/** Where a release takes its assets. GITHUB_HOST if that is not one of GitHub's hosts: the token goes there. */
export function uploadUrl({ uploadUrl }: Pick<Release, 'uploadUrl'>, hosts: GitHubHosts): URL {
  const url = URL.parse(uploadUrl.replace(/\{[^{}]*\}$/, ''))
  if (url !== null && hosts.takesUploads(url) && url.search + url.hash + url.username === '') return url
  throw new ActionError(
    'GITHUB_HOST',
    `GitHub wants assets at ${quote(uploadUrl)}, which is no host of its own`,
  )
}

/** Sends it once: whoever asks looks at what became of it before sending it again. Resolves with any complete answer. */
export function requestUpload(github: GitHub, release: Release, asset: NewAsset): Promise<HttpResponse> {
  const url = uploadUrl(release, github.hosts)
  url.searchParams.set('name', asset.name)
  if (asset.label !== undefined) url.searchParams.set('label', asset.label)
  return github.http({
    service: 'GitHub uploads',
    method: 'POST',
    url,
    headers: { ...apiHeaders(github), 'content-type': asset.contentType },
    body: asset.body,
    once: true,
    timeout: IDLE_TIMEOUT,
    timeoutIsIdle: true,
    maxBytes: MAX_ANSWER,
  })
}

/** What an upload came to. */
export type UploadResult =
  | { readonly kind: 'stored'; readonly asset: Asset }
  /** The name is taken, perhaps by these very bytes: a parallel job, or a lost answer. */
  | { readonly kind: 'exists' }
  /** Nobody knows yet whether it is there: look, wait, try again. */
  | { readonly kind: 'failed'; readonly error: ActionError; readonly wait?: number }

const PASSING = new Set([408, 500, 502, 503, 504])

/**
 * `now`: milliseconds since 1970. Throws what no second try would change: RELEASE_IMMUTABLE, RELEASE_PERMISSION,
 * RELEASE_FULL, GITHUB_TOKEN, GITHUB_REFUSED, GITHUB_RESPONSE.
 */
export function parseUpload(answer: HttpResponse, name: string, now: number): UploadResult {
  const what = `the upload of ${quote(name)}`
  const wanted = { what, permission: 'contents: write' }
  if (answer.status === 201) return { kind: 'stored', asset: parseAssetAnswer(answer) }
  const limit = findRateLimit(answer, now)
  if (limit !== undefined) {
    const error = new ActionError('NET_OVERLOADED', `GitHub asks to slow down at ${what}`)
    return { kind: 'failed', error, ...limit }
  }
  if (PASSING.has(answer.status)) {
    return {
      kind: 'failed',
      error: new ActionError('NET_UNREACHABLE', `GitHub answers ${answer.status} to ${what}`),
    }
  }
  if (answer.status === 403 || answer.status === 404) throw permissionError(answer, what)
  if (answer.status !== 422) throw refusalError(answer, wanted)
  const { codes, message } = parseRefusal(answer)
  if (codes.includes('already_exists')) return { kind: 'exists' }
  if (/immutable release/i.test(message)) throw immutableError(what)
  if (/limited to 1,?000|file_count/i.test(message))
    throw new ActionError('RELEASE_FULL', `the release has no room for ${quote(name)}`)
  throw refusalError(answer, wanted)
}

const immutableError = (what: string): ActionError =>
  new ActionError(
    'RELEASE_IMMUTABLE',
    `the release was published and is immutable now: GitHub refuses ${what}`,
  )
