import { createHolder, encodeSubject, type Holder } from '../../sandbox/certificates.ts'
import { createCtLog } from '../../sandbox/ct-log.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  CODE_SIGNING,
  type ExtensionFields,
  extendedKeyUsage,
  FULCIO,
  fulcioExtension,
  type KeyUsage,
  keyUsage,
  SCT_LIST,
  sctListExtension,
  subjectAlternativeName,
  subjectKeyIdentifier,
} from '../../sandbox/extensions.ts'
import { createFulcioCa, createIntermediate, type LeafRequest } from '../../sandbox/fulcio-ca.ts'
import { generateEcdsaKey, keyIdOf } from '../../sandbox/keys.ts'
import { encodeSctList, type Precertificate } from '../../sandbox/sct.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import {
  encodeDer,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeUtf8String,
} from '../../src/core/der-encode.ts'
import {
  asVersion,
  changed,
  createInstance,
  FROM,
  flip,
  judge,
  MATERIAL,
  MINUTE,
  make,
  NOW,
  type Presented,
  presenterOf,
  type Row,
  rootWith,
  THEN,
  UNTIL,
} from './hostile-bundles.ts'

const instance = createInstance()
const { authorities, trust } = instance
const { fulcio } = authorities
const { show } = presenterOf(instance)

const leaf = (request: Partial<LeafRequest>): Presented => show({ leaf: request })
type Change = (extensions: readonly ExtensionFields[]) => readonly ExtensionFields[]
const without =
  (oid: string): Change =>
  (all) =>
    all.filter((one) => one.oid !== oid)
const having =
  (...more: readonly ExtensionFields[]): Change =>
  (all) => [...all.filter(({ oid }) => !more.some((one) => one.oid === oid)), ...more]
const adding =
  (...more: readonly ExtensionFields[]): Change =>
  (all) => [...all, ...more]
const swap = (change: Change): Presented => leaf({ change })

const NAME = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'
const uri = (value: string) => ({ type: 'uri', value }) as const
/** A whole extension of names whose content is written by hand. */
const namesOf = (...names: readonly Uint8Array[]): Change =>
  having({ oid: '2.5.29.17', critical: true, value: encodeSequence(...names) })

