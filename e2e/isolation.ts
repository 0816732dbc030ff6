/** Namespaces of its own for a run, where the system has them: every port is free there, and nothing leads outside. */
import { spawn } from 'node:child_process'
import { run } from './command.ts'

const SEPARATE = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc']
export const MARK = '--isolated'

/** Starts this file again in its own namespaces; gives back its exit code, or undefined where that cannot be done. */
export async function runIsolated(file: string, args: readonly string[]): Promise<number | undefined> {
  const options = await findOptions()
  if (options === undefined) return undefined
  const program = [process.execPath, file, ...args, MARK]
  const command = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...program]
  // The channel is how the inner process learns that this one has ended.
  const child = spawn('unshare', [...options, ...command], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  const { promise, resolve } = Promise.withResolvers<number>()
  child.once('error', () => resolve(1))
  child.once('close', (code) => resolve(code ?? 1))
  return promise
}

/** As root, or as one who may pose as root in a namespace of users. */
async function findOptions(): Promise<readonly string[] | undefined> {
  if (process.platform !== 'linux') return undefined
  for (const options of [SEPARATE, ['--user', '--map-root-user', ...SEPARATE]]) {
    const args = [...options, 'ip', 'link', 'set', 'lo', 'up']
    const found = await run({ file: 'unshare', args }).catch(() => undefined)
    if (found?.code === 0) return options
  }
  return undefined
}

/** Whether this process was started by `runIsolated`. If so it ends with the one that started it. */
export function isIsolated(): boolean {
  if (!process.argv.includes(MARK)) return false
  process.once('disconnect', () => process.exit(1))
  process.channel?.unref()
  return true
}
