import type { BundleOptions } from '../../sandbox/bundles.ts'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import type { CheckpointChanges } from '../../sandbox/log.ts'
import { createRekorV2Log } from '../../sandbox/rekor-v2-log.ts'
import { encodeHex, encodeUtf8 } from '../../src/core/bytes.ts'
import { digest } from '../../src/core/digest.ts'
import { encodeCanonicalJson, type Json } from '../../src/core/json.ts'
import {
  changed,
  createInstance,
  ENTRY,
  flipped,
  instanceOf,
  judge,
  make,
  NOW,
  PROOF,
  type Presented,
  presenterOf,
  type Row,
  trustOf,
  valueAt,
} from './hostile-bundles.ts'

const instance = createInstance()
const { trust, authorities } = instance
const { rekorV1, rekorV2 } = authorities

// Strangers' entries, so that proofs have several hashes.
for (let i = 0; i < 6; i += 1) {
  const filler = encodeCanonicalJson({ filler: i })
  rekorV1.append(filler)
  rekorV2.append(filler)
}

const { show, edit } = presenterOf(instance)

const OTHER = digest('sha256', encodeUtf8('other'))
const V1_ALONE: BundleOptions = { timestamps: [] }

const promised = (
  changes: Parameters<typeof rekorV1.signPromise>[0] | ((fields: Fields) => Fields),
): Presented => {
  const { bundle } = make(instance, V1_ALONE)
  const fields: Fields = {
    body: String(valueAt(bundle, `${ENTRY}.canonicalizedBody`)),
    integratedTime: Number(valueAt(bundle, `${ENTRY}.integratedTime`)),
    logID: encodeHex(rekorV1.logId),
    logIndex: Number(valueAt(bundle, `${ENTRY}.logIndex`)),
  }
  const signed = rekorV1.signPromise(typeof changes === 'function' ? changes(fields) : changes)
  const promise = Buffer.from(signed).toString('base64')
  return { bundle: changed(bundle, `${ENTRY}.inclusionPromise.signedEntryTimestamp`, promise), trust }
}
type Fields = Parameters<typeof rekorV1.signPromise>[0]

judge('promises', 14, [
  ['signed anew over the same', 'accepted', () => promised((fields) => fields)],
  ['over another body', 'TLOG_PROMISE', () => promised((fields) => ({ ...fields, body: 'AAAA' }))],
  [
    'over another time',
    'TLOG_PROMISE',
    () => promised((fields) => ({ ...fields, integratedTime: fields.integratedTime + 1 })),
  ],
  ['over another index', 'TLOG_PROMISE', () => promised((fields) => ({ ...fields, logIndex: 1 }))],
  ['over another log', 'TLOG_PROMISE', () => promised((fields) => ({ ...fields, logID: '00'.repeat(32) }))],
  ['flipped', 'TLOG_PROMISE', () => edit(`${ENTRY}.inclusionPromise.signedEntryTimestamp`, flipped)],
  ['empty', 'TLOG_PROMISE', () => edit(`${ENTRY}.inclusionPromise.signedEntryTimestamp`, '')],
  [
    'flipped, beside a good timestamp',
    'TLOG_PROMISE',
    () => edit(`${ENTRY}.inclusionPromise.signedEntryTimestamp`, flipped),
  ],
  [
    'an earlier time than was promised',
    'TLOG_PROMISE',
    () => edit(`${ENTRY}.integratedTime`, (time: string) => String(Number(time) - 1)),
  ],
  [
    'a time in text with a zero before it',
    'BUNDLE_FIELD',
    () => edit(`${ENTRY}.integratedTime`, (time: string) => `0${time}`),
  ],
  ['no time', 'TLOG_TIME', () => edit(`${ENTRY}.integratedTime`, undefined)],
  ['the time 0, really promised', 'TLOG_TIME', () => show({ ...V1_ALONE, integratedTime: 0 })],
  ['a negative time', 'BUNDLE_FIELD', () => edit(`${ENTRY}.integratedTime`, '-1')],
  [
    'the year 10000, really promised',
    'TLOG_TIME',
    () => show({ ...V1_ALONE, integratedTime: 253_402_300_800 }),
  ],
  [
    'one second into the future, really promised',
    'TLOG_TIME',
    () => show({ integratedTime: NOW / 1000 + 1 }),
  ],
  ['this very second, really promised', 'accepted', () => show({ ...V1_ALONE, at: NOW })],
  ['an index beyond 2^53', 'TLOG_INDEX', () => edit(`${ENTRY}.logIndex`, '9007199254740992')],
  ['a negative index', 'TLOG_INDEX', () => edit(`${ENTRY}.logIndex`, '-1')],
  ['an index of a fraction', 'TLOG_INDEX', () => edit(`${ENTRY}.logIndex`, 1.5)],
])