/** The nine of the catalogue, and their kin; each leaf is issued by the genuine authority, with a genuine SCT. */
judge('leaves that Fulcio never issues', 40, [
  ['an authority', 'CERT_PROFILE', () => leaf({ basicConstraints: { ca: true } })],
  [
    'an authority with a path length',
    'CERT_PROFILE',
    () => leaf({ basicConstraints: { ca: true, pathLength: 0 } }),
  ],
  ['(no authority, and says so)', 'accepted', () => leaf({ basicConstraints: { ca: false } })],
  ['no extended key usage', 'CERT_PROFILE', () => swap(without('2.5.29.37'))],
  ['an empty extended key usage', 'CERT_PROFILE', () => leaf({ extendedKeyUsage: [] })],
  ['extended key usage: servers', 'CERT_PROFILE', () => leaf({ extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] })],
  ['extended key usage: any', 'CERT_PROFILE', () => leaf({ extendedKeyUsage: ['2.5.29.37.0'] })],
  [
    'extended key usage: code and servers',
    'CERT_PROFILE',
    () => leaf({ extendedKeyUsage: [CODE_SIGNING, '1.3.6.1.5.5.7.3.1'] }),
  ],
  [
    'extended key usage: code twice',
    'CERT_PROFILE',
    () => leaf({ extendedKeyUsage: [CODE_SIGNING, CODE_SIGNING] }),
  ],
  ['no key usage', 'CERT_PROFILE', () => swap(without('2.5.29.15'))],
  ['an empty key usage', 'CERT_PROFILE', () => leaf({ keyUsage: [] })],
  ...(['keyEncipherment', 'keyCertSign', 'cRLSign'] as const).map(
    (usage): Row => [`key usage: ${usage}`, 'CERT_PROFILE', () => leaf({ keyUsage: [usage] })],
  ),
  ...(['keyCertSign', 'contentCommitment'] as const).map(
    (usage): Row => [
      `key usage: digitalSignature and ${usage}`,
      'CERT_PROFILE',
      () => leaf({ keyUsage: ['digitalSignature', usage] }),
    ],
  ),
  [
    'an unknown critical extension',
    'CERT_PROFILE',
    () => swap(adding({ oid: '1.2.3.4', critical: true, value: encodeNull() })),
  ],
  [
    '(an unknown extension that is not critical)',
    'accepted',
    () => swap(adding({ oid: '1.2.3.4', critical: false, value: encodeNull() })),
  ],
  [
    'critical name constraints',
    'CERT_PROFILE',
    () => swap(adding({ oid: '2.5.29.30', critical: true, value: encodeSequence() })),
  ],
  [
    'the poison of a precertificate',
    'CERT_PROFILE',
    () => swap(adding({ oid: '1.3.6.1.4.1.11129.2.4.3', critical: true, value: encodeNull() })),
  ],
  ['an extension twice', 'CERT_PROFILE', () => swap((all) => [...all, ...all.slice(0, 1)])],
  [
    'an identity extension twice',
    'CERT_PROFILE',
    () => swap(adding(fulcioExtension(8, 'https://evil.example'))),
  ],
  ['two names', 'CERT_PROFILE', () => leaf({ names: [uri(NAME), uri(`${NAME}2`)] })],
  ['one name twice', 'CERT_PROFILE', () => leaf({ names: [uri(NAME), uri(NAME)] })],
  [
    'an address and a URI',
    'CERT_PROFILE',
    () => leaf({ names: [{ type: 'email', value: 'a@example.com' }, uri(NAME)] }),
  ],
  ['two extensions of names', 'CERT_PROFILE', () => swap(adding(subjectAlternativeName([uri(NAME)])))],
  ['no extension of names', 'CERT_PROFILE', () => swap(without('2.5.29.17'))],
  ['an extension of no names', 'CERT_PROFILE', () => leaf({ names: [] })],
  ['a name that is not ASCII', 'CERT_PROFILE', () => leaf({ names: [uri('https://github.com/\u00e9')] })],
  [
    'a name whose top bits are set',
    'CERT_PROFILE',
    () =>
      swap(
        namesOf(
          encodeDer(
            0x86,
            encodeUtf8(NAME).map((byte) => byte | 0x80),
          ),
        ),
      ),
  ],
  ['a name with a NUL', 'CERT_PROFILE', () => leaf({ names: [uri(`${NAME}\0.evil`)] })],
  ['an empty name', 'CERT_PROFILE', () => leaf({ names: [uri('')] })],
  ['a host name', 'CERT_PROFILE', () => leaf({ names: [{ type: 'dns', value: 'github.com' }] })],
  ['a directory name', 'CERT_PROFILE', () => swap(namesOf(encodeDer(0xa4, encodeSubject('octo', 'demo'))))],
  ['an IP address', 'CERT_PROFILE', () => swap(namesOf(encodeDer(0x87, Uint8Array.of(127, 0, 0, 1))))],
  [
    'a name of another type of otherName',
    'CERT_PROFILE',
    () => swap(namesOf(encodeDer(0xa0, encodeOid('1.2.3.4'), encodeDer(0xa0, encodeUtf8String(NAME))))),
  ],
  [
    'a user name that is no UTF8String',
    'CERT_PROFILE',
    () => swap(namesOf(encodeDer(0xa0, encodeOid(`${FULCIO}7`), encodeDer(0xa0, encodeNull())))),
  ],
  ['(a user name)', 'accepted', () => leaf({ names: [{ type: 'userName', value: 'octocat' }] })],
  ['(an address)', 'accepted', () => leaf({ names: [{ type: 'email', value: 'octo@example.com' }] })],
  ['(an issuer in .1 alone)', 'accepted', () => leaf({ fulcioExtensions: { 8: null } })],
  ['(an issuer in .8 alone)', 'accepted', () => leaf({ fulcioExtensions: { 1: null } })],
  [
    'issuers in .1 and .8 that disagree',
    'CERT_PROFILE',
    () => leaf({ fulcioExtensions: { 1: 'https://evil.example' } }),
  ],
  [
    'issuers in .1 and .8 that differ in a slash',
    'CERT_PROFILE',
    () => leaf({ fulcioExtensions: { 1: 'https://issuer.example/' } }),
  ],
  [
    'an issuer in .8 that is bare text',
    'CERT_PROFILE',
    () => swap(having({ oid: `${FULCIO}8`, critical: false, value: encodeUtf8('https://issuer.example') })),
  ],
  [
    'a source in .12 that is an octet string',
    'CERT_PROFILE',
    () => swap(having({ oid: `${FULCIO}12`, critical: false, value: encodeOctetString(encodeUtf8('x')) })),
  ],
  [
    'a ref in .14 with something behind it',
    'CERT_PROFILE',
    () =>
      swap(
        having({ oid: `${FULCIO}14`, critical: false, value: Uint8Array.of(...encodeUtf8String('x'), 0) }),
      ),
  ],
  [
    'a source in .12 that is not UTF-8',
    'CERT_PROFILE',
    () => swap(having({ oid: `${FULCIO}12`, critical: false, value: encodeDer(0x0c, Uint8Array.of(0xff)) })),
  ],
  [
    'an issuer in .1 that is not UTF-8',
    'CERT_PROFILE',
    () => swap(having({ oid: `${FULCIO}1`, critical: false, value: Uint8Array.of(0xff) })),
  ],
  [
    'a trigger in .2 that is not UTF-8',
    'CERT_PROFILE',
    () => swap(having({ oid: `${FULCIO}2`, critical: false, value: Uint8Array.of(0xff) })),
  ],
  [
    'an identity extension that is critical',
    'CERT_PROFILE',
    () => swap(having({ ...fulcioExtension(12, 'x'), critical: true })),
  ],
])

