import { type ChildProcess, spawn } from 'node:child_process'

/** What runs now. None of it outlives this process, however it ends. */
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

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
    const child = spawn(file, args, {
      ...(cwd !== undefined && { cwd }),
      env: env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
    })
    children.add(child)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      watch?.(text)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      watch?.(text)
    })
    child.once('error', (error) => {
      children.delete(child)
      reject(error)
    })
    child.once('close', (code) => {
      children.delete(child)
      resolve({ code: code ?? -1, stdout, stderr, output: stdout + stderr })
    })
  })
}

/** Its standard output. Throws with all that it printed unless it ends with 0. */
export async function succeed(command: Command): Promise<string> {
  const { code, stdout, output } = await run(command)
  if (code === 0) return stdout
  throw new Error(`${command.file} ${command.args[0] ?? ''} ended with ${code}:\n${output.trim()}`)
}
