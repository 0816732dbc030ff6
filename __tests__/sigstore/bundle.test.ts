import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { MAX_BUNDLE_BYTES, MEDIA_TYPES, parseBundle } from '../../src/sigstore/bundle.ts'
import {
  ATTESTATION,
  asVersion,
  changed,
  createInstance,
  ENTRY,
  MATERIAL,
  make,
  PROOF,
  STAMPS,
  valueAt,
  verdictOf,
} from './hostile-bundles.ts'

const instance = createInstance()
const good = make(instance).bundle
const goodV2 = make(instance, { logs: [2] }).bundle
const attestation = make(instance, {}, ATTESTATION).bundle
const TEXT = JSON.stringify(good)

type Refusal = readonly [what: string, code: ErrorCode, source: Uint8Array | string]

function refuses(title: string, rows: readonly Refusal[]): void {
  suite(`${title} (${rows.length} rows)`, () => {
    for (const [what, code, source] of rows) {
      test(`${what}: ${code}`, () =>
        assert.equal(
          verdictOf(() => parseBundle(source)),
          code,
        ))
    }
  })
}

const edited = (
  what: string,
  code: ErrorCode,
  path: string,
  value: unknown,
  bundle: unknown = good,
): Refusal => [what, code, JSON.stringify(changed(bundle, path, value))]

/** Something that JSON.stringify cannot write, in place of the member. */
const spelled = (what: string, code: ErrorCode, member: string, written: string): Refusal => [
  what,
  code,
  TEXT.replace(new RegExp(`"${member}":("[^"]*"|[0-9]+)`), `"${member}":${written}`),
]

test('what is changed below is good as it is', () => {
  for (const bundle of [good, goodV2, attestation]) parseBundle(JSON.stringify(bundle))
  for (const type of Object.keys(MEDIA_TYPES)) {
    if (MEDIA_TYPES[type] === '0.3') parseBundle(JSON.stringify(changed(good, 'mediaType', type)))
  }
})

refuses('a text that is no bundle', [
  ['nothing', 'BUNDLE_PARSE', ''],
  ['null', 'BUNDLE_PARSE', 'null'],
  ['a list', 'BUNDLE_PARSE', '[]'],
  ['a list of bundles, as an attestation store answers', 'BUNDLE_PARSE', `[${TEXT}]`],
  ['a text', 'BUNDLE_PARSE', '"x"'],
  ['a number', 'BUNDLE_PARSE', '1'],
  ['cut', 'BUNDLE_PARSE', TEXT.slice(0, -1)],
  ['two bundles, as JSON lines', 'BUNDLE_PARSE', `${TEXT}\n${TEXT}`],
  ['something behind it', 'BUNDLE_PARSE', `${TEXT}x`],
  ['a comment', 'BUNDLE_PARSE', `/* */${TEXT}`],
  ['a trailing comma', 'BUNDLE_PARSE', TEXT.replace(/\}$/, ',}')],
  ['a byte order mark', 'BUNDLE_PARSE', Uint8Array.of(0xef, 0xbb, 0xbf, ...encodeUtf8(TEXT))],
  ['UTF-16', 'BUNDLE_PARSE', Buffer.from(TEXT, 'utf16le')],
  ['a byte that is not UTF-8', 'BUNDLE_PARSE', Uint8Array.of(...encodeUtf8(TEXT), 0xff)],
  ['NUL', 'BUNDLE_PARSE', `${TEXT}\0`],
  ['PEM', 'BUNDLE_PARSE', '-----BEGIN CERTIFICATE-----'],
  ['NaN', 'BUNDLE_PARSE', TEXT.replace(/"integratedTime":"[0-9]+"/, '"integratedTime":NaN')],
  ['a list of attestations in an object', 'BUNDLE_VERSION', '{"attestations":[]}'],
  ['an OCI manifest', 'BUNDLE_VERSION', '{"mediaType":"application/vnd.oci.image.manifest.v1+json"}'],
  ['an empty object', 'BUNDLE_VERSION', '{}'],
  ['larger than any', 'BUNDLE_TOO_LARGE', new Uint8Array(MAX_BUNDLE_BYTES + 1).fill(0x20)],
  ['17 deep', 'BUNDLE_TOO_DEEP', `${'['.repeat(17)}${']'.repeat(17)}`],
  ['100,000 deep', 'BUNDLE_TOO_DEEP', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ['a member twice', 'BUNDLE_DUPLICATE_KEY', TEXT.replace('{', '{"mediaType":"x",')],
  [
    'a member twice, inside',
    'BUNDLE_DUPLICATE_KEY',
    TEXT.replace('"logIndex":', '"logIndex":"1","logIndex":'),
  ],
  ['a member twice, once escaped', 'BUNDLE_DUPLICATE_KEY', TEXT.replace('{', '{"\\u006dediaType":"x",')],
  ['__proto__', 'BUNDLE_DUPLICATE_KEY', TEXT.replace('{', '{"__proto__":{},')],
  ['constructor', 'BUNDLE_FIELD', TEXT.replace('{', '{"constructor":{},')],
  [
    '300,000 members',
    'BUNDLE_FIELD',
    TEXT.replace('{', `{${Array.from({ length: 300_000 }, (_, i) => `"m${i}":0,`).join('')}`),
  ],
])

