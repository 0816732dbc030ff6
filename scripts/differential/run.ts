import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Counts, noCounts } from './compare.ts'

/** How many mutations a process is given at a time. */
const CHUNK = 1000

export interface Span {
  readonly from: number
  readonly count: number
}

const add = (into: Record<string, number>, more: Readonly<Record<string, number>>): void => {
  for (const [name, count] of Object.entries(more)) into[name] = (into[name] ?? 0) + count
}

function merge(into: Counts, more: Counts): void {
  into.mutations += more.mutations
  into.accepted += more.accepted
  into.distinct += more.distinct
  into.looser += more.looser
  add(into.kinds, more.kinds)
  add(into.codes, more.codes)
  into.faults.push(...more.faults)
}

const isCounts = (message: unknown): message is Counts =>
  typeof message === 'object' && message !== null && 'mutations' in message

/** Gives a process one chunk after the other, until there is none left. */
function work(next: () => Span | undefined, done: (counts: Counts) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = fork(join(import.meta.dirname, 'worker.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let finished = false
  const give = (): void => {
    const span = next()
    finished = span === undefined
    if (span === undefined) child.disconnect()
    else child.send(span)
  }
  child.on('message', (message) => {
    if (!isCounts(message)) return reject(new Error('a worker said something else than counts'))
    done(message)
    give()
  })
  child.once('error', reject)
  child.once('exit', (status) => (finished ? resolve() : reject(new Error(`a worker ended with ${status}`))))
  give()
  return promise
}

/** Mutations `from` to `from + count`, on as many processes as there are processors. */
export async function runDifferential(
  { from, count }: Span,
  told: (counts: Counts) => void = () => undefined,
): Promise<Counts> {
  const total = noCounts()
  let at = from
  const next = (): Span | undefined => {
    if (at >= from + count) return undefined
    const span = { from: at, count: Math.min(CHUNK, from + count - at) }
    at += span.count
    return span
  }
  const done = (counts: Counts): void => {
    merge(total, counts)
    told(total)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, () => work(next, done)))
  if (total.mutations !== count) throw new Error(`${total.mutations} of ${count} mutations were judged`)
  return total
}

/** So much must be accepted that the comparison means something. */
const LEAST_SHARE = 0.02

/** From here on each kind of bundle must have been accepted at least once. */
const ENOUGH = 10_000

/** Why a run without a counter-example proves nothing. */
export function findEmptiness({ mutations, accepted, kinds }: Counts): readonly string[] {
  if (accepted < mutations * LEAST_SHARE)
    return [`only ${accepted} of ${mutations} were accepted: nothing was compared`]
  const never = Object.keys(kinds).filter((kind) => kinds[kind] === 0 && mutations >= ENOUGH)
  return never.map((kind) => `nothing was accepted of ${kind}`)
}
