/**
 * `npm run sandbox`: one line of JSON on stdout, `{"env": {…}}`, with all that a job would see; then it serves until
 * SIGTERM or SIGINT, twelve hours at most. `--delay=<ms>` slows each request, `--checkpoint-interval=<ms>` makes Rekor v2
 * answer at its publications, as the real one does, `--production-curves` takes P-384.
 */
import { parseArgs } from 'node:util'
import { startSandbox } from './sandbox.ts'

const LIFE = 12 * 60 * 60_000
/** Milliseconds between two looks at whose child this is. */
const LOOK = 200

const { values } = parseArgs({
  options: {
    delay: { type: 'string' },
    'checkpoint-interval': { type: 'string' },
    'production-curves': { type: 'boolean', default: false },
  },
})

const sandbox = await startSandbox({
  ...(values.delay !== undefined && { delay: Number(values.delay) }),
  ...(values['checkpoint-interval'] !== undefined && {
    checkpointInterval: Number(values['checkpoint-interval']),
  }),
  ...(values['production-curves'] && { curve: 'P-384', timestampHash: 'sha256' }),
})

const { promise: ended, resolve: end } = Promise.withResolvers<void>()
process.once('SIGTERM', () => end())
process.once('SIGINT', () => end())
const life = setTimeout(end, LIFE)
// npm tells its shell to end, and that tells nobody: without the shell this process has another parent.
const parent = process.ppid
const isRunByNpm = process.env['npm_lifecycle_event'] === 'sandbox'
const look = setInterval(() => {
  if (isRunByNpm && process.ppid !== parent) end()
}, LOOK)

process.stdout.write(`${JSON.stringify({ env: sandbox.env })}\n`)
await ended
clearTimeout(life)
clearInterval(look)
await sandbox.close()