const rawLeaf = (change: (der: Uint8Array) => Uint8Array): Presented => {
  const { bundle, leaf: made } = make(instance)
  const rawBytes = Buffer.from(change(made.certificate)).toString('base64')
  return { bundle: changed(bundle, `${MATERIAL}.certificate.rawBytes`, rawBytes), trust }
}
const pointOff = (spki: Uint8Array): Uint8Array => flip(spki)

judge('certificates that are not in order', 8, [
  ['a byte behind it', 'CERT_PARSE', () => rawLeaf((der) => Uint8Array.of(...der, 0))],
  ['cut', 'CERT_PARSE', () => rawLeaf((der) => der.subarray(0, -1))],
  ['empty', 'CERT_PARSE', () => rawLeaf(() => new Uint8Array())],
  ['PEM', 'CERT_PARSE', () => rawLeaf(() => encodeUtf8('-----BEGIN CERTIFICATE-----\n'))],
  ['65 KiB', 'CERT_PARSE', () => rawLeaf(() => new Uint8Array(65 * 1024))],
  ['an indefinite length', 'CERT_PARSE', () => rawLeaf((der) => der.with(1, 0x80))],
  ['ends before it begins', 'CERT_PARSE', () => leaf({ notAfter: THEN - MINUTE })],
  ['a point off its curve', 'CERT_KEY', () => leaf({ spki: pointOff(generateEcdsaKey().spki) })],
  ['no key at all', 'CERT_KEY', () => leaf({ spki: encodeSequence() })],
  ['a flipped signature, so another certificate than was logged', 'TLOG_MISMATCH', () => rawLeaf(flip)],
  ['another key than signed', 'SIG_INVALID', () => leaf({ spki: generateEcdsaKey().spki })],
])

const sct = (options: Parameters<typeof fulcio.ctLog.sign>[1] = {}): Presented =>
  leaf({ sct: { kind: 'valid', options } })
const scts = (make: (precertificate: Precertificate) => readonly Uint8Array[]): Presented =>
  leaf({ sct: { kind: 'make', make } })