const proofRows = (log: 1 | 2): Row[] => {
  const proof = (path: string, value: unknown): Presented => edit(`${PROOF}.${path}`, value, { logs: [log] })
  const cut =
    (bytes: number) =>
    (text: string): string =>
      Buffer.alloc(bytes, Buffer.from(text, 'base64')).toString('base64')
  return [
    [`v${log}: a wrong hash`, 'TLOG_PROOF', () => proof('hashes.0', flipped)],
    [`v${log}: one hash too many`, 'TLOG_PROOF', () => proof('hashes', (all: string[]) => [...all, all[0]])],
    [`v${log}: one hash too few`, 'TLOG_PROOF', () => proof('hashes', (all: string[]) => all.slice(1))],
    [`v${log}: a hash of 31 bytes`, 'TLOG_PROOF', () => proof('hashes.0', cut(31))],
    [`v${log}: a hash of 33 bytes`, 'TLOG_PROOF', () => proof('hashes.0', cut(33))],
    [
      `v${log}: two hashes swapped`,
      'TLOG_PROOF',
      () => proof('hashes', ([a, b, ...all]: string[]) => [b, a, ...all]),
    ],
    [
      `v${log}: 64 hashes`,
      'TLOG_PROOF',
      () => proof('hashes', (all: string[]) => new Array(64).fill(all[0])),
    ],
    [`v${log}: a tree of no leaves`, 'TLOG_PROOF', () => proof('treeSize', '0')],
    [`v${log}: a larger tree`, 'TLOG_PROOF', () => proof('treeSize', '1000')],
    [`v${log}: a tree size of a fraction`, 'BUNDLE_FIELD', () => proof('treeSize', 1.5)],
    [`v${log}: another root`, 'TLOG_PROOF', () => proof('rootHash', flipped)],
    [`v${log}: an empty root`, 'TLOG_PROOF', () => proof('rootHash', '')],
    [
      `v${log}: an index outside the tree`,
      'TLOG_PROOF',
      () => {
        const outside = changed(
          proof('logIndex', '1000').bundle,
          `${ENTRY}.logIndex`,
          log === 2 ? '1000' : same,
        )
        return { bundle: outside, trust }
      },
    ],
    [
      `v${log}: the index before`,
      log === 1 ? 'TLOG_PROOF' : 'TLOG_INDEX',
      () => proof('logIndex', (i: string) => String(Number(i) - 1)),
    ],
    [`v${log}: no checkpoint`, 'TLOG_CHECKPOINT', () => proof('checkpoint', undefined)],
    [`v${log}: an unknown member`, 'BUNDLE_FIELD', () => proof('extra', 1)],
  ]
}

function same(value: unknown): unknown {
  return value
}
judge('proofs', 32, [...proofRows(1), ...proofRows(2)])

/** A checkpoint that the log, or whoever is named, really signed. */
const head = (log: 1 | 2, changes: (own: OwnLog) => CheckpointChanges): Presented => {
  const { bundle } = make(instance, { logs: [log] })
  const own = ownLog(log)
  return { bundle: changed(bundle, `${PROOF}.checkpoint.envelope`, own.log.checkpoint(changes(own))), trust }
}
const ownLog = (log: 1 | 2) => {
  const of = log === 1 ? rekorV1.current.log : rekorV2.log
  return { log: of, signer: of.signer, root: of.tree.root(), size: of.tree.size() }
}
type OwnLog = ReturnType<typeof ownLog>

const stolen = generateEcdsaKey()
const text = (log: 1 | 2, change: (envelope: string) => string): Presented =>
  edit(`${PROOF}.checkpoint.envelope`, change, { logs: [log] })
const line =
  (index: number, change: (line: string) => string) =>
  (envelope: string): string =>
    envelope
      .split('\n')
      .map((one, i) => (i === index ? change(one) : one))
      .join('\n')

