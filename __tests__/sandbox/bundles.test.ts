import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type BundleOptions, makeBundle } from '../../sandbox/bundles.ts'
import { createCtLog } from '../../sandbox/ct-log.ts'
import { createFulcioCa } from '../../sandbox/fulcio-ca.ts'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts'
import { verifyBySigstoreJs } from './client.ts'

const artifact = Buffer.from('what a workflow built\n')
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'demo', digest: { sha256: '0'.repeat(64) } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {},
}
const NAME = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'

/** An authority of the same names, with its own keys. */
const rogue = () =>
  createFulcioCa({ curve: 'P-256', ctLog: createCtLog(), notBefore: 0, notAfter: Date.now() + 3_600_000 })
    .intermediate

const GOOD: readonly (readonly [string, BundleOptions])[] = [
  ['logged in Rekor v1', { logs: [1] }],
  ['logged in Rekor v2', { logs: [2] }],
  ['logged in both', { logs: [1, 2] }],
  ['a timestamp with its certificate and a nonce', { logs: [2], timestamps: [{ nonce: 2n ** 63n }] }],
  ['no timestamp beside Rekor v1', { logs: [1], timestamps: [] }],
  ['made half a year ago', { logs: [1], at: Date.now() - 180 * 24 * 3_600_000 }],
]

const INSTANCES: readonly (readonly [string, SandboxOptions])[] = [
  ['P-256 authorities', {}],
  ['P-384 authorities as in production', { curve: 'P-384', timestampHash: 'sha256' }],
]

for (const [instance, options] of INSTANCES) {
  suite(`sigstore-js accepts what a sandbox with ${instance} makes`, () => {
    let sandbox: Sandbox
    before(async () => {
      sandbox = await startSandbox(options)
    })
    after(() => sandbox.close())

    for (const [title, changes] of GOOD) {
      test(`message signature, ${title}`, () => {
        const { bundle } = makeBundle(sandbox, { artifact }, changes)
        assert.equal(verifyBySigstoreJs(bundle, sandbox.trustedRoot, artifact), NAME)
      })
      test(`attestation, ${title}`, () => {
        const { bundle } = makeBundle(sandbox, { statement }, changes)
        assert.equal(verifyBySigstoreJs(bundle, sandbox.trustedRoot), NAME)
      })
    }
  })
}

suite('sigstore-js refuses a bundle of the sandbox that is wrong in one point', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())
  const stranger = generateEcdsaKey()
  const flip = (bytes: Uint8Array): Uint8Array => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1)

  const WRONG: readonly (readonly [string, BundleOptions])[] = [
    ['spoilt signature', { signature: flip }],
    ['no SCT', { leaf: { sct: { kind: 'none' } } }],
    ['spoilt SCT', { leaf: { sct: { kind: 'valid', options: { change: flip } } } }],
    ['SCT by another key', { leaf: { sct: { kind: 'valid', options: { key: stranger } } } }],
    ['leaf that is expired at the time of log and timestamp', { leaf: { notAfter: Date.now() - 1000 } }],
    ['spoilt timestamp', { logs: [2], timestamps: [{ change: flip }] }],
    ['timestamp about something else', { logs: [2], timestamps: [{ imprint: new Uint8Array(32) }] }],
    [
      'entry about another artifact',
      { body: (body) => JSON.parse(JSON.stringify(body).replace(/"value":"../, '"value":"00')) },
    ],
    ['leaf that another authority issued', { leaf: { issuer: rogue() } }],
  ]
  for (const [title, changes] of WRONG) {
    test(title, () => {
      const { bundle } = makeBundle(sandbox, { artifact }, changes)
      assert.throws(() => verifyBySigstoreJs(bundle, sandbox.trustedRoot, artifact))
    })
  }

  test('changed artifact', () => {
    const { bundle } = makeBundle(sandbox, { artifact })
    assert.throws(() => verifyBySigstoreJs(bundle, sandbox.trustedRoot, Buffer.from('other')))
  })
})
