import {
  ATTESTATION,
  changed,
  createInstance,
  ENTRY,
  flip,
  instanceOf,
  iso,
  MATERIAL,
  MESSAGE,
  MINUTE,
  make,
  NOW,
  type Presented,
  presenterOf,
  rootWith,
  SECOND,
  STAMPS,
  STATEMENT,
  THEN,
  YEAR,
} from '../../__tests__/sigstore/hostile-bundles.ts'
import type { BundleContent, BundleOptions } from '../../sandbox/bundles.ts'
import { createTsa } from '../../sandbox/tsa-authority.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import type { Json } from '../../src/core/json.ts'
import { artifactOfBytes, artifactOfDigests } from '../../src/sigstore/artifact.ts'
import { verifyIdentity } from '../../src/sigstore/policy.ts'
import { type Case, shown } from './case.ts'

const instance = createInstance()
const { trust, authorities } = instance
const { show, edit, trusting } = presenterOf(instance)
const stranger = make(instance)
const otherHex = '0'.repeat(64)
const foreignSignature = Buffer.from(stranger.signature).toString('base64')
const foreignPem = Buffer.from(stranger.leaf.pem).toString('base64')
const foreignDer = Buffer.from(stranger.leaf.certificate).toString('base64')

/** What of an entry is somebody else's, where it stands, and what stands there instead. */
const V2 = 'spec.hashedRekordV002'
const FOREIGN: readonly (readonly [
  log: 1 | 2,
  form: 'message' | 'DSSE',
  part: string,
  path: string,
  value: string,
])[] = [
  [1, 'message', 'signature', 'spec.signature.content', foreignSignature],
  [1, 'message', 'key', 'spec.signature.publicKey.content', foreignPem],
  [1, 'message', 'artifact', 'spec.data.hash.value', otherHex],
  [1, 'DSSE', 'signature', 'spec.signatures.0.signature', foreignSignature],
  [1, 'DSSE', 'key', 'spec.signatures.0.verifier', foreignPem],
  [1, 'DSSE', 'artifact', 'spec.payloadHash.value', otherHex],
  ...(['message', 'DSSE'] as const).flatMap((form) => [
    [2, form, 'signature', `${V2}.signature.content`, foreignSignature] as const,
    [2, form, 'key', `${V2}.signature.verifier.x509Certificate.rawBytes`, foreignDer] as const,
    [2, form, 'artifact', `${V2}.data.digest`, Buffer.alloc(32).toString('base64')] as const,
  ]),
]

const logged = (log: 1 | 2, content: BundleContent, path: string, value: unknown): Presented =>
  show({ logs: [log], body: (body) => changed(body, path, value) as Json }, content)

const entries = (row: string): readonly Case[] =>
  FOREIGN.map(([log, form, part, path, value]) =>
    shown(
      row,
      `Rekor v${log}, ${form}: an entry that the log signed about another ${part}`,
      'TLOG_MISMATCH',
      () => logged(log, form === 'message' ? MESSAGE : ATTESTATION, path, value),
    ),
  )

/** A second authority, and how long the trusted root believes it. */
function withSecondTsa(stamp: 'ours' | 'theirs', until: number): Presented {
  const tsa = createTsa({ curve: 'P-256', notBefore: THEN - YEAR, notAfter: NOW + YEAR, hash: 'sha256' })
  const second = instanceOf({ ...authorities, tsa })
  const list = (root: unknown): readonly object[] =>
    (root as { timestampAuthorities: readonly object[] }).timestampAuthorities
  const ours = changed(list(instance.rootJson)[0], 'validFor.end', iso(until))
  const maker = stamp === 'ours' ? instance : second
  return {
    bundle: make(maker, { logs: [2] }).bundle,
    trust: rootWith(second, 'timestampAuthorities', [ours, ...list(second.rootJson)]),
  }
}

const statement = (content: object | string): Presented =>
  show({}, { statement: typeof content === 'string' ? encodeUtf8(content) : content })

const issuedBy = (issuer: string): Presented => ({
  ...show({ leaf: { fulcioExtensions: { 1: issuer, 8: issuer } } }),
  policy: (evidence) =>
    verifyIdentity(evidence, {
      name: 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0',
      issuer: 'https://issuer.example',
    }),
})

