import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { base64 } from '../../sandbox/fields.ts'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import type { Json } from '../../src/core/json.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { parseTrustedRoot, type TrustedRoot } from '../../src/sigstore/trusted-root.ts'
import { parseTimestamp } from '../../src/sigstore/window.ts'
import {
  changed,
  createInstance,
  FROM,
  flipped,
  iso,
  judge,
  make,
  type Row,
  rootWith,
  verdictOf,
} from './hostile-bundles.ts'

const instance = createInstance()
const { rootJson } = instance
const parse = (json: unknown): TrustedRoot => parseTrustedRoot(JSON.parse(JSON.stringify(json)) as Json)
const LISTS = ['tlogs', 'ctlogs', 'certificateAuthorities', 'timestampAuthorities'] as const

const counts = ({
  transparencyLogs,
  certificateLogs,
  certificateAuthorities,
  timestampAuthorities,
}: TrustedRoot) => [
  transparencyLogs.size,
  certificateLogs.size,
  certificateAuthorities.length,
  timestampAuthorities.length,
]
const countsOf = (path: string, value: unknown): number[] => counts(parse(changed(rootJson, path, value)))

type Refusal = readonly [what: string, path: string, value: unknown]
const KEY = 'tlogs.0.publicKey'
const CERTIFICATE = 'certificateAuthorities.0.certChain.certificates.0.rawBytes'

const refusals: readonly Refusal[] = [
  ['another media type', 'mediaType', 'application/vnd.dev.sigstore.trustedroot+json;version=0.3'],
  ['no media type', 'mediaType', undefined],
  ['a media type in upper case', 'mediaType', 'APPLICATION/vnd.dev.sigstore.trustedroot+json;version=0.1'],
  ...LISTS.map((list): Refusal => [`${list} that is an object`, list, {}]),
  ...LISTS.map((list): Refusal => [`${list} that holds a text`, list, ['x']]),
  ['a log without a key', KEY, undefined],
  ['a log without the kind of its key', `${KEY}.keyDetails`, undefined],
  ['a log whose key is no base64', `${KEY}.rawBytes`, '!'],
  ['a log whose key is no key', `${KEY}.rawBytes`, 'AAAA'],
  ['a log whose key is of another kind', `${KEY}.keyDetails`, 'PKIX_ED25519'],
  ['a log whose key is on another curve', `${KEY}.keyDetails`, 'PKIX_ECDSA_P384_SHA_384'],
  ['a log whose key is another than its id says', `${KEY}.rawBytes`, base64(generateEcdsaKey().spki)],
  ['a log whose id is another than its key says', 'tlogs.0.logId.keyId', flipped],
  ['a log without id', 'tlogs.0.logId', undefined],
  ['a log with an empty id', 'tlogs.0.logId.keyId', ''],
  ['an Ed25519 log with an id of 31 bytes', 'tlogs.1.logId.keyId', base64(new Uint8Array(31))],
  ['a CT log whose id is another than its key says', 'ctlogs.0.logId.keyId', flipped],
  ['a log without address', 'tlogs.0.baseUrl', undefined],
  ['a log whose address is none', 'tlogs.0.baseUrl', 'rekor1.example'],
  [
    'a window that ends before it starts',
    `${KEY}.validFor`,
    { start: '2026-01-01T00:00:00Z', end: '2025-01-01T00:00:00Z' },
  ],
  ['a window of numbers', `${KEY}.validFor`, { start: 1 }],
  ['a window that is a text', `${KEY}.validFor`, '2026'],
  ['a window that starts on no calendar', `${KEY}.validFor`, { start: '2026-02-30T00:00:00Z' }],
  ['a window that starts without a zone', `${KEY}.validFor`, { start: '2026-01-01T00:00:00' }],
  ['a certificate that is no base64', CERTIFICATE, '!'],
  ['a certificate that is none', CERTIFICATE, 'AAAA'],
  [
    'a certificate with a byte behind it',
    CERTIFICATE,
    (text: string) => base64(new Uint8Array(Buffer.concat([Buffer.from(text, 'base64'), Buffer.alloc(1)]))),
  ],
  ['a chain that is a list', 'certificateAuthorities.0.certChain', []],
]

suite(`a trusted root that is refused (${refusals.length} rows)`, () => {
  for (const [what, path, value] of refusals) {
    test(what, () => {
      const json = changed(rootJson, path, value)
      assert.equal(
        verdictOf(() => parse(json)),
        'TRUST_INVALID' satisfies ErrorCode,
      )
    })
  }
  for (const value of [null, [], 'x', 1, true]) {
    test(`${JSON.stringify(value)} instead of a root`, () => {
      assert.equal(
        verdictOf(() => parse(value)),
        'TRUST_INVALID',
      )
    })
  }
})

