import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BodyJson, BundleContent } from '../../sandbox/bundles.ts'
import { createRekorV1Log } from '../../sandbox/rekor-v1-log.ts'
import { createRekorV2Log } from '../../sandbox/rekor-v2-log.ts'
import { encodeHex, encodeUtf8 } from '../../src/core/bytes.ts'
import { digest } from '../../src/core/digest.ts'
import { encodeCanonicalJson, type Json } from '../../src/core/json.ts'
import { parseBundle } from '../../src/sigstore/bundle.ts'
import { verifyBundle } from '../../src/sigstore/verifier.ts'
import {
  ATTESTATION,
  asVersion,
  byBytes,
  changed,
  createInstance,
  ENTRY,
  flipped,
  instanceOf,
  judge,
  MATERIAL,
  MESSAGE,
  make,
  NOW,
  PROOF,
  type Presented,
  presenterOf,
  type Row,
  SECOND,
  THEN,
  valueAt,
  verdictOf,
} from './hostile-bundles.ts'

const instance = createInstance()
const { trust, authorities } = instance
const { rekorV1, rekorV2 } = authorities
const ENTRIES = `${MATERIAL}.tlogEntries`

// Strangers' entries, so that proofs have several hashes.
for (let i = 0; i < 6; i += 1) {
  const filler = encodeCanonicalJson({ filler: i })
  rekorV1.append(filler)
  rekorV2.append(filler)
}

const { show, edit } = presenterOf(instance)

/** The log signs a body that is changed at these places. */
const logs = (log: 1 | 2, content: BundleContent, changes: Readonly<Record<string, unknown>>): Presented => {
  const change = (body: BodyJson): BodyJson =>
    Object.entries(changes).reduce<unknown>((one, [path, value]) => changed(one, path, value), body) as Json
  return show({ logs: [log], body: change }, content)
}

const stranger = make(instance)
const foreign = Buffer.from(stranger.signature).toString('base64')
const foreignPem = Buffer.from(stranger.leaf.pem).toString('base64')
const foreignDer = Buffer.from(stranger.leaf.certificate).toString('base64')
const OTHER = digest('sha256', encodeUtf8('other'))
const otherHex = encodeHex(OTHER)
const otherBase64 = Buffer.from(OTHER).toString('base64')
const V2 = 'spec.hashedRekordV002'

const KINDS = { 'message signature': MESSAGE, attestation: ATTESTATION }

/** P4: a log that really signs entries about something else than the bundle. */
const foreignBodies: Row[] = Object.entries(KINDS).flatMap(([kind, content]): Row[] => {
  const isMessage = content === MESSAGE
  const signature = isMessage ? 'spec.signature.content' : 'spec.signatures.0.signature'
  const key = isMessage ? 'spec.signature.publicKey.content' : 'spec.signatures.0.verifier'
  const hash = isMessage ? 'spec.data.hash.value' : 'spec.payloadHash.value'
  return [
    [`v1, ${kind}: digest`, 'TLOG_MISMATCH', () => logs(1, content, { [hash]: otherHex })],
    [`v1, ${kind}: signature`, 'TLOG_MISMATCH', () => logs(1, content, { [signature]: foreign })],
    [`v1, ${kind}: certificate`, 'TLOG_MISMATCH', () => logs(1, content, { [key]: foreignPem })],
    [`v1, ${kind}: kind`, 'TLOG_KIND', () => logs(1, content, { kind: isMessage ? 'dsse' : 'hashedrekord' })],
    [`v1, ${kind}: version`, 'TLOG_KIND', () => logs(1, content, { apiVersion: '0.0.3' })],
    [`v2, ${kind}: digest`, 'TLOG_MISMATCH', () => logs(2, content, { [`${V2}.data.digest`]: otherBase64 })],
    [
      `v2, ${kind}: signature`,
      'TLOG_MISMATCH',
      () => logs(2, content, { [`${V2}.signature.content`]: foreign }),
    ],
    [
      `v2, ${kind}: certificate`,
      'TLOG_MISMATCH',
      () => logs(2, content, { [`${V2}.signature.verifier.x509Certificate.rawBytes`]: foreignDer }),
    ],
    [`v2, ${kind}: kind`, 'TLOG_KIND', () => logs(2, content, { kind: 'dsse' })],
    [`v2, ${kind}: version`, 'TLOG_KIND', () => logs(2, content, { apiVersion: '0.0.1' })],
  ]
})
judge('an entry that the log signed and that is about something else', 20, foreignBodies)