const at = { timestamp: THEN }
const { ctLog } = fulcio
const unknown = createCtLog()
const twoCtLogs = rootWith(instance, 'ctlogs', (list: readonly object[]) => [
  ...list,
  ...list.map((one) =>
    changed(
      changed(one, 'publicKey.rawBytes', Buffer.from(unknown.key.spki).toString('base64')),
      'logId.keyId',
      Buffer.from(unknown.logId).toString('base64'),
    ),
  ),
])
const sibling = createIntermediate(fulcio.root, { curve: 'P-256', notBefore: FROM, notAfter: UNTIL })
/** Two intermediates of one name in the trusted root: the SCT is bound to the one that issued. */
const twins = rootWith(instance, 'certificateAuthorities', (list: readonly object[]) => [
  ...list,
  ...list.map((one) =>
    changed(one, 'certChain.certificates.0.rawBytes', Buffer.from(sibling.certificate).toString('base64')),
  ),
])

judge('promises of certificate transparency', 20, [
  ['none', 'SCT_MISSING', () => leaf({ sct: { kind: 'none' } })],
  [
    '(two, of two logs)',
    'accepted',
    () => ({ ...scts((pre) => [ctLog.sign(pre, at), unknown.sign(pre, at)]), trust: twoCtLogs }),
  ],
  [
    'two, both good, of one log',
    'SCT_INVALID',
    () => scts((pre) => [ctLog.sign(pre, at), ctLog.sign(pre, at)]),
  ],
  [
    'two, of two logs, the second spoilt',
    'SCT_INVALID',
    () => ({
      ...scts((pre) => [ctLog.sign(pre, at), unknown.sign(pre, { ...at, change: flip })]),
      trust: twoCtLogs,
    }),
  ],
  [
    'two, one of an unknown log',
    'SCT_UNKNOWN_LOG',
    () => scts((pre) => [ctLog.sign(pre, at), unknown.sign(pre, at)]),
  ],
  ['an unknown log', 'SCT_UNKNOWN_LOG', () => scts((pre) => [unknown.sign(pre, at)])],
  [
    'an unknown log that says it is ours',
    'SCT_INVALID',
    () => scts((pre) => [unknown.sign(pre, { ...at, logId: ctLog.logId })]),
  ],
  ['spoilt', 'SCT_INVALID', () => sct({ change: flip })],
  ['empty', 'SCT_INVALID', () => sct({ change: () => new Uint8Array() })],
  [
    'for the key of another issuer',
    'SCT_INVALID',
    () => scts((pre) => [ctLog.sign({ ...pre, issuerKeyHash: keyIdOf(fulcio.root.key) }, at)]),
  ],
  [
    'for another authority of the same name that is trusted too',
    'SCT_INVALID',
    () => ({
      ...scts((pre) => [ctLog.sign({ ...pre, issuerKeyHash: keyIdOf(sibling.key) }, at)]),
      trust: twins,
    }),
  ],
  [
    '(for the one of two of that name that issued)',
    'accepted',
    () => ({ ...leaf({ issuer: sibling }), trust: twins }),
  ],
  [
    'for another certificate',
    'SCT_INVALID',
    () => scts((pre) => [ctLog.sign({ ...pre, tbs: flip(pre.tbs) }, at)]),
  ],
  ['of the future', 'SCT_INVALID', () => sct({ timestamp: NOW + 1 })],
  ['(of this very millisecond)', 'accepted', () => sct({ timestamp: NOW })],
  ['of the year 10889', 'SCT_INVALID', () => sct({ timestamp: 2 ** 48 - 1 })],
  ['of a time beyond six octets', 'SCT_INVALID', () => sct({ timestamp: 2 ** 50 })],
  ['(with other extensions, signed)', 'accepted', () => sct({ extensions: encodeUtf8('anything') })],
  [
    'an empty list',
    'SCT_MISSING',
    () => leaf({ sct: { kind: 'none' }, change: adding(sctListExtension(encodeSctList([]))) }),
  ],
  ['a list with an empty SCT', 'SCT_INVALID', () => scts(() => [new Uint8Array()])],
  ['a list with a cut SCT', 'SCT_INVALID', () => scts((pre) => [ctLog.sign(pre, at).subarray(0, -1)])],
  [
    'a list with something behind an SCT',
    'SCT_INVALID',
    () => scts((pre) => [Uint8Array.of(...ctLog.sign(pre, at), 0)]),
  ],
  ['an SCT of version 2', 'SCT_INVALID', () => scts((pre) => [ctLog.sign(pre, at).with(0, 1)])],
  ['17 SCTs', 'SCT_INVALID', () => scts((pre) => new Array(17).fill(ctLog.sign(pre, at)))],
  [
    'a list that is no octet string',
    'SCT_INVALID',
    () =>
      leaf({
        sct: { kind: 'none' },
        change: adding({ oid: SCT_LIST, critical: false, value: encodeSctList([]) }),
      }),
  ],
  ['a log that says it signs with RSA', 'SCT_INVALID', () => scts((pre) => [asRsa(ctLog.sign(pre, at))])],
])