suite('what a trusted root gives', () => {
  test('all that is in it', () => assert.deepEqual(counts(parse(rootJson)), [2, 1, 1, 1]))
  test('of version 0.2 too', () =>
    assert.deepEqual(
      countsOf('mediaType', 'application/vnd.dev.sigstore.trustedroot.v0.2+json'),
      [2, 1, 1, 1],
    ))
  test('unknown members are left alone', () => assert.deepEqual(countsOf('extra', [{}]), [2, 1, 1, 1]))
  for (const [i, list] of LISTS.entries()) {
    const less = (value: unknown, by: number) => {
      const expected = [2, 1, 1, 1]
      expected[i] = value === null ? 0 : (expected[i] ?? 0) - by
      return expected
    }
    test(`${list} absent`, () => assert.deepEqual(countsOf(list, undefined), less(null, 0)))
    const window = i < 2 ? `${list}.0.publicKey.validFor` : `${list}.0.validFor`
    for (const [what, value] of Object.entries({
      'no window': undefined,
      'an empty window': {},
      'an end alone': { end: '2040-01-01T00:00:00Z' },
      'a start that is null': { start: null },
    })) {
      test(`${list}: ${what} leaves it out`, () => assert.deepEqual(countsOf(window, value), less(1, 1)))
    }
    test(`${list}: one twice leaves both out`, () =>
      assert.deepEqual(
        countsOf(list, (all: readonly unknown[]) => [...all, all[0]]),
        less(1, 1),
      ))
  }
  test('a kind of key that no log has now leaves it out', () =>
    assert.deepEqual(countsOf(`${KEY}.keyDetails`, 'PKCS1_RSA_PKCS1V5'), [1, 1, 1, 1]))
  test('an authority without certificates is left out', () =>
    assert.deepEqual(countsOf('certificateAuthorities.0.certChain.certificates', []), [2, 1, 0, 1]))
  test('a private instance is not taken for GitHub’s', () => assert.equal(parse(rootJson).isGitHub, false))
  test('nor is one without logs, or without anything', () => {
    const noLogs = changed(changed(rootJson, 'tlogs', []), 'ctlogs', [])
    assert.equal(parse(noLogs).isGitHub, false)
    assert.equal(
      parse({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' }).isGitHub,
      false,
    )
  })
  for (const name of ['public-good', 'staging']) {
    test(`the one shipped for ${name} is read`, () => {
      const shipped: Json = JSON.parse(readFileSync(`src/trust/${name}.trusted-root.json`, 'utf8'))
      const root = parseTrustedRoot(shipped)
      assert.ok(root.transparencyLogs.size > 0 && root.certificateLogs.size > 0)
      assert.ok(root.certificateAuthorities.length > 0)
      assert.equal(root.isGitHub, false)
    })
  }
})

const TIMES: readonly (readonly [string, number | 'refused'])[] = [
  ['2026-01-02T03:04:05Z', Date.UTC(2026, 0, 2, 3, 4, 5)],
  ['2026-01-02T03:04:05.678Z', Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
  ['2026-01-02T03:04:05.678999999Z', Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
  ['2026-01-02T03:04:05.6Z', Date.UTC(2026, 0, 2, 3, 4, 5, 600)],
  ['2026-01-02T03:04:05+01:30', Date.UTC(2026, 0, 2, 1, 34, 5)],
  ['2026-01-02T03:04:05-01:30', Date.UTC(2026, 0, 2, 4, 34, 5)],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ['2026-02-29T00:00:00Z', 'refused'],
  ['2026-13-01T00:00:00Z', 'refused'],
  ['2026-00-01T00:00:00Z', 'refused'],
  ['2026-01-00T00:00:00Z', 'refused'],
  ['2026-01-01T24:00:00Z', 'refused'],
  ['2026-01-01T00:60:00Z', 'refused'],
  ['2026-01-01T00:00:60Z', 'refused'],
  ['2026-01-01T00:00:00+24:00', 'refused'],
  ['2026-01-01T00:00:00+00:60', 'refused'],
  ['0026-01-01T00:00:00Z', 'refused'],
  ['2026-01-01t00:00:00Z', 'refused'],
  ['2026-01-01 00:00:00Z', 'refused'],
  ['2026-01-01T00:00:00', 'refused'],
  ['2026-01-01T00:00:00.Z', 'refused'],
  ['2026-01-01T00:00:00.0000000000Z', 'refused'],
  ['2026-01-01T00:00Z', 'refused'],
  ['2026-1-1T00:00:00Z', 'refused'],
  [' 2026-01-01T00:00:00Z', 'refused'],
  ['2026-01-01T00:00:00Z\n', 'refused'],
  ['', 'refused'],
]
suite(`times of a trusted root (${TIMES.length} rows)`, () => {
  for (const [text, expected] of TIMES) {
    test(JSON.stringify(text), () => {
      if (expected === 'refused') {
        assert.equal(
          verdictOf(() => parseTimestamp(text, 'TRUST_INVALID', 'it')),
          'TRUST_INVALID',
        )
      } else assert.equal(parseTimestamp(text, 'TRUST_INVALID', 'it'), expected)
    })
  }
})

/** What is left out of the root is not believed. */
const { bundle } = make(instance)
const CODES = ['TLOG_UNKNOWN_LOG', 'SCT_UNKNOWN_LOG', 'CERT_CHAIN', 'TSA_SIGNER'] as const
const leftOut: Row[] = LISTS.flatMap((list, i): Row[] => {
  const window = i < 2 ? `${list}.0.publicKey.validFor` : `${list}.0.validFor`
  const code = CODES[i] ?? 'TRUST_INVALID'
  return [
    [`${list}: without a start`, code, () => ({ bundle, trust: rootWith(instance, window, {}) })],
    [
      `${list}: twice, in another window`,
      code,
      () => ({
        bundle,
        trust: rootWith(instance, list, (all: readonly object[]) => [
          ...all,
          changed(all[0], window.replace(`${list}.0.`, ''), { start: iso(FROM - 1) }),
        ]),
      }),
    ],
  ]
})
judge('what a trusted root leaves out is not believed', 8, leftOut)
