import type { HttpResponse } from '../ports.ts'

const SECONDARY_WAIT = 60_000

/**
 * Whether an answer says that there were too many requests (docs: "Rate limits for the REST API"): GitHub uses 403 for
 * that as well as 429. Milliseconds to wait, by its own order of rules; `retry-after` is read by whoever asks.
 */
export function findRateLimit(
  { status, headers, body }: HttpResponse,
  now: number,
): { readonly wait?: number } | undefined {
  if (status !== 403 && status !== 429) return undefined
  if (headers['retry-after'] !== undefined) return {}
  const reset = headers['x-ratelimit-reset'] ?? ''
  if (headers['x-ratelimit-remaining'] === '0' && /^[0-9]{1,12}$/.test(reset)) {
    return { wait: Math.max(0, Number(reset) * 1000 - now) }
  }
  const says = new TextDecoder().decode(body.subarray(0, 4096))
  return status === 429 || /secondary rate limit/i.test(says) ? { wait: SECONDARY_WAIT } : undefined
}
