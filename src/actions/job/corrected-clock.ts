import type { Clock, Http, HttpResponse } from '../../ports.ts'

/** The local clock, corrected by what the services of this run say. */
export interface CorrectedClock {
  readonly http: Http
  readonly now: () => number
  /** Milliseconds that were added to the local clock. */
  readonly offset: () => number
}

const TEN_YEARS = 10 * 365 * 86_400_000

const SECOND = 1000

/** Less than two seconds is no error of the clock, and a `Date` header, cut to the second, is half a second off in the middle. */
const TOLERANCE = 2500

/**
 * Watches the `Date` of every answer that came over TLS. When the one that was under way for the shortest time differs by
 * more than two seconds, its time is taken. A clock that is behind is moved even for less: a date in an answer is a whole
 * second that has passed, and what was signed in that second is not from the future.
 */
export function correctedClock(http: Http, clock: Clock): CorrectedClock {
  let offset = 0
  let shortest = Number.POSITIVE_INFINITY
  const learn = ({ headers }: HttpResponse, sent: number, received: number): void => {
    const date = Date.parse(headers['date'] ?? '')
    // A cached answer bears an old date, and one that is years off is no clock.
    if (Number.isNaN(date) || headers['age'] !== undefined || Math.abs(date - received) > TEN_YEARS) return
    if (received - sent <= shortest) {
      shortest = received - sent
      // The server wrote its date, cut to the second, somewhere between the two moments.
      const difference = date + 500 - (sent + received) / 2
      // Of the moments that it could be the last is taken: what was signed just now must not be from the future.
      const latest = Math.ceil(date + SECOND - sent)
      offset = Math.abs(difference) > TOLERANCE + shortest / 2 ? latest : 0
    }
    offset = Math.max(offset, date - received > 0 ? date - received : offset)
  }
  const watched: Http = async (request) => {
    const sent = clock.now()
    const response = await http(request)
    if (request.url.protocol === 'https:') learn(response, sent, clock.now())
    return response
  }
  return { http: watched, now: () => clock.now() + offset, offset: () => offset }
}