/** The same lies where the bundle holds the body that should have been logged, so that only the proof can tell. */
function hidden(changes: Readonly<Record<string, unknown>>): Presented {
  let honest = ''
  const { bundle } = make(instance, {
    logs: [2],
    body: (body) => {
      honest = Buffer.from(encodeCanonicalJson(body)).toString('base64')
      return Object.entries(changes).reduce<unknown>(
        (one, [path, value]) => changed(one, path, value),
        body,
      ) as Json
    },
  })
  return { bundle: changed(bundle, `${ENTRY}.canonicalizedBody`, honest), trust }
}

judge('a body that is made up or left out cannot hide what was logged', 6, [
  ...Object.entries({
    digest: { [`${V2}.data.digest`]: otherBase64 },
    signature: { [`${V2}.signature.content`]: foreign },
    certificate: { [`${V2}.signature.verifier.x509Certificate.rawBytes`]: foreignDer },
    algorithm: { [`${V2}.signature.verifier.keyDetails`]: 'PKIX_ECDSA_P384_SHA_384' },
  }).map(
    ([what, changes]): Row => [
      `v2, the honest body shown: another ${what} logged`,
      'TLOG_PROOF',
      () => hidden(changes),
    ],
  ),
  ['v2 without body', 'TLOG_BODY', () => edit(`${ENTRY}.canonicalizedBody`, undefined, { logs: [2] })],
  ['v1 without body', 'TLOG_BODY', () => edit(`${ENTRY}.canonicalizedBody`, undefined)],
])

/** Another entry of the same log in place of ours: really in the log, and not about us. */
const relogged = (log: 1 | 2, body: Uint8Array, content: BundleContent = MESSAGE): Presented => {
  const entry =
    log === 1
      ? rekorV1.toBundle(rekorV1.append(body, { integratedTime: THEN / 1000 }))
      : rekorV2.toBundle(rekorV2.append(body))
  return edit(ENTRY, entry, { logs: [log] }, content)
}
const named = (presented: Presented, kind: string, version: string): Presented => ({
  ...presented,
  bundle: changed(presented.bundle, `${ENTRY}.kindVersion`, { kind, version }),
})
const bodyOf = (presented: Presented): string =>
  Buffer.from(String(valueAt(presented.bundle, `${ENTRY}.canonicalizedBody`)), 'base64').toString()

