import {
  ATTESTATION,
  asVersion,
  byDigest,
  changed,
  createInstance,
  ENTRY,
  flipped,
  MATERIAL,
  make,
  PROOF,
  type Presented,
  presenterOf,
  STAMPS,
  valueAt,
} from '../../__tests__/sigstore/hostile-bundles.ts'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { artifactOfBytes } from '../../src/sigstore/artifact.ts'
import { MAX_BUNDLE_BYTES, MEDIA_TYPES } from '../../src/sigstore/bundle.ts'
import { type Case, type Presentation, shown } from './case.ts'

const instance = createInstance()
const { trust } = instance
const { show, edit } = presenterOf(instance)
const elsewhere = createInstance()
const other = make(instance)

const stored = (bundle: Uint8Array | string): Presented => ({
  bundle: typeof bundle === 'string' ? encodeUtf8(bundle) : bundle,
  trust,
})
const text = JSON.stringify(make(instance).bundle)
const ENTRIES = `${MATERIAL}.tlogEntries`
const SIGNATURE = 'messageSignature.signature'
const CHAIN = `${MATERIAL}.x509CertificateChain.certificates`
const times = (count: number) => (list: readonly unknown[]) => new Array(count).fill(list[0])
const ofVersion = (version: '0.1' | '0.2', path: string, value: unknown): Presentation => {
  return () => ({ bundle: changed(asVersion(show().bundle, version), path, value), trust })
}
const der = (change: (bytes: Uint8Array) => Uint8Array) => (base64: string) =>
  Buffer.from(change(Buffer.from(base64, 'base64'))).toString('base64')

