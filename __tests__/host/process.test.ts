import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { realClock } from '../../src/host/clock.ts'
import { runChild, startChild } from './child.ts'
import { answerBy } from './loopback.ts'

test('a promise that never settles ends the process with 1', async () => {
  const { code } = await runChild('beginFailed(); void new Promise(() => {}).then(succeed)')
  assert.equal(code, 1)
})

test('an exception ends the process with 1, the proven end with 0', async () => {
  const [thrown, proven] = await Promise.all([
    runChild('beginFailed(); throw new Error("x")'),
    runChild('beginFailed(); await null; succeed()'),
  ])
  assert.deepEqual([thrown.code, proven.code], [1, 0])
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  const windows = process.platform === 'win32' ? 'Windows has no signals between processes' : false
  test(`${signal} aborts the signal and ends waits, and the process goes on`, { skip: windows }, async () => {
    const child = startChild(`
      beginFailed()
      const { clock, cancelled, runner } = realWorld('1.2.3')
      setTimeout(() => runner.info('ready'), 0)
      try { await clock.sleep(60_000, cancelled) } catch (error) { runner.info(error.code) }
      runner.info('tidied up ' + cancelled.aborted)
    `)
    const lines: string[] = []
    child.stdout?.on('data', (chunk) => lines.push(`${chunk}`))
    await once(child.stdout ?? child, 'data')
    child.kill(signal)
    await once(child, 'close')
    assert.equal(lines.join(''), 'ready\nCANCELLED\ntidied up true\n')
    assert.equal(child.exitCode, 1)
  })
}

test('a reader that goes away does not end the process', async () => {
  const child = startChild(`
    const runner = realRunner()
    for (let i = 0; i < 100; i++) { runner.info('line'); await new Promise((next) => setTimeout(next, 1)) }
    process.exitCode = 42
  `)
  child.stdout?.destroy()
  await once(child, 'close')
  assert.equal(child.exitCode, 42)
})

test('connections that are kept alive do not keep the process alive', async () => {
  const port = await answerBy((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
  const { code } = await runChild(`
    const http = realHttp({ allowLoopbackHttp: true })
    const url = new URL('http://127.0.0.1:${port}/')
    await http({ service: 'Rekor', method: 'GET', url, headers: {}, timeout: 5000, maxBytes: 9 })
    process.exitCode = 7
  `)
  assert.equal(code, 7)
})

test('a clock waits, and not at all for times gone by or a signal that is aborted', async () => {
  const clock = realClock()
  const start = clock.monotonic()
  await clock.sleep(20)
  assert.ok(clock.monotonic() - start >= 19)
  await clock.sleep(-5)
  await assert.rejects(clock.sleep(60_000, AbortSignal.abort()), { code: 'CANCELLED' })
  assert.ok(Math.abs(clock.now() - Date.now()) < 1000)
})

test('no timer of Node is too short for a long wait', async () => {
  const stop = new AbortController()
  const waiting = realClock().sleep(1e12, stop.signal)
  const first = await Promise.race([
    waiting.then(() => 'woke'),
    realClock()
      .sleep(20)
      .then(() => 'waits'),
  ])
  stop.abort()
  await assert.rejects(waiting, { code: 'CANCELLED' })
  assert.equal(first, 'waits')
})