judge('bodies as no log writes them', 18, [
  ['a body of another entry', 'TLOG_MISMATCH', () => edit(ENTRY, valueAt(show().bundle, ENTRY))],
  [
    'a v2 body with a space',
    'TLOG_BODY',
    () => {
      const { bundle } = make(instance, { logs: [2] })
      const body = bodyOf({ bundle, trust }).replace('{', '{ ')
      const entry = rekorV2.toBundle(rekorV2.append(encodeUtf8(body)))
      return { bundle: changed(bundle, ENTRY, entry), trust }
    },
  ],
  ['a v2 body with one more member', 'TLOG_BODY', () => logs(2, MESSAGE, { [`${V2}.extra`]: 1 })],
  [
    'a v1 body with a member twice',
    'TLOG_BODY',
    () => {
      const { bundle } = make(instance)
      const body = `{"kind":"hashedrekord",${bodyOf({ bundle, trust }).slice(1)}`
      const stored = rekorV1.append(encodeUtf8(body), { integratedTime: THEN / 1000 })
      return { bundle: changed(bundle, ENTRY, rekorV1.toBundle(stored)), trust }
    },
  ],
  [
    'a body that is not JSON',
    'TLOG_BODY',
    () => named(relogged(1, encodeUtf8('{')), 'hashedrekord', '0.0.1'),
  ],
  ['a body that is a list', 'TLOG_BODY', () => named(relogged(1, encodeUtf8('[]')), 'hashedrekord', '0.0.1')],
  [
    'a body that is not UTF-8',
    'TLOG_BODY',
    () => named(relogged(1, Uint8Array.of(0xff)), 'hashedrekord', '0.0.1'),
  ],
  [
    'a body whose kind is an object that has no text',
    'TLOG_BODY',
    () => named(logs(1, MESSAGE, { kind: { toString: 1, valueOf: 1 } }), 'hashedrekord', '0.0.1'),
  ],
  [
    'a body whose version is a list',
    'TLOG_BODY',
    () => named(logs(2, MESSAGE, { apiVersion: ['0.0.2'] }), 'hashedrekord', '0.0.2'),
  ],
  ['a body with an unknown member', 'TLOG_BODY', () => logs(1, MESSAGE, { extra: 1 })],
  ['a body without spec', 'TLOG_BODY', () => logs(1, MESSAGE, { spec: undefined })],
  ['no data', 'TLOG_BODY', () => logs(1, MESSAGE, { 'spec.data': undefined })],
  ['MD5', 'TLOG_BODY', () => logs(1, MESSAGE, { 'spec.data.hash.algorithm': 'md5' })],
  ['an upper-case digest', 'TLOG_BODY', () => logs(1, MESSAGE, { 'spec.data.hash.value': 'A'.repeat(64) })],
  ['a short digest', 'TLOG_BODY', () => logs(1, MESSAGE, { 'spec.data.hash.value': 'ab' })],
  [
    'a key that is no PEM',
    'TLOG_BODY',
    () => logs(1, MESSAGE, { 'spec.signature.publicKey.content': 'AAAA' }),
  ],
  [
    'our certificate behind that of another',
    'TLOG_BODY',
    () =>
      logs(1, MESSAGE, {
        'spec.signature.publicKey.content': (pem: string) =>
          Buffer.concat([Buffer.from(foreignPem, 'base64'), Buffer.from(pem, 'base64')]).toString('base64'),
      }),
  ],
  [
    'our certificate as a public key',
    'TLOG_MISMATCH',
    () =>
      logs(1, MESSAGE, {
        'spec.signature.publicKey.content': (pem: string) =>
          Buffer.from(Buffer.from(pem, 'base64').toString().replaceAll('CERTIFICATE', 'PUBLIC KEY')).toString(
            'base64',
          ),
      }),
  ],
  [
    'two signatures, ours first',
    'TLOG_MISMATCH',
    () =>
      logs(1, ATTESTATION, {
        'spec.signatures': (list: unknown[]) => [...list, { signature: foreign, verifier: foreignPem }],
      }),
  ],
  ['no signatures', 'TLOG_MISMATCH', () => logs(1, ATTESTATION, { 'spec.signatures': [] })],
  [
    'another algorithm of the key',
    'TLOG_MISMATCH',
    () => logs(2, MESSAGE, { [`${V2}.signature.verifier.keyDetails`]: 'PKIX_ECDSA_P384_SHA_384' }),
  ],
  [
    'a v2 body that names the bare key',
    'TLOG_MISMATCH',
    () =>
      logs(2, MESSAGE, {
        [`${V2}.signature.verifier.x509Certificate`]: undefined,
        [`${V2}.signature.verifier.publicKey`]: { rawBytes: 'AAAA' },
      }),
  ],
  [
    'a v2 body with a hash of another name',
    'TLOG_BODY',
    () => logs(2, MESSAGE, { [`${V2}.data.algorithm`]: 'SHA3_256' }),
  ],
  [
    'a v1 body of the hash of another length, which the file does not have',
    'TLOG_MISMATCH',
    () => logs(1, MESSAGE, { 'spec.data.hash': { algorithm: 'sha512', value: 'ab'.repeat(64) } }),
  ],
  [
    'a dsse entry of the retired version 0.0.2',
    'TLOG_KIND',
    () =>
      named(
        relogged(2, encodeCanonicalJson({ apiVersion: '0.0.2', kind: 'dsse', spec: {} }), ATTESTATION),
        'dsse',
        '0.0.2',
      ),
  ],
  ['a kind that the body does not have', 'TLOG_KIND', () => named(show({}, ATTESTATION), 'intoto', '0.0.2')],
  ['a kind called like a member of every object', 'TLOG_KIND', () => named(show(), 'constructor', '')],
  ['a kind with upper case', 'TLOG_KIND', () => named(show(), 'HashedRekord', '0.0.1')],
])