/** Row by row of the advisories that a regression test is worth. */
export const ADVISORY_CASES: readonly Case[] = [
  ...entries('CVE-2022-36056, CVE-2026-22703'),
  shown('CVE-2026-39395', 'a payload that does not parse', 'STATEMENT_PARSE', () => statement('{')),
  shown('CVE-2026-39395', 'a payload of another type', 'STATEMENT_TYPE', () =>
    show({}, { statement: STATEMENT, payloadType: 'application/vnd.cyclonedx+json' }),
  ),
  shown('CVE-2026-31830', 'a subject with another digest', 'SUBJECT_MISMATCH', () =>
    statement({ ...STATEMENT, subject: [{ name: 'demo.tgz', digest: { sha256: otherHex } }] }),
  ),
  shown('CVE-2024-55655', 'an integrated time that no promise signs', 'TIME_MISSING', () =>
    edit(`${ENTRY}.inclusionPromise`, undefined, { timestamps: [] }),
  ),
  shown('CVE-2024-55655', 'an integrated time beside a promise over another', 'TLOG_PROMISE', () =>
    edit(`${ENTRY}.integratedTime`, (time: string) => String(Number(time) + 1)),
  ),
  ...[
    'https://issuer.example.evil',
    'https://issuer.example/',
    'https://issuerXexample',
    'x https://issuer.example',
  ].map((issuer) => shown('CVE-2026-22772', `issuer ${issuer}`, 'IDENTITY_MISMATCH', () => issuedBy(issuer))),
  shown('TOB-SIGSTORE-2, 3', 'an entry that is gone, its time kept', 'TLOG_MISSING', () =>
    edit(`${MATERIAL}.tlogEntries`, []),
  ),
  shown('TOB-SIGSTORE-2, 3', 'the time of a Rekor v2 entry', 'TIME_MISSING', () =>
    edit(`${ENTRY}.integratedTime`, String(THEN / SECOND), { logs: [2], timestamps: [] }),
  ),
  shown('TOB-SIGSTORE-4', 'a promise in time, a timestamp after the certificate ended', 'CERT_VALIDITY', () =>
    show({ timestamps: [{ time: THEN + 11 * MINUTE }] }),
  ),
  shown('TOB-SIGSTORE-4', 'a timestamp in time, a promise after the certificate ended', 'CERT_VALIDITY', () =>
    show({ integratedTime: (THEN + 11 * MINUTE) / SECOND }),
  ),
  shown('TOB-SIGSTORE-7', 'a promise one second ahead of the clock', 'TLOG_TIME', () =>
    show({ integratedTime: NOW / SECOND + 1 }),
  ),
  shown('TOB-SIGSTORE-7', 'a timestamp one second ahead of the clock', 'TSA_TIME', () =>
    show({ timestamps: [{ time: NOW + SECOND }] }),
  ),
  shown('TOB-SIGSTORE-9', 'two signatures in an envelope', 'BUNDLE_CONTENT', () =>
    edit('dsseEnvelope.signatures', (list: readonly unknown[]) => [...list, ...list], {}, ATTESTATION),
  ),
  shown('TOB-SIGSTORE-11', 'a retired authority stamps within the window of another', 'TSA_TIME', () =>
    withSecondTsa('ours', THEN - SECOND),
  ),
  shown('TOB-SIGSTORE-11', '(the other one stamps)', 'accepted', () =>
    withSecondTsa('theirs', THEN - SECOND),
  ),
  shown('@sigstore/core < 3.2.1', 'a payload type of other characters than ASCII', 'STATEMENT_TYPE', () =>
    show({}, { statement: STATEMENT, payloadType: 'application/vnd.in-toto+jsön' }),
  ),
]