/** The octet of the signature's algorithm, behind version, id, time, extensions and the octet of the hash. */
function asRsa(bytes: Uint8Array): Uint8Array {
  const extensions = ((bytes[41] ?? 0) << 8) | (bytes[42] ?? 0)
  return bytes.with(43 + extensions + 1, 1)
}

interface Fields {
  readonly keyUsage?: readonly KeyUsage[]
  readonly purposes?: readonly string[]
  readonly constraints?: readonly ExtensionFields[]
  readonly issuer?: Holder
  readonly name?: string
}

/** An intermediate that the genuine root certified, as it should not have. */
function intermediateOf(fields: Fields): Holder {
  const key = generateEcdsaKey()
  const { issuer = fulcio.root, purposes = [CODE_SIGNING] } = fields
  const extensions = [
    keyUsage(fields.keyUsage ?? ['keyCertSign', 'cRLSign']),
    ...(purposes.length === 0 ? [] : [extendedKeyUsage(purposes, false)]),
    ...(fields.constraints ?? [basicConstraints({ ca: true, pathLength: 0 })]),
    subjectKeyIdentifier(key.spki),
    authorityKeyIdentifier(issuer.key.spki),
  ]
  const subject = encodeSubject('sandbox.sigstore', fields.name ?? 'other-intermediate')
  return createHolder({ subject, notBefore: FROM, notAfter: UNTIL, extensions }, key, issuer)
}

/** A leaf of this issuer under a trusted root that lists these certificates. */
const under = (issuer: Holder, ...list: readonly Holder[]): Presented => ({
  ...leaf({ issuer }),
  trust: rootWith(
    instance,
    'certificateAuthorities.0.certChain.certificates',
    list.map(({ certificate }) => ({ rawBytes: Buffer.from(certificate).toString('base64') })),
  ),
})
const listed = (fields: Fields): Presented => {
  const one = intermediateOf(fields)
  return under(one, one, fulcio.root)
}

const rogue = createFulcioCa({ curve: 'P-256', ctLog, notBefore: FROM, notAfter: UNTIL })
const asIssuer = (made: ReturnType<typeof make>): Holder => ({
  certificate: made.leaf.certificate,
  key: made.key,
  name: encodeSubject('', ''),
  issuerName: fulcio.intermediate.name,
  serialNumber: Uint8Array.of(1),
})
const cross = createFulcioCa({ curve: 'P-256', ctLog, notBefore: FROM, notAfter: UNTIL })