/** The order of P-256, for signatures at its edge. */
const ORDER = Buffer.from('00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
const integer = (bytes: Uint8Array): Uint8Array => Uint8Array.of(2, bytes.length, ...bytes)
function signatureOf(r: Uint8Array, s: Uint8Array): Uint8Array {
  const inner = [...integer(r), ...integer(s)]
  return Uint8Array.of(0x30, inner.length, ...inner)
}
const ONE = Uint8Array.of(1)
/** Logged and stamped as it stands in the bundle. */
const signed = (signature: Uint8Array): Presentation => {
  return () => show({ signature: () => signature })
}

const ownRefusals: Readonly<Record<string, string>> = {
  nothing: '',
  null: 'null',
  'a list': '[]',
  'a text': '"x"',
  'a number': '1',
}
const malformed: Readonly<Record<string, string | Uint8Array>> = {
  'cut in the middle': text.slice(0, text.length / 2),
  'two values': `${text}\n${text}`,
  'a comment': `/* */ ${text}`,
  'a byte order mark': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
  'UTF-16': Buffer.from(text, 'utf16le'),
  'bytes that are no UTF-8': Buffer.concat([Buffer.from(text), Buffer.from([0xff])]),
  'a NUL': `${text}\0`,
}
const wrappers: Readonly<Record<string, readonly [string, 'BUNDLE_PARSE' | 'BUNDLE_VERSION']>> = {
  'a list of bundles, as the attestation API gives it': [`[${text}]`, 'BUNDLE_PARSE'],
  'lines of bundles in a file that is no .jsonl': [`${text}\n${text}`, 'BUNDLE_PARSE'],
  'what npm wraps around its attestations': [`{"attestations":[{"bundle":${text}}]}`, 'BUNDLE_VERSION'],
  'an OCI manifest': ['{"mediaType":"application/vnd.oci.image.manifest.v1+json"}', 'BUNDLE_VERSION'],
}
const mediaTypes: readonly unknown[] = [
  undefined,
  Object.keys(MEDIA_TYPES)[0]?.toUpperCase(),
  'application/vnd.dev.sigstore.bundle.v0.4+json',
  'application/vnd.dev.sigstore.bundle+json;version=0.10',
  'application/vnd.dev.sigstore.bundle.v9.9+jsonJUNK',
  ` ${Object.keys(MEDIA_TYPES).at(-1)}`,
]
const base64: Readonly<Record<string, (value: string) => string>> = {
  junk: (value) => `${value.slice(0, 8)}!${value.slice(8)}`,
  'the alphabet of URLs': () => '-_-_',
  'no padding': () => 'AA',
  'a space': (value) => `${value} `,
  'a line break': (value) => `${value}\n`,
}

const documents: readonly Case[] = [
  ...Object.entries(ownRefusals).map(([what, one]) => shown(102, what, 'BUNDLE_PARSE', () => stored(one))),
  ...Object.entries(malformed).map(([what, one]) => shown(103, what, 'BUNDLE_PARSE', () => stored(one))),
  shown(104, 'one byte more than 32 MiB', 'BUNDLE_TOO_LARGE', () =>
    stored(new Uint8Array(MAX_BUNDLE_BYTES + 1).fill(0x20)),
  ),
  shown(105, '100,000 deep', 'BUNDLE_TOO_DEEP', () => stored('['.repeat(100_000))),
  shown(105, 'a million members', 'BUNDLE_TOO_LARGE', () =>
    stored(`{${Array.from({ length: 1_000_000 }, (_, i) => `"${i}":0`).join()},${text.slice(1)}`),
  ),
  shown(106, 'a member twice', 'BUNDLE_DUPLICATE_KEY', () => stored(`{"mediaType":"x",${text.slice(1)}`)),
  shown(106, 'a member twice, deep inside', 'BUNDLE_DUPLICATE_KEY', () =>
    stored(text.replace('"signature":', '"signature":"","signature":')),
  ),
  shown(106, '`__proto__`', 'BUNDLE_DUPLICATE_KEY', () => stored(`{"__proto__":{},${text.slice(1)}`)),
  shown(106, '`constructor`', 'BUNDLE_FIELD', () => stored(`{"constructor":{},${text.slice(1)}`)),
  ...['', MATERIAL, ENTRY, PROOF, 'messageSignature', 'messageSignature.messageDigest'].map((path) =>
    shown(107, `an unknown member ${path === '' ? 'at the top' : `of ${path}`}`, 'BUNDLE_FIELD', () =>
      edit(path === '' ? 'extra' : `${path}.extra`, 1),
    ),
  ),
  ...mediaTypes.map((type) =>
    shown(108, `media type ${JSON.stringify(type) ?? 'absent'}`, 'BUNDLE_VERSION', () =>
      edit('mediaType', type),
    ),
  ),
  ...Object.entries(wrappers).map(([what, [one, code]]) => shown(128, what, code, () => stored(one))),
]

const shapes: readonly Case[] = [
  shown(
    109,
    'version 0.1 without proof, logged after 2023',
    'TLOG_PROOF_MISSING',
    ofVersion('0.1', PROOF, undefined),
  ),
  shown(110, 'version 0.2 without proof', 'TLOG_PROOF_MISSING', ofVersion('0.2', PROOF, undefined)),
  shown(110, 'version 0.3 without proof', 'TLOG_PROOF_MISSING', () => edit(PROOF, undefined)),
  shown(110, 'version 0.3 without checkpoint', 'TLOG_CHECKPOINT', () =>
    edit(`${PROOF}.checkpoint`, undefined),
  ),
  shown(111, 'version 0.3 with a chain', 'BUNDLE_FIELD', () => ({
    bundle: changed(asVersion(show().bundle, '0.2'), 'mediaType', Object.keys(MEDIA_TYPES).at(-1)),
    trust,
  })),
  shown(112, 'an empty chain', 'BUNDLE_CHAIN', ofVersion('0.2', CHAIN, [])),
  shown(
    112,
    'a chain with a root of elsewhere',
    'BUNDLE_CHAIN',
    ofVersion('0.2', CHAIN, (list: readonly unknown[]) => [
      ...list,
      { rawBytes: Buffer.from(elsewhere.authorities.fulcio.root.certificate).toString('base64') },
    ]),
  ),
  shown(
    112,
    'a chain with garbage second',
    'BUNDLE_CHAIN',
    ofVersion('0.2', CHAIN, (list: readonly unknown[]) => [...list, { rawBytes: 'Z2FyYmFnZQ==' }]),
  ),
  shown(112, 'a hundred certificates', 'BUNDLE_CHAIN', ofVersion('0.2', CHAIN, times(100))),
  shown(113, 'a certificate and a key', 'BUNDLE_FIELD', () => edit(`${MATERIAL}.publicKey`, { hint: 'x' })),
  shown(113, 'neither certificate nor key', 'BUNDLE_FIELD', () => edit(`${MATERIAL}.certificate`, undefined)),
  shown(114, 'a key where an identity is asked for', 'BUNDLE_KEY', () => ({
    bundle: changed(changed(show().bundle, `${MATERIAL}.certificate`, undefined), `${MATERIAL}.publicKey`, {
      hint: 'octo',
    }),
    trust,
  })),
  shown(115, 'a message signature and an envelope', 'BUNDLE_CONTENT', () =>
    edit('dsseEnvelope', valueAt(show({}, ATTESTATION).bundle, 'dsseEnvelope')),
  ),
  shown(115, 'neither', 'BUNDLE_CONTENT', () => edit('messageSignature', undefined)),
  shown(116, 'no entry', 'TLOG_MISSING', () => edit(ENTRIES, [])),
  shown(116, 'an entry and one that is not about the signature', 'TLOG_MISMATCH', () =>
    edit(ENTRIES, (list: readonly unknown[]) => [...list, valueAt(other.bundle, ENTRY)]),
  ),
  shown(116, '33 entries', 'BUNDLE_TLOG', () => edit(ENTRIES, times(33))),
  shown(117, 'an entry twice', 'TLOG_DUPLICATE', () => edit(ENTRIES, times(2))),
  shown(117, 'two entries of one log', 'TLOG_DUPLICATE', () => show({ logs: [1, 1] })),
  shown(118, 'no timestamp with Rekor v2', 'TIME_MISSING', () => show({ logs: [2], timestamps: [] })),
  shown(118, '33 timestamps', 'BUNDLE_TIMESTAMPS', () => edit(STAMPS, times(33))),
  shown(118, 'a timestamp twice', 'TLOG_DUPLICATE', () => edit(STAMPS, times(2))),
  shown(118, 'two, one of them spoilt', 'TSA_SIGNER', () =>
    show({ timestamps: [{}, { change: (bytes) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1) }] }),
  ),
]

