import { makeBundle } from '../../sandbox/bundles.ts'
import type { LeafRequest } from '../../sandbox/fulcio-ca.ts'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import { MEASURED } from '../../scripts/refusals/measured-cases.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { digest } from '../../src/core/digest.ts'
import { encodePae } from '../../src/core/dsse.ts'
import type { Json } from '../../src/core/json.ts'
import { artifactOfBytes, artifactOfDigests } from '../../src/sigstore/artifact.ts'
import {
  ARTIFACT,
  ATTESTATION,
  asVersion,
  byDigest,
  changed,
  createInstance,
  flipped,
  instanceOf,
  judge,
  MATERIAL,
  MESSAGE,
  make,
  PROOF,
  type Presented,
  presenterOf,
  STAMPS,
  STATEMENT,
  SUBJECT,
  THEN,
  trustOf,
} from './hostile-bundles.ts'

const instance = createInstance()
const { trust, authorities, rootJson } = instance

const { show, edit, trusting } = presenterOf(instance)
const leaf = (request: Partial<LeafRequest>): Presented => show({ leaf: request })
const stranger = make(instance)

judge('the cases that a popular library was measured with', 46, MEASURED)

const PAE = encodePae('application/vnd.in-toto+json', Buffer.from(JSON.stringify(STATEMENT)))
const other = encodeUtf8('another file')
const SHA512_OF_ARTIFACT = {
  algorithm: 'SHA2_512',
  digest: Buffer.from(digest('sha512', ARTIFACT)).toString('base64'),
}

judge('the signature and what it is over', 16, [
  ['another file', 'SIG_DIGEST', () => ({ ...show(), artifact: artifactOfBytes(other), file: other })],
  [
    'another digest',
    'SIG_DIGEST',
    () => ({
      ...show(),
      artifact: artifactOfDigests({ sha256: digest('sha256', other) }),
      incomparable: true,
    }),
  ],
  ['no digest in the bundle', 'BUNDLE_FIELD', () => edit('messageSignature.messageDigest', undefined)],
  [
    'the right digest by another hash than was signed and logged, v1',
    'TLOG_MISMATCH',
    () => edit('messageSignature.messageDigest', SHA512_OF_ARTIFACT),
  ],
  [
    'the right digest by another hash than was signed and logged, v2',
    'TLOG_MISMATCH',
    () => edit('messageSignature.messageDigest', SHA512_OF_ARTIFACT, { logs: [2] }),
  ],
  [
    'a digest in the bundle that is another file’s',
    'SIG_DIGEST',
    () => edit('messageSignature.messageDigest.digest', flipped),
  ],
  [
    'a digest in the bundle by a hash that nobody asked for, artifact known by another',
    'SIG_DIGEST',
    () => ({
      ...edit('messageSignature.messageDigest', {
        algorithm: 'SHA2_512',
        digest: Buffer.from(digest('sha512', other)).toString('base64'),
      }),
      artifact: byDigest,
      incomparable: true,
    }),
  ],
  ['a flipped signature everywhere, v1', 'SIG_INVALID', () => show({ signature: spoil })],
  ['a flipped signature everywhere, v2', 'SIG_INVALID', () => show({ logs: [2], signature: spoil })],
  [
    'a flipped signature everywhere, by digest',
    'SIG_INVALID',
    () => ({ ...show({ signature: spoil }), artifact: byDigest }),
  ],
  ['a flipped signature of an attestation', 'SIG_INVALID', () => show({ signature: spoil }, ATTESTATION)],
  [
    'a signature by another key, logged with our certificate',
    'SIG_INVALID',
    () => show({ signature: () => generateEcdsaKey().sign(ARTIFACT) }),
  ],
  ['the other form of a signature', 'TLOG_MISMATCH', () => edit('messageSignature.signature', twin)],
  ['an empty signature', 'SIG_INVALID', () => edit('messageSignature.signature', '')],
  [
    'a signature in 64 bytes, logged so',
    'SIG_INVALID',
    () => show({ signature: () => new Uint8Array(64).fill(7) }),
  ],
  [
    'a signature with a byte behind it, logged so',
    'SIG_INVALID',
    () => show({ signature: (bytes) => Uint8Array.of(...bytes, 0) }),
  ],
  [
    'ten kilobytes of signature',
    'SIG_INVALID',
    () => show({ signature: () => new Uint8Array(10_240).fill(1) }),
  ],
  [
    'a file that begins as an attestation',
    'FILE_LOOKS_SIGNED',
    () => ({ ...show({ logs: [2] }, { artifact: PAE }), artifact: artifactOfBytes(PAE), file: PAE }),
  ],
  [
    'an attestation passed off as a message signature over its encoding',
    'FILE_LOOKS_SIGNED',
    () => {
      const { bundle, signature } = make(instance, { logs: [2] }, ATTESTATION)
      const bare = changed(bundle, 'dsseEnvelope', undefined)
      const messageSignature = {
        messageDigest: {
          algorithm: 'SHA2_256',
          digest: Buffer.from(digest('sha256', PAE)).toString('base64'),
        },
        signature: Buffer.from(signature).toString('base64'),
      }
      return {
        bundle: changed(bare, 'messageSignature', messageSignature),
        artifact: artifactOfBytes(PAE),
        file: PAE,
        trust,
      }
    },
  ],
  [
    'a payload that was not signed',
    'TLOG_MISMATCH',
    () => edit('dsseEnvelope.payload', withSpace, { logs: [2] }, ATTESTATION),
  ],
  [
    'a payload that was logged and not signed',
    'SIG_INVALID',
    () => show({ signature: () => stranger.key.sign(PAE) }, ATTESTATION),
  ],
])

