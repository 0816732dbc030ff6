import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Both halves of the young generation together, bytes. With more, signing many files is not faster; with a quarter, slower. */
const ENOUGH = 16 * 1024 * 1024

/**
 * By how much the old generation may grow, in percent of what was alive, before it is collected again. V8's own answer is up
 * to 300 for a small heap.
 */
const GROWTH = 50

/** Milliseconds. The young generation at most doubles in between. */
const INTERVAL = 20

/**
 * V8 doubles its young generation for as long as things survive in it, up to 128 MiB, and with many requests under way
 * something always does: 2,000 files would cost 70 MiB more than 1,000. This stops the growth when there is enough. The
 * limit itself is read when the process starts, where nobody asks us; the factor is read each time. The same garbage
 * then gathers in the old generation, which is collected more often.
 */
export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`)
  const watch = setInterval(() => {
    if (youngBytes() < ENOUGH) return
    setFlagsFromString('--semi-space-growth-factor=1')
    clearInterval(watch)
  }, INTERVAL)
  watch.unref()
}

/** What V8 has set aside for new objects, bytes. */
export const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0
