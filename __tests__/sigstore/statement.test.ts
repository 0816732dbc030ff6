import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeHex, encodeUtf8 } from '../../src/core/bytes.ts'
import { digest } from '../../src/core/digest.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { type Artifact, artifactOfDigests } from '../../src/sigstore/artifact.ts'
import { verifySubject } from '../../src/sigstore/statement.ts'
import {
  ARTIFACT,
  byDigest,
  createInstance,
  judge,
  type Presented,
  presenterOf,
  type Row,
  STATEMENT,
  SUBJECT,
} from './hostile-bundles.ts'

const instance = createInstance()
const { show } = presenterOf(instance)
const sha256 = SUBJECT.digest.sha256
const sha384 = encodeHex(digest('sha384', ARTIFACT))
const sha512 = encodeHex(digest('sha512', ARTIFACT))
const OTHER = '0'.repeat(64)
const OTHER_512 = '0'.repeat(128)

/** Really signed and logged, whatever it is. */
const signed = (statement: object | Uint8Array | string): Presented =>
  show({}, { statement: typeof statement === 'string' ? encodeUtf8(statement) : statement })
const subjects = (subject: unknown): Presented => signed({ ...STATEMENT, subject })
const digests = (one: unknown): Presented => subjects([{ name: 'demo.tgz', digest: one }])
const row = (what: string, verdict: ErrorCode | 'accepted', make: () => Presented): Row => [
  what,
  verdict,
  make,
]
const TEXT = JSON.stringify(STATEMENT)

test('the subjects of a statement cost one digest of the file, however many there are', () => {
  const others = Array.from({ length: 1023 }, (_, i) => ({
    digest: { sha256: i.toString(16).padStart(64, '0') },
  }))
  const statement = {
    type: STATEMENT._type,
    predicateType: STATEMENT.predicateType,
    subjects: [...others, SUBJECT],
    payload: new Uint8Array(),
  }
  let asked = 0
  const counting: Artifact = {
    ...byDigest,
    digest: (hash) => {
      asked += 1
      return byDigest.digest(hash)
    },
  }
  assert.equal(verifySubject(statement, counting), SUBJECT)
  assert.equal(asked, 1)
})

judge('the statement as a whole', 30, [
  row('v1', 'accepted', () => signed(STATEMENT)),
  row('v0.1', 'accepted', () => signed({ ...STATEMENT, _type: 'https://in-toto.io/Statement/v0.1' })),
  row('no predicate', 'accepted', () => signed({ ...STATEMENT, predicate: undefined })),
  row('an unknown member', 'accepted', () => signed({ ...STATEMENT, extra: 1 })),
  row('a predicate 100 deep', 'accepted', () =>
    signed(TEXT.replace('{}', `${'['.repeat(100)}${']'.repeat(100)}`)),
  ),
  row('white space around it', 'accepted', () => signed(` ${TEXT}\n`)),
  ...[
    'https://in-toto.io/Statement/v2',
    'https://in-toto.io/Statement/v1/',
    'https://in-toto.io/statement/v1',
    'http://in-toto.io/Statement/v1',
    'https://in-toto.io/Statement/v1 ',
    '',
  ].map((_type) =>
    row(`_type ${JSON.stringify(_type)}`, 'STATEMENT_PARSE', () => signed({ ...STATEMENT, _type })),
  ),
  row('no _type', 'STATEMENT_PARSE', () => signed({ ...STATEMENT, _type: undefined })),
  row('a _type that is a list', 'STATEMENT_PARSE', () => signed({ ...STATEMENT, _type: [STATEMENT._type] })),
  row('no predicate type', 'STATEMENT_PARSE', () => signed({ ...STATEMENT, predicateType: undefined })),
  row('an empty predicate type', 'STATEMENT_PARSE', () => signed({ ...STATEMENT, predicateType: '' })),
  row('a predicate type that is a number', 'STATEMENT_PARSE', () =>
    signed({ ...STATEMENT, predicateType: 1 }),
  ),
  row('nothing', 'STATEMENT_PARSE', () => signed('')),
  row('no JSON', 'STATEMENT_PARSE', () => signed('hello')),
  row('cut', 'STATEMENT_PARSE', () => signed(TEXT.slice(0, -1))),
  row('null', 'STATEMENT_PARSE', () => signed('null')),
  row('a list', 'STATEMENT_PARSE', () => signed(`[${TEXT}]`)),
  row('a text that holds a statement', 'STATEMENT_PARSE', () => signed(JSON.stringify(TEXT))),
  row('two statements', 'STATEMENT_PARSE', () => signed(`${TEXT}${TEXT}`)),
  row('a byte order mark', 'STATEMENT_PARSE', () => signed(`\ufeff${TEXT}`)),
  row('no UTF-8', 'STATEMENT_PARSE', () => signed(Uint8Array.of(...encodeUtf8(TEXT), 0xff))),
  row('129 deep', 'STATEMENT_PARSE', () =>
    signed(TEXT.replace('{}', `${'['.repeat(129)}${']'.repeat(129)}`)),
  ),
  row('subject twice', 'STATEMENT_PARSE', () =>
    signed(TEXT.replace('{', `{"subject":[{"digest":{"sha256":"${OTHER}"}}],`)),
  ),
  row('_type twice', 'STATEMENT_PARSE', () => signed(TEXT.replace('{', '{"_type":"x",'))),
  row('a digest twice', 'STATEMENT_PARSE', () =>
    signed(TEXT.replace('"sha256":', `"sha256":"${OTHER}","sha256":`)),
  ),
  row('__proto__', 'STATEMENT_PARSE', () => signed(TEXT.replace('{', '{"__proto__":{},'))),
  ...[
    'application/json',
    'application/vnd.in-toto+JSON',
    'application/vnd.in-toto+json ',
    'application/vnd.in-toto+json; charset=utf-8',
    'text/plain',
    '',
  ].map((payloadType) =>
    row(`payload type ${JSON.stringify(payloadType)}`, 'STATEMENT_TYPE', () =>
      show({}, { statement: STATEMENT, payloadType }),
    ),
  ),
])

