import { type BundleOptions, makeBundle } from '../../sandbox/bundles.ts'
import { type ExtensionFields, subjectAlternativeName } from '../../sandbox/extensions.ts'
import type { LeafRequest } from '../../sandbox/fulcio-ca.ts'
import { generateEcdsaKey, generateRsaKey, type SigningKey } from '../../sandbox/keys.ts'
import type { StampOptions } from '../../sandbox/tsa-authority.ts'
import { encodeNull } from '../../src/core/der-encode.ts'
import type { Json } from '../../src/core/json.ts'
import { statementOf } from '../properties/good-bundles.ts'
import { leavesOf, placesOf, valueAt, withValue } from '../properties/json-leaves.ts'
import { mutateBytes } from '../properties/mutate-bytes.ts'
import { pick, type Random } from '../properties/property.ts'
import { IDENTITY, type Instance } from './instances.ts'
import { type Specimen, specimen } from './specimens.ts'

/** Changes of what is signed before it is signed: no mutation of a finished bundle comes behind the signatures. */
type Change = (random: Random, instance: Instance) => BundleOptions

let rsa: SigningKey | undefined

const leaf = (request: Partial<LeafRequest>): BundleOptions => ({ leaf: request })
const stamped = (...timestamps: readonly StampOptions[]): BundleOptions => ({ timestamps })
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const uri = (value: string) => ({ type: 'uri', value }) as const

/** One extension gone, doubled, moved, with other criticality or other bytes, or a stranger among them. */
function changeExtensions(random: Random): (all: readonly ExtensionFields[]) => readonly ExtensionFields[] {
  return (all) => {
    const at = random.below(all.length)
    const one = all[at]
    if (one === undefined) return all
    return pick(random, [
      () => all.toSpliced(at, 1),
      () => [...all, one],
      () => all.toReversed(),
      () => all.with(at, { ...one, critical: !one.critical }),
      () => all.with(at, { ...one, value: mutateBytes(random, one.value) }),
      () => [...all, { oid: '1.2.3.4', critical: random.below(2) === 0, value: encodeNull() }],
      () => [...all, { oid: '1.3.6.1.4.1.57264.1.99', critical: false, value: Uint8Array.of(0x0c, 0) }],
      () => [...all, subjectAlternativeName([uri(IDENTITY)])],
    ])()
  }
}

/** The first takes the member out. */
const ODD: readonly unknown[] = [undefined, null, '', 'x', 0, [], {}, 'sha512', 'SHA2_512', 'PKIX_ED25519']

/** The body that the log signs: one value or member of it otherwise. */
function changeBody(random: Random): NonNullable<BundleOptions['body']> {
  return (body) => {
    const odd = ODD[random.below(ODD.length)]
    const path = pick(random, random.below(2) === 0 ? leavesOf(body) : placesOf(body))
    const parent = valueAt(body, path.slice(0, -1))
    const isObject = typeof parent === 'object' && parent !== null && !Array.isArray(parent)
    const changed =
      isObject && random.below(3) === 0
        ? withValue(body, [...path.slice(0, -1), 'extra'], odd)
        : withValue(body, path, odd)
    const json: Json = JSON.parse(JSON.stringify(changed))
    return json
  }
}

