import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { certifiedKeys, isNearItsEnd } from '../../../src/actions/sign/certified-keys.ts'
import { sign } from '../../../src/actions/sign/sign.ts'
import type { EphemeralKey } from '../../../src/core/ephemeral-key.ts'
import { ActionError } from '../../../src/errors.ts'
import type { Http, HttpRequest } from '../../../src/ports.ts'
import type { CertificateSigner } from '../../../src/sigstore/evidence.ts'
import { shipped } from '../../../src/trust/shipped.ts'
import { fakeWorld } from '../../dist/fake-world.ts'
import { memoryFiles } from '../memory-files.ts'
import { signer } from '../outcomes.ts'

const MINUTE = 60_000

/** Of a certificate with that validity, in minutes from the start. */
const validFor = (from: number, to: number): CertificateSigner => {
  const made = signer()
  return {
    ...made,
    certificate: { ...made.certificate, notBefore: from * MINUTE, notAfter: to * MINUTE },
  }
}

suite('a key with its certificate', () => {
  const ENDS: readonly (readonly [string, number, number, boolean])[] = [
    ['ten minutes long, new', 10, 0, false],
    ['ten minutes long, exactly two minutes left', 10, 8, false],
    ['ten minutes long, less than two minutes left', 10, 8.01, true],
    ['one minute long, exactly a quarter left', 1, 0.75, false],
    ['one minute long, less than a quarter left', 1, 0.76, true],
    ['over', 10, 11, true],
  ]
  for (const [title, length, now, expected] of ENDS) {
    test(`${title}: ${expected ? 'a fresh one is due' : 'is good enough'}`, () => {
      assert.equal(isNearItsEnd({ signer: validFor(0, length) }, now * MINUTE), expected)
    })
  }

  /** Certifies in turn, and counts. */
  function source(now: () => number) {
    const certified: EphemeralKey[] = []
    const certify = async (key: EphemeralKey): Promise<CertificateSigner> => {
      certified.push(key)
      await new Promise((next) => setImmediate(next))
      return validFor(now() / MINUTE, now() / MINUTE + 10)
    }
    return { certified, keys: certifiedKeys(certify, now) }
  }

  test('many who ask at once get one pair', async () => {
    const { certified, keys } = source(() => 0)
    const pairs = await Promise.all(Array.from({ length: 20 }, () => keys.current()))
    assert.equal(certified.length, 1)
    assert.equal(new Set(pairs).size, 1)
  })

  test('and one fresh pair when it nears its end, which the old one outlives', async () => {
    let now = 0
    const { certified, keys } = source(() => now)
    const old = await keys.current()
    now = 9 * MINUTE
    const pairs = await Promise.all(Array.from({ length: 20 }, () => keys.current()))
    assert.equal(certified.length, 2)
    assert.equal(new Set(pairs).size, 1)
    assert.notEqual(pairs[0]?.key, old.key)
    assert.ok(old.key.sign(new Uint8Array(1)).length > 0, 'files under way still use it')
  })

  test('no key signs after all were dropped', async () => {
    let now = 0
    const { keys } = source(() => now)
    const old = await keys.current()
    now = 9 * MINUTE
    const fresh = await keys.current()
    keys.dropAll()
    for (const { key } of [old, fresh]) assert.throws(() => key.sign(new Uint8Array(1)), { code: 'INTERNAL' })
  })

  test('a refusal reaches everyone who asked', async () => {
    const refused = new ActionError('FULCIO_REFUSED', 'no')
    const keys = certifiedKeys(
      () => Promise.reject(refused),
      () => 0,
    )
    const results = await Promise.allSettled([keys.current(), keys.current()])
    assert.deepEqual(results, Array(2).fill({ status: 'rejected', reason: refused }))
  })
})