function withSpace(text: string): string {
  return Buffer.concat([Buffer.from(text, 'base64'), Buffer.from(' ')]).toString('base64')
}

function spoil(signature: Uint8Array): Uint8Array {
  return signature.with(-1, (signature.at(-1) ?? 0) ^ 1)
}

/** (r, n - s): as good a signature, but not the one that was logged. */
function twin(text: string): string {
  const bytes = Buffer.from(text, 'base64')
  const rEnd = 4 + (bytes[3] ?? 0)
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const s = order - BigInt(`0x${bytes.subarray(rEnd + 2).toString('hex')}`)
  const hex = s
    .toString(16)
    .padStart(64, '0')
    .replace(/^(?:00)+(?=..)/, '')
  const content = Buffer.from(Number.parseInt(hex.slice(0, 2), 16) > 0x7f ? `00${hex}` : hex, 'hex')
  const inner = Buffer.concat([bytes.subarray(2, rEnd), Buffer.from([2, content.length]), content])
  return Buffer.concat([Buffer.from([0x30, inner.length]), inner]).toString('base64')
}

const GITHUB_LIKE = changed(changed(rootJson, 'tlogs', []), 'ctlogs', []) as Json

/** P6: each list that can be empty, at each level. */
judge('nothing verified is failure', 14, [
  ['no entries', 'TLOG_MISSING', () => edit(`${MATERIAL}.tlogEntries`, [])],
  ['absent entries', 'TLOG_MISSING', () => edit(`${MATERIAL}.tlogEntries`, undefined)],
  ['no timestamps where nothing else gives a time', 'TIME_MISSING', () => edit(STAMPS, [], { logs: [2] })],
  [
    'absent timestamps where nothing else gives a time',
    'TIME_MISSING',
    () => edit(`${MATERIAL}.timestampVerificationData`, undefined, { logs: [2] }),
  ],
  ['no SCTs', 'SCT_MISSING', () => leaf({ sct: { kind: 'none' } })],
  [
    'an empty chain',
    'BUNDLE_CHAIN',
    () => ({
      bundle: changed(asVersion(show().bundle, '0.2'), `${MATERIAL}.x509CertificateChain.certificates`, []),
      trust,
    }),
  ],
  [
    'no signatures in the envelope',
    'BUNDLE_CONTENT',
    () => edit('dsseEnvelope.signatures', [], {}, ATTESTATION),
  ],
  ['no subjects', 'STATEMENT_SUBJECTS', () => show({}, { statement: { ...STATEMENT, subject: [] } })],
  [
    'a subject without digests',
    'STATEMENT_SUBJECTS',
    () => show({}, { statement: { ...STATEMENT, subject: [{ ...SUBJECT, digest: {} }] } }),
  ],
  ['no hashes in the proof', 'TLOG_PROOF', () => edit(`${PROOF}.hashes`, [])],
  [
    'no signatures under the checkpoint',
    'TLOG_CHECKPOINT',
    () => edit(`${PROOF}.checkpoint.envelope`, unsigned),
  ],
  ['no authorities', 'CERT_CHAIN', () => trusting('certificateAuthorities', [])],
  [
    'authorities without certificates',
    'CERT_CHAIN',
    () => trusting('certificateAuthorities.0.certChain.certificates', []),
  ],
  ['no timestamp authorities', 'TSA_SIGNER', () => trusting('timestampAuthorities', [])],
  ['no logs', 'TLOG_UNKNOWN_LOG', () => trusting('tlogs', [])],
  ['no CT logs', 'SCT_UNKNOWN_LOG', () => trusting('ctlogs', [])],
  [
    'no logs at all, which does not make a private instance GitHub’s',
    'TLOG_MISSING',
    () => ({
      ...edit(`${MATERIAL}.tlogEntries`, undefined),
      trust: trustOf(GITHUB_LIKE),
    }),
  ],
  [
    'an artifact of which nothing is known',
    'SIG_DIGEST',
    () => ({ ...show(), artifact: artifactOfDigests({}), incomparable: true }),
  ],
  [
    'an attestation for an artifact of which nothing is known',
    'SUBJECT_MISMATCH',
    () => ({ ...show({}, ATTESTATION), artifact: artifactOfDigests({}), incomparable: true }),
  ],
])

function unsigned(envelope: string): string {
  return envelope.slice(0, envelope.indexOf('\n\n') + 2)
}

const elsewhere = createInstance()

judge('whole bundles of elsewhere', 3, [
  [
    'another instance, none of it known',
    'TLOG_UNKNOWN_LOG',
    () => ({ bundle: make(elsewhere).bundle, trust }),
  ],
  [
    'another instance that logs where we look',
    'CERT_CHAIN',
    () => ({
      bundle: make(instanceOf({ ...authorities, fulcio: elsewhere.authorities.fulcio })).bundle,
      trust,
    }),
  ],
  [
    'a bundle of the future',
    'TLOG_TIME',
    () => ({ bundle: makeBundle(instance, MESSAGE, { at: THEN + 2 * 3_600_000 }).bundle, trust }),
  ],
])
