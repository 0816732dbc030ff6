/**
 * A signal that SIGINT and SIGTERM abort. Later ones change nothing: the runner sends both, some seconds apart, and
 * the one that comes while a file is being put in place must not cut that short. Then it kills.
 */
export function cancelledBySignals(): AbortSignal {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  process.on('SIGINT', abort)
  process.on('SIGTERM', abort)
  return controller.signal
}
