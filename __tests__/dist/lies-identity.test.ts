import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { after, afterEach, before, suite, test } from 'node:test'
import { createCtLog } from '../../sandbox/ct-log.ts'
import type { Fault } from '../../sandbox/faults.ts'
import { createFulcioCa, type LeafRequest } from '../../sandbox/fulcio-ca.ts'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { json } from '../../sandbox/web.ts'
import type { ErrorCode } from '../../src/errors.ts'
import type { Variables } from './program.ts'
import { writeFiles } from './program.ts'
import { assertRefused } from './refusal.ts'

const YEAR = 365 * 24 * 3_600_000
const validity = { curve: 'P-256', notBefore: Date.now() - YEAR, notAfter: Date.now() + YEAR } as const

/** An authority of the same name, with keys of its own. */
const stranger = createFulcioCa({ ...validity, ctLog: createCtLog() })
const strangerKey = generateEcdsaKey()

const flip = (bytes: Uint8Array): Uint8Array => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1)

type Json = Record<string, unknown>

suite('whoever lies about an identity is refused', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())
  afterEach(() => {
    sandbox.faults.clear()
    sandbox.requests.clear()
  })

  async function refuse(code: ErrorCode, inputs: Variables = {}): Promise<void> {
    const job = await sandbox.newJob()
    await writeFiles(job, { 'app.bin': 'content' })
    await assertRefused(job, { 'INPUT_SUBJECT-PATH': 'app.bin', ...inputs }, code)
  }

  const lie = (service: 'token' | 'fulcio' | 'rekor-v1' | 'rekor-v2' | 'tsa', change: Change): void => {
    sandbox.faults.add({ service, fault: { kind: 'change', change } })
  }
  type Change = Extract<Fault, { kind: 'change' }>['change']

  suite('a token that is not of this run', () => {
    const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds
    const ROWS: readonly (readonly [string, Json | (() => Json), ErrorCode])[] = [
      ['of another repository', { repository: 'octo/evil' }, 'TOKEN_IDENTITY'],
      ['of a repository that took over the name', { repository_id: '999' }, 'TOKEN_IDENTITY'],
      ['of another run', { run_id: '43' }, 'TOKEN_IDENTITY'],
      ['of another commit', { sha: '0'.repeat(40) }, 'TOKEN_IDENTITY'],
      ['of another trigger', { event_name: 'schedule' }, 'TOKEN_IDENTITY'],
      ['of another ref', { ref: 'refs/heads/main' }, 'TOKEN_IDENTITY'],
      ['without a run', { run_id: undefined }, 'TOKEN_IDENTITY'],
      ['for another audience', { aud: 'pypi' }, 'TOKEN_AUDIENCE'],
      ['for two audiences', { aud: ['sigstore', 'pypi'] }, 'TOKEN_AUDIENCE'],
      ['expired', () => ({ exp: inSeconds(-1) }), 'TOKEN_EXPIRED'],
      ['from the future', () => ({ nbf: inSeconds(100), iat: inSeconds(100) }), 'TOKEN_NOT_YET'],
      ['without a workflow', { job_workflow_ref: undefined }, 'TOKEN_SUBJECT'],
      ['by no issuer', { iss: '' }, 'TOKEN_ISSUER'],
    ]
    for (const [title, changes, code] of ROWS) {
      test(title, async () => {
        const claims = typeof changes === 'function' ? changes() : changes
        lie('token', () => json(200, { value: sandbox.authorities.issuer.mint('sigstore', { claims }) }))
        await refuse(code)
        assert.equal(sandbox.requests.all().length, 1, 'nobody got the token')
      })
    }
    test('none at all, but something', async () => {
      lie('token', () => json(200, { value: 'a.b' }))
      await refuse('TOKEN_MALFORMED')
      assert.equal(sandbox.requests.all().length, 1)
    })
    test('one that Fulcio does not trust', async () => {
      lie('token', () =>
        json(200, { value: `${sandbox.authorities.issuer.mint('sigstore').replace(/[^.]+$/, '')}AAAA` }),
      )
      await refuse('FULCIO_REFUSED')
      assert.equal(sandbox.requests.count('fulcio'), 2, 'one fresh token is worth a try')
    })
  })

  suite('a certificate that is not the one that was asked for', () => {
    const claims = () => ({ iss: sandbox.addresses.issuer, ...sandbox.claims })
    const ROWS: readonly (readonly [string, () => Partial<LeafRequest>, ErrorCode])[] = [
      ['for another key', () => ({ spki: strangerKey.spki }), 'CERT_KEY'],
      [
        'for another workflow',
        () => ({
          identity: { ...claims(), job_workflow_ref: 'octo/evil/.github/workflows/x.yml@refs/heads/x' },
        }),
        'CERT_IDENTITY',
      ],
      [
        'of another issuer',
        () => ({ identity: { ...claims(), iss: 'https://evil.example' } }),
        'CERT_IDENTITY',
      ],
      ['from another ref', () => ({ fulcioExtensions: { 14: 'refs/heads/main' } }), 'CERT_IDENTITY'],
      ['from another commit', () => ({ fulcioExtensions: { 13: '1'.repeat(40) } }), 'CERT_IDENTITY'],
      ['that is in no transparency log', () => ({ sct: { kind: 'none' } }), 'SCT_MISSING'],
      [
        'with a promise that is spoilt',
        () => ({ sct: { kind: 'valid', options: { change: flip } } }),
        'SCT_INVALID',
      ],
      [
        'with a promise by another log',
        () => ({
          sct: { kind: 'make', make: (pre) => [createCtLog().sign(pre, { timestamp: Date.now() })] },
        }),
        'SCT_UNKNOWN_LOG',
      ],
      ['that is an authority', () => ({ basicConstraints: { ca: true } }), 'CERT_PROFILE'],
      ['that is for servers', () => ({ extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] }), 'CERT_PROFILE'],
      ['by an authority of the same name', () => ({ issuer: stranger.intermediate }), 'CERT_CHAIN'],
      [
        'that is over',
        () => ({ notBefore: Date.now() - 700_000, notAfter: Date.now() - 100_000 }),
        'CERT_VALIDITY',
      ],
      ['that is not yet valid', () => ({ notBefore: Date.now() + 100_000 }), 'CERT_VALIDITY'],
    ]
    for (const [title, change, code] of ROWS) {
      test(title, async () => {
        lie('fulcio', (_, request) => {
          const { publicKeyRequest } = JSON.parse(Buffer.from(request.body).toString())
          const spki = createPublicKey(publicKeyRequest.publicKey.content).export({
            type: 'spki',
            format: 'der',
          })
          const { fulcio } = sandbox.authorities
          const { pem } = fulcio.issue({ spki: new Uint8Array(spki), identity: claims(), ...change() })
          return json(200, { signedCertificateEmbeddedSct: { chain: { certificates: [pem] } } })
        })
        await refuse(code)
        assert.equal(sandbox.requests.all().length, 2, 'the key signed nothing')
      })
    }
  })
})
