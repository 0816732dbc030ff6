import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { generateEcdsaKey, generateEd25519Key, generateRsaKey, type SigningKey } from '../../sandbox/keys.ts'
import { digest } from '../../src/core/digest.ts'
import { artifactOfDigests } from '../../src/sigstore/artifact.ts'
import {
  ADDRESSES,
  ARTIFACT,
  ATTESTATION,
  asVersion,
  byBytes,
  byDigest,
  changed,
  createInstance,
  ENTRY,
  judge,
  MATERIAL,
  MESSAGE,
  make,
  type Row,
  THEN,
  valueAt,
  verify,
} from './hostile-bundles.ts'

const INSTANCES = { 'P-256': createInstance('P-256'), 'P-384': createInstance('P-384') }
const CONTENTS = { 'message signature': MESSAGE, attestation: ATTESTATION }
const ARTIFACTS = { 'by bytes': byBytes, 'by digest': byDigest }

/** Version 0.1 demands the promise that Rekor v2 does not give. */
const LOGS = [
  { logs: [1], versions: ['0.1', '0.2', '0.3'] },
  { logs: [2], versions: ['0.2', '0.3'] },
  { logs: [1, 2], versions: ['0.2', '0.3'] },
] as const

const honest: Row[] = []
for (const [authorities, instance] of Object.entries(INSTANCES)) {
  for (const [kind, content] of Object.entries(CONTENTS)) {
    for (const { logs, versions } of LOGS) {
      for (const version of versions) {
        for (const [how, artifact] of Object.entries(ARTIFACTS)) {
          const what = `${kind} in Rekor v${logs.join(' and v')}, bundle ${version}, ${how}, authorities on ${authorities}`
          honest.push([
            what,
            'accepted',
            () => {
              const { bundle } = make(instance, { logs }, content)
              return { bundle: asVersion(bundle, version), artifact, trust: instance.trust }
            },
          ])
        }
      }
    }
  }
}
judge('every honest combination is accepted', 56, honest)

const instance = INSTANCES['P-256']
const { trust } = instance

const rsa = generateRsaKey()
const KEYS: Readonly<Record<string, () => SigningKey>> = {
  'P-256': () => generateEcdsaKey('P-256'),
  'P-384': () => generateEcdsaKey('P-384'),
  'P-384 that signs SHA-256': () => generateEcdsaKey('P-384', 'sha256'),
  'P-521': () => generateEcdsaKey('P-521'),
  'RSA of 2048 bits': () => rsa,
}
const digests = artifactOfDigests({
  sha256: digest('sha256', ARTIFACT),
  sha384: digest('sha384', ARTIFACT),
  sha512: digest('sha512', ARTIFACT),
})

const keys: Row[] = Object.entries(KEYS).flatMap(([name, key]) =>
  [byBytes, digests].flatMap((artifact, i) =>
    // Rekor v2 ties the hash to the curve.
    (name.includes('SHA-256') ? ([1] as const) : ([1, 2] as const)).map(
      (log): Row => [
        `${name}, Rekor v${log}, ${i === 0 ? 'by bytes' : 'by digest'}`,
        'accepted',
        () => ({ bundle: make(instance, { key: key(), logs: [log] }).bundle, artifact, trust }),
      ],
    ),
  ),
)
judge('every kind of key that real signers have is accepted', 18, keys)

/** SHA-384 and SHA-512 over an envelope: dsse 0.0.1 does not name the hash, hashedrekord 0.0.2 does. */
judge(
  'every kind of key in an attestation',
  9,
  Object.entries(KEYS).flatMap(([name, key]) =>
    (name.includes('SHA-256') ? ([1] as const) : ([1, 2] as const)).map(
      (log): Row => [
        `${name}, attestation, Rekor v${log}`,
        'accepted',
        () => ({ bundle: make(instance, { key: key(), logs: [log] }, ATTESTATION).bundle, trust }),
      ],
    ),
  ),
)

const ed25519 = generateEd25519Key()
judge('keys at the edge', 4, [
  [
    'Ed25519 in an attestation, Rekor v1',
    'accepted',
    () => ({ bundle: make(instance, { key: ed25519 }, ATTESTATION).bundle, trust }),
  ],
  [
    'Ed25519 over a file, Rekor v1',
    'accepted',
    () => ({ bundle: make(instance, { key: ed25519 }).bundle, trust }),
  ],
  [
    'Ed25519 in Rekor v2, which takes none',
    'CERT_KEY',
    () => ({ bundle: make(instance, { key: ed25519, logs: [2] }, ATTESTATION).bundle, trust }),
  ],
  [
    'Ed25519 over a file of which only the digest is known',
    'SIG_DIGEST_ONLY',
    () => ({ bundle: make(instance, { key: ed25519 }).bundle, artifact: digests, trust, incomparable: true }),
  ],
  [
    'a SHA-384 signature where only the SHA-256 digest is known',
    'SIG_DIGEST',
    () => ({
      bundle: make(instance, { key: generateEcdsaKey('P-384') }).bundle,
      artifact: byDigest,
      incomparable: true,
      trust,
    }),
  ],
])

