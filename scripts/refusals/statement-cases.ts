import {
  ARTIFACT,
  ATTESTATION,
  byBytes,
  createInstance,
  FROM,
  instanceOf,
  iso,
  MINUTE,
  type Presented,
  presenterOf,
  rootWith,
  SECOND,
  STATEMENT,
  SUBJECT,
  sha256Hex,
  THEN,
  UNTIL,
} from '../../__tests__/sigstore/hostile-bundles.ts'
import type { Holder } from '../../sandbox/certificates.ts'
import { subjectAlternativeName } from '../../sandbox/extensions.ts'
import { createFulcioCa, createIntermediate, type LeafRequest } from '../../sandbox/fulcio-ca.ts'
import { createTsa } from '../../sandbox/tsa-authority.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { encodeNull } from '../../src/core/der-encode.ts'
import { ActionError } from '../../src/errors.ts'
import { artifactOfBytes } from '../../src/sigstore/artifact.ts'
import { parseBundle } from '../../src/sigstore/bundle.ts'
import { findPredicateFault, type Policy } from '../../src/sigstore/policy.ts'
import { verifyBundle } from '../../src/sigstore/verifier.ts'
import { type Case, shown, tried } from './case.ts'

const instance = createInstance()
const { trust, authorities } = instance
const { show, edit } = presenterOf(instance)
const leaf = (request: Partial<LeafRequest>): Presented => show({ leaf: request })

/** Really signed and logged over this payload. */
const payload = (statement: object | string, payloadType?: string): Presented =>
  show(
    {},
    {
      statement: typeof statement === 'string' ? encodeUtf8(statement) : statement,
      ...(payloadType !== undefined && { payloadType }),
    },
  )
const statement = (changes: Readonly<Record<string, unknown>>): Presented =>
  payload(JSON.parse(JSON.stringify({ ...STATEMENT, ...changes })))
const digests = (digest: unknown): Presented => statement({ subject: [{ name: 'demo.tgz', digest }] })
const sha256 = sha256Hex(ARTIFACT)
const another = sha256Hex(encodeUtf8('another'))

