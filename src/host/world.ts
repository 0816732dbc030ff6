import { randomBytes } from 'node:crypto'
import type { World } from '../ports.ts'
import { realArtifacts } from './artifact.ts'
import { cancelledBySignals } from './cancellation.ts'
import { realClock } from './clock.ts'
import { digestThread } from './digest-thread.ts'
import { realFiles } from './files.ts'
import { realHttp } from './http.ts'
import { realRunner } from './runner.ts'
import { checkTlsEnvironment } from './tls-rules.ts'

/**
 * The world as it is. `version` is our own, as in package.json.
 * `uploader` is the program that uploads artifacts.
 * To be called once in a process: it listens to signals and to standard output.
 */
export function realWorld(version: string, uploader: string): World {
  const cancelled = cancelledBySignals()
  return {
    assertSafe: () => checkTlsEnvironment(),
    connect: (options) => realHttp({ ...options, cancelled, userAgent: `keyless/${version}` }),
    files: realFiles(),
    uploadArtifact: realArtifacts(uploader, cancelled),
    clock: realClock(),
    runner: realRunner(),
    digestElsewhere: digestThread(),
    random: (bytes) => randomBytes(bytes),
    cancelled,
    version,
  }
}
