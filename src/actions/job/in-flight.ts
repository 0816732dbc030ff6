/**
 * How many requests may be under way at one service: 32 at first, half after each sign of overload, growing by two for
 * each full row of good answers: up to 48 as long as the service never asked to slow down, and up to 32 from then on.
 */
export interface InFlight {
  /** Waits for a place. The function that it resolves to gives the place back and says how the service fared. */
  readonly enter: () => Promise<(fared: 'well' | 'overloaded' | 'badly') => void>
  readonly limit: () => number
  /** The most that were ever under way at once. */
  readonly peak: () => number
}

const FIRST = 32
const MOST = 48
const GROWTH = 2

export function inFlight(): InFlight {
  let limit = FIRST
  let active = 0
  let peak = 0
  let halvings = 0
  const waiting: (() => void)[] = []
  const admit = (): void => {
    while (active < Math.floor(limit) && waiting.length > 0) {
      active++
      peak = Math.max(peak, active)
      waiting.shift()?.()
    }
  }
  const leave = (entered: number, fared: 'well' | 'overloaded' | 'badly'): void => {
    active--
    // Answers to requests that were sent before the last halving say nothing about the new limit.
    if (fared === 'overloaded' && entered === halvings) {
      halvings++
      limit = Math.max(1, limit / 2)
    }
    if (fared === 'well') limit = Math.min(halvings === 0 ? MOST : FIRST, limit + GROWTH / limit)
    admit()
  }
  const enter: InFlight['enter'] = async () => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      admit()
    })
    const entered = halvings
    return (fared) => leave(entered, fared)
  }
  return { enter, limit: () => limit, peak: () => peak }
}