/** The envelope of intoto 0.0.2, made from the dsse body: its signature is in base64 twice. */
const intoto = (changes: Readonly<Record<string, unknown>> = {}): Presented =>
  show(
    {
      body: (body) => {
        const signature = String(valueAt(body, 'spec.signatures.0.signature'))
        const made = {
          apiVersion: '0.0.2',
          kind: 'intoto',
          spec: {
            content: {
              envelope: {
                payloadType: 'application/vnd.in-toto+json',
                signatures: [
                  {
                    publicKey: valueAt(body, 'spec.signatures.0.verifier'),
                    sig: Buffer.from(signature).toString('base64'),
                  },
                ],
              },
              hash: valueAt(body, 'spec.envelopeHash'),
              payloadHash: valueAt(body, 'spec.payloadHash'),
            },
          },
        }
        const whole = Object.entries(changes).reduce<unknown>(
          (one, [path, value]) => changed(one, path, value),
          made,
        )
        return whole as Json
      },
    },
    ATTESTATION,
  )
const INNER = 'spec.content.envelope.signatures.0'

judge('intoto 0.0.2, as older attestations are logged', 8, [
  ['an honest one', 'accepted', () => intoto()],
  ['another payload', 'TLOG_MISMATCH', () => intoto({ 'spec.content.payloadHash.value': otherHex })],
  [
    'another signature',
    'TLOG_MISMATCH',
    () => intoto({ [`${INNER}.sig`]: Buffer.from(foreign).toString('base64') }),
  ],
  ['a signature in base64 once', 'TLOG_BODY', () => intoto({ [`${INNER}.sig`]: foreign })],
  ['another certificate', 'TLOG_MISMATCH', () => intoto({ [`${INNER}.publicKey`]: foreignPem })],
  [
    'another payload type',
    'TLOG_MISMATCH',
    () => intoto({ 'spec.content.envelope.payloadType': 'text/plain' }),
  ],
  [
    'two signatures',
    'TLOG_MISMATCH',
    () => intoto({ 'spec.content.envelope.signatures': (list: unknown[]) => [...list, ...list] }),
  ],
  ['no envelope', 'TLOG_BODY', () => intoto({ 'spec.content.envelope': undefined })],
  ['for a message signature', 'TLOG_KIND', () => named(show(), 'intoto', '0.0.2')],
])

const secondV2 = createRekorV2Log('rekor2.example')
const elsewhere = instanceOf({
  ...authorities,
  rekorV1: createRekorV1Log('rekor1.example'),
  rekorV2: secondV2,
})
const BEFORE = Date.UTC(2024, 0) - SECOND
const alone = (at: number): Presented => {
  const old = asVersion(make(instance, { at, timestamps: [] }).bundle, '0.1')
  return { bundle: changed(old, PROOF, undefined), trust }
}

