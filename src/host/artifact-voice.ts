import { parentPort } from 'node:worker_threads'

/**
 * What the toolkit's artifact client finds in place of `@actions/core` (scripts/build.ts): it says a lot, in parts text
 * of the server's, and each line on standard output could be a command to the runner. Nothing of it is printed here; the
 * thread that prints decides. Debug lines, which hold whole answers with their signed addresses, are dropped.
 */
export type Said = { readonly secret: string } | { readonly line: string }

export const FINALIZING = 'Finalizing artifact upload'

const say = (said: Said): void => parentPort?.postMessage(said)

/** Whether the client has come to its last request, whose answer may be lost. */
export const isFinalizing = (): boolean => finalizing

let finalizing = false

export const setSecret = (secret: string): void => say({ secret })
export const info = (line: unknown): void => {
  if (line === FINALIZING) finalizing = true
  say({ line: String(line) })
}
export const notice = info
export const warning = info
export const error = info
export const debug = (): void => undefined