const objects = [
  '',
  MATERIAL,
  `${MATERIAL}.certificate`,
  ENTRY,
  `${ENTRY}.logId`,
  `${ENTRY}.kindVersion`,
  `${ENTRY}.inclusionPromise`,
  PROOF,
  `${PROOF}.checkpoint`,
  `${MATERIAL}.timestampVerificationData`,
  `${STAMPS}.0`,
  'messageSignature',
  'messageSignature.messageDigest',
]
refuses('an unknown member, at each level', [
  ...objects.map((path) =>
    edited(path === '' ? 'the bundle' : path, 'BUNDLE_FIELD', path === '' ? 'extra' : `${path}.extra`, 1),
  ),
  edited('the envelope', 'BUNDLE_FIELD', 'dsseEnvelope.extra', 1, attestation),
  edited('a signature of the envelope', 'BUNDLE_FIELD', 'dsseEnvelope.signatures.0.extra', 1, attestation),
])
refuses('another kind of value, at each level', [
  ...objects
    .slice(1)
    .flatMap((path) =>
      ['text', 1, true, []].map((value) =>
        edited(`${path} as ${JSON.stringify(value)}`, 'BUNDLE_FIELD', path, value),
      ),
    ),
  ...[`${MATERIAL}.tlogEntries`, `${PROOF}.hashes`, STAMPS].flatMap((path) =>
    ['text', 1, {}].map((value) =>
      edited(`${path} as ${JSON.stringify(value)}`, 'BUNDLE_FIELD', path, value),
    ),
  ),
  edited('an entry that is null', 'BUNDLE_FIELD', ENTRY, null),
  edited('a timestamp that is null', 'BUNDLE_FIELD', `${STAMPS}.0`, null),
])

refuses('the media type', [
  ...[
    'application/vnd.dev.sigstore.bundle+json;version=0.4',
    'application/vnd.dev.sigstore.bundle+json;version=0.10',
    'application/vnd.dev.sigstore.bundle+json;version=0.30',
    'application/vnd.dev.sigstore.bundle+json; version=0.3',
    'application/vnd.dev.sigstore.bundle+json',
    'application/vnd.dev.sigstore.bundle.v0.4+json',
    'application/vnd.dev.sigstore.bundle.v0.1+json',
    'application/vnd.dev.sigstore.bundle.v9.9+jsonJUNK',
    'application/vnd.dev.sigstore.bundle.v0.3+jsonJUNK',
    'APPLICATION/vnd.dev.sigstore.bundle.v0.3+json',
    ' application/vnd.dev.sigstore.bundle.v0.3+json',
    'application/vnd.dev.sigstore.bundle.v0.3+json\n',
    'constructor',
    '',
  ].map((type) => edited(JSON.stringify(type), 'BUNDLE_VERSION', 'mediaType', type)),
  edited('none', 'BUNDLE_VERSION', 'mediaType', undefined),
  edited('null', 'BUNDLE_VERSION', 'mediaType', null),
  edited('a list', 'BUNDLE_VERSION', 'mediaType', Object.keys(MEDIA_TYPES)),
])

