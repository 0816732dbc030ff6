import type { Job } from '../../sandbox/job.ts'
import type { ServiceName } from '../../sandbox/requests.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { type Variables, writeFiles } from './program.ts'

/** Runs that wait take no processor, so that several can be under way, each with services of its own. */
export const AT_THE_SAME_TIME = { concurrency: 4 }

/** With a sandbox of its own, in whose first job there is a file `app.bin`. */
export async function withSandbox(use: (sandbox: Sandbox, job: Job) => Promise<void>): Promise<void> {
  const sandbox = await startSandbox()
  try {
    await writeFiles(sandbox, { 'app.bin': 'content' })
    await use(sandbox, sandbox)
  } finally {
    await sandbox.close()
  }
}

/** All that a run may ask, in its order, with the input that makes it use this log. */
export const SERVICES: readonly (readonly [ServiceName, Variables])[] = [
  ['token', {}],
  ['fulcio', {}],
  ['rekor-v1', { 'INPUT_REKOR-VERSION': '1' }],
  ['rekor-v2', {}],
  ['tsa', {}],
]
