import { printable } from '../../core/printable.ts'
import { ActionError, type ErrorCode } from '../../errors.ts'
import { findRateLimit } from '../../github/rate-limit.ts'
import type { Http, HttpRequest, HttpResponse, ServiceName, World } from '../../ports.ts'
import { type InFlight, inFlight } from './in-flight.ts'

interface Service {
  readonly places: InFlight
  /** Monotonic time at which the first request of the present row of failures was sent. */
  troubleSince: number
  failures: number
}

interface Patience {
  readonly http: Http
  readonly world: Pick<World, 'clock' | 'random' | 'cancelled'>
  /** Milliseconds that a service may go without one success. */
  readonly budget: number
  /** Told once for each time that the whole service stops answering well. */
  readonly onTrouble: (message: string) => void
}

const RETRIED = new Set([408, 429, 500, 502, 503, 504])
export const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'NET_UNREACHABLE',
  'NET_TIMEOUT',
  'NET_BAD_RESPONSE',
])

type Attempt =
  | { readonly response: HttpResponse }
  | { readonly wait?: number | undefined; readonly error: ActionError; readonly overloaded: boolean }

/**
 * Requests that outlast a bad night: lost answers, 408, 429 and 5xx are tried again, with jitter and as `Retry-After`
 * asks, until the service had no single success for the whole budget. Redirects are refused.
 */
export function patientHttp(patience: Patience): Http {
  const services = new Map<ServiceName, Service>()
  return async (request) => {
    const service = services.get(request.service) ?? {
      places: inFlight(),
      troubleSince: 0,
      failures: 0,
    }
    services.set(request.service, service)
    return persist(request, service, patience)
  }
}

async function persist(request: HttpRequest, service: Service, patience: Patience): Promise<HttpResponse> {
  const { clock, cancelled } = patience.world
  // What is only asked says nothing about what was sent before.
  let unsent = request.method === 'POST'
  for (let tries = 1; ; tries++) {
    const leave = await service.places.enter()
    const sent = clock.monotonic()
    const attempt = await tryOnce(withinBudget(request, service, patience), service, patience, leave)
    if ('response' in attempt) return attempt.response
    unsent &&= attempt.error.unsent
    if (service.failures === 0) service.troubleSince = sent
    const left = service.troubleSince + patience.budget - clock.monotonic()
    const wait = Math.max(attempt.wait ?? 0, backOff(tries, patience))
    if (wait > left) throw exhausted(request, attempt.error, { tries, unsent, budget: patience.budget })
    if (service.failures++ === 0) patience.onTrouble(`${attempt.error.message}; trying again`)
    await clock.sleep(wait, cancelled)
  }
}

const LEAST_TIMEOUT = 1000

/** No single request may take longer than the service has left. */
function withinBudget(request: HttpRequest, service: Service, { budget, world }: Patience): HttpRequest {
  const left = service.failures === 0 ? budget : service.troubleSince + budget - world.clock.monotonic()
  return { ...request, timeout: Math.min(request.timeout, Math.max(LEAST_TIMEOUT, left)) }
}

async function tryOnce(
  request: HttpRequest,
  service: Service,
  { http, world }: Patience,
  leave: Awaited<ReturnType<InFlight['enter']>>,
): Promise<Attempt> {
  let fared: 'well' | 'overloaded' | 'badly' = 'badly'
  try {
    if (world.cancelled.aborted) throw new ActionError('CANCELLED', 'the job was cancelled')
    const attempt = judge(request, await http(request), world.clock.now())
    if (!('response' in attempt)) fared = attempt.overloaded ? 'overloaded' : 'badly'
    else if (attempt.response.status < 500) {
      fared = 'well'
      service.failures = 0
    }
    return attempt
  } catch (error) {
    if (!(error instanceof ActionError) || !PASSING.has(error.code) || request.once) throw error
    return { error, overloaded: false }
  } finally {
    leave(fared)
  }
}

/** The host alone: the rest may hold a secret. */
const placeOf = (location: string | undefined, base: URL): string =>
  location !== undefined && URL.canParse(location, base.href)
    ? printable(new URL(location, base.href).host)
    : 'nowhere'

function judge(request: HttpRequest, response: HttpResponse, now: number): Attempt {
  const { status, headers } = response
  const place = `${request.service} at ${request.url.host}`
  if (status >= 300 && status < 400 && !request.mayRedirect) {
    throw new ActionError(
      'NET_REDIRECT',
      `${place} redirects (${status}) to ${placeOf(headers['location'], request.url)}`,
    )
  }
  const limit = request.service.startsWith('GitHub') ? findRateLimit(response, now) : undefined
  if (request.once || !(RETRIED.has(status) || limit !== undefined)) return { response }
  const overloaded = status === 429 || status === 503 || limit !== undefined
  const code = overloaded ? 'NET_OVERLOADED' : 'NET_UNREACHABLE'
  const error = new ActionError(code, `${place} answers ${status}`)
  return { error, overloaded, wait: parseRetryAfter(headers['retry-after'], now) ?? limit?.wait }
}

/** RFC 9110 10.2.3: seconds or a date. Nonsense is taken for absent. Milliseconds. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000
  const date = /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const FIRST_WAIT = 500
const LONGEST_WAIT = 30_000

/** Full jitter over a doubling interval, so that many jobs do not come back at one moment. `tries` from 1. Milliseconds. */
export function backOff(tries: number, { world }: { readonly world: Pick<World, 'random'> }): number {
  const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(tries - 1, 10))
  const [high = 0, low = 0] = world.random(2)
  return most / 2 + (most / 2) * ((high * 256 + low) / 65_536)
}

interface Exhaustion {
  readonly tries: number
  /** It was to change something, and not one try made a connection. */
  readonly unsent: boolean
  readonly budget: number
}

function exhausted(
  request: HttpRequest,
  error: ActionError,
  { tries, unsent, budget }: Exhaustion,
): ActionError {
  const times = tries === 1 ? 'once' : `${tries} times`
  return new ActionError(
    error.code === 'NET_BAD_RESPONSE' ? 'NET_UNREACHABLE' : error.code,
    `${error.message} (${request.service}, tried ${times}; time budget ${Math.round(budget / 1000)} s)`,
    { cause: error, unsent },
  )
}