judge('the subjects', 34, [
  row('one of 1024', 'accepted', () => subjects([...many(1023), SUBJECT])),
  row('1025', 'STATEMENT_SUBJECTS', () => subjects([...many(1024), SUBJECT])),
  row('none', 'STATEMENT_SUBJECTS', () => subjects([])),
  row('absent', 'STATEMENT_SUBJECTS', () => subjects(undefined)),
  row('null', 'STATEMENT_SUBJECTS', () => subjects(null)),
  row('an object', 'STATEMENT_PARSE', () => subjects(SUBJECT)),
  row('a text', 'STATEMENT_PARSE', () => subjects('demo.tgz')),
  row('a subject that is null', 'STATEMENT_PARSE', () => subjects([null])),
  row('a subject that is a text', 'STATEMENT_PARSE', () => subjects(['demo.tgz'])),
  row('a name that is a number', 'STATEMENT_PARSE', () => subjects([{ ...SUBJECT, name: 1 }])),
  row('no name', 'accepted', () => subjects([{ digest: SUBJECT.digest }])),
  row('another name', 'accepted', () => subjects([{ ...SUBJECT, name: 'other.tgz' }])),
  row('the name alone', 'STATEMENT_PARSE', () => subjects([{ name: 'demo.tgz' }])),
  row('our name, another digest', 'SUBJECT_MISMATCH', () => digests({ sha256: OTHER })),
  row('no digests', 'STATEMENT_SUBJECTS', () => digests({})),
  row('digests that are null', 'STATEMENT_PARSE', () => digests(null)),
  row('a digest that is a number', 'STATEMENT_PARSE', () => digests({ sha256: 1 })),
  row('a digest in upper case', 'STATEMENT_SUBJECTS', () => digests({ sha256: sha256.toUpperCase() })),
  row('a digest in base64', 'STATEMENT_SUBJECTS', () =>
    digests({ sha256: Buffer.from(sha256, 'hex').toString('base64') }),
  ),
  row('a digest with its algorithm before it', 'STATEMENT_SUBJECTS', () =>
    digests({ sha256: `sha256:${sha256}` }),
  ),
  row('a digest too short', 'STATEMENT_SUBJECTS', () => digests({ sha256: sha256.slice(2) })),
  row('a digest too long', 'STATEMENT_SUBJECTS', () => digests({ sha256: `${sha256}00` })),
  row('a digest of another hash’s length', 'STATEMENT_SUBJECTS', () => digests({ sha512: sha256 })),
  row('an empty digest', 'STATEMENT_SUBJECTS', () => digests({ sha256: '' })),
  row('an algorithm in upper case alone', 'STATEMENT_SUBJECTS', () => digests({ SHA256: sha256 })),
  row('an algorithm with a hyphen alone', 'STATEMENT_SUBJECTS', () => digests({ 'sha-256': sha256 })),
  row('an algorithm that nobody knows alone', 'STATEMENT_SUBJECTS', () =>
    digests({ gitCommit: '0'.repeat(40) }),
  ),
  row('our digest under another algorithm', 'STATEMENT_SUBJECTS', () => digests({ sha3_256: sha256 })),
  row('an algorithm called like a member of every object', 'STATEMENT_SUBJECTS', () =>
    digests({ constructor: sha256 }),
  ),
  row('ours beside one that nobody knows', 'accepted', () => digests({ sha256, gitCommit: '0'.repeat(40) })),
  row('ours beside a subject that nobody can compare', 'accepted', () =>
    subjects([{ digest: { gitCommit: '1' } }, SUBJECT]),
  ),
  row('33 digests', 'STATEMENT_SUBJECTS', () =>
    digests({ ...Object.fromEntries(many(32).map((_, i) => [`h${i}`, ''])), sha256 }),
  ),
  row('sha512 alone', 'accepted', () => digests({ sha512 })),
  row('sha384 alone', 'accepted', () => digests({ sha384 })),
  row('all three', 'accepted', () => digests({ sha256, sha384, sha512 })),
  row('sha256 ours, sha512 another', 'SUBJECT_MISMATCH', () => digests({ sha256, sha512: OTHER_512 })),
  row('sha512 ours, sha256 another', 'SUBJECT_MISMATCH', () => digests({ sha256: OTHER, sha512 })),
  row('sha256 of one subject, sha512 of another', 'SUBJECT_MISMATCH', () =>
    subjects([{ digest: { sha256, sha512: OTHER_512 } }, { digest: { sha256: OTHER, sha512 } }]),
  ),
  row('sha512 where only sha256 is known', 'SUBJECT_MISMATCH', () => ({
    ...digests({ sha512 }),
    artifact: byDigest,
  })),
  row('the digest of nothing for an artifact that nobody knows', 'SUBJECT_MISMATCH', () => ({
    ...digests({ sha256: encodeHex(digest('sha256', new Uint8Array())) }),
    artifact: artifactOfDigests({}),
  })),
])

function many(count: number): object[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `other-${i}`,
    digest: { sha256: i.toString(16).padStart(64, '0') },
  }))
}
