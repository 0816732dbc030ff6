import { createHolder, encodeSubject, type Holder } from '../../sandbox/certificates.ts'
import {
  basicConstraints,
  type ExtensionFields,
  extendedKeyUsage,
  keyUsage,
  TIME_STAMPING,
} from '../../sandbox/extensions.ts'
import { createFulcioCa, createIntermediate } from '../../sandbox/fulcio-ca.ts'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import { authorityJson } from '../../sandbox/trust-files.ts'
import { createTsa, createTsaSigner, type StampOptions } from '../../sandbox/tsa-authority.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { encodeOctetString, encodeSequence } from '../../src/core/der-encode.ts'
import { digest } from '../../src/core/digest.ts'
import type { ErrorCode } from '../../src/errors.ts'
import {
  ARTIFACT,
  changed,
  createInstance,
  FROM,
  flip,
  flipped,
  instanceOf,
  iso,
  judge,
  MATERIAL,
  MESSAGE,
  MINUTE,
  make,
  NOW,
  type Presented,
  presenterOf,
  type Row,
  rootWith,
  SECOND,
  STAMPS,
  THEN,
  UNTIL,
  YEAR,
} from './hostile-bundles.ts'

const instance = createInstance()
const { authorities, trust } = instance
const { show, edit, trusting } = presenterOf(instance)

/** A window around the usual time, closed at both ends, and what lies at its edges. */
const START = THEN - 5 * MINUTE
const END = THEN + 5 * MINUTE
const EDGES = (step: number) =>
  [
    ['just before it begins', START - step, false],
    ['at its first moment', START, true],
    ['at its last moment', END, true],
    ['just after it ended', END + step, false],
  ] as const
const VALID_FOR = { start: iso(START), end: iso(END) }
const validity = { curve: 'P-256', notBefore: START, notAfter: END } as const
const always = { curve: 'P-256', notBefore: FROM, notAfter: UNTIL } as const

const SOURCES = {
  'the promise of a v1 log': { logs: [1], timestamps: [] },
  'a timestamp beside a v2 log': { logs: [2] },
} as const
type Source = (typeof SOURCES)[keyof typeof SOURCES]

const shortIntermediate = (() => {
  const root = authorities.fulcio.root
  const intermediate = createIntermediate(root, validity)
  return instanceOf({ ...authorities, fulcio: { ...authorities.fulcio, intermediate } })
})()
const shortRoot = instanceOf({
  ...authorities,
  fulcio: (() => {
    const ca = createFulcioCa({ ...validity, ctLog: authorities.fulcio.ctLog })
    const intermediate = createIntermediate(ca.root, always)
    return { ...ca, intermediate }
  })(),
})
const shortSigner = (() => {
  const { tsa } = authorities
  const signer = createTsaSigner(tsa.root, validity)
  return instanceOf({ ...authorities, tsa: { ...tsa, signer } })
})()
const shortTsaRoot = (() => {
  const tsa = createTsa(validity)
  return instanceOf({ ...authorities, tsa: { ...tsa, signer: createTsaSigner(tsa.root, always) } })
})()

type At = (time: number) => Presented

const windowed = (window: string, code: ErrorCode, present: At, step = SECOND): Row[] =>
  EDGES(step).map(([when, time, isInside]) => [
    `${window}, ${when}`,
    isInside ? 'accepted' : code,
    () => present(time),
  ])

/** By the authorities of another instance, under its own trusted root. */
const by =
  (other: typeof instance, source: Source): At =>
  (at) => ({
    bundle: make(other, {
      timestamps: [{ signer: other.authorities.tsa.signer }],
      ...source,
      at,
      leaf: { issuer: other.authorities.fulcio.intermediate },
    }).bundle,
    trust: other.trust,
  })

