import type { World } from '../../ports.ts'
import { VERIFY_OUTPUTS } from '../inputs/known-outputs.ts'
import type { Shipped } from '../job/trust-source.ts'
import { launch } from '../report/launch.ts'
import type { VerifyOutcome } from '../report/outcome.ts'
import { verify } from './verify.ts'

/** The verify action as the runner starts it. Resolves to whether it succeeded. */
export function launchVerify(world: World, shipped: Shipped): Promise<boolean> {
  const started = world.clock.now()
  return launch<VerifyOutcome>(world, {
    run: () => verify(world, shipped),
    failed: (error) => ({
      action: 'verify',
      version: world.version,
      result: 'failed',
      started,
      finished: world.clock.now(),
      subjects: [],
      error,
    }),
    names: VERIFY_OUTPUTS,
    outputs: ({ subjects, downloadPath }) => ({
      verified: 'true',
      'subject-count': String(new Set(subjects.map(({ name }) => name)).size),
      'download-path': downloadPath ?? '',
      'statement-paths': [...new Set(subjects.flatMap(({ statementPath }) => statementPath ?? []))].join(
        '\n',
      ),
    }),
    recipes: () => '',
  })
}
