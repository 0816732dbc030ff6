import { ActionError } from '../errors.ts'
import { LONGEST_TIMER } from './clock.ts'

interface Limit {
  /** Milliseconds. */
  readonly timeout: number
  readonly cancelled: AbortSignal | undefined
  readonly timedOut: () => ActionError
}

/**
 * Runs until it settles, time is up or the job is cancelled, whichever comes first; the last two abort the signal.
 * The race is needed beside the signal: not everything that hangs listens to one. `again` starts the time anew.
 */
export async function withDeadline<T>(
  { timeout, cancelled, timedOut }: Limit,
  run: (signal: AbortSignal, again: () => void) => Promise<T>,
): Promise<T> {
  const stopped = (): ActionError => new ActionError('CANCELLED', 'The job was cancelled')
  if (cancelled?.aborted) throw stopped()
  const controller = new AbortController()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = (reason: ActionError): void => {
    reject(reason)
    controller.abort(reason)
  }
  const cancel = (): void => end(stopped())
  const timer = setTimeout(() => end(timedOut()), Math.min(timeout, LONGEST_TIMER))
  cancelled?.addEventListener('abort', cancel, { once: true })
  try {
    return await Promise.race([ended, run(controller.signal, () => timer.refresh())])
  } finally {
    clearTimeout(timer)
    cancelled?.removeEventListener('abort', cancel)
  }
}
