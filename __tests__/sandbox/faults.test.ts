import assert from 'node:assert/strict'
import { after, afterEach, before, suite, test } from 'node:test'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { get, hashedRekordV1, post, signedBytes } from './client.ts'

let sandbox: Sandbox
before(async () => {
  sandbox = await startSandbox({ keepBodies: true })
})
after(() => sandbox.close())
afterEach(() => {
  sandbox.faults.clear()
  sandbox.requests.clear()
})

const info = (): string => `${sandbox.addresses.rekorV1}/api/v1/log`
const entries = (): string => `${info()}/entries`
const size = (): number => sandbox.authorities.rekorV1.current.log.tree.size()
const proposed = (text: string) => hashedRekordV1(signedBytes(sandbox, Buffer.from(text)))

suite('a service can be told to fail', () => {
  test('from a request on, so many times, by service, method and path', async () => {
    const answer = { status: 503, headers: { 'retry-after': '1' }, body: 'later' }
    const rule = { service: 'rekor-v1', method: 'GET', path: /log$/, from: 2, count: 2 } as const
    sandbox.faults.add({ ...rule, fault: { kind: 'answer', answer } })
    const statuses: number[] = []
    for (let i = 0; i < 4; i += 1) statuses.push((await get(info())).status)
    assert.deepEqual(statuses, [200, 503, 503, 200])
    assert.equal((await get(`${sandbox.addresses.tsa}/ping`)).status, 200)
  })

  test('until the rule is lifted', async () => {
    const lift = sandbox.faults.add({ fault: { kind: 'answer', answer: { status: 500 } } })
    assert.equal((await get(info())).status, 500)
    lift()
    assert.equal((await get(info())).status, 200)
  })

  test('late', async () => {
    sandbox.faults.add({ fault: { kind: 'delay', milliseconds: 80 } })
    const started = performance.now()
    assert.equal((await get(info())).status, 200)
    assert.ok(performance.now() - started >= 75)
  })

  test('with a changed answer', async () => {
    sandbox.faults.add({ fault: { kind: 'change', change: (answer) => ({ ...answer, body: '{}' }) } })
    assert.equal((await get(info())).text, '{}')
  })

  test('with a redirect', async () => {
    sandbox.faults.add({ fault: { kind: 'redirect', location: 'http://127.0.0.1:1/' } })
    const response = await fetch(info(), { redirect: 'manual' })
    assert.deepEqual([response.status, response.headers.get('location')], [307, 'http://127.0.0.1:1/'])
  })

  test('by closing before it acts', async () => {
    sandbox.faults.add({ fault: { kind: 'drop' } })
    const before = size()
    await assert.rejects(post(entries(), proposed('dropped')))
    assert.equal(size(), before)
  })

  test('by losing its answer after it has acted', async () => {
    sandbox.faults.add({ count: 1, fault: { kind: 'lose' } })
    const before = size()
    const entry = proposed('lost')
    await assert.rejects(post(entries(), entry))
    assert.equal(size(), before + 1)
    assert.equal((await post(entries(), entry)).status, 409)
  })

  test('by cutting its answer', async () => {
    sandbox.faults.add({ fault: { kind: 'cut', bytes: 10 } })
    await assert.rejects(get(info()))
  })

  for (const fault of [{ kind: 'silence' }, { kind: 'stall', bytes: 10 }] as const) {
    test(`by never ending: ${fault.kind}`, async () => {
      sandbox.faults.add({ fault })
      const signal = AbortSignal.timeout(100)
      const whole = fetch(info(), { signal }).then((response) => response.text())
      await assert.rejects(whole, { name: 'TimeoutError' })
    })
  }

  test('by never stopping', async () => {
    sandbox.faults.add({ fault: { kind: 'endless' } })
    const response = await fetch(info())
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > 4_000_000) break
    }
    assert.ok(bytes > 4_000_000)
  })
})

suite('requests are recorded', () => {
  test('with what they were, how they ended, and their bodies if asked for', async () => {
    await post(entries(), 'nonsense', { authorization: 'Bearer secret' })
    const [request] = sandbox.requests.all()
    assert.equal(sandbox.requests.count('rekor-v1', 'POST'), 1)
    assert.equal(sandbox.requests.count('rekor-v1', 'GET'), 0)
    assert.equal(sandbox.requests.count('rekor-v2'), 0)
    assert.equal(request?.status, 500)
    assert.equal(Buffer.from(request?.body ?? '').toString(), '"nonsense"'.slice(1, -1))
    assert.equal(JSON.stringify(sandbox.requests.all()).includes('secret'), false)
  })

  test('and the most of them at one time', async () => {
    sandbox.faults.add({ fault: { kind: 'delay', milliseconds: 50 } })
    await Promise.all([get(info()), get(info()), get(info())])
    assert.equal(sandbox.requests.peak('rekor-v1'), 3)
  })
})