const ofCertificate: Row[] = Object.entries(SOURCES).flatMap(([what, source]) => [
  ...windowed(`leaf, by ${what}`, 'CERT_VALIDITY', (at) =>
    show({ ...source, at, leaf: { notBefore: START, notAfter: END } }),
  ),
  ...windowed(`intermediate, by ${what}`, 'CERT_VALIDITY', by(shortIntermediate, source)),
  ...windowed(`root, by ${what}`, 'CERT_VALIDITY', by(shortRoot, source)),
  ...windowed(`authority in the trusted root, by ${what}`, 'CERT_VALIDITY', (at) =>
    trusting('certificateAuthorities.0.validFor', VALID_FOR, { ...source, at }),
  ),
])
const promisedAt: At = (timestamp) =>
  trusting('ctlogs.0.publicKey.validFor', VALID_FOR, {
    leaf: { sct: { kind: 'valid', options: { timestamp } } },
  })

/** P23. Every time in a bundle against every window that must hold it. */
judge('windows of validity, closed at both ends', 60, [
  ...ofCertificate,
  ...windowed('key of the CT log', 'SCT_UNKNOWN_LOG', promisedAt, 1),
  ...windowed('key of a v1 log, by its promise', 'TLOG_UNKNOWN_LOG', (at) =>
    trusting('tlogs.0.publicKey.validFor', VALID_FOR, { logs: [1], timestamps: [], at }),
  ),
  ...windowed('key of a v1 log, by a timestamp beside its proof', 'TLOG_UNKNOWN_LOG', (at) => {
    const presented = trusting('tlogs.0.publicKey.validFor', VALID_FOR, { logs: [1], at })
    const path = `${MATERIAL}.tlogEntries.0.inclusionPromise`
    return { ...presented, bundle: changed(presented.bundle, path, undefined) }
  }),
  ...windowed('key of a v2 log, by a timestamp', 'TLOG_UNKNOWN_LOG', (at) =>
    trusting('tlogs.1.publicKey.validFor', VALID_FOR, { logs: [2], at }),
  ),
  ...windowed('timestamp authority in the trusted root', 'TSA_TIME', (at) =>
    trusting('timestampAuthorities.0.validFor', VALID_FOR, { at }),
  ),
  ...windowed(
    'certificate of the timestamp authority',
    'TSA_TIME',
    by(shortSigner, SOURCES['a timestamp beside a v2 log']),
  ),
  ...windowed(
    'root of the timestamp authority',
    'TSA_TIME',
    by(shortTsaRoot, SOURCES['a timestamp beside a v2 log']),
  ),
])

const stamp = (options: StampOptions): Presented => show({ logs: [2], timestamps: [options] })
const leafUntil = THEN + MINUTE

judge('every time counts, not the best', 10, [
  [
    'a promise in time and a timestamp after the certificate ended',
    'CERT_VALIDITY',
    () => show({ leaf: { notAfter: leafUntil }, timestamps: [{ time: leafUntil + SECOND }] }),
  ],
  [
    'a timestamp in time and a promise after the certificate ended',
    'CERT_VALIDITY',
    () => show({ leaf: { notAfter: leafUntil }, integratedTime: leafUntil / 1000 + 1 }),
  ],
  [
    'a timestamp before the certificate began, and a promise in time',
    'CERT_VALIDITY',
    () => show({ timestamps: [{ time: THEN - SECOND }] }),
  ],
  [
    'both in time',
    'accepted',
    () => show({ leaf: { notAfter: leafUntil }, timestamps: [{ time: leafUntil }] }),
  ],
  [
    'an intermediate that had expired when the leaf signed',
    'CERT_VALIDITY',
    () => by(shortIntermediate, SOURCES['the promise of a v1 log'])(END + 10 * MINUTE),
  ],
  ['a bundle of the future, by its promise', 'TLOG_TIME', () => show({ at: NOW + SECOND })],
  ['a bundle of the future, by its timestamp', 'TSA_TIME', () => show({ logs: [2], at: NOW + SECOND })],
  [
    'a timestamp of the future beside a promise in time',
    'TSA_TIME',
    () => show({ timestamps: [{ time: NOW + SECOND }] }),
  ],
  ['a timestamp of this very second', 'accepted', () => show({ logs: [2], at: NOW })],
  [
    'a certificate that ended before now, signed while it was valid',
    'accepted',
    () => ({ ...show({ leaf: { notAfter: leafUntil } }), now: NOW + YEAR }),
  ],
])