const empty: Readonly<Record<string, readonly [Case['code'], () => Presented]>> = {
  'no entry': ['TLOG_MISSING', () => edit(`${MATERIAL}.tlogEntries`, [])],
  'no time': ['TIME_MISSING', () => show({ logs: [2], timestamps: [] })],
  'no SCT': ['SCT_MISSING', () => show({ leaf: { sct: { kind: 'none' } } })],
  'no subject': ['STATEMENT_SUBJECTS', () => statement({ ...STATEMENT, subject: [] })],
  'no known digest of the artifact': ['SIG_DIGEST', () => ({ ...show(), artifact: artifactOfDigests({}) })],
  'no CT log in the trusted root': ['SCT_UNKNOWN_LOG', () => trusting('ctlogs', [])],
  'no log in the trusted root': ['TLOG_UNKNOWN_LOG', () => trusting('tlogs', [])],
  'no authority in the trusted root': ['CERT_CHAIN', () => trusting('certificateAuthorities', [])],
}
const unknown: Readonly<Record<string, readonly [Case['code'], () => Presented]>> = {
  kind: ['TLOG_KIND', () => edit(`${ENTRY}.kindVersion.kind`, 'rekord')],
  version: ['TLOG_KIND', () => edit(`${ENTRY}.kindVersion.version`, '0.0.9')],
  algorithm: ['BUNDLE_ALGORITHM', () => edit('messageSignature.messageDigest.algorithm', 'SHA3_256')],
  'payload type': ['STATEMENT_TYPE', () => show({}, { statement: STATEMENT, payloadType: 'x' })],
  'media type': ['BUNDLE_VERSION', () => edit('mediaType', 'x')],
  field: ['BUNDLE_FIELD', () => edit('extra', 1)],
  log: ['TLOG_UNKNOWN_LOG', () => edit(`${ENTRY}.logId.keyId`, Buffer.alloc(32).toString('base64'))],
  'critical extension': [
    'CERT_PROFILE',
    () =>
      show({
        leaf: { change: (all) => [...all, { oid: '1.2.3', critical: true, value: Uint8Array.of(5, 0) }] },
      }),
  ],
}
const counted = (options: BundleOptions): Presented => show(options)

/** The rules that follow from what went wrong elsewhere. */
export const RULE_CASES: readonly Case[] = [
  ...entries('1 one tuple'),
  shown('1 one tuple', 'a timestamp over another signature', 'TSA_IMPRINT', () =>
    show({ timestamps: [{ imprint: new Uint8Array(32) }] }),
  ),
  shown('1 one tuple', 'a certificate of another key', 'SIG_INVALID', () =>
    show({ signature: () => stranger.signature }),
  ),
  shown('1 one tuple', 'another artifact', 'SIG_DIGEST', () => ({
    ...show(),
    artifact: artifactOfBytes(encodeUtf8('another')),
  })),
  ...Object.entries(empty).map(([what, [code, present]]) =>
    shown('2 nothing is failure', what, code, present),
  ),
  shown('3 no time before its signature', 'a spoilt promise beside a good timestamp', 'TLOG_PROMISE', () =>
    edit(`${ENTRY}.inclusionPromise.signedEntryTimestamp`, (text: string) =>
      Buffer.from(flip(Buffer.from(text, 'base64'))).toString('base64'),
    ),
  ),
  shown('3 no time before its signature', 'a spoilt timestamp beside a good promise', 'TSA_SIGNER', () =>
    counted({ timestamps: [{ change: flip }] }),
  ),
  shown('4 distinct keys', 'two entries of one log', 'TLOG_DUPLICATE', () => counted({ logs: [1, 1] })),
  shown('4 distinct keys', 'two timestamps of one authority', 'TLOG_DUPLICATE', () =>
    counted({ timestamps: [{}, { time: THEN + SECOND }] }),
  ),
  shown('4 distinct keys', 'two SCTs of one log', 'SCT_INVALID', () =>
    show({
      leaf: {
        sct: {
          kind: 'make',
          make: (pre) => [1, 2].map(() => authorities.fulcio.ctLog.sign(pre, { timestamp: THEN })),
        },
      },
    }),
  ),
  shown('6 bounds first', '33 entries that are nothing', 'BUNDLE_TLOG', () =>
    edit(`${MATERIAL}.tlogEntries`, new Array(33).fill(null)),
  ),
  shown('6 bounds first', '33 timestamps that are nothing', 'BUNDLE_TIMESTAMPS', () =>
    edit(STAMPS, new Array(33).fill(null)),
  ),
  ...Object.entries(unknown).map(([what, [code, present]]) =>
    shown('7 unknown is an error', `an unknown ${what}`, code, present),
  ),
  shown('(an honest bundle)', '(of both logs)', 'accepted', () => ({ ...show({ logs: [1, 2] }), trust })),
]