judge('chains', 18, [
  ['(an intermediate as it should be)', 'accepted', () => listed({})],
  ['(an intermediate for every purpose)', 'accepted', () => listed({ purposes: [] })],
  ['(issued by the root itself)', 'accepted', () => under(fulcio.root, fulcio.root)],
  [
    'an authority of the same names with other keys',
    'CERT_CHAIN',
    () => leaf({ issuer: rogue.intermediate }),
  ],
  [
    'an intermediate of the root that is not listed',
    'CERT_CHAIN',
    () => leaf({ issuer: intermediateOf({}) }),
  ],
  ['a leaf that issued a leaf', 'CERT_CHAIN', () => leaf({ issuer: asIssuer(make(instance)) })],
  [
    'a leaf that issued a leaf, in the chain of the bundle',
    'CERT_CHAIN',
    () => {
      const parent = make(instance)
      const child = make(instance, { leaf: { issuer: asIssuer(parent) } })
      const path = `${MATERIAL}.x509CertificateChain.certificates`
      const rawBytes = Buffer.from(parent.leaf.certificate).toString('base64')
      const add = (list: readonly unknown[]): unknown[] => [...list, { rawBytes }]
      return { bundle: changed(asVersion(child.bundle, '0.2'), path, add), trust }
    },
  ],
  [
    'an intermediate of elsewhere in the chain of the bundle',
    'CERT_CHAIN',
    () => {
      const child = make(instance, { leaf: { issuer: rogue.intermediate } })
      const path = `${MATERIAL}.x509CertificateChain.certificates`
      const more = [rogue.intermediate, rogue.root].map(({ certificate }) => ({
        rawBytes: Buffer.from(certificate).toString('base64'),
      }))
      const add = (list: readonly unknown[]): unknown[] => [...list, ...more]
      return { bundle: changed(asVersion(child.bundle, '0.1'), path, add), trust }
    },
  ],
  [
    'a certificate of elsewhere beside a good leaf',
    'BUNDLE_CHAIN',
    () => {
      const path = `${MATERIAL}.x509CertificateChain.certificates`
      const rawBytes = Buffer.from(rogue.root.certificate).toString('base64')
      const add = (list: readonly unknown[]): unknown[] => [...list, { rawBytes }]
      return { bundle: changed(asVersion(show().bundle, '0.2'), path, add), trust }
    },
  ],
  [
    'eleven certificates',
    'BUNDLE_CHAIN',
    () => {
      const path = `${MATERIAL}.x509CertificateChain.certificates`
      const many = (list: readonly unknown[]): unknown[] => new Array(11).fill(list[0])
      return { bundle: changed(asVersion(show().bundle, '0.2'), path, many), trust }
    },
  ],
  ['an intermediate that is no authority', 'CERT_CHAIN', () => listed({ constraints: [] })],
  [
    'an intermediate that says it is no authority',
    'CERT_CHAIN',
    () => listed({ constraints: [basicConstraints({ ca: false })] }),
  ],
  [
    'an intermediate that may not sign certificates',
    'CERT_CHAIN',
    () => listed({ keyUsage: ['digitalSignature'] }),
  ],
  ['an intermediate for servers', 'CERT_CHAIN', () => listed({ purposes: ['1.3.6.1.5.5.7.3.1'] })],
  [
    'a path longer than the root allows',
    'CERT_CHAIN',
    () => {
      const first = intermediateOf({ constraints: [basicConstraints({ ca: true })], name: 'first' })
      const second = intermediateOf({ issuer: first, name: 'second' })
      return under(second, second, first, fulcio.root)
    },
  ],
  [
    'a path longer than an intermediate allows',
    'CERT_CHAIN',
    () => {
      const second = intermediateOf({ issuer: fulcio.intermediate, name: 'second' })
      return under(second, second, fulcio.intermediate)
    },
  ],
  [
    'an intermediate that another root issued',
    'CERT_CHAIN',
    () => under(cross.intermediate, cross.intermediate, fulcio.root),
  ],
  ['a chain without its anchor', 'CERT_CHAIN', () => under(fulcio.root, fulcio.intermediate)],
  [
    'an issuer in one authority, its root in another',
    'CERT_CHAIN',
    () => {
      const one = intermediateOf({})
      const raw = (holder: Holder) => ({ rawBytes: Buffer.from(holder.certificate).toString('base64') })
      return {
        ...leaf({ issuer: one }),
        trust: rootWith(instance, 'certificateAuthorities', (list: readonly object[]) => [
          ...list,
          ...list.map((other) => changed(other, 'certChain.certificates', [raw(one), raw(rogue.root)])),
        ]),
      }
    },
  ],
  [
    'a leaf that names the key of another issuer',
    'CERT_CHAIN',
    () => swap(having(authorityKeyIdentifier(rogue.intermediate.key.spki))),
  ],
  [
    '(the same authority under new keys beside the old)',
    'accepted',
    () => ({ ...leaf({ issuer: sibling }), trust: twins }),
  ],
])
