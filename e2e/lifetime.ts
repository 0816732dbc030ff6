/** Nothing that a run starts outlives it, whatever ends it. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const POLL = 500
const HAS_GROUPS = process.platform !== 'win32'

/**
 * Outlives this process for a moment, to do what a process that is killed cannot: when its input ends, it kills the groups
 * that it was told of and that did not end before.
 */
const UNDERTAKER = `trap '' INT TERM HUP
groups=' '
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done`

const alive = new Set<ChildProcess>()
let undertaker: ChildProcess | undefined

process.once('exit', () => {
  for (const child of alive) endAll(child)
})

/** Starts a program that ends, with all that it started in its group, when this process does. */
export function spawnMortal(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(file, args, { ...options, detached: HAS_GROUPS })
  alive.add(child)
  tell('+', child)
  child.once('close', () => {
    alive.delete(child)
    tell('-', child)
  })
  return child
}

/** Kills it and all that it started in its group. */
export function endAll(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(HAS_GROUPS ? -child.pid : child.pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

function tell(change: '+' | '-', { pid }: ChildProcess): void {
  if (pid === undefined || !HAS_GROUPS) return
  undertaker ??= startUndertaker()
  undertaker.stdin?.write(`${change} ${pid}\n`)
}

function startUndertaker(): ChildProcess {
  const child = spawn('sh', ['-c', UNDERTAKER], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  child.on('error', () => undefined)
  child.stdin?.on('error', () => undefined)
  child.unref()
  return child
}

/**
 * An exit runs the handlers that a signal alone would not, and the first process of a namespace is deaf to signals that it
 * does not handle. When npm is killed, this process only gets another parent: package.json says `exec`, so that there is no
 * shell between which would stay.
 */
export function exitWithParent(): void {
  for (const signal of SIGNALS) process.once(signal, () => process.exit(1))
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1)
  }, POLL).unref()
}
