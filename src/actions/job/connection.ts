import { parseUtf8 } from '../../core/bytes.ts'
import type { Http, World } from '../../ports.ts'
import { readConfigFile } from './config-file.ts'
import { type CorrectedClock, correctedClock } from './corrected-clock.ts'
import { patientHttp } from './patience.ts'
import type { Places } from './roots.ts'

/** The one HTTP client of a run, and the clock that learns from what it hears. Nothing is asked until it is used. */
export interface Connection {
  readonly http: Http
  readonly clock: CorrectedClock
  /** PEM text of `ca-certificates`, for what has a client of its own. */
  readonly caCertificates?: string
}

export interface AskedConnection {
  /** Path of a PEM file, as written. */
  readonly caCertificates?: string
  /** Milliseconds. */
  readonly timeBudget: number
  readonly sigstore: { readonly kind: string }
}

const MAX_CA_BYTES = 1024 * 1024

export async function connect(world: World, asked: AskedConnection, places: Places): Promise<Connection> {
  const { caCertificates: path, timeBudget, sigstore } = asked
  const pem =
    path === undefined
      ? undefined
      : parseUtf8(
          await readConfigFile(world.files, path, places, MAX_CA_BYTES),
          'INPUT_VALUE',
          '`ca-certificates`',
        )
  const raw = world.connect({
    allowLoopbackHttp: sigstore.kind === 'custom',
    ...(pem !== undefined && { caCertificates: pem }),
  })
  const clock = correctedClock(raw, world.clock)
  const onTrouble = (message: string): void => world.runner.warning(message)
  const http = patientHttp({ http: clock.http, world, budget: timeBudget, onTrouble })
  return { clock, http, ...(pem !== undefined && { caCertificates: pem }) }
}
