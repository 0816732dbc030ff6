import type { KeyObject } from 'node:crypto'
import { encodePae } from '../src/core/dsse.ts'
import { encodeCanonicalJson } from '../src/core/json.ts'
import { at, bytesAt, type Fields, hex, isFields, parseFields, textAt } from './fields.ts'
import { sha256 } from './keys.ts'
import { keyOfPem, signs, signsDigest } from './signature-check.ts'

/** What Rekor v1 does not log, with its status and the code in the answer. */
export class EntryError extends Error {
  readonly status: 400 | 422 | 500
  readonly code: number

  constructor(status: 400 | 422 | 500, message: string, code: number = status) {
    super(message)
    this.status = status
    this.code = code
  }
}

const invalid = (message: string): never => {
  throw new EntryError(400, `error processing entry: ${message}`)
}

/** The schema's members, in the words of go-openapi. */
const unfit = (message: string): never => invalid(`validation failure list:\n${message}`)

const missing = (name: string): never => {
  throw new EntryError(422, `${name} in body is required`, 602)
}

/** Rekor means to answer 400 for JSON that it cannot read, and answers 500. */
const unreadable = (message: string): never => {
  throw new EntryError(500, message)
}

/** The canonical body of a proposed entry whose signatures are good (rekor pkg/types). EntryError for any other. */
export function canonicalBodyV1(json: Uint8Array): Uint8Array {
  const proposed = readEntry(json)
  const kind = textAt(proposed, 'kind') || missing('kind')
  if (kind !== 'hashedrekord' && kind !== 'dsse') {
    throw new EntryError(422, `invalid kind value: "${kind}"`)
  }
  const version = textAt(proposed, 'apiVersion') || missing('apiVersion')
  if (!isFields(at(proposed, 'spec'))) missing('spec')
  if (version !== '0.0.1') {
    const reason = `unable to locate entry for version ${version}`
    invalid(`${kind} implementation for version '${version}' not found: ${reason}`)
  }
  return kind === 'hashedrekord' ? hashedRekord(proposed) : dsse(proposed)
}

function readEntry(json: Uint8Array): Fields {
  const text = Buffer.from(json).toString('utf8').trim()
  if (text === '') return missing('proposedEntry')
  const list = 'json: cannot unmarshal array into Go value of type models.targetedProposedEntry'
  return parseFields(text) ?? unreadable(text.startsWith('[') ? list : 'unexpected EOF')
}

const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 }

function hashedRekord(proposed: Fields): Uint8Array {
  const { algorithm, value } = readHash(proposed)
  const signature = readSignature(textAt(proposed, 'spec', 'signature', 'content'))
  const { key, content } = readVerifier(bytesAt(proposed, 'spec', 'signature', 'publicKey', 'content'))
  if (/[^0-9a-fA-F]/.test(value)) invalid(hexFault(value))
  if (signature.length === 0) invalid('verifying signature: X509 signature has not been initialized')
  if (key.asymmetricKeyType === 'ed25519') {
    invalid('verifying signature: unsupported hash algorithm: "SHA-256" not in [SHA-512]')
  }
  if (!signsDigest(key, Buffer.from(value, 'hex'), signature)) {
    const form = signature[0] === 0x30 ? 'ASN.1' : 'IEEE_P1363'
    invalid(`verifying signature: invalid signature when validating ${form} encoded signature`)
  }
  return encodeCanonicalJson({
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm, value } },
      signature: { content: Buffer.from(signature).toString('base64'), publicKey: { content } },
    },
  })
}

function readHash(proposed: Fields): { readonly algorithm: string; readonly value: string } {
  const hash = at(proposed, 'spec', 'data', 'hash')
  if (hash === undefined) unfit('data in body is required')
  const algorithm = textAt(hash, 'algorithm')
  const value = textAt(hash, 'value')
  const length =
    DIGEST_LENGTHS[algorithm] ??
    unfit('data.data.hash.data.hash.algorithm in body should be one of [sha256 sha384 sha512]')
  if (value.length !== length * 2) invalid('invalid value for hash')
  return { algorithm, value }
}

/** As encoding/hex complains about the first letter that is not of its own. */
function hexFault(value: string): string {
  const letter = /[^0-9a-fA-F]/.exec(value)?.[0] ?? ''
  const number = letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  return `encoding/hex: invalid byte: U+${number} '${letter}'`
}

function readSignature(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') === text) return new Uint8Array(bytes)
  const place = text.search(/[^A-Za-z0-9+/]/)
  return invalid(
    `failed parsing base64 data for signature content: illegal base64 data at input byte ${place}`,
  )
}

/** A key with its PEM as the log stores it. */
interface Verifier {
  readonly key: KeyObject
  readonly content: string
}

function readVerifier(pem: Uint8Array | undefined): Verifier {
  const text = Buffer.from(pem ?? invalid('missing public key')).toString('latin1')
  const key = keyOfPem(text) ?? invalid('invalid public key: failure decoding PEM')
  return { key, content: Buffer.from(`${text.trim()}\n`).toString('base64') }
}

const NO_JSON = 'unexpected end of JSON input'
const NO_SIGNATURES = 'DSSE envelope must contain 1 or more signatures'
const NO_PAYLOAD =
  'could not verify envelope: unable to base64 decode payload (is payload in the right format?)'
const UNVERIFIED =
  'could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1'

function dsse(proposed: Fields): Uint8Array {
  const envelopeText = textAt(proposed, 'spec', 'proposedContent', 'envelope')
  const listed = at(proposed, 'spec', 'proposedContent', 'verifiers')
  if (!Array.isArray(listed) || listed.length === 0) {
    return unfit('proposedContent.proposedContent.verifiers in body should have at least 1 items')
  }
  const envelope = parseFields(envelopeText) ?? invalid(NO_JSON)
  const verifiers = listed.map((one: unknown) => readVerifier(bytesAt({ one }, 'one')))
  const payload = bytesAt(envelope, 'payload') ?? invalid(NO_PAYLOAD)
  const pae = encodePae(textAt(envelope, 'payloadType'), payload)
  const signatures = envelopeSignatures(envelope).map((signature) => attribute(signature, pae, verifiers))
  return encodeCanonicalJson({
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: { algorithm: 'sha256', value: hex(sha256(Buffer.from(envelopeText))) },
      payloadHash: { algorithm: 'sha256', value: hex(sha256(payload)) },
      signatures: signatures.toSorted((a, b) => (a.signature < b.signature ? -1 : 1)),
    },
  })
}

function envelopeSignatures(envelope: Fields): readonly Uint8Array[] {
  const listed = at(envelope, 'signatures')
  const signatures = (Array.isArray(listed) ? listed : []).map((one) => bytesAt(one, 'sig'))
  if (signatures.length === 0) invalid(NO_SIGNATURES)
  return signatures.map((one) => one ?? invalid('malformed signature'))
}

function attribute(signature: Uint8Array, pae: Uint8Array, verifiers: readonly Verifier[]) {
  const verifier = verifiers.find(({ key }) => signs(key, pae, signature))
  if (verifier === undefined) return invalid(UNVERIFIED)
  return { signature: Buffer.from(signature).toString('base64'), verifier: verifier.content }
}
