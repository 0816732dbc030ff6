import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../../e2e/command.ts'

const E2E = new URL('../../e2e/', import.meta.url).href
const LIMIT = 10_000
const NEEDS_GROUPS = process.platform === 'win32' ? 'Windows has no process groups' : false

/** Starts a program and one that it starts itself, prints both ids, and stays. */
const RUN = `

import { exitWithParent, spawnMortal } from '${E2E}lifetime.ts'
exitWithParent()
spawnMortal('sh', ['-c', 'true'], { stdio: 'ignore' })
spawnMortal('sh', ['-c', 'sleep 600 & echo $$ $!; wait'], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.pipe(process.stdout)
setInterval(() => undefined, 1000)
`

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function startRun(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child: ChildProcess = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  assert.ok(child.stdout)
  const [text] = await once(child.stdout, 'data')
  const started = String(text).trim().split(' ').map(Number)
  assert.equal(started.length, 2)
  assert.ok(started.every(isAlive))
  return { child, started }
}

async function assertGone(pids: readonly number[]): Promise<void> {
  for (const deadline = Date.now() + LIMIT; pids.some(isAlive) && Date.now() < deadline; ) await sleep(20)
  const left = pids.filter(isAlive)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  assert.deepEqual(left, [])
}

suite('what a run starts ends with it', { skip: NEEDS_GROUPS, concurrency: true }, () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const)
    test(`by ${signal}`, async () => {
      const { child, started } = await startRun(process.execPath, ['--input-type=module', '-e', RUN])
      child.kill(signal)
      await assertGone(started)
    })

  test('when npm is killed', async () => {
    const script = '"$0" --input-type=module -e "$1"; true'
    const { child, started } = await startRun('sh', ['-c', script, process.execPath, RUN], {
      npm_lifecycle_event: 'e2e',
    })
    child.kill('SIGKILL')
    await assertGone(started)
  })
})

suite('a program that runs too long', { skip: NEEDS_GROUPS }, () => {
  for (const [what, script] of [
    ['with one that it started', 'sleep 60; true'],
    ['and has left one behind that holds its output', '(trap "" TERM; sleep 60) & sleep 60'],
  ] as const)
    test(`is ended ${what}`, async () => {
      const began = Date.now()
      const { code } = await run({ file: 'sh', args: ['-c', script], timeout: 200 })
      assert.equal(code, -1)
      assert.ok(Date.now() - began < LIMIT)
    })
})
