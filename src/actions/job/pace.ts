import type { World } from '../../ports.ts'

/** Writes that may follow each other at once, before they are a second apart. */
const AT_ONCE = 20
const APART = 1000

/**
 * Resolves when the next write may start. GitHub allows about 80 requests a minute that make something, whoever makes
 * them (docs: "Best practices for using the REST API"); no job of ours comes near that alone.
 */
export function paceWrites({ clock, cancelled }: Pick<World, 'clock' | 'cancelled'>): () => Promise<void> {
  let room = AT_ONCE
  let counted = clock.monotonic()
  return async () => {
    const now = clock.monotonic()
    room = Math.min(AT_ONCE, room + (now - counted) / APART)
    counted = now
    room -= 1
    if (room < 0) await clock.sleep(-room * APART, cancelled)
  }
}