suite('signing on the public instance', () => {
  const SHA = '5f0c1b7de7a94a6b8b1d0a5a3c2e4f6071829304'
  const now = Date.now()
  const env = {
    RUNNER_TEMP: '/temp',
    GITHUB_WORKSPACE: '/ws',
    GITHUB_REPOSITORY: 'octo/demo',
    GITHUB_REPOSITORY_ID: '1',
    GITHUB_RUN_ID: '42',
    GITHUB_SHA: SHA,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_EVENT_NAME: 'push',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x.actions.githubusercontent.com/idtoken?api-version=2.0',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
  }
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    aud: 'sigstore',
    sub: 'repo:octo/demo:ref:refs/heads/main',
    iat: Math.floor(now / 1000),
    exp: Math.floor(now / 1000) + 300,
    repository: 'octo/demo',
    repository_id: '1',
    repository_visibility: 'public',
    run_id: '42',
    sha: SHA,
    ref: 'refs/heads/main',
    event_name: 'push',
    job_workflow_ref: 'octo/demo/.github/workflows/release.yml@refs/heads/main',
  }

  /** Answers with a token of these claims, and with 400 whatever else is asked. */
  async function signWith(changes: object, inputs: Readonly<Record<string, string>> = {}, time = now) {
    const asked: HttpRequest[] = []
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const token = `${encode({ alg: 'RS256' })}.${encode({ ...claims, ...changes })}.AAAA`
    const http: Http = async (request) => {
      asked.push(request)
      const body = Buffer.from(JSON.stringify({ value: token }))
      const headers = { date: new Date(time).toUTCString() }
      return { status: request.service === 'identity token' ? 200 : 400, headers, body }
    }
    const files = memoryFiles({ '/ws/app.bin': 'content' })
    const world = fakeWorld({ env, files, http, now, inputs: { 'subject-path': 'app.bin', ...inputs } })
    return { outcome: await sign(world, shipped), asked, world, token }
  }

  const GUARDS: readonly (readonly [string, object, string])[] = [
    ['a private repository by its token', { repository_visibility: 'private' }, 'REPOSITORY_PRIVATE'],
    ['an internal repository by its token', { repository_visibility: 'internal' }, 'REPOSITORY_PRIVATE'],
    ['a token that does not tell the visibility', { repository_visibility: undefined }, 'REPOSITORY_PRIVATE'],
    ['a token of another issuer', { iss: 'https://evil.example' }, 'TOKEN_ISSUER'],
    ['a token of another ref', { ref: 'refs/heads/other' }, 'TOKEN_IDENTITY'],
  ]
  for (const [title, changes, code] of GUARDS) {
    test(`${title}: nothing becomes public`, async () => {
      const { outcome, asked } = await signWith(changes)
      assert.equal(outcome.error?.code, code)
      assert.deepEqual(
        asked.map(({ service }) => service),
        ['identity token'],
      )
      assert.deepEqual(outcome.public, [])
    })
  }

  test('a private repository whose owner permits it comes as far as Fulcio', async () => {
    const inputs = { 'allow-private-repository': 'true' }
    const { outcome, asked, world, token } = await signWith({ repository_visibility: 'private' }, inputs)
    assert.equal(outcome.error?.code, 'FULCIO_REFUSED')
    assert.deepEqual(
      asked.map(({ url }) => url.host),
      ['x.actions.githubusercontent.com', 'fulcio.sigstore.dev'],
    )
    assert.equal(world.told.masks[0], token)
  })

  for (const [time, note] of [
    [now + 300_000, /^the clock of this machine is 30[01] s behind/],
    [now - 300_000, /^the clock of this machine is (?:299|300) s ahead/],
    [now, undefined],
  ] as const) {
    test(`a clock that the services contradict is told: ${note}`, async () => {
      const seconds = Math.floor(time / 1000)
      const { outcome } = await signWith({ iat: seconds, exp: seconds + 300 }, {}, time)
      assert.equal(outcome.error?.code, 'FULCIO_REFUSED')
      assert.equal(outcome.notes?.length, note === undefined ? 0 : 1)
      if (note !== undefined) assert.match(outcome.notes?.[0] ?? '', note)
    })
  }

  test('a token endpoint on loopback is not that of the public instance', async () => {
    const planted = { ...env, ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:1/x' }
    const files = memoryFiles({ '/ws/app.bin': 'content' })
    const world = fakeWorld({ env: planted, files, now, inputs: { 'subject-path': 'app.bin' } })
    assert.equal((await sign(world, shipped)).error?.code, 'TOKEN_ENDPOINT')
  })

  test('a bug in the middle is an outcome, not an exception', async () => {
    const http: Http = () => Promise.reject(new TypeError('near eyJ'))
    const files = memoryFiles({ '/ws/app.bin': 'content' })
    const world = fakeWorld({ env, files, http, now, inputs: { 'subject-path': 'app.bin' } })
    const { result, error } = await sign(world, shipped)
    assert.deepEqual([result, error?.code], ['failed', 'INTERNAL'])
    assert.doesNotMatch(error?.message ?? '', /eyJ/)
  })
})
