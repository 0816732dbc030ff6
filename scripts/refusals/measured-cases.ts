import type { VerificationPolicy } from '@sigstore/verify'
import {
  ADDRESSES,
  ATTESTATION,
  asVersion,
  changed,
  createInstance,
  ENTRY,
  flipped,
  MATERIAL,
  make,
  PROOF,
  type Presented,
  presenterOf,
  type Row,
  STATEMENT,
  valueAt,
} from '../../__tests__/sigstore/hostile-bundles.ts'
import type { BundleContent } from '../../sandbox/bundles.ts'
import { githubClaims } from '../../sandbox/claims.ts'
import { type ExtensionFields, subjectAlternativeName } from '../../sandbox/extensions.ts'
import type { LeafRequest } from '../../sandbox/fulcio-ca.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { encodeNull } from '../../src/core/der-encode.ts'
import type { Json } from '../../src/core/json.ts'
import { parseCertificate } from '../../src/core/x509.ts'
import { artifactOfBytes } from '../../src/sigstore/artifact.ts'
import type { Evidence } from '../../src/sigstore/evidence.ts'
import { type Policy, verifyIdentity, verifyPolicy } from '../../src/sigstore/policy.ts'

const instance = createInstance()
const { trust } = instance

const { show, edit, trusting } = presenterOf(instance)
const leaf = (request: Partial<LeafRequest>): Presented => show({ leaf: request })
const body = (log: 1 | 2, path: string, value: unknown, content?: BundleContent): Presented =>
  show({ logs: [log], body: (one) => changed(one, path, value) as Json }, content)
const without =
  (oid: string) =>
  (extensions: readonly ExtensionFields[]): readonly ExtensionFields[] =>
    extensions.filter((one) => one.oid !== oid)
const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const NAME = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'
const ISSUER = ADDRESSES.issuer
const named = (name: string): Presented => ({
  ...leaf({ names: [{ type: 'uri', value: name }] }),
  policy: (evidence) => verifyIdentity(evidence, { name: NAME, issuer: ISSUER }),
  theirs: { subjectAlternativeName: NAME, extensions: { issuer: ISSUER } },
})
const judged = (policy: (evidence: Evidence) => unknown, theirs: VerificationPolicy = {}): Presented => ({
  ...show(),
  policy,
  theirs,
})

const POLICY: Policy = {
  issuer: ISSUER,
  server: 'https://github.com',
  ofGitHub: true,
  signer: {
    workflows: [{ repository: 'octo/demo', path: '.github/workflows/release.yml', ref: 'refs/heads/main' }],
  },
  unsafeTriggers: [],
}
const onMain = (ref: string): Presented => ({
  ...leaf({ identity: { iss: ISSUER, ...githubClaims({ ref }) } }),
  policy: (evidence) => verifyPolicy(evidence, POLICY),
  // As a recipe would write it, careful about both ends.
  theirs: {
    subjectAlternativeName:
      '^https://github\\.com/octo/demo/\\.github/workflows/release\\.yml@.*refs/heads/main$',
    extensions: { issuer: ISSUER },
  },
})

const stranger = make(instance)
const otherLeaf = parseCertificate(stranger.leaf.certificate)
const strangerPem = Buffer.from(stranger.leaf.pem).toString('base64')

