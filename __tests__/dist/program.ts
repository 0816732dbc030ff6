import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { Job } from '../../sandbox/job.ts'
import type { Report } from '../../src/actions/report/report.ts'
import { parseRunnerFile, parseRunnerLog, type RunnerCommand } from '../host/runner-grammar.ts'

export type Variables = Readonly<Record<string, string>>

/** What a run of one of the built programs left behind, as the runner and a reader would find it. */
export interface Run {
  readonly code: number | null
  /** Both streams as they came. */
  readonly text: string
  readonly stderr: string
  readonly commands: readonly RunnerCommand[]
  readonly lines: readonly string[]
  readonly outputs: ReadonlyMap<string, string>
  readonly summary: string
  /** undefined if the outputs name none. */
  readonly report: Report | undefined
}

/** A program that is running. */
export interface Started {
  readonly kill: (signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL') => void
  readonly ended: Promise<Run>
}

const MOST = 30_000

/** Starts `dist/<program>.js` as the runner does: in no particular folder, and with nothing in its environment but this. */
export function start(program: 'sign' | 'verify', env: Variables, dist = 'dist'): Started {
  const child = spawn(process.execPath, [resolve(dist, `${program}.js`)], {
    env,
    cwd: env['RUNNER_TEMP'],
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MOST,
    killSignal: 'SIGKILL',
  })
  const streams = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      streams[name] += chunk
    })
  }
  const closed = new Promise<number | null>((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => done(code))
  })
  return {
    kill: (signal) => child.kill(signal),
    ended: closed.then((code) => collect(code, streams.stdout, streams.stderr, env)),
  }
}

export const run = (program: 'sign' | 'verify', env: Variables, dist?: string): Promise<Run> =>
  start(program, env, dist).ended

async function collect(code: number | null, stdout: string, stderr: string, env: Variables): Promise<Run> {
  const outputs = parseRunnerFile(await textOf(env['GITHUB_OUTPUT']))
  const reportPath = outputs.get('report-path') ?? ''
  return {
    code,
    text: stdout + stderr,
    stderr,
    ...parseRunnerLog(stdout),
    outputs,
    summary: await textOf(env['GITHUB_STEP_SUMMARY']),
    report: reportPath === '' ? undefined : JSON.parse(await readFile(reportPath, 'utf8')),
  }
}

/** '' for a file that is not there or cannot be read as one. */
const textOf = (path: string | undefined): Promise<string> =>
  path === undefined ? Promise.resolve('') : readFile(path, 'utf8').catch(() => '')

/** Annotations of that kind. */
export const dataOf = ({ commands }: Run, name: string): readonly string[] =>
  commands.filter((command) => command.name === name).map(({ data }) => data)

/** Writes files below the workspace; folders are made. */
export async function writeFiles(
  { workspace }: Pick<Job, 'workspace'>,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(workspace, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
}

/** Everything below a folder, links as links, by relative path; what has no content is ''. */
export async function treeOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}

/** The outputs as one value, all of them. */
export const outputsOf = (run: Run): Record<string, string> => Object.fromEntries(run.outputs)
