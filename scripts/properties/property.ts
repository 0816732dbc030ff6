/** What a measure found. */
export type Result =
  | {
      readonly right: number
      readonly all: number
      /** What was wrong, a line each. */
      readonly faults: readonly string[]
      /** What the number is about. */
      readonly what: string
    }
  /** Why there is nothing to measure. */
  | { readonly notYet: string }
  /** What is absent here, though it could be measured elsewhere. */
  | { readonly absent: string }

export interface Effort {
  /** For the measures that can go on for ever: all of it, instead of what fits into a minute. */
  readonly full: boolean
}

export interface Property {
  readonly number: number
  readonly title: string
  readonly measure: (effort: Effort) => Promise<Result> | Result
}

export interface Tally {
  readonly check: (ok: boolean, what: string) => void
  readonly result: (what: string) => Result
}

export function startTally(): Tally {
  const faults: string[] = []
  let all = 0
  return {
    check: (ok, what) => {
      all += 1
      if (!ok) faults.push(what)
    },
    result: (what) => ({ right: all - faults.length, all, faults, what }),
  }
}

/** Adds up; something absent or not there yet in one makes the whole so. */
export function sum(results: readonly Result[]): Result {
  let whole = { right: 0, all: 0, faults: [] as string[], what: '' }
  for (const one of results) {
    if ('notYet' in one || 'absent' in one) return one
    whole = {
      right: whole.right + one.right,
      all: whole.all + one.all,
      faults: [...whole.faults, ...one.faults],
      what: [whole.what, one.what].filter((what) => what !== '').join('; '),
    }
  }
  return whole
}

/** Numbers that look random and are the same in every run (mulberry32). */
export function startRandom(seed: number): { readonly below: (limit: number) => number } {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return { below: (limit) => Math.floor((next() / 2 ** 32) * limit) }
}

export type Random = ReturnType<typeof startRandom>

export function pick<T>(random: Random, list: readonly T[]): T {
  const one = list[random.below(list.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}
