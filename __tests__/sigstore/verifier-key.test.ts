import type { BodyJson, BundleOptions } from '../../sandbox/bundles.ts'
import { generateEcdsaKey, generateEd25519Key, type SigningKey } from '../../sandbox/keys.ts'
import type { Json } from '../../src/core/json.ts'
import { parsePublicKeyPem } from '../../src/core/public-key.ts'
import { verifyIdentity, verifyManagedKey } from '../../src/sigstore/policy.ts'
import {
  ADDRESSES,
  ATTESTATION,
  changed,
  createInstance,
  judge,
  MATERIAL,
  MESSAGE,
  make,
  type Presented,
  presenterOf,
  type Row,
} from './hostile-bundles.ts'

const instance = createInstance()
const { trust } = instance
const { show } = presenterOf(instance)
const KEY_HINT = 'our key'

const named = (path: string, value: unknown) => (body: unknown) => changed(body, path, value)

/** What the log holds of a long-lived key: the key where a certificate would stand. */
function loggedKey(body: BodyJson, log: 1 | 2, key: Pick<SigningKey, 'pem' | 'spki'>): BodyJson {
  const pem = Buffer.from(key.pem).toString('base64')
  const rawBytes = Buffer.from(key.spki).toString('base64')
  const verifier = 'spec.hashedRekordV002.signature.verifier'
  const isMessage = JSON.stringify(body).includes('"publicKey"')
  const v1 = isMessage ? 'spec.signature.publicKey.content' : 'spec.signatures.0.verifier'
  const made =
    log === 1
      ? named(v1, pem)(body)
      : named(`${verifier}.publicKey`, { rawBytes })(named(`${verifier}.x509Certificate`, undefined)(body))
  return made as Json
}

interface Managed {
  readonly key?: SigningKey
  /** Stands in the log instead of the signer's. */
  readonly logged?: SigningKey
  readonly hint?: unknown
  readonly keyid?: string
  readonly content?: typeof MESSAGE
  readonly options?: BundleOptions
}

function managed({
  key = generateEcdsaKey(),
  logged = key,
  content = MESSAGE,
  ...more
}: Managed = {}): Presented {
  const { bundle } = make(
    instance,
    { key, body: (body, log) => loggedKey(body, log, logged), ...more.options },
    content,
  )
  const bare = changed(bundle, `${MATERIAL}.certificate`, undefined)
  const hinted = changed(bare, `${MATERIAL}.publicKey`, {
    hint: more.hint === undefined ? KEY_HINT : more.hint,
  })
  const whole =
    more.keyid === undefined ? hinted : changed(hinted, 'dsseEnvelope.signatures.0.keyid', more.keyid)
  return { bundle: whole, trust, key: parsePublicKeyPem(key.pem, 'INPUT_VALUE'), policy: verifyManagedKey }
}

const withKey = ({ key: _, ...rest }: Presented, key: SigningKey): Presented => ({
  ...rest,
  key: parsePublicKeyPem(key.pem, 'INPUT_VALUE'),
})
const withoutKey = ({ key: _, policy: __, ...rest }: Presented): Presented => rest

const CONTENTS = { 'message signature': MESSAGE, attestation: ATTESTATION }
const honest: Row[] = Object.entries(CONTENTS).flatMap(([kind, content]) =>
  ([1, 2] as const).map(
    (log): Row => [
      `(${kind}, Rekor v${log})`,
      'accepted',
      () => managed({ content, options: { logs: [log] } }),
    ],
  ),
)
const other = generateEcdsaKey()

judge('bundles of long-lived keys', 18, [
  ...honest,
  ['(a P-384 key)', 'accepted', () => managed({ key: generateEcdsaKey('P-384') })],
  [
    '(an Ed25519 key in an attestation)',
    'accepted',
    () => managed({ key: generateEd25519Key(), content: ATTESTATION }),
  ],
  ['(no hint)', 'accepted', () => managed({ hint: null })],
  ['(a key id that is the hint)', 'accepted', () => managed({ content: ATTESTATION, keyid: KEY_HINT })],
  ['no key given', 'BUNDLE_KEY', () => withoutKey(managed())],
  [
    'no key given, an identity asked for',
    'BUNDLE_KEY',
    () => ({
      ...withoutKey(managed()),
      policy: (evidence) => verifyIdentity(evidence, { name: KEY_HINT, issuer: ADDRESSES.issuer }),
    }),
  ],
  [
    'the right key, an identity asked for',
    'BUNDLE_KEY',
    () => ({
      ...managed({ hint: 'octo' }),
      policy: (evidence) => verifyIdentity(evidence, { name: 'octo', issuer: '' }),
    }),
  ],
  ['a certificate and a key given', 'BUNDLE_KEY', () => withKey(show(), other)],
  ['a certificate of the very key that is given', 'BUNDLE_KEY', () => withKey(show({ key: other }), other)],
  ['another key than signed', 'TLOG_MISMATCH', () => withKey(managed(), other)],
  [
    'another key than signed, Rekor v2',
    'TLOG_MISMATCH',
    () => withKey(managed({ options: { logs: [2] } }), other),
  ],
  ['another key than is logged', 'TLOG_MISMATCH', () => managed({ logged: other })],
  [
    'the key given is logged, another one signed',
    'SIG_INVALID',
    () => withKey(managed({ logged: other }), other),
  ],
  [
    'a certificate of the key in the log',
    'TLOG_MISMATCH',
    () => managed({ options: { body: (body) => body } }),
  ],
  [
    'a certificate of the key in a v2 log',
    'TLOG_MISMATCH',
    () => managed({ options: { logs: [2], body: (body) => body } }),
  ],
  ['a key id that is not the hint', 'BUNDLE_KEY', () => managed({ content: ATTESTATION, keyid: 'another' })],
  ['a hint that is a number', 'BUNDLE_FIELD', () => managed({ hint: 7 })],
  [
    'the key itself in the bundle',
    'BUNDLE_FIELD',
    () => {
      const presented = managed()
      const rawBytes = Buffer.from(other.spki).toString('base64')
      return { ...presented, bundle: changed(presented.bundle, `${MATERIAL}.publicKey.rawBytes`, rawBytes) }
    },
  ],
  ['no time', 'TIME_MISSING', () => managed({ options: { logs: [2], timestamps: [] } })],
  [
    'no entry',
    'TLOG_MISSING',
    () => {
      const presented = managed()
      return { ...presented, bundle: changed(presented.bundle, `${MATERIAL}.tlogEntries`, []) }
    },
  ],
])