const heads = (log: 1 | 2): Row[] => {
  const name = log === 1 ? 'rekor1.example' : 'rekor2.example'
  const other = ownLog(log === 1 ? 2 : 1)
  const rows: [string, Row[1], () => Presented][] = [
    ['signed anew over the same', 'accepted', () => head(log, () => ({}))],
    ['with a line of extension', 'accepted', () => head(log, () => ({ extensions: ['more'] }))],
    [
      'with a witness',
      'accepted',
      () =>
        head(log, ({ signer }) => ({
          signers: [signer, { name: 'witness', key: stolen, keyId: stolen.spki }],
        })),
    ],
    [
      'signed by a witness alone',
      'TLOG_CHECKPOINT',
      () => head(log, () => ({ signers: [{ name: 'witness', key: stolen, keyId: stolen.spki }] })),
    ],
    [
      'signed by another key',
      'TLOG_CHECKPOINT',
      () => head(log, ({ signer }) => ({ signers: [{ ...signer, key: stolen }] })),
    ],
    [
      'with another hint',
      'TLOG_CHECKPOINT',
      () => head(log, ({ signer }) => ({ signers: [{ ...signer, keyId: stolen.spki }] })),
    ],
    [
      'signed under another name',
      'TLOG_CHECKPOINT',
      () => head(log, ({ signer }) => ({ signers: [{ ...signer, name: 'evil.example' }] })),
    ],
    [
      'signed under a part of the name',
      'TLOG_CHECKPOINT',
      () => head(log, ({ signer }) => ({ signers: [{ ...signer, name: 'example' }] })),
    ],
    [
      'signed twice under our name, once badly',
      'TLOG_CHECKPOINT',
      () => head(log, ({ signer }) => ({ signers: [signer, { ...signer, key: stolen }] })),
    ],
    [
      'of the other log, signed by it',
      'TLOG_CHECKPOINT',
      () => head(log, () => ({ origin: other.log.origin, signers: [other.signer] })),
    ],
    [
      'of the other log, signed by ours',
      'TLOG_CHECKPOINT',
      () => head(log, () => ({ origin: other.log.origin })),
    ],
    [
      'of our origin, signed by the other log',
      'TLOG_CHECKPOINT',
      () => head(log, () => ({ signers: [other.signer] })),
    ],
    [
      'with an origin that goes on',
      'TLOG_CHECKPOINT',
      () => head(log, ({ log: { origin } }) => ({ origin: `${origin}.evil` })),
    ],
    [
      'with an origin that begins earlier',
      'TLOG_CHECKPOINT',
      () => head(log, ({ log: { origin } }) => ({ origin: `not-${origin}` })),
    ],
    [
      'with an origin of the same length',
      'TLOG_CHECKPOINT',
      () => head(log, ({ log: { origin } }) => ({ origin: origin.replace('rekor', 'rokor') })),
    ],
    [
      'with the origin of the other version',
      'TLOG_CHECKPOINT',
      () => head(log, () => ({ origin: log === 1 ? name : `${name} - 123` })),
    ],
    ['of another root', 'TLOG_PROOF', () => head(log, () => ({ root: OTHER }))],
    ['of another size', 'TLOG_PROOF', () => head(log, ({ size }) => ({ size: size + 1, root: OTHER }))],
    [
      'of an older tree',
      'TLOG_PROOF',
      () => head(log, ({ size, log: { tree } }) => ({ size: size - 1, root: tree.root(size - 1) })),
    ],
    [
      'with a size like 1x',
      'TLOG_CHECKPOINT',
      () =>
        text(
          log,
          line(1, (one) => `${one}x`),
        ),
    ],
    [
      'with a size in hexadecimal',
      'TLOG_CHECKPOINT',
      () =>
        text(
          log,
          line(1, () => '0x10'),
        ),
    ],
    [
      'with a negative size',
      'TLOG_CHECKPOINT',
      () =>
        text(
          log,
          line(1, () => '-1'),
        ),
    ],
    [
      'with a zero before its size',
      'TLOG_CHECKPOINT',
      () =>
        text(
          log,
          line(1, (one) => `0${one}`),
        ),
    ],
    [
      'without a size',
      'TLOG_CHECKPOINT',
      () =>
        text(
          log,
          line(1, () => ''),
        ),
    ],
    [
      'with a root of 31 bytes',
      'TLOG_CHECKPOINT',
      () =>
        text(
          log,
          line(2, () => Buffer.alloc(31).toString('base64')),
        ),
    ],
    ['without a root', 'TLOG_CHECKPOINT', () => text(log, (all) => all.replace(/\n[^\n]+\n\n/, '\n\n'))],
    ['with CRLF', 'TLOG_CHECKPOINT', () => text(log, (all) => all.replaceAll('\n', '\r\n'))],
    ['without the last newline', 'TLOG_CHECKPOINT', () => text(log, (all) => all.slice(0, -1))],
    [
      'with 10,000 signatures',
      'TLOG_CHECKPOINT',
      () => text(log, (all) => all + '\u2014 a AAAAAAAA\n'.repeat(10_000)),
    ],
    ['empty', 'TLOG_CHECKPOINT', () => text(log, () => '')],
  ]
  return rows.map(([what, verdict, present]) => [`v${log}: ${what}`, verdict, present])
}
judge('tree heads', 58, [...heads(1), ...heads(2)])

const atPort = (name: string): Presented => {
  const rekor = instanceOf({ ...authorities, rekorV2: createRekorV2Log(name) })
  return { bundle: make(rekor, { logs: [2] }).bundle, trust: rekor.trust }
}
const root = (path: string, value: unknown): Presented => ({
  ...show(),
  trust: trustOf(changed(instance.rootJson, path, value) as Json),
})

judge('names of logs', 6, [
  ['the host', 'accepted', () => atPort('rekor2.example')],
  ['the host with its port', 'accepted', () => atPort('rekor2.example:8443')],
  ['another port', 'TLOG_CHECKPOINT', () => atPort('rekor2.example:8444')],
  ['the whole address', 'TLOG_CHECKPOINT', () => atPort('https://rekor2.example:8443')],
  [
    'a trusted root with another address',
    'TLOG_CHECKPOINT',
    () => root('tlogs.0.baseUrl', 'https://other.example'),
  ],
  [
    'a trusted root whose address holds the name',
    'TLOG_CHECKPOINT',
    () => root('tlogs.0.baseUrl', 'https://rekor1.example.evil.example'),
  ],
])
