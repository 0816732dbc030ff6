import { parseBase64 } from '../core/base64.ts'
import { encodeHex, equalBytes, parseHex, parseUtf8 } from '../core/bytes.ts'
import { DIGEST_BYTES, digest, type HashName } from '../core/digest.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { isPresent, jsonReader } from '../core/json-reader.ts'
import { parsePem } from '../core/pem.ts'
import { ActionError } from '../errors.ts'
import type { EnvelopeContent } from './bundle.ts'
import { type EntryBody, mismatch, parseBody, type Signed, verifyLoggedDigest } from './log-body.ts'
import type { LogEntry } from './log-entry.ts'

const read = jsonReader('TLOG_BODY')

/** The body of a Rekor v1 entry, kept as the log stored it, held against signature, key and digest. */
export function verifyV1Body(entry: LogEntry, signed: Signed): EntryBody {
  const spec = parseBody(entry)
  if (signed.content.kind === 'message') return verifyHashedRekord(spec, entry, signed)
  if (entry.kind === 'dsse') verifyDsse(spec, signed, signed.content)
  else verifyIntoto(spec, signed, signed.content)
  return { api: 1, leaf: entry.body }
}

function verifyHashedRekord(spec: JsonObject, entry: LogEntry, signed: Signed): EntryBody {
  const signature = read.object(spec['signature'], 'spec.signature')
  const logged = read.bytes(signature['content'], 'spec.signature.content')
  if (!equalBytes(logged, signed.content.signature)) throw mismatch('signature')
  const publicKey = read.object(signature['publicKey'], 'spec.signature.publicKey')
  verifyLoggedKey(read.bytes(publicKey['content'], 'spec.signature.publicKey.content'), signed)
  const data = read.object(spec['data'], 'spec.data')
  const { hash, value } = parseHash(data['hash'], 'spec.data.hash')
  verifyLoggedDigest(hash, value, signed)
  return { api: 1, leaf: entry.body, hash }
}

const HASHES: readonly HashName[] = ['sha256', 'sha384', 'sha512']

function parseHash(value: Json | undefined, where: string): { hash: HashName; value: Uint8Array } {
  const members = read.object(value, where)
  const hash = HASHES.find((name) => name === members['algorithm'])
  const hex = read.text(members['value'], `${where}.value`)
  if (hash === undefined || hex.length !== 2 * DIGEST_BYTES[hash]) {
    throw new ActionError('TLOG_BODY', `${where} is not a digest that is supported`)
  }
  return { hash, value: parseHex(hex, 'TLOG_BODY', where) }
}

/** A key in a Rekor v1 entry is the PEM text of a certificate or public key: it must be ours, byte for byte. */
function verifyLoggedKey(pem: Uint8Array, signed: Signed): void {
  const { label, der } = parsePem(
    parseUtf8(pem, 'TLOG_BODY', 'the logged key'),
    'TLOG_BODY',
    'the logged key',
  )
  const [expectedLabel, expected] =
    signed.certificate === undefined
      ? ['PUBLIC KEY', signed.publicKey.spki]
      : ['CERTIFICATE', signed.certificate]
  if (label !== expectedLabel || !equalBytes(der, expected)) {
    throw mismatch(signed.certificate === undefined ? 'key' : 'certificate')
  }
}

function verifyPayloadHash(value: Json | undefined, content: EnvelopeContent): void {
  const { hash, value: logged } = parseHash(value, 'payloadHash')
  const expected = digest(hash, content.payload)
  if (equalBytes(expected, logged)) return
  throw mismatch('payload', { expected: encodeHex(expected), found: encodeHex(logged) })
}

/** One signature was made, so exactly one may be logged: another would be somebody else's. */
function onlySignature(value: Json | undefined, where: string): JsonObject {
  const signatures = read.list(value, where)
  if (signatures.length !== 1) throw mismatch(`number of signatures: ${signatures.length}`)
  return read.object(signatures[0], `${where}[0]`)
}

/** `envelopeHash` depends on the spelling of JSON that nobody kept, so it cannot be compared (protocol 4.1). */
function verifyDsse(spec: JsonObject, signed: Signed, content: EnvelopeContent): void {
  const signature = onlySignature(spec['signatures'], 'spec.signatures')
  const logged = read.bytes(signature['signature'], 'spec.signatures[0].signature')
  if (!equalBytes(logged, content.signature)) throw mismatch('signature')
  verifyLoggedKey(read.bytes(signature['verifier'], 'spec.signatures[0].verifier'), signed)
  verifyPayloadHash(spec['payloadHash'], content)
}

/** intoto 0.0.2 holds the signature in base64 twice. */
function verifyIntoto(spec: JsonObject, signed: Signed, content: EnvelopeContent): void {
  const inner = read.object(spec['content'], 'spec.content')
  const envelope = read.object(inner['envelope'], 'spec.content.envelope')
  const signature = onlySignature(envelope['signatures'], 'spec.content.envelope.signatures')
  const once = read.bytes(signature['sig'], 'spec.content.envelope.signatures[0].sig')
  const logged = parseBase64(
    parseUtf8(once, 'TLOG_BODY', 'the logged signature'),
    'TLOG_BODY',
    'the logged signature',
  )
  if (!equalBytes(logged, content.signature)) throw mismatch('signature')
  verifyLoggedKey(read.bytes(signature['publicKey'], 'spec.content.envelope.signatures[0].publicKey'), signed)
  const type = envelope['payloadType']
  if (isPresent(type) && type !== content.payloadType) throw mismatch('payload type')
  verifyPayloadHash(inner['payloadHash'], content)
}