/** What @sigstore/verify was measured with; it accepts most of these (all are refused by their own code here). */
export const MEASURED: readonly Row[] = [
  [
    'an entry that names an unrelated key',
    'TLOG_MISMATCH',
    () => body(1, 'spec.signature.publicKey.content', strangerPem),
  ],
  ['an entry that names no key', 'TLOG_BODY', () => body(1, 'spec.signature.publicKey', undefined)],
  [
    'a name that a dot as wildcard would allow',
    'IDENTITY_MISMATCH',
    () => named(NAME.replace('release.yml', 'releaseXyml')),
  ],
  ['a name that goes on', 'IDENTITY_MISMATCH', () => named(`${NAME}-evil`)],
  ['a name that begins earlier', 'IDENTITY_MISMATCH', () => named(`https://evil.example/${NAME}`)],
  ['a name that climbs', 'IDENTITY_MISMATCH', () => named(`${NAME}/../x`)],
  ['a branch called x@refs/heads/main', 'IDENTITY_MISMATCH', () => onMain('refs/heads/x@refs/heads/main')],
  ['(the branch that is meant)', 'accepted', () => onMain('refs/heads/main')],
  [
    'a policy of empty texts',
    'IDENTITY_MISMATCH',
    () => judged((evidence) => verifyIdentity(evidence, { name: '', issuer: '' })),
  ],
  [
    'a policy without a name',
    'IDENTITY_MISMATCH',
    () =>
      judged((evidence) => verifyIdentity(evidence, { name: '', issuer: ISSUER }), {
        subjectAlternativeName: '',
        extensions: { issuer: ISSUER },
      }),
  ],
  [
    'a policy without an issuer',
    'IDENTITY_MISMATCH',
    () =>
      judged((evidence) => verifyIdentity(evidence, { name: NAME, issuer: '' }), {
        subjectAlternativeName: NAME,
      }),
  ],
  [
    'a policy of another certificate of the same signer',
    'IDENTITY_MISMATCH',
    () => ({
      ...judged((evidence) =>
        verifyIdentity(evidence, { name: NAME, issuer: ISSUER, certificate: otherLeaf }),
      ),
      incomparable: true,
    }),
  ],
  [
    'a policy without a workflow',
    'IDENTITY_MISMATCH',
    () => judged((evidence) => verifyPolicy(evidence, { ...POLICY, signer: { workflows: [] } })),
  ],
  [
    'a policy with an empty name beside good claims',
    'IDENTITY_MISMATCH',
    () =>
      judged((evidence) => verifyPolicy(evidence, { ...POLICY, signer: { name: '' } }), { extensions: {} }),
  ],
  [
    'an attestation of another artifact',
    'SUBJECT_MISMATCH',
    () => ({ ...show({}, ATTESTATION), artifact: artifactOfBytes(encodeUtf8('other')) }),
  ],
  ['a payload that is not JSON', 'STATEMENT_PARSE', () => show({}, { statement: encodeUtf8('hello') })],
  [
    'a payload of type text/plain',
    'STATEMENT_TYPE',
    () => show({}, { statement: STATEMENT, payloadType: 'text/plain' }),
  ],
  [
    'a media type with junk',
    'BUNDLE_VERSION',
    () => edit('mediaType', 'application/vnd.dev.sigstore.bundle.v9.9+jsonJUNK'),
  ],
  [
    'a bundle 0.3 written as 0.1, its proof removed',
    'TLOG_PROOF_MISSING',
    () => ({ bundle: changed(asVersion(show().bundle, '0.1'), PROOF, undefined), trust }),
  ],
  ['an unknown member', 'BUNDLE_FIELD', () => edit('extra', 1)],
  [
    'a member twice',
    'BUNDLE_DUPLICATE_KEY',
    () => {
      const text = JSON.stringify(show().bundle)
      return { bundle: encodeUtf8(`{"mediaType":"x",${text.slice(1)}`), trust }
    },
  ],
  [
    'base64 with junk in it',
    'BUNDLE_BASE64',
    () => edit('messageSignature.signature', (text: string) => `${text.slice(0, 8)}!${text.slice(8)}`),
  ],
  [
    'a message signature and an envelope',
    'BUNDLE_CONTENT',
    () => edit('dsseEnvelope', valueAt(show({}, ATTESTATION).bundle, 'dsseEnvelope')),
  ],
  ['a root hash that is not the checkpoint’s', 'TLOG_PROOF', () => edit(`${PROOF}.rootHash`, flipped)],
  [
    'a tree size that is not the checkpoint’s',
    'TLOG_PROOF',
    () => edit(`${PROOF}.treeSize`, (size: string) => String(Number(size) + 1)),
  ],
  [
    'a chain in a bundle 0.3',
    'BUNDLE_FIELD',
    () => ({ bundle: changed(asVersion(show().bundle, '0.2'), 'mediaType', MEDIA_TYPE), trust }),
  ],
  [
    'a chain whose second certificate is garbage',
    'BUNDLE_CHAIN',
    () => {
      const path = `${MATERIAL}.x509CertificateChain.certificates`
      const add = (list: unknown[]): unknown[] => [...list, { rawBytes: 'Z2FyYmFnZQ==' }]
      return { bundle: changed(asVersion(show().bundle, '0.2'), path, add), trust }
    },
  ],
  ['a leaf for servers only', 'CERT_PROFILE', () => leaf({ extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] })],
  ['a leaf for no purpose', 'CERT_PROFILE', () => leaf({ change: without('2.5.29.37') })],
  ['a leaf that is an authority', 'CERT_PROFILE', () => leaf({ basicConstraints: { ca: true } })],
  [
    'a leaf with an unknown critical extension',
    'CERT_PROFILE',
    () => leaf({ change: (all) => [...all, { oid: '1.2.3.4', critical: true, value: encodeNull() }] }),
  ],
  ['a leaf that may not sign', 'CERT_PROFILE', () => leaf({ keyUsage: ['keyAgreement'] })],
  [
    'a leaf with a second name',
    'CERT_PROFILE',
    () =>
      leaf({
        names: [
          { type: 'uri', value: NAME },
          { type: 'uri', value: `${NAME}2` },
        ],
      }),
  ],
  [
    'a leaf with an address and a URI',
    'CERT_PROFILE',
    () =>
      leaf({
        names: [
          { type: 'email', value: 'a@example.com' },
          { type: 'uri', value: NAME },
        ],
      }),
  ],
  [
    'a leaf with two extensions of names',
    'CERT_PROFILE',
    () => leaf({ change: (all) => [...all, subjectAlternativeName([{ type: 'uri', value: NAME }])] }),
  ],
  [
    'an authority without a start of validity',
    'CERT_CHAIN',
    () => trusting('certificateAuthorities.0.validFor', { end: '2040-01-01T00:00:00Z' }),
  ],
  ['a log without a start of validity', 'TLOG_UNKNOWN_LOG', () => trusting('tlogs.0.publicKey.validFor', {})],
  ['no promise of certificate transparency', 'SCT_MISSING', () => leaf({ sct: { kind: 'none' } })],
  ['no log entry', 'TLOG_MISSING', () => edit(`${MATERIAL}.tlogEntries`, [])],
  ['no time', 'TIME_MISSING', () => show({ logs: [2], timestamps: [] })],
  [
    'two entries of one log',
    'TLOG_DUPLICATE',
    () => edit(`${MATERIAL}.tlogEntries`, (list: unknown[]) => [...list, ...list]),
  ],
  [
    'an entry of ours and one with the key of another',
    'TLOG_MISMATCH',
    () =>
      edit(`${MATERIAL}.tlogEntries`, (list: unknown[]) => [
        ...list,
        valueAt(body(1, 'spec.signature.publicKey.content', strangerPem).bundle, ENTRY),
      ]),
  ],
  ['an id of another log', 'TLOG_UNKNOWN_LOG', () => edit(`${ENTRY}.logId.keyId`, flipped)],
  [
    'a time without a promise',
    'TIME_MISSING',
    () => edit(`${ENTRY}.inclusionPromise`, undefined, { timestamps: [] }),
  ],
  [
    'another hash algorithm than was used',
    'BUNDLE_ALGORITHM',
    () => edit('messageSignature.messageDigest.algorithm', 'SHA2_512'),
  ],
  ['a certificate and a key', 'BUNDLE_FIELD', () => edit(`${MATERIAL}.publicKey`, { hint: 'mine' })],
  ['a trusted root without authorities', 'CERT_CHAIN', () => trusting('certificateAuthorities', [])],
  ['a trusted root without logs', 'TLOG_UNKNOWN_LOG', () => trusting('tlogs', [])],
  ['a trusted root without CT logs', 'SCT_UNKNOWN_LOG', () => trusting('ctlogs', [])],
]
