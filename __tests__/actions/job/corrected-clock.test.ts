import assert from 'node:assert/strict'
import { test } from 'node:test'
import { correctedClock } from '../../../src/actions/job/corrected-clock.ts'
import type { HttpRequest } from '../../../src/ports.ts'

/** The offset that is found when the server is ahead of the local clock by so much and the answer takes so long. */
async function offsetFor(ahead: number, url: string, took = 100): Promise<number> {
  let local = Date.UTC(2026, 0, 1, 12, 0, 0, 300)
  const clock = { now: () => local, monotonic: () => local, sleep: () => Promise.resolve() }
  const corrected = correctedClock(() => {
    local += took
    const date = new Date(local - took / 2 + ahead).toUTCString()
    return Promise.resolve({ status: 200, headers: { date }, body: new Uint8Array() })
  }, clock)
  const request: HttpRequest = {
    service: 'Rekor',
    method: 'GET',
    url: new URL(url),
    headers: {},
    timeout: 1,
    maxBytes: 1,
  }
  await corrected.http(request)
  assert.equal(corrected.now(), local + corrected.offset())
  return corrected.offset()
}

test('a clock that was moved is never behind, wherever in a second the answer fell', async () => {
  for (const wrong of [300_000, -300_000]) {
    for (let part = 0; part < 1000; part += 50) {
      const offset = await offsetFor(wrong + part, 'https://x.example')
      assert.ok(offset >= wrong + part && offset <= wrong + part + 1100, `${wrong} and ${part}: ${offset}`)
    }
  }
})
test('a clock that is right stays', async () => assert.equal(await offsetFor(0, 'https://x.example'), 0))
test('a clock that is five minutes behind is moved', async () =>
  assert.ok(Math.abs((await offsetFor(300_000, 'https://x.example')) - 300_000) < 1000))
test('a clock that is five minutes ahead is moved', async () =>
  assert.ok(Math.abs((await offsetFor(-300_000, 'https://x.example')) + 300_000) < 1000))
test('a clock that is a second ahead stays', async () =>
  assert.equal(await offsetFor(-1000, 'https://x.example'), 0))
test('a clock that is a second behind is moved as far as the date proves', async () => {
  const offset = await offsetFor(1700, 'https://x.example')
  assert.ok(offset > 0 && offset <= 1700, `${offset}`)
})
test('plain http moves nothing', async () => assert.equal(await offsetFor(300_000, 'http://127.0.0.1'), 0))
test('a slow answer moves nothing that its delay explains', async () =>
  assert.equal(await offsetFor(-3000, 'https://x.example', 9000), 0))