const second = createTsa({ ...always, organization: 'second.example' })
const SECOND_AUTHORITY = authorityJson(
  'https://second.example',
  'second',
  [second.signer, second.root].map(({ certificate }) => certificate),
  iso(FROM),
)
const both = rootWith(instance, 'timestampAuthorities', (list: readonly unknown[]) => [
  ...list,
  SECOND_AUTHORITY,
])
const made = (options: StampOptions, signature: Uint8Array, tsa = second): object => ({
  signedTimestamp: Buffer.from(tsa.stamp(signature, { time: THEN, ...options })).toString('base64'),
})
/** A good bundle with one more timestamp, by another authority. */
const withSecond = (options: StampOptions = {}, tsa = second): Presented => {
  const { bundle, signature } = make(instance)
  const add = (list: readonly unknown[]): unknown[] => [...list, made(options, signature, tsa)]
  return { bundle: changed(bundle, STAMPS, add), trust: both }
}

judge('how many timestamps, and whose', 10, [
  ['two, by two authorities', 'accepted', () => withSecond()],
  ['two by one authority', 'TLOG_DUPLICATE', () => show({ timestamps: [{}, { time: THEN + SECOND }] })],
  [
    'the same one twice',
    'TLOG_DUPLICATE',
    () => edit(STAMPS, (list: readonly unknown[]) => [...list, ...list]),
  ],
  ['two, the second spoilt', 'TSA_SIGNER', () => withSecond({ change: flip })],
  ['two, the second about something else', 'TSA_IMPRINT', () => withSecond({ imprint: new Uint8Array(32) })],
  ['two, the second refused', 'TSA_REFUSED', () => withSecond({ status: 2 })],
  ['an unknown authority beside a good one', 'TSA_SIGNER', () => ({ ...withSecond(), trust })],
  [
    'an unknown authority of the same names',
    'TSA_SIGNER',
    () => withSecond({}, createTsa({ ...always, organization: 'second.example' })),
  ],
  [
    'an unknown authority alone',
    'TSA_SIGNER',
    () => ({ bundle: make(instanceOf({ ...authorities, tsa: second }), { logs: [2] }).bundle, trust }),
  ],
  ['33', 'BUNDLE_TIMESTAMPS', () => edit(STAMPS, (list: readonly unknown[]) => new Array(33).fill(list[0]))],
  [
    'two authorities of one certificate, which leaves none',
    'TSA_SIGNER',
    () =>
      trusting('timestampAuthorities', (list: readonly object[]) => [
        ...list.map((one) => changed(one, 'validFor', { start: iso(FROM), end: iso(FROM + YEAR) })),
        ...list,
      ]),
  ],
  [
    'a retired authority beside a current one',
    'TSA_TIME',
    () => ({
      ...withSecond(),
      trust: rootWith(instance, 'timestampAuthorities', (list: readonly unknown[]) => [
        ...list,
        { ...SECOND_AUTHORITY, validFor: { start: iso(FROM), end: iso(FROM + YEAR) } },
      ]),
    }),
  ],
])

const { tsa } = authorities
const impostor: Holder = { ...tsa.signer, key: generateEcdsaKey() }
const otherRoot = createTsa(always).root

/** A certificate of the timestamp authority's own root, as it should not be, listed as the signer. */
function signerOf(extensions: readonly ExtensionFields[], root = tsa.root): Presented {
  const subject = encodeSubject('sandbox.sigstore', 'odd-tsa')
  const signer = createHolder(
    { subject, notBefore: FROM, notAfter: UNTIL, extensions },
    generateEcdsaKey(),
    root,
  )
  const odd = instanceOf({ ...authorities, tsa: { ...tsa, signer } })
  return { bundle: make(odd, { logs: [2], timestamps: [{ signer }] }).bundle, trust: odd.trust }
}
const USAGE = keyUsage(['digitalSignature'])
const STAMPING = extendedKeyUsage([TIME_STAMPING], true)

