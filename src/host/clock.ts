import { promises as timers } from 'node:timers'
import { ActionError } from '../errors.ts'
import type { Clock } from '../ports.ts'

/** The longest time that a Node timer takes; a longer one fires at once. Milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1

export const realClock = (): Clock => ({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    const time = Math.min(Math.max(0, milliseconds), LONGEST_TIMER)
    try {
      await timers.setTimeout(time, undefined, signal === undefined ? {} : { signal })
    } catch (cause) {
      throw new ActionError('CANCELLED', 'The job was cancelled while waiting', { cause })
    }
  },
})
