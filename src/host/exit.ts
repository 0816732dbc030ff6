/**
 * The process starts as failed: whatever ends it early, a promise that never settles included, ends it with 1.
 * To be called before anything else.
 */
export function beginFailed(): void {
  process.exitCode = 1
}

/** To be called once, at the proven end. */
export function succeed(): void {
  process.exitCode = 0
}