judge('timestamps that prove nothing', 30, [
  ['over another signature', 'TSA_IMPRINT', () => stamp({ imprint: digest('sha256', encodeUtf8('other')) })],
  [
    'over the artifact instead of the signature',
    'TSA_IMPRINT',
    () => stamp({ imprint: digest('sha256', ARTIFACT) }),
  ],
  ['(by SHA-512)', 'accepted', () => stamp({ hash: 'sha512' })],
  [
    'an imprint of another length than its hash',
    'TSA_PARSE',
    () => stamp({ hash: 'sha512', imprint: new Uint8Array(32) }),
  ],
  ['refused by the authority', 'TSA_REFUSED', () => stamp({ status: 2 })],
  ['granted with modifications', 'TSA_REFUSED', () => stamp({ status: 1 })],
  ['without signed attributes', 'TSA_PARSE', () => stamp({ signedAttributes: 'none' })],
  ['with another type of content', 'TSA_PARSE', () => stamp({ contentType: '1.2.840.113549.1.7.1' })],
  ['attributes of another content', 'TSA_PARSE', () => stamp({ messageDigest: new Uint8Array(32) })],
  [
    'attributes with a digest of another length',
    'TSA_PARSE',
    () => stamp({ messageDigest: new Uint8Array(31) }),
  ],
  [
    'that names another certificate of its signer',
    'TSA_SIGNER',
    () => stamp({ essCertificate: tsa.root.certificate }),
  ],
  ['(that names no certificate)', 'accepted', () => stamp({ essCertificate: null })],
  ['with a spoilt signature', 'TSA_SIGNER', () => stamp({ change: flip })],
  ['with an empty signature', 'TSA_SIGNER', () => stamp({ change: () => new Uint8Array() })],
  ['by another key under the name of the authority', 'TSA_SIGNER', () => stamp({ signer: impostor })],
  [
    'by another key, its certificate embedded',
    'TSA_SIGNER',
    () => stamp({ signer: impostor, certificates: [otherRoot.certificate, tsa.signer.certificate] }),
  ],
  ['by the root of the authority', 'TSA_SIGNER', () => stamp({ signer: tsa.root })],
  [
    '(with certificates that nobody needs)',
    'accepted',
    () => stamp({ certificates: [tsa.signer.certificate] }),
  ],
  [
    '(with garbage that is DER among them)',
    'accepted',
    () => stamp({ certificates: [otherRoot.certificate] }),
  ],
  ['with fractions of a second', 'TSA_PARSE', () => stamp({ timeText: '20260304120000.5Z' })],
  ['with an offset', 'TSA_PARSE', () => stamp({ timeText: '20260304130000+0100' })],
  ['on no calendar', 'TSA_PARSE', () => stamp({ timeText: '20260230120000Z' })],
  ['with a leap second', 'TSA_PARSE', () => stamp({ timeText: '20260304120060Z' })],
  ['(with a nonce)', 'accepted', () => stamp({ nonce: 2n ** 63n })],
  ['(by SHA-384 attributes)', 'accepted', () => stamp({ digestAlgorithm: 'sha384' })],
  ['(a signer as it should be)', 'accepted', () => signerOf([USAGE, STAMPING])],
  [
    'a signer that is an authority',
    'TSA_SIGNER',
    () => signerOf([keyUsage(['keyCertSign']), STAMPING, basicConstraints({ ca: true })]),
  ],
  ['a signer for no purpose', 'TSA_SIGNER', () => signerOf([USAGE])],
  [
    'a signer whose purpose is not critical',
    'TSA_SIGNER',
    () => signerOf([USAGE, extendedKeyUsage([TIME_STAMPING], false)]),
  ],
  ['a signer for code', 'TSA_SIGNER', () => signerOf([USAGE, extendedKeyUsage(['1.3.6.1.5.5.7.3.3'], true)])],
  [
    'a signer for timestamps and code',
    'TSA_SIGNER',
    () => signerOf([USAGE, extendedKeyUsage([TIME_STAMPING, '1.3.6.1.5.5.7.3.3'], true)]),
  ],
  ['a signer that another root issued', 'TSA_SIGNER', () => signerOf([USAGE, STAMPING], otherRoot)],
  [
    'a byte behind it',
    'TSA_PARSE',
    () =>
      edit(`${STAMPS}.0.signedTimestamp`, (text: string) =>
        Buffer.concat([Buffer.from(text, 'base64'), Buffer.alloc(1)]).toString('base64'),
      ),
  ],
  [
    'cut',
    'TSA_PARSE',
    () =>
      edit(`${STAMPS}.0.signedTimestamp`, (text: string) =>
        Buffer.from(text, 'base64').subarray(0, -1).toString('base64'),
      ),
  ],
  ['empty', 'TSA_PARSE', () => edit(`${STAMPS}.0.signedTimestamp`, '')],
  ['no DER', 'TSA_PARSE', () => edit(`${STAMPS}.0.signedTimestamp`, 'AAAA')],
  [
    '300 KiB of nothing',
    'TSA_PARSE',
    () => edit(`${STAMPS}.0.signedTimestamp`, Buffer.alloc(300 * 1024).toString('base64')),
  ],
  [
    '300 KiB of certificates that nobody needs',
    'TSA_PARSE',
    () => stamp({ certificates: [encodeSequence(encodeOctetString(new Uint8Array(300 * 1024)))] }),
  ],
  ['nested 10,000 deep', 'TSA_PARSE', () => edit(`${STAMPS}.0.signedTimestamp`, nested(10_000))],
  ['its last bit flipped', 'TSA_SIGNER', () => edit(`${STAMPS}.0.signedTimestamp`, flipped)],
])