const CHANGES: readonly Change[] = [
  () => ({}),
  (random) => ({ logs: pick(random, [[], [1], [2], [1, 2], [2, 1], [1, 1]]) }),
  (random) => ({ timestamps: pick(random, [[], [{}], [{}, {}]]) }),
  (random) => leaf({ change: changeExtensions(random) }),
  (random) => leaf({ change: changeExtensions(random) }),
  (random) =>
    leaf({
      keyUsage: pick(random, [
        [],
        ['digitalSignature', 'keyAgreement'],
        ['keyCertSign'],
        ['contentCommitment'],
      ]),
    }),
  (random) =>
    leaf({
      extendedKeyUsage: pick(random, [[], [SERVER_AUTH], [CODE_SIGNING, SERVER_AUTH], ['2.5.29.37.0']]),
    }),
  (random) => leaf({ basicConstraints: { ca: random.below(2) === 0 } }),
  (random) =>
    leaf({
      names: pick(random, [
        [uri(`${IDENTITY}x`)],
        [uri(IDENTITY), uri('x:y')],
        [uri(IDENTITY), uri(IDENTITY)],
      ]),
    }),
  (random) => leaf({ fulcioExtensions: pick(random, [{ 1: null }, { 8: null }, { 9: null }, { 20: null }]) }),
  (random, { at }) =>
    leaf({
      notBefore: at + pick(random, [-600_000, -1000, 0, 1000]),
      notAfter: at + pick(random, [-1000, 0, 1000, 86_400_000]),
    }),
  (_, { authorities: { fulcio } }) => leaf({ issuer: fulcio.root }),
  (random, { at, secondCtLog, authorities: { fulcio } }) => {
    const timestamp = at + pick(random, [-86_400_000, 0, 1, 3_000_000, 4_000_000])
    const extensions = mutateBytes(random, new Uint8Array(8))
    const logs = pick(random, [
      [secondCtLog],
      [fulcio.ctLog, secondCtLog],
      [secondCtLog, fulcio.ctLog],
      [fulcio.ctLog, fulcio.ctLog],
      [],
    ])
    return leaf({
      sct: {
        kind: 'make',
        make: (pre) => logs.map((log) => log.sign(pre, { timestamp, extensions })),
      },
    })
  },
  (random) => stamped({ hash: pick(random, ['sha256', 'sha384', 'sha512']) }),
  (random) => stamped({ nonce: BigInt(random.below(1 << 30)), serialNumber: BigInt(random.below(1000)) }),
  (random) => stamped({ status: random.below(3) }),
  (random) => stamped({ digestAlgorithm: pick(random, ['sha256', 'sha384', 'sha512']) }),
  () => stamped({ signedAttributes: 'none' }),
  () => stamped({ essCertificate: null }),
  (random) => stamped({ policy: pick(random, ['1.2.3', '0.4.0.2023.1.1', '2.999.1']) }),
  (random, { authorities: { tsa, fulcio } }) =>
    stamped({
      certificates: pick(random, [
        [tsa.signer.certificate],
        [fulcio.root.certificate, tsa.signer.certificate],
        [mutateBytes(random, tsa.signer.certificate)],
      ]),
    }),
  (random, { at }) => stamped({ time: at + pick(random, [-1000, 0, 1000, 599_000, 600_000, 601_000]) }),
  (_, { at }) => stamped({}, { time: at + 1000 }),
  (_, { secondTsa }) => stamped({ signer: secondTsa.signer }),
  (_, { secondTsa }) => stamped({}, { signer: secondTsa.signer }),
  (random, { at }) => ({
    integratedTime: Math.floor(at / 1000) + pick(random, [-1, 0, 1, 599, 600, 601, 7200]),
  }),
  (random) => ({ body: changeBody(random) }),
  (random) => ({ body: changeBody(random) }),
  (random) => ({ signature: (bytes) => mutateBytes(random, bytes) }),
]

/** Only over files: an envelope the other client hashes with SHA-256, whatever the key. */
function keyFor(random: Random): SigningKey {
  rsa ??= generateRsaKey()
  const known = rsa
  return pick(random, [
    () => generateEcdsaKey('P-384'),
    () => generateEcdsaKey('P-384', 'sha256'),
    () => generateEcdsaKey('P-521'),
    () => known,
  ])()
}

const merge = (a: BundleOptions, b: BundleOptions): BundleOptions => ({
  ...a,
  ...b,
  leaf: { ...a.leaf, ...b.leaf },
})

/** Really signed, logged and stamped by the instance, with up to two points otherwise than usual. */
export function signedVariant(random: Random, instance: Instance): Specimen {
  const isMessage = random.below(2) === 0
  const file = Buffer.from(`what a workflow built: ${random.below(1 << 30)}\n`)
  const content = isMessage ? { artifact: file } : { statement: statementOf(file) }
  let options: BundleOptions = { logs: [1 + random.below(2)] as (1 | 2)[], at: instance.at }
  for (let i = 0; i <= random.below(2); i += 1)
    options = merge(options, pick(random, CHANGES)(random, instance))
  if (isMessage && random.below(6) === 0) options = { ...options, key: keyFor(random) }
  const { bundle } = makeBundle(instance, content, options)
  return specimen('signed with a change', bundle, file, instance)
}