refuses('what each version demands', [
  [
    'a certificate in a bundle 0.1',
    'BUNDLE_FIELD',
    JSON.stringify(changed(good, 'mediaType', Object.keys(MEDIA_TYPES)[0])),
  ],
  [
    'a certificate in a bundle 0.2',
    'BUNDLE_FIELD',
    JSON.stringify(changed(good, 'mediaType', Object.keys(MEDIA_TYPES)[1])),
  ],
  [
    'a chain in a bundle 0.3',
    'BUNDLE_FIELD',
    JSON.stringify(changed(asVersion(good, '0.2'), 'mediaType', Object.keys(MEDIA_TYPES)[3])),
  ],
  [
    'no promise in a bundle 0.1',
    'TLOG_PROMISE',
    JSON.stringify(changed(asVersion(good, '0.1'), `${ENTRY}.inclusionPromise`, undefined)),
  ],
  [
    'no proof in a bundle 0.2',
    'TLOG_PROOF_MISSING',
    JSON.stringify(changed(asVersion(good, '0.2'), PROOF, undefined)),
  ],
  edited('no proof in a bundle 0.3', 'TLOG_PROOF_MISSING', PROOF, undefined),
  edited('a proof that is null', 'TLOG_PROOF_MISSING', PROOF, null),
  edited('a proof without its checkpoint', 'TLOG_CHECKPOINT', `${PROOF}.checkpoint`, undefined),
  edited('certificate and key', 'BUNDLE_FIELD', `${MATERIAL}.publicKey`, { hint: 'x' }),
  edited('certificate and chain', 'BUNDLE_FIELD', `${MATERIAL}.x509CertificateChain`, { certificates: [] }),
  edited('neither certificate nor key', 'BUNDLE_FIELD', `${MATERIAL}.certificate`, undefined),
  edited('no material', 'BUNDLE_FIELD', MATERIAL, undefined),
  edited(
    'a message signature and an envelope',
    'BUNDLE_CONTENT',
    'dsseEnvelope',
    valueAt(attestation, 'dsseEnvelope'),
  ),
  edited('neither signature nor envelope', 'BUNDLE_CONTENT', 'messageSignature', undefined),
  edited('33 entries', 'BUNDLE_TLOG', `${MATERIAL}.tlogEntries`, new Array(33).fill(valueAt(good, ENTRY))),
  edited('33 timestamps', 'BUNDLE_TIMESTAMPS', STAMPS, new Array(33).fill(valueAt(good, `${STAMPS}.0`))),
  ...[0, 11].map(
    (count): Refusal => [
      `a chain of ${count}`,
      'BUNDLE_CHAIN',
      JSON.stringify(
        changed(
          asVersion(good, '0.2'),
          `${MATERIAL}.x509CertificateChain.certificates`,
          new Array(count).fill(valueAt(good, `${MATERIAL}.certificate`)),
        ),
      ),
    ],
  ),
  edited('no signature in the envelope', 'BUNDLE_CONTENT', 'dsseEnvelope.signatures', [], attestation),
  edited(
    'two signatures in the envelope',
    'BUNDLE_CONTENT',
    'dsseEnvelope.signatures',
    (list: unknown[]) => [...list, ...list],
    attestation,
  ),
  edited(
    'an empty signature in the envelope',
    'SIG_INVALID',
    'dsseEnvelope.signatures.0.sig',
    '',
    attestation,
  ),
  edited('no signature', 'BUNDLE_FIELD', 'messageSignature.signature', undefined),
  edited(
    'a payload over 16 MiB',
    'BUNDLE_TOO_LARGE',
    'dsseEnvelope.payload',
    Buffer.alloc(16 * 1024 * 1024 + 1).toString('base64'),
    attestation,
  ),
  edited('a payload type that is a number', 'BUNDLE_FIELD', 'dsseEnvelope.payloadType', 1, attestation),
  edited('a key id that is a number', 'BUNDLE_FIELD', 'dsseEnvelope.signatures.0.keyid', 1, attestation),
])

const BYTES: readonly (readonly [path: string, bundle?: unknown])[] = [
  [`${MATERIAL}.certificate.rawBytes`],
  [`${ENTRY}.logId.keyId`],
  [`${ENTRY}.canonicalizedBody`],
  [`${ENTRY}.inclusionPromise.signedEntryTimestamp`],
  [`${PROOF}.rootHash`],
  [`${STAMPS}.0.signedTimestamp`],
  ['messageSignature.signature'],
  ['messageSignature.messageDigest.digest'],
  ['dsseEnvelope.payload', attestation],
  ['dsseEnvelope.signatures.0.sig', attestation],
]
/** The lowest bits of the last digit, which no byte uses. */
const loose = (text: string): string => {
  const padded = text.endsWith('=') ? text : `${text.slice(0, -4)}AB==`
  const at = padded.indexOf('=') - 1
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return `${padded.slice(0, at)}${digits[digits.indexOf(padded[at] ?? 'A') | 1]}${padded.slice(at + 1)}`
}
const SPOILT: Readonly<Record<string, (text: string) => unknown>> = {
  junk: (text) => `${text.slice(0, 4)}!${text.slice(4)}`,
  'a space': (text) => `${text.slice(0, 4)} ${text.slice(4)}`,
  'a newline at the end': (text) => `${text}\n`,
  'a digit too few': (text) => text.slice(0, -1),
  'padding in excess': (text) => `${text}====`,
  'the URL alphabet': (text) => `-_-_${text.slice(4)}`,
  'loose bits at the end': loose,
}
refuses('base64, in each place and each way', [
  ...BYTES.flatMap(([path, bundle = good]) =>
    Object.entries(SPOILT).map(([what, spoil]) =>
      edited(`${path}: ${what}`, 'BUNDLE_BASE64', path, spoil, bundle),
    ),
  ),
  ...BYTES.map(([path, bundle = good]) =>
    edited(`${path}: a list of bytes`, 'BUNDLE_FIELD', path, [1, 2], bundle),
  ),
])