const envelopes: readonly Case[] = [
  ...['text/plain', '', 'application/vnd.in-toto+json; charset=utf-8', 'application/vnd.in-toto+JSON'].map(
    (type) =>
      shown(131, `payload type ${JSON.stringify(type)}`, 'STATEMENT_TYPE', () => payload(STATEMENT, type)),
  ),
  shown(132, 'no signature in the envelope', 'BUNDLE_CONTENT', () =>
    edit('dsseEnvelope.signatures', [], {}, ATTESTATION),
  ),
  shown(132, 'two signatures in the envelope', 'BUNDLE_CONTENT', () =>
    edit('dsseEnvelope.signatures', (list: readonly unknown[]) => [...list, ...list], {}, ATTESTATION),
  ),
  shown(133, 'a payload that is no JSON', 'STATEMENT_PARSE', () => payload('hello')),
  shown(133, 'JSON that is no statement', 'STATEMENT_PARSE', () => payload({ builder: 'x' })),
  shown(133, 'an unknown _type', 'STATEMENT_PARSE', () =>
    statement({ _type: 'https://in-toto.io/Statement/v2' }),
  ),
  shown(133, '(_type v0.1)', 'accepted', () => statement({ _type: 'https://in-toto.io/Statement/v0.1' })),
  shown(134, 'no subject member', 'STATEMENT_SUBJECTS', () => statement({ subject: undefined })),
  shown(134, 'subject: []', 'STATEMENT_SUBJECTS', () => statement({ subject: [] })),
  shown(134, 'subject: null', 'STATEMENT_SUBJECTS', () => statement({ subject: null })),
  shown(134, '1,025 subjects', 'STATEMENT_SUBJECTS', () =>
    statement({ subject: new Array(1025).fill(SUBJECT) }),
  ),
  shown(135, 'a subject without digest', 'STATEMENT_PARSE', () => digests(undefined)),
  shown(135, 'a subject with no digests', 'STATEMENT_SUBJECTS', () => digests({})),
  shown(135, 'an unknown algorithm alone', 'STATEMENT_SUBJECTS', () => digests({ blake3: sha256 })),
  shown(135, 'a digest in upper case', 'STATEMENT_SUBJECTS', () => digests({ sha256: sha256.toUpperCase() })),
  shown(135, 'a digest of another length', 'STATEMENT_SUBJECTS', () => digests({ sha256: sha256.slice(1) })),
  shown(136, 'the artifact is not among the subjects', 'SUBJECT_MISMATCH', () =>
    digests({ sha256: another }),
  ),
  shown(136, 'another artifact', 'SUBJECT_MISMATCH', () => ({
    ...show({}, ATTESTATION),
    artifact: artifactOfBytes(encodeUtf8('another')),
  })),
  shown(137, 'the same name, another digest', 'SUBJECT_MISMATCH', () =>
    statement({ subject: [{ ...SUBJECT, digest: { sha256: another } }] }),
  ),
  shown(137, '(the same digest, another name)', 'accepted', () =>
    statement({ subject: [{ ...SUBJECT, name: 'other' }] }),
  ),
  tried(138, 'another predicate type than was asked for', 'PREDICATE_TYPE', () =>
    ask(STATEMENT, 'https://spdx.dev/Document'),
  ),
  tried(138, 'a scan that says "failed", where nothing was asked for', 'PREDICATE_TYPE', () =>
    ask({ ...STATEMENT, predicateType: 'https://example.com/scan/v1', predicate: { result: 'failed' } }),
  ),
  shown(138, 'no predicate type', 'STATEMENT_PARSE', () => statement({ predicateType: undefined })),
  shown(139, '`subject` twice', 'STATEMENT_PARSE', () =>
    payload(JSON.stringify(STATEMENT).replace('{', '{"subject":[],')),
  ),
  shown(139, 'an escaped `subject` beside the plain one', 'STATEMENT_PARSE', () =>
    payload(JSON.stringify(STATEMENT).replace('{', '{"\\u0073ubject":[],')),
  ),
]

/** Good as a bundle; whether it counts is what `predicate-type` and its default decide. */
function ask(made: object, predicateType?: string): void {
  const policy: Policy = {
    issuer: '',
    server: '',
    ofGitHub: true,
    signer: { workflows: [] },
    unsafeTriggers: [],
    ...(predicateType !== undefined && { predicateType }),
  }
  const presented = payload(made)
  const bundle = parseBundle(encodeUtf8(JSON.stringify(presented.bundle)))
  const evidence = verifyBundle(bundle, byBytes, { trust, now: THEN + MINUTE })
  const fault = findPredicateFault(evidence, policy)
  if (fault !== undefined) throw new ActionError('PREDICATE_TYPE', fault)
}

const NAME = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'
const uri = (value: string) => ({ type: 'uri', value }) as const
const profiles: Readonly<Record<string, Partial<LeafRequest>>> = {
  'for servers only': { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] },
  'for no purpose': { change: (all) => all.filter(({ oid }) => oid !== '2.5.29.37') },
  'that is an authority': { basicConstraints: { ca: true } },
  'with an unknown critical extension': {
    change: (all) => [...all, { oid: '1.2.3.4', critical: true, value: encodeNull() }],
  },
  'that may not sign': { keyUsage: ['keyAgreement'] },
  'with a second name': { names: [uri(NAME), uri('x:y')] },
  'with an address and a URI': { names: [{ type: 'email', value: 'a@b.example' }, uri(NAME)] },
  'with two extensions of names': { change: (all) => [...all, subjectAlternativeName([uri(NAME)])] },
  'without any name': { names: [] },
}

/** Issued by this authority, which the trusted root lists with its root. */
function under(issuer: Holder, root: Holder): Presented {
  const list = [issuer, root].map(({ certificate }) => ({
    rawBytes: Buffer.from(certificate).toString('base64'),
  }))
  return {
    ...leaf({ issuer, notBefore: THEN }),
    trust: rootWith(instance, 'certificateAuthorities.0.certChain.certificates', list),
  }
}

