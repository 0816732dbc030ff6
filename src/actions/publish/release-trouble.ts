import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Asset } from '../../github/release.ts'
import { backOff } from '../job/patience.ts'
import type { Shelf, WantedAsset } from './release-attach.ts'

/** What one asset has gone through so far. */
export interface Trouble {
  readonly hasSent: () => boolean
  /** Called before each upload, with what is known to be there. */
  readonly sending: (there: ReadonlyMap<string, Asset>) => void
  /** Called behind an upload without a good answer: it may have left something. */
  readonly failed: () => void
  /** Whether the asset appeared behind such an upload; what only refused one, its name being taken, is somebody else's. */
  readonly isOurs: (asset: Asset) => boolean
  /** Waits as long as asked for, or longer and longer. Throws the error when the time budget would be used up. */
  readonly pause: (error: ActionError, wait?: number) => Promise<void>
  /** The same from the second time on: the first time, one more look may explain it. */
  readonly pauseIfAgain: (error: ActionError) => Promise<void>
}

/** `created_at` is cut to the second. */
const SECOND = 1000

export function startTrouble(
  { world, budget, now }: Pick<Shelf, 'world' | 'budget' | 'now'>,
  { name }: Pick<WantedAsset, 'name'>,
): Trouble {
  const { clock, cancelled } = world
  let start: number | undefined
  let tries = 0
  let odd = 0
  let firstSent: number | undefined
  let known: ReadonlySet<number> = new Set()
  let knownAtFailure: ReadonlySet<number> | undefined
  const pause: Trouble['pause'] = async (error, wait = 0) => {
    tries += 1
    start ??= clock.monotonic()
    const time = Math.max(wait, backOff(tries, { world }))
    if (time > start + budget - clock.monotonic()) throw exhausted(error, name, tries, budget)
    await clock.sleep(time, cancelled)
  }
  return {
    hasSent: () => firstSent !== undefined,
    sending: (there) => {
      firstSent ??= now()
      known = new Set([...there.values()].map(({ id }) => id))
    },
    failed: () => {
      knownAtFailure ??= known
    },
    isOurs: ({ id, createdAt }) =>
      firstSent !== undefined && knownAtFailure?.has(id) === false && createdAt + SECOND > firstSent,
    pause,
    pauseIfAgain: async (error) => {
      if (odd++ > 0) await pause(error)
    },
  }
}

function exhausted(error: ActionError, name: string, tries: number, budget: number): ActionError {
  const times = tries === 1 ? 'once' : `${tries} times`
  const about = error.message.includes(quote(name)) ? '' : `${quote(name)}: `
  return new ActionError(
    error.code === 'NET_BAD_RESPONSE' ? 'NET_UNREACHABLE' : error.code,
    `${about}${error.message} (tried ${times}; time budget ${Math.round(budget / 1000)} s)`,
    { cause: error },
  )
}