function nested(depth: number): string {
  const parts: Buffer[] = []
  for (let i = 0, length = 0; i < depth; i += 1) {
    const octets =
      length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
    parts.unshift(Buffer.from([0x30, ...octets]))
    length += 1 + octets.length
  }
  return Buffer.concat(parts).toString('base64')
}

/** GitHub's own instance, told by its trusted root alone: a timestamp stands in for log and SCT. */
const GITHUB = 'GitHub, Inc.'
const github = instanceOf({
  ...authorities,
  fulcio: createFulcioCa({ ...always, ctLog: authorities.fulcio.ctLog, organization: GITHUB }),
  tsa: createTsa({ ...always, organization: GITHUB }),
})
const noLogs = rootWith(
  { ...github, rootJson: JSON.parse(JSON.stringify(changed(github.rootJson, 'tlogs', []))) },
  'ctlogs',
  [],
)
const ofGitHub = (options: Parameters<typeof make>[1] = {}, entries = false): Presented => {
  const { bundle } = make(github, { leaf: { sct: { kind: 'none' } }, ...options }, MESSAGE)
  return { bundle: entries ? bundle : changed(bundle, `${MATERIAL}.tlogEntries`, undefined), trust: noLogs }
}
const withStranger = (() => {
  const root = changed(changed(github.rootJson, 'tlogs', []), 'ctlogs', [])
  const list = (all: readonly unknown[]): unknown[] => [...all, SECOND_AUTHORITY]
  return rootWith({ ...github, rootJson: JSON.parse(JSON.stringify(root)) }, 'timestampAuthorities', list)
})()

judge("GitHub's own instance", 8, [
  ['a timestamp and nothing else', 'accepted', () => ofGitHub()],
  ['no timestamp', 'TIME_MISSING', () => ofGitHub({ timestamps: [] })],
  ['an entry of a log that it does not have', 'TLOG_UNKNOWN_LOG', () => ofGitHub({}, true)],
  ['a promise of certificate transparency', 'SCT_UNKNOWN_LOG', () => ofGitHub({ leaf: {} })],
  [
    'a timestamp after the certificate ended',
    'CERT_VALIDITY',
    () => ofGitHub({ timestamps: [{ time: THEN + 11 * MINUTE }] }),
  ],
  [
    'its authorities with logs beside them: those are asked for',
    'TLOG_MISSING',
    () => ({ ...ofGitHub(), trust: github.trust }),
  ],
  ['a stranger among its authorities', 'TLOG_MISSING', () => ({ ...ofGitHub(), trust: withStranger })],
  ['its bundle under another trusted root', 'TLOG_MISSING', () => ({ ...ofGitHub(), trust })],
  ['a bundle of the public instance without its entry', 'CERT_CHAIN', () => mixedStamp()],
])

/** The certificate of one instance under the timestamp of the other. */
function mixedStamp(): Presented {
  const other = instanceOf({ ...authorities, tsa: github.authorities.tsa })
  const { bundle } = make(other, { leaf: { sct: { kind: 'none' } } })
  return { bundle: changed(bundle, `${MATERIAL}.tlogEntries`, undefined), trust: noLogs }
}