const WIDE = { curve: 'P-256', notBefore: FROM, notAfter: UNTIL } as const

function expiredIntermediate(): Presented {
  const { root } = authorities.fulcio
  return under(createIntermediate(root, { ...WIDE, notAfter: THEN - SECOND }), root)
}

interface Window {
  readonly from: number
  readonly until: number
}

/** Something that is valid in this window, and a signature of `THEN` under it. */
const WINDOWS: Readonly<Record<string, { code: Case['code']; present: (window: Window) => Presented }>> = {
  leaf: {
    code: 'CERT_VALIDITY',
    present: ({ from, until }) => leaf({ notBefore: from, notAfter: until }),
  },
  intermediate: {
    code: 'CERT_VALIDITY',
    present: ({ from, until }) => {
      const { root } = authorities.fulcio
      return under(createIntermediate(root, { curve: 'P-256', notBefore: from, notAfter: until }), root)
    },
  },
  'root certificate': {
    code: 'CERT_VALIDITY',
    present: ({ from, until }) => {
      const { ctLog } = authorities.fulcio
      const { root } = createFulcioCa({ curve: 'P-256', notBefore: from, notAfter: until, ctLog })
      return under(createIntermediate(root, WIDE), root)
    },
  },
  'certificates of the timestamp authority': {
    code: 'TSA_TIME',
    present: ({ from, until }) => {
      const tsa = createTsa({ curve: 'P-256', notBefore: from, notAfter: until, hash: 'sha256' })
      const own = instanceOf({ ...authorities, tsa })
      return presenterOf(own).show({ logs: [2] })
    },
  },
  'certificate authority in the trusted root': {
    code: 'CERT_VALIDITY',
    present: ({ from, until }) => ({
      ...show(),
      trust: rootWith(instance, 'certificateAuthorities.0.validFor', { start: iso(from), end: iso(until) }),
    }),
  },
  'key of the log': {
    code: 'TLOG_UNKNOWN_LOG',
    present: ({ from, until }) => ({
      ...show(),
      trust: rootWith(instance, 'tlogs.0.publicKey.validFor', { start: iso(from), end: iso(until) }),
    }),
  },
  'key of the CT log': {
    code: 'SCT_UNKNOWN_LOG',
    present: ({ from, until }) => ({
      ...show(),
      trust: rootWith(instance, 'ctlogs.0.publicKey.validFor', { start: iso(from), end: iso(until) }),
    }),
  },
  'timestamp authority in the trusted root': {
    code: 'TSA_TIME',
    present: ({ from, until }) => ({
      ...show({ logs: [2] }),
      trust: rootWith(instance, 'timestampAuthorities.0.validFor', { start: iso(from), end: iso(until) }),
    }),
  },
}

/** Closed at both ends: before, first second, last second, after. */
export const WINDOW_CASES: readonly Case[] = Object.entries(WINDOWS).flatMap(([what, { code, present }]) => [
  shown(146, `${what}: signed a second before it begins`, code, () =>
    present({ from: THEN + SECOND, until: UNTIL }),
  ),
  shown(146, `(${what}: signed in its first second)`, 'accepted', () =>
    present({ from: THEN, until: UNTIL }),
  ),
  shown(146, `(${what}: signed in its last second)`, 'accepted', () => present({ from: FROM, until: THEN })),
  shown(146, `${what}: signed a second after it ended`, code, () =>
    present({ from: FROM, until: THEN - SECOND }),
  ),
])

const certificates: readonly Case[] = [
  ...Object.entries(profiles).map(([what, request]) =>
    shown(144, `a leaf ${what}`, 'CERT_PROFILE', () => leaf(request)),
  ),
  shown(145, 'an intermediate that had expired', 'CERT_VALIDITY', expiredIntermediate),
  ...WINDOW_CASES,
]

export const STATEMENT_CASES: readonly Case[] = [...envelopes, ...certificates]
