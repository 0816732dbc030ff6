import { countText, groupDigits } from '../../core/counts.ts'

/** Milliseconds between two lines. */
const INTERVAL = 10_000

/** Where a long batch is. A value: `stepProgress` makes the next one. */
export interface Progress {
  /** `signed`, `verified`. */
  readonly verb: string
  readonly total: number
  /** Milliseconds of a clock that never goes back. */
  readonly started: number
  readonly lastLine: number
}

export const startProgress = (verb: string, total: number, now: number): Progress => ({
  verb,
  total,
  started: now,
  lastLine: now,
})

/**
 * To be called whenever a subject is done, or by a timer. There is a line at most every ten seconds, and none once all
 * are done: the result says that. So a short batch prints nothing.
 */
export function stepProgress(
  progress: Progress,
  done: number,
  now: number,
): { readonly progress: Progress; readonly line?: string } {
  if (done >= progress.total || now - progress.lastLine < INTERVAL) return { progress }
  const { verb, total, started } = progress
  const left = done === 0 ? '' : `, about ${durationText(((now - started) / done) * (total - done))} left`
  const line = `${groupDigits(done)} of ${countText(total, 'file')} ${verb} in ${durationText(now - started)}${left}`
  return { progress: { ...progress, lastLine: now }, line }
}

/** `45 s`, `3 min`, `2 h 5 min`: as exact as a person needs. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000))
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 100) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
