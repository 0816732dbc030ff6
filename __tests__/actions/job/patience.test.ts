import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inFlight } from '../../../src/actions/job/in-flight.ts'
import { parseRetryAfter, patientHttp } from '../../../src/actions/job/patience.ts'
import { ActionError } from '../../../src/errors.ts'
import type { Http, HttpRequest, HttpResponse } from '../../../src/ports.ts'

const REQUEST: HttpRequest = {
  service: 'Rekor',
  method: 'POST',
  url: new URL('https://rekor.example/api'),
  headers: {},
  timeout: 1000,
  maxBytes: 1000,
}

type Step = number | ActionError | Partial<HttpResponse>

/** A service that answers step by step, on a clock that moves only when somebody sleeps or a request takes its time. */
function scripted(steps: readonly Step[], budget = 600_000) {
  let time = 0
  let asked = 0
  const slept: number[] = []
  const troubles: string[] = []
  const abort = new AbortController()
  const http: Http = () => {
    const step = steps[Math.min(asked++, steps.length - 1)] ?? 200
    time += 100
    if (step instanceof ActionError) return Promise.reject(step)
    const answer = typeof step === 'number' ? { status: step } : step
    return Promise.resolve({ status: 200, headers: {}, body: new Uint8Array(), ...answer })
  }
  const clock = {
    now: () => Date.UTC(2026, 0, 1) + time,
    monotonic: () => time,
    sleep: (milliseconds: number) => {
      slept.push(milliseconds)
      time += milliseconds
      return Promise.resolve()
    },
  }
  const world = { clock, random: (n: number) => new Uint8Array(n).fill(128), cancelled: abort.signal }
  const patient = patientHttp({ http, world, budget, onTrouble: (message) => troubles.push(message) })
  return { patient, slept, troubles, abort, asked: () => asked, time: () => time }
}

test('lost answers, overload and server errors are tried again until it works', async () => {
  const lost = new ActionError('NET_UNREACHABLE', 'reset')
  const { patient, asked, troubles } = scripted([
    lost,
    500,
    502,
    429,
    503,
    408,
    new ActionError('NET_TIMEOUT', 'slow'),
    201,
  ])
  assert.equal((await patient(REQUEST)).status, 201)
  assert.equal(asked(), 8)
  assert.equal(troubles.length, 1, 'one warning, not one for each try')
})

const refused = new ActionError('NET_UNREACHABLE', 'refused', { unsent: true })
for (const [title, steps, method, unsent] of [
  ['of connections that were never made', [refused], 'POST', true],
  [
    'of a connection that was made once',
    [new ActionError('NET_UNREACHABLE', 'reset'), refused],
    'POST',
    false,
  ],
  ['of an answer that was no good', [500, refused], 'POST', false],
  ['of a question, which sends nothing that could stay', [refused], 'GET', false],
] as const) {
  test(`an error ${title}`, async () => {
    const { patient } = scripted(steps, 10_000)
    await assert.rejects(patient({ ...REQUEST, method }), { code: 'NET_UNREACHABLE', unsent })
  })
}

for (const status of [400, 401, 403, 404, 405, 409, 413, 422, 501]) {
  test(`${status} is an answer, not a reason to try again`, async () => {
    const { patient, asked } = scripted([status])
    assert.equal((await patient(REQUEST)).status, status)
    assert.equal(asked(), 1)
  })
}

for (const status of [301, 302, 303, 307, 308]) {
  test(`a redirect (${status}) is refused`, async () => {
    const { patient, asked } = scripted([
      { status, headers: { location: 'https://evil.example/\u{1b}[31m' } },
    ])
    await assert.rejects(
      patient(REQUEST),
      (error: ActionError) => error.code === 'NET_REDIRECT' && !/\p{Cc}/u.test(error.message),
    )
    assert.equal(asked(), 1)
  })
}

for (const code of ['NET_TLS', 'NET_TOO_LARGE', 'NET_PROXY', 'NET_INSECURE', 'CANCELLED'] as const) {
  test(`${code} is final`, async () => {
    const { patient, asked } = scripted([new ActionError(code, 'no')])
    await assert.rejects(patient(REQUEST), { code })
    assert.equal(asked(), 1)
  })
}

test('Retry-After is honoured inside the budget, and ends the run beyond it', async () => {
  const wait = scripted([{ status: 429, headers: { 'retry-after': '7' } }, 200])
  await wait.patient(REQUEST)
  assert.deepEqual(wait.slept, [7000])
  const far = scripted([{ status: 503, headers: { 'retry-after': '3600' } }])
  await assert.rejects(far.patient(REQUEST), { code: 'NET_OVERLOADED' })
  assert.equal(far.asked(), 1)
})

test('Retry-After: seconds, a date, and nonsense', () => {
  const now = Date.UTC(2026, 0, 1)
  assert.equal(parseRetryAfter('12', now), 12_000)
  assert.equal(parseRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now), 30_000)
  assert.equal(parseRetryAfter('Thu, 01 Jan 2015 00:00:30 GMT', now), 0)
  for (const odd of ['-1', '1e9', 'soon', '', undefined]) assert.equal(parseRetryAfter(odd, now), undefined)
})

test('the budget is the time without one success; progress does not use it up', async () => {
  const failing = scripted([500], 60_000)
  await assert.rejects(failing.patient(REQUEST), { code: 'NET_UNREACHABLE' })
  assert.ok(failing.time() <= 61_000 && failing.time() > 20_000, `${failing.time()}`)
  const progressing = scripted(
    Array.from({ length: 200 }, (_, i) => (i % 4 === 3 ? 200 : 500)),
    60_000,
  )
  for (let i = 0; i < 50; i++) await progressing.patient(REQUEST)
  assert.ok(progressing.time() > 60_000)
})

test('a cancelled job sends nothing', async () => {
  const { patient, abort, asked } = scripted([200])
  abort.abort()
  await assert.rejects(patient(REQUEST), { code: 'CANCELLED' })
  assert.equal(asked(), 0)
})

test('a service that never asks to slow down gets two more for each full row, and 48 at the most', async () => {
  const places = inFlight()
  for (let i = 0; i < 32; i++) (await places.enter())('well')
  assert.ok(places.limit() > 33.9 && places.limit() < 34, String(places.limit()))
  for (let i = 0; i < 1000; i++) (await places.enter())('well')
  assert.equal(places.limit(), 48)
  ;(await places.enter())('badly')
  assert.equal(places.limit(), 48, 'a lost answer is no sign of overload')
  ;(await places.enter())('overloaded')
  assert.equal(places.limit(), 24)
})

test('32 in flight at first, half after overload, growing again', async () => {
  const places = inFlight()
  const leaves = await Promise.all(Array.from({ length: 32 }, () => places.enter()))
  let entered = false
  const next = places.enter().then((leave) => {
    entered = true
    return leave
  })
  await Promise.resolve()
  assert.equal(entered, false)
  for (const leave of leaves.slice(0, 20)) leave('overloaded')
  assert.equal(places.limit(), 16, 'many refusals of one moment count once')
  for (const leave of leaves.slice(20)) leave('well')
  ;(await next)('well')
  assert.equal(places.peak(), 32)
  for (let i = 0; i < 1000; i++) (await places.enter())('well')
  assert.equal(Math.floor(places.limit()), 32)
  for (let i = 0; i < 10; i++) (await places.enter())('overloaded')
  assert.equal(places.limit(), 1, 'never none')
})
