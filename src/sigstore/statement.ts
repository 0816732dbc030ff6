import { encodeHex } from '../core/bytes.ts'
import type { HashName } from '../core/digest.ts'
import { DIGEST_BYTES } from '../core/digest.ts'
import type { Json } from '../core/json.ts'
import { parseJson } from '../core/json.ts'
import { isPresent, jsonReader } from '../core/json-reader.ts'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import { type Artifact, hexDigests } from './artifact.ts'
import { type EnvelopeContent, MAX_PAYLOAD_BYTES } from './bundle.ts'
import type { Statement, StatementSubject } from './evidence.ts'

export const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json'
const TYPES = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1']
const MAX_SUBJECTS = 1024
const MAX_DIGESTS = 32
const SUPPORTED: readonly HashName[] = ['sha256', 'sha384', 'sha512']

const read = jsonReader('STATEMENT_PARSE')

/** An in-toto statement, v1 or v0.1 (in-toto attestation spec/v1/statement.md). Unknown members are ignored, as it asks. */
export function parseStatement(content: EnvelopeContent): Statement {
  const known = parsed.get(content)
  if (known !== undefined) return known
  const statement = parsePayload(content)
  parsed.set(content, statement)
  return statement
}

/** A statement over many files is read once, not once for each of them. */
const parsed = new WeakMap<EnvelopeContent, Statement>()

function parsePayload(content: EnvelopeContent): Statement {
  if (content.payloadType !== IN_TOTO_PAYLOAD) {
    throw new ActionError('STATEMENT_TYPE', 'the envelope does not hold an in-toto statement', {
      expected: IN_TOTO_PAYLOAD,
      found: quote(content.payloadType),
    })
  }
  const json = parseJson(
    content.payload,
    {
      maxBytes: MAX_PAYLOAD_BYTES,
      maxDepth: 128,
      malformed: 'STATEMENT_PARSE',
      tooLarge: 'STATEMENT_PARSE',
      tooDeep: 'STATEMENT_PARSE',
      duplicate: 'STATEMENT_PARSE',
    },
    'the statement',
  )
  return parseMembers(json, content.payload)
}

function parseMembers(json: Json, payload: Uint8Array): Statement {
  const statement = read.object(json, 'the statement')
  const type = read.text(statement['_type'], '_type of the statement')
  if (!TYPES.includes(type))
    throw new ActionError('STATEMENT_PARSE', `_type of the statement is ${quote(type)}`)
  const predicateType = read.text(statement['predicateType'], 'predicateType')
  if (predicateType === '') throw new ActionError('STATEMENT_PARSE', 'predicateType is empty')
  const list = read.list(statement['subject'], 'subject')
  if (list.length < 1 || list.length > MAX_SUBJECTS) {
    throw new ActionError('STATEMENT_SUBJECTS', `the statement has ${list.length} subjects`)
  }
  const subjects = list.map(parseSubject)
  if (!subjects.some(({ digest }) => SUPPORTED.some((hash) => Object.hasOwn(digest, hash)))) {
    throw new ActionError(
      'STATEMENT_SUBJECTS',
      'no subject of the statement has a digest that can be compared',
      {
        expected: SUPPORTED.join(' or '),
      },
    )
  }
  return { type, predicateType, subjects, payload }
}

function parseSubject(value: Json, i: number): StatementSubject {
  const where = `subject[${i}]`
  const subject = read.object(value, where)
  const members = Object.entries(read.object(subject['digest'], `${where}.digest`))
  if (members.length < 1 || members.length > MAX_DIGESTS) {
    throw new ActionError('STATEMENT_SUBJECTS', `${where} has ${members.length} digests`)
  }
  const digest = Object.fromEntries(members.map(([name, text]) => [name, parseDigest(name, text, where)]))
  const name = subject['name']
  return isPresent(name) ? { name: read.text(name, `${where}.name`), digest } : { digest }
}

function parseDigest(name: string, value: Json, where: string): string {
  const text = read.text(value, `${where}.digest`)
  const hash = SUPPORTED.find((one) => one === name)
  if (hash !== undefined && !(text.length === DIGEST_BYTES[hash] * 2 && /^[0-9a-f]+$/.test(text))) {
    throw new ActionError('STATEMENT_SUBJECTS', `${where}.digest.${hash} is not a digest`)
  }
  return text
}

/**
 * SUBJECT_MISMATCH unless a subject of the statement is this artifact: one digest at least that both know, and none
 * that differs. Names decide nothing.
 */
export function verifySubject(statement: Statement, artifact: Artifact): StatementSubject {
  const ours = hexDigests(artifact)
  const found = statement.subjects.find((subject) => isAbout(subject, ours))
  if (found !== undefined) return found
  const sha256 = artifact.digest('sha256')
  throw new ActionError('SUBJECT_MISMATCH', 'no subject of the statement is this artifact', {
    expected: sha256 === undefined ? 'the digest asked for' : `sha256:${encodeHex(sha256)}`,
    found: `${statement.subjects.length} other subject${statement.subjects.length === 1 ? '' : 's'}`,
  })
}

/** SUBJECT_NAME unless the statement, which is about the artifact, calls it so. */
export function verifySubjectName(statement: Statement, artifact: Artifact, name: string): void {
  const ours = hexDigests(artifact)
  const names = statement.subjects.filter((one) => isAbout(one, ours)).map((one) => one.name)
  if (names.includes(name)) return
  const shown = names.slice(0, 3).map((one) => (one === undefined ? 'no name' : quote(one)))
  throw new ActionError('SUBJECT_NAME', `the attestation does not name ${quote(name)}`, {
    expected: quote(name),
    found: shown.join(', '),
  })
}

/** One digest at least that both know, and none that differs. */
function isAbout({ digest }: StatementSubject, ours: ReturnType<typeof hexDigests>): boolean {
  const known = SUPPORTED.filter((hash) => Object.hasOwn(digest, hash) && ours(hash) !== undefined)
  return known.length > 0 && known.every((hash) => ours(hash) === digest[hash])
}
