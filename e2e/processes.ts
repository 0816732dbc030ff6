import type { ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawnMortal } from './lifetime.ts'

const READY_LIMIT = 30_000
const POLL = 25
const STOP_LIMIT = 5000
const SHOWN_LINES = 25

export interface Launch {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  /** When it can be used: a URL that answers 200, or a line that it prints. */
  readonly ready: string | RegExp
}

export interface Running {
  readonly name: string
  /** What the line that made it ready holds in its first group; empty if a URL did. */
  readonly announced: string
  readonly stop: () => Promise<void>
  /** Takes its turns on the processor away, so that it answers nothing and keeps all it has; and gives them back. */
  readonly pause: () => void
  readonly resume: () => void
}

/** Child processes and their logs. Disposal stops what still runs, and so does any end of this process. */
export interface Processes extends AsyncDisposable {
  /** Resolves when it is ready. Throws with the end of its log if it never is. */
  readonly start: (launch: Launch) => Promise<Running>
  /** The end of every log, for whoever wants to know why something failed. */
  readonly logs: () => string
}

interface Child {
  readonly name: string
  readonly process: ChildProcess
  readonly log: string
}

/** `folder` holds the logs and is each child's home, so that none finds or leaves anything elsewhere. */
export function superviseProcesses(folder: string): Processes {
  const children: Child[] = []
  const home = join(folder, 'home')
  mkdirSync(home, { recursive: true })
  return {
    start: async (launch) => {
      const child = spawnChild(launch, folder, home)
      children.push(child)
      const announced = await waitUntilReady(child, launch.ready)
      return {
        name: launch.name,
        announced,
        stop: () => stop(child.process),
        pause: () => void child.process.kill('SIGSTOP'),
        resume: () => void child.process.kill('SIGCONT'),
      }
    },
    logs: () => children.map((child) => tail(child)).join('\n'),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map(({ process: child }) => stop(child)))
    },
  }
}

function spawnChild({ name, file, args }: Launch, folder: string, home: string): Child {
  const log = join(folder, `${name}.log`)
  const output = openSync(log, 'a')
  try {
    const child = spawnMortal(file, args, {
      cwd: home,
      env: privateEnvironment(home),
      stdio: ['ignore', output, output],
    })
    // Without a listener a program that cannot be started would end this process.
    child.on('error', () => undefined)
    return { name, process: child, log }
  } finally {
    closeSync(output)
  }
}

/** What programs need of this machine and no more: no proxies, no configuration, no home. */
export const privateEnvironment = (home: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  SYSTEMROOT: process.env['SYSTEMROOT'],
  HOME: home,
  USERPROFILE: home,
  TMPDIR: home,
  LC_ALL: 'C.UTF-8',
})

const isAlive = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null

async function waitUntilReady(child: Child, ready: string | RegExp): Promise<string> {
  const deadline = Date.now() + READY_LIMIT
  while (Date.now() < deadline && isAlive(child.process)) {
    const announced = await look(child, ready)
    if (announced !== undefined) return announced
    await sleep(POLL)
  }
  const fate = isAlive(child.process) ? `was not ready in ${READY_LIMIT / 1000} s` : 'ended at once'
  throw new Error(`${child.name} ${fate}\n${tail(child)}`)
}

async function look({ log }: Child, ready: string | RegExp): Promise<string | undefined> {
  if (typeof ready !== 'string') return ready.exec(readFileSync(log, 'utf8'))?.[1]
  const answer = await fetch(ready, { signal: AbortSignal.timeout(1000) }).catch(() => undefined)
  await answer?.body?.cancel()
  return answer?.ok ? '' : undefined
}

async function stop(child: ChildProcess): Promise<void> {
  if (!isAlive(child)) return
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  child.kill('SIGCONT')
  const stubborn = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT)
  await ended
  clearTimeout(stubborn)
}

function tail({ name, log }: Child): string {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES)
  return [`--- ${name}`, ...lines].join('\n')
}
