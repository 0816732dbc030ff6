import type { KeyObject } from 'node:crypto'
import { encodePae } from '../src/core/dsse.ts'
import { encodeCanonicalJson } from '../src/core/json.ts'
import { at, bytesAt, type Fields, hex, isFields, parseFields, textAt } from './fields.ts'
import { sha256 } from './keys.ts'
import { keyOfPem, signs, signsDigest } from './signature-check.ts'

/** What Rekor v1 refuses, with its status. */
export class EntryError extends Error {
  readonly status: 400 | 422

  constructor(status: 400 | 422, message: string) {
    super(message)
    this.status = status
  }
}

const invalid = (message: string): never => {
  throw new EntryError(400, `error processing entry: ${message}`)
}

const unfit = (message: string): never => {
  throw new EntryError(422, message)
}

const SIGNATURE_INVALID = 'verifying signature: invalid signature when validating ASN.1 encoded signature'

/** The canonical body of a proposed entry whose signatures are good (rekor pkg/types). EntryError for any other. */
export function canonicalBodyV1(json: Uint8Array): Uint8Array {
  const proposed = parseFields(json) ?? unfit('parsing body body from "" failed, because invalid JSON')
  const kind = textAt(proposed, 'kind') || unfit('kind in body is required')
  const version = textAt(proposed, 'apiVersion') || unfit('apiVersion in body is required')
  if (!isFields(at(proposed, 'spec'))) unfit('spec in body is required')
  if (kind !== 'hashedrekord' && kind !== 'dsse') unfit(`invalid kind value: "${kind}"`)
  if (version !== '0.0.1')
    invalid(`could not find version implementation for kind ${kind} version ${version}`)
  return kind === 'hashedrekord' ? hashedRekord(proposed) : dsse(proposed)
}

const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 }

function hashedRekord(proposed: Fields): Uint8Array {
  const signature =
    bytesAt(proposed, 'spec', 'signature', 'content') ?? unfit('spec.signature.content is required')
  const verifier = bytesAt(proposed, 'spec', 'signature', 'publicKey', 'content')
  const algorithm = textAt(proposed, 'spec', 'data', 'hash', 'algorithm')
  const value = textAt(proposed, 'spec', 'data', 'hash', 'value')
  const length =
    DIGEST_LENGTHS[algorithm] ?? unfit('spec.data.hash.algorithm should be one of [sha256 sha384 sha512]')
  if (!/^[0-9a-fA-F]+$/.test(value) || value.length !== length * 2) invalid('invalid value for hash')
  const { key, content } = readVerifier(verifier)
  if (key.asymmetricKeyType === 'ed25519') invalid('ed25519 unsupported for hashedrekord')
  if (!signsDigest(key, Buffer.from(value, 'hex'), signature)) invalid(SIGNATURE_INVALID)
  return encodeCanonicalJson({
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm, value: value.toLowerCase() } },
      signature: { content: Buffer.from(signature).toString('base64'), publicKey: { content } },
    },
  })
}

/** A key with its PEM as the log stores it. */
interface Verifier {
  readonly key: KeyObject
  readonly content: string
}

function readVerifier(pem: Uint8Array | undefined): Verifier {
  const text = Buffer.from(pem ?? invalid('public key is missing')).toString('latin1')
  const key = keyOfPem(text) ?? invalid('invalid public key: failure decoding PEM')
  return { key, content: Buffer.from(`${text.trim()}\n`).toString('base64') }
}

function dsse(proposed: Fields): Uint8Array {
  const envelopeText = textAt(proposed, 'spec', 'proposedContent', 'envelope')
  const envelope = parseFields(envelopeText) ?? invalid('DSSE envelope is not JSON')
  const payload = bytesAt(envelope, 'payload') ?? invalid('missing or malformed payload')
  const listed = at(proposed, 'spec', 'proposedContent', 'verifiers')
  const verifiers = (Array.isArray(listed) ? listed : []).map((one) => readVerifier(bytesAt({ one }, 'one')))
  if (verifiers.length === 0) unfit('spec.proposedContent.verifiers is required')
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
  if (signatures.length === 0) invalid('envelope has no signatures')
  return signatures.map((one) => one ?? invalid('malformed signature'))
}

function attribute(signature: Uint8Array, pae: Uint8Array, verifiers: readonly Verifier[]) {
  const verifier = verifiers.find(({ key }) => signs(key, pae, signature))
  if (verifier === undefined) return invalid('could not verify envelope')
  return { signature: Buffer.from(signature).toString('base64'), verifier: verifier.content }
}
