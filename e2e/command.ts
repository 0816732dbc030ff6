import { endAll, spawnMortal } from './lifetime.ts'

/** What its output may still take to arrive when it was ended, in milliseconds: whoever holds it open is not waited for. */
const GRACE = 1000

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** The whole environment; that of this process without it. */
  readonly env?: NodeJS.ProcessEnv
  /** Milliseconds, two minutes unless told otherwise. Whatever runs longer is ended and counts as failed. */
  readonly timeout?: number
  /** Told what it prints, as soon as it does. */
  readonly watch?: (text: string) => void
}

export interface Finished {
  /** -1 if a signal ended it. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** What a person would have seen: both in one. */
  readonly output: string
}

/** Runs a program to its end. Rejects only if it cannot be started. */
export function run({ file, args, cwd, env, timeout = 120_000, watch }: Command): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawnMortal(file, args, {
      ...(cwd !== undefined && { cwd }),
      env: env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const texts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text
        watch?.(text)
      })
    }
    const limit = setTimeout(() => {
      endAll(child)
      setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, GRACE)
    }, timeout)
    child.once('close', () => clearTimeout(limit))
    child.once('error', reject)
    child.once('close', (code) => {
      resolve({ code: code ?? -1, ...texts, output: texts.stdout + texts.stderr })
    })
  })
}

/** Its standard output. Throws with all that it printed unless it ends with 0. */
export async function succeed(command: Command): Promise<string> {
  const { code, stdout, output } = await run(command)
  if (code === 0) return stdout
  throw new Error(`${command.file} ${command.args[0] ?? ''} ended with ${code}:\n${output.trim()}`)
}