const V1 = { logs: [1], timestamps: [] } as const
const good = (options = {}, content = MESSAGE) => make(instance, options, content).bundle

judge('honest ways to write it', 10, [
  ['a promise as the only time', 'accepted', () => ({ bundle: good(V1), trust })],
  [
    'a timestamp as the only time of a v1 entry',
    'accepted',
    () => ({ bundle: changed(good(), `${ENTRY}.inclusionPromise`, undefined), trust }),
  ],
  [
    'a time beside a Rekor v2 entry, which is not believed',
    'accepted',
    () => ({ bundle: changed(good({ logs: [2] }), `${ENTRY}.integratedTime`, '1'), trust }),
  ],
  ['null for an absent member', 'accepted', () => ({ bundle: changed(good(), 'dsseEnvelope', null), trust })],
  [
    'a promise alone in a bundle 0.1 of 2023',
    'accepted',
    () => {
      const at = Date.UTC(2023, 5)
      const bundle = asVersion(good({ ...V1, at }), '0.1')
      return { bundle: changed(bundle, `${ENTRY}.inclusionProof`, undefined), trust }
    },
  ],
  [
    'the chain with the certificates of the trusted root, in a bundle 0.2',
    'accepted',
    () => {
      const { intermediate, root } = instance.authorities.fulcio
      const more = [intermediate, root].map(({ certificate }) => ({
        rawBytes: Buffer.from(certificate).toString('base64'),
      }))
      const path = `${MATERIAL}.x509CertificateChain.certificates`
      const bundle = changed(asVersion(good(), '0.2'), path, (list: unknown[]) => [...list, ...more])
      return { bundle, trust }
    },
  ],
  [
    'a key id in an envelope that a certificate signed',
    'accepted',
    () => ({
      bundle: changed(good({}, ATTESTATION), 'dsseEnvelope.signatures.0.keyid', 'anything'),
      trust,
    }),
  ],
  [
    'numbers where protobuf-JSON writes texts',
    'accepted',
    () => ({ bundle: changed(good(), `${ENTRY}.logIndex`, Number), trust }),
  ],
  [
    'signed half a year before it is verified',
    'accepted',
    () => ({ bundle: good(), trust, now: THEN + 180 * 86_400_000 }),
  ],
  ['verified in the very second', 'accepted', () => ({ bundle: good(), trust, now: THEN })],
])

suite('the evidence says what was proven', () => {
  test('of a message signature in both logs', () => {
    const evidence = verify({ bundle: good({ logs: [1, 2] }), trust })
    assert.deepEqual(
      evidence.times.map(({ source, at }) => [source, at]),
      [
        ['transparency log', THEN],
        ['timestamp authority', THEN],
      ],
    )
    assert.deepEqual(
      evidence.entries.map(({ log, kind, version }) => `${log} ${kind} ${version}`),
      [`${ADDRESSES.rekorV1} hashedrekord 0.0.1`, `${ADDRESSES.rekorV2} hashedrekord 0.0.2`],
    )
    assert.equal(evidence.statement, undefined)
    assert.deepEqual(
      evidence.scts.map(({ at }) => at),
      [THEN],
    )
    assert.equal(evidence.checks.length, 8)
  })

  test('of a v1 entry without a promise: the index that is proven, in the tree of its shard', () => {
    const bare = changed(changed(good(), `${ENTRY}.inclusionPromise`, undefined), `${ENTRY}.logIndex`, '777')
    const [entry] = verify({ bundle: bare, trust }).entries
    assert.equal(String(entry?.index), valueAt(bare, `${ENTRY}.inclusionProof.logIndex`))
    assert.equal(entry?.ofTree, true)
    const [promised] = verify({ bundle: good(), trust }).entries
    assert.equal(promised?.ofTree, undefined)
  })

  test('of an attestation: the statement as it was signed', () => {
    const evidence = verify({ bundle: good({}, ATTESTATION), trust })
    assert.equal(evidence.statement?.predicateType, 'https://slsa.dev/provenance/v1')
    assert.ok(evidence.checks.includes('statement names this artifact'))
  })

  test('the signer is what the certificate says', () => {
    const { signer } = verify({ bundle: good(), trust })
    assert.ok(signer.kind === 'certificate')
    assert.equal(
      signer.name.value,
      'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0',
    )
    assert.equal(signer.claims.issuer, ADDRESSES.issuer)
    assert.equal(signer.claims.sourceRepositoryIdentifier, '123456')
  })
})
