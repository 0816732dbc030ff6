import type { Fault } from '../faults.ts'
import type { WebAnswer } from '../web.ts'
import { breakAsset } from './release-store.ts'
import { apiError } from './router.ts'
import type { GitHubState } from './state.ts'

/** What GitHub says to too many requests, in each of its ways (docs: "Rate limits for the REST API"). */

/** The hour's share is used up; `reset` is in seconds since 1970. */
export const primaryLimit = (reset: number, status: 403 | 429 = 403): WebAnswer =>
  apiError(status, 'API rate limit exceeded for installation.', undefined, {
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(reset),
  })

/** Too much at once; without `retryAfter`, in seconds, it only says so. */
export const secondaryLimit = (retryAfter?: number, status: 403 | 429 = 403): WebAnswer =>
  apiError(
    status,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    undefined,
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  )

/** An upload that GitHub breaks off: a 502, and an asset that blocks the name. */
export const halfUpload = (state: GitHubState): Fault => ({
  kind: 'change',
  change: (answer) => {
    if (answer.status !== 201) return answer
    const { id } = JSON.parse(Buffer.from(answer.body ?? '').toString())
    for (const { releases } of state.repositories.values())
      for (const { assets } of releases.values()) {
        const asset = assets.get(id)
        if (asset !== undefined) breakAsset(asset)
      }
    return { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad Gateway</html>' }
  },
})