judge('which entries count', 18, [
  ['two entries of one log', 'TLOG_DUPLICATE', () => edit(ENTRIES, (list: unknown[]) => [...list, ...list])],
  [
    'one signature logged twice in one log',
    'TLOG_DUPLICATE',
    () => {
      const { bundle } = make(instance)
      const body = Buffer.from(String(valueAt(bundle, `${ENTRY}.canonicalizedBody`)), 'base64')
      const again = rekorV1.toBundle(rekorV1.append(body, { integratedTime: THEN / 1000 }))
      return { bundle: changed(bundle, ENTRIES, (list: unknown[]) => [...list, again]), trust }
    },
  ],
  ['33 entries', 'BUNDLE_TLOG', () => edit(ENTRIES, (list: unknown[]) => new Array(33).fill(list[0]))],
  ['an entry of an unknown v1 log', 'TLOG_UNKNOWN_LOG', () => ({ bundle: make(elsewhere).bundle, trust })],
  [
    'an entry of an unknown v2 log of a known name',
    'TLOG_UNKNOWN_LOG',
    () => ({ bundle: make(elsewhere, { logs: [2] }).bundle, trust }),
  ],
  [
    'an entry of an unknown log beside a good one',
    'TLOG_UNKNOWN_LOG',
    () => ({
      bundle: make(elsewhere, { logs: [1, 2] }).bundle,
      trust: instanceOf({ ...authorities, rekorV1: elsewhere.authorities.rekorV1 }).trust,
    }),
  ],
  [
    'an entry of an unknown log that claims to be ours',
    'TLOG_PROMISE',
    () => ({ bundle: changed(make(elsewhere).bundle, `${ENTRY}.logId.keyId`, keyIdOf()), trust }),
  ],
  ['a promise without a proof, bundle 0.1, of 2026', 'TLOG_PROOF_MISSING', () => alone(THEN)],
  ['a promise without a proof, bundle 0.1, in the last second of 2023', 'accepted', () => alone(BEFORE)],
  [
    'a promise without a proof, bundle 0.1, in the first second of 2024',
    'TLOG_PROOF_MISSING',
    () => alone(BEFORE + SECOND),
  ],
  [
    'a promise without a proof, bundle 0.2, of 2023',
    'TLOG_PROOF_MISSING',
    () => ({
      ...alone(BEFORE),
      bundle: changed(asVersion(make(instance, { at: BEFORE }).bundle, '0.2'), PROOF, undefined),
    }),
  ],
  [
    'a bad proof beside the promise of 2023',
    'TLOG_PROOF',
    () => ({
      bundle: changed(
        asVersion(make(instance, { at: BEFORE, timestamps: [] }).bundle, '0.1'),
        `${PROOF}.hashes.0`,
        flipped,
      ),
      trust,
    }),
  ],
  [
    'a proof without a promise, bundle 0.1',
    'TLOG_PROMISE',
    () => ({
      bundle: changed(asVersion(show().bundle, '0.1'), `${ENTRY}.inclusionPromise`, undefined),
      trust,
    }),
  ],
  [
    'a Rekor v2 entry in a bundle 0.1',
    'TLOG_PROMISE',
    () => ({ bundle: asVersion(show({ logs: [2] }).bundle, '0.1'), trust }),
  ],
  [
    'a promise on a v2 entry',
    'TLOG_PROMISE',
    () =>
      edit(`${ENTRY}.inclusionPromise`, valueAt(show().bundle, `${ENTRY}.inclusionPromise`), { logs: [2] }),
  ],
  ['no proof on a v2 entry', 'TLOG_PROOF_MISSING', () => edit(PROOF, undefined, { logs: [2] })],
  ['swapped indexes under a promise', 'TLOG_PROMISE', () => swapped(show().bundle)],
  [
    'swapped indexes without a promise',
    'TLOG_PROOF',
    () => swapped(edit(`${ENTRY}.inclusionPromise`, undefined).bundle),
  ],
  [
    'a v2 entry at another index than its proof',
    'TLOG_INDEX',
    () => edit(`${ENTRY}.logIndex`, '0', { logs: [2] }),
  ],
  [
    'a v2 entry and its proof at another index',
    'TLOG_PROOF',
    () => ({
      bundle: changed(edit(`${ENTRY}.logIndex`, '1', { logs: [2] }).bundle, `${PROOF}.logIndex`, '1'),
      trust,
    }),
  ],
])

function keyIdOf(): string {
  return Buffer.from(rekorV1.logId).toString('base64')
}

function swapped(bundle: unknown): Presented {
  const outer = valueAt(bundle, `${ENTRY}.logIndex`)
  const inner = valueAt(bundle, `${PROOF}.logIndex`)
  return { bundle: changed(changed(bundle, `${ENTRY}.logIndex`, inner), `${PROOF}.logIndex`, outer), trust }
}

test('a promise alone is not enough in a later version, even where nothing parsed the bundle', () => {
  const parsed = parseBundle(JSON.stringify(alone(BEFORE).bundle))
  const verdict = (version: '0.1' | '0.2' | '0.3') =>
    verdictOf(() => verifyBundle({ ...parsed, version }, byBytes, { trust, now: NOW }))
  const verdicts = [verdict('0.1'), verdict('0.2'), verdict('0.3')]
  assert.deepEqual(verdicts, ['accepted', 'TLOG_PROOF_MISSING', 'TLOG_PROOF_MISSING'])
})
