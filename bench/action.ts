import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

export interface ActionRun {
  /** null after a signal. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds since 1970, with fractions. */
  readonly startedAt: number
  readonly milliseconds: number
  /** The most memory that was resident, KiB; undefined where the system does not tell. */
  readonly peak: number | undefined
}

export interface ActionOptions {
  /** A CommonJS file that is loaded first. */
  readonly require?: string
  /** Gets the process as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void
  /** Milliseconds after which it is ended. */
  readonly timeout?: number
}

/** Linux tells the peak of a living process only, so it is asked again and again. */
const PEAK_INTERVAL = 10

const now = (): number => performance.timeOrigin + performance.now()

/** One of the built actions as the runner starts it: with nothing but what its environment says. */
export const runAction = (
  program: 'sign' | 'verify',
  env: Readonly<Record<string, string>>,
  options: ActionOptions = {},
): Promise<ActionRun> => runNode(resolve(`dist/${program}.js`), env, options)

export async function runNode(
  file: string,
  env: Readonly<Record<string, string>>,
  options: ActionOptions = {},
): Promise<ActionRun> {
  const { require: first, timeout = 180_000 } = options
  const startedAt = now()
  const child = spawn(process.execPath, [...(first === undefined ? [] : ['--require', first]), file], {
    env,
    cwd: env['GITHUB_WORKSPACE'],
    timeout,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  options.onStart?.(child)
  let peak: number | undefined
  const watch = setInterval(() => {
    peak = readPeak(child.pid) ?? peak
  }, PEAK_INTERVAL)
  let endedAt = 0
  child.once('exit', () => {
    endedAt = now()
    clearInterval(watch)
  })
  const status = await new Promise<number | null>((done, fail) => {
    child.once('error', fail)
    child.once('close', done)
  })
  return { status, ...output, startedAt, milliseconds: endedAt - startedAt, peak }
}

function readPeak(pid: number | undefined): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1')
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1]
    return found === undefined ? undefined : Number(found)
  } catch {
    return undefined
  }
}

/** Throws with the end of what it printed unless the run succeeded. */
export function assertSigned(run: ActionRun): ActionRun {
  if (run.status === 0) return run
  const text = `${run.stdout}\n${run.stderr}`
    .split('\n')
    .filter((line) => !/^::(?:add-mask|debug)::/.test(line))
  throw new Error(`the action ended with ${run.status}:\n${text.slice(-25).join('\n')}`)
}

/** `count` files of `bytes` each, no two alike, in `dist/` of the workspace; their paths. */
export async function writeFiles(
  workspace: string,
  count: number,
  bytes: number,
): Promise<readonly string[]> {
  const folder = join(workspace, 'dist')
  await mkdir(folder, { recursive: true })
  const paths: string[] = []
  for (let i = 0; i < count; i += 1) {
    const path = join(folder, `file-${String(i).padStart(5, '0')}.bin`)
    await writeFile(path, Buffer.alloc(bytes, `file ${i} of a build `))
    paths.push(path)
  }
  return paths
}