const values: readonly Case[] = [
  ...Object.entries(base64).map(([what, change]) =>
    shown(119, `base64 with ${what}`, 'BUNDLE_BASE64', () => edit(SIGNATURE, change)),
  ),
  shown(119, 'an empty signature', 'SIG_INVALID', () => edit(SIGNATURE, '')),
  shown(120, 'a float for an index', 'TLOG_INDEX', () => edit(`${ENTRY}.logIndex`, 0.5)),
  shown(120, 'an exponent for a time', 'BUNDLE_FIELD', () => edit(`${ENTRY}.integratedTime`, '1e9')),
  shown(120, 'a number where a text is due', 'BUNDLE_FIELD', () => edit(SIGNATURE, 1)),
  shown(120, 'a time in text with a zero before it', 'BUNDLE_FIELD', () =>
    edit(`${ENTRY}.integratedTime`, (time: string) => `0${time}`),
  ),
  shown(121, 'an enum that is unknown', 'BUNDLE_ALGORITHM', () =>
    edit('messageSignature.messageDigest.algorithm', 'BLAKE3'),
  ),
  shown(121, 'an enum in lower case', 'BUNDLE_ALGORITHM', () =>
    edit('messageSignature.messageDigest.algorithm', 'sha2_256'),
  ),
  shown(121, 'an enum by number', 'BUNDLE_FIELD', () => edit('messageSignature.messageDigest.algorithm', 1)),
  ...['HASH_ALGORITHM_UNSPECIFIED', 'SHA2_512', 'SHA3_256'].map((name) =>
    shown(122, `the algorithm ${name}`, 'BUNDLE_ALGORITHM', () =>
      edit('messageSignature.messageDigest.algorithm', name),
    ),
  ),
  shown(123, 'a digest of 31 bytes', 'BUNDLE_ALGORITHM', () =>
    edit('messageSignature.messageDigest.digest', Buffer.alloc(31).toString('base64')),
  ),
  shown(123, 'a digest that is not the artifact’s', 'SIG_DIGEST', () =>
    edit('messageSignature.messageDigest.digest', flipped),
  ),
  shown(124, 'a signature of 64 bare bytes', 'SIG_INVALID', signed(new Uint8Array(64).fill(7))),
  shown(124, 'r = 0', 'SIG_INVALID', signed(signatureOf(Uint8Array.of(0), ONE))),
  shown(124, 's = 0', 'SIG_INVALID', signed(signatureOf(ONE, Uint8Array.of(0)))),
  shown(124, 'r = n', 'SIG_INVALID', signed(signatureOf(ORDER, ONE))),
  shown(124, 's = n', 'SIG_INVALID', signed(signatureOf(ONE, ORDER))),
  shown(124, 'r = s = 1', 'SIG_INVALID', signed(signatureOf(ONE, ONE))),
  shown(124, 'a byte behind it', 'SIG_INVALID', () => show({ signature: (one) => Uint8Array.of(...one, 0) })),
  shown(124, 'a length in BER', 'SIG_INVALID', () =>
    show({ signature: (one) => Uint8Array.of(0x30, 0x81, ...one.subarray(1)) }),
  ),
  shown(124, 'ten kilobytes', 'SIG_INVALID', signed(new Uint8Array(10_240).fill(1))),
  shown(124, 'a negative r', 'SIG_INVALID', signed(signatureOf(Uint8Array.of(0x81), ONE))),
  shown(125, 'a signature by another key', 'SIG_INVALID', () =>
    show({ signature: () => generateEcdsaKey().sign(encodeUtf8('what a workflow built\n')) }),
  ),
  shown(125, 'a signature over another artifact', 'SIG_INVALID', () => {
    const key = generateEcdsaKey()
    return show({ key, signature: () => key.sign(encodeUtf8('another')) })
  }),
  shown(126, 'the twin of a good signature, the entry unchanged', 'TLOG_MISMATCH', () =>
    edit(SIGNATURE, twin),
  ),
  shown(127, 'a bundle of another instance', 'TLOG_UNKNOWN_LOG', () => ({
    bundle: make(elsewhere).bundle,
    trust,
  })),
  shown(127, 'a certificate of another instance', 'CERT_CHAIN', () =>
    show({ leaf: { issuer: elsewhere.authorities.fulcio.intermediate } }),
  ),
  shown(129, 'a signature of another bundle', 'TLOG_MISMATCH', () =>
    edit(SIGNATURE, valueAt(other.bundle, SIGNATURE)),
  ),
  shown(129, 'the certificate of another bundle', 'TLOG_MISMATCH', () =>
    edit(`${MATERIAL}.certificate`, valueAt(other.bundle, `${MATERIAL}.certificate`)),
  ),
  shown(129, 'the entry of another bundle', 'TLOG_MISMATCH', () => edit(ENTRY, valueAt(other.bundle, ENTRY))),
  shown(129, 'the timestamp of another bundle', 'TSA_IMPRINT', () =>
    edit(STAMPS, valueAt(other.bundle, STAMPS)),
  ),
  shown(129, 'the proof of another bundle', 'TLOG_PROOF', () => edit(PROOF, valueAt(other.bundle, PROOF))),
  shown(129, 'the promise of another bundle', 'TLOG_PROMISE', () =>
    edit(`${ENTRY}.inclusionPromise`, valueAt(other.bundle, `${ENTRY}.inclusionPromise`)),
  ),
  shown(142, 'the same bundle for another artifact', 'SIG_DIGEST', () => ({
    ...show(),
    artifact: artifactOfBytes(encodeUtf8('another')),
  })),
  shown(142, '(and for its own, by digest)', 'accepted', () => ({ ...show(), artifact: byDigest })),
]

/** (r, n - s). */
function twin(base64Signature: string): string {
  return der((bytes) => {
    const rEnd = 4 + (bytes[3] ?? 0)
    const n = BigInt(`0x${ORDER.toString('hex')}`)
    const s = n - BigInt(`0x${Buffer.from(bytes.subarray(rEnd + 2)).toString('hex')}`)
    const hex = s
      .toString(16)
      .padStart(64, '0')
      .replace(/^(?:00)+(?=..)/, '')
    const content = Buffer.from(Number.parseInt(hex.slice(0, 2), 16) > 0x7f ? `00${hex}` : hex, 'hex')
    return signatureOf(bytes.subarray(4, rEnd), content)
  })(base64Signature)
}

/** Every field of ten good bundles in every other one is property P3; here is one of each kind. */
export const BUNDLE_CASES: readonly Case[] = [...documents, ...shapes, ...values]