refuses('numbers', [
  spelled('a time with a fraction', 'BUNDLE_FIELD', 'integratedTime', '1.5'),
  spelled('a time with an exponent in text', 'BUNDLE_FIELD', 'integratedTime', '"1e9"'),
  spelled('a time of 2^53', 'BUNDLE_FIELD', 'integratedTime', '9007199254740992'),
  spelled('a time of 2^63 in text', 'BUNDLE_FIELD', 'integratedTime', '"9223372036854775808"'),
  spelled('a negative time', 'BUNDLE_FIELD', 'integratedTime', '"-1"'),
  spelled('a time with a plus', 'BUNDLE_FIELD', 'integratedTime', '"+1"'),
  spelled('a time with a zero before it', 'BUNDLE_FIELD', 'integratedTime', '"01"'),
  spelled('a time with a space', 'BUNDLE_FIELD', 'integratedTime', '" 1"'),
  spelled('an empty time', 'BUNDLE_FIELD', 'integratedTime', '""'),
  spelled('a time that is true', 'BUNDLE_FIELD', 'integratedTime', 'true'),
  spelled('a hexadecimal time', 'BUNDLE_FIELD', 'integratedTime', '"0x10"'),
  spelled('a time in other digits', 'BUNDLE_FIELD', 'integratedTime', '"\u0661"'),
  spelled('an index with a fraction', 'TLOG_INDEX', 'logIndex', '1.5'),
  spelled('an index with a zero before it', 'TLOG_INDEX', 'logIndex', '"01"'),
  spelled('a negative index', 'TLOG_INDEX', 'logIndex', '-1'),
  spelled('an index of 2^63', 'TLOG_INDEX', 'logIndex', '"9223372036854775808"'),
  spelled('a size with a fraction', 'BUNDLE_FIELD', 'treeSize', '2.5'),
  edited('no size', 'BUNDLE_FIELD', `${PROOF}.treeSize`, undefined),
])

refuses('the digest beside a message signature', [
  ...['HASH_ALGORITHM_UNSPECIFIED', 'SHA3_256', 'sha2_256', 'SHA2-256', 'SHA256', '', 'constructor'].map(
    (name) =>
      edited(
        `the algorithm ${JSON.stringify(name)}`,
        'BUNDLE_ALGORITHM',
        'messageSignature.messageDigest.algorithm',
        name,
      ),
  ),
  edited('an algorithm by its number', 'BUNDLE_FIELD', 'messageSignature.messageDigest.algorithm', 1),
  edited('no algorithm', 'BUNDLE_FIELD', 'messageSignature.messageDigest.algorithm', undefined),
  edited(
    'SHA2_512 with 32 bytes',
    'BUNDLE_ALGORITHM',
    'messageSignature.messageDigest.algorithm',
    'SHA2_512',
  ),
  edited(
    '31 bytes',
    'BUNDLE_ALGORITHM',
    'messageSignature.messageDigest.digest',
    Buffer.alloc(31).toString('base64'),
  ),
  edited('no bytes', 'BUNDLE_ALGORITHM', 'messageSignature.messageDigest.digest', ''),
])

test('no message holds more of a hostile text than can be shown', () => {
  const hostile = `::error::\u001b[31m\u202e${'x'.repeat(10_000)}\n`
  for (const path of ['mediaType', 'messageSignature.messageDigest.algorithm']) {
    assert.throws(
      () => parseBundle(JSON.stringify(changed(good, path, hostile))),
      (error: Error & { found?: string }) => {
        const shown = `${error.message} ${error.found ?? ''}`
        assert.ok(shown.length < 1000, path)
        assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}]/u, path)
        return true
      },
    )
  }
})
