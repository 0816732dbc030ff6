import type { HashName } from '../core/digest.ts'
import { DIGEST_BYTES } from '../core/digest.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { parseJson } from '../core/json.ts'
import { isPresent, jsonReader } from '../core/json-reader.ts'
import { quote } from '../core/printable.ts'
import type { Certificate } from '../core/x509.ts'
import { ActionError } from '../errors.ts'
import { parseLeaf } from './leaf.ts'
import type { LogEntry } from './log-entry.ts'
import { parseLogEntry } from './log-entry-json.ts'

/** 32 MiB for a bundle or a line of bundles, 16 MiB for a payload. */
export const MAX_BUNDLE_BYTES = 32 * 1024 * 1024
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024
const MAX_DEPTH = 16
const MAX_ENTRIES = 32
const MAX_TIMESTAMPS = 32
const MAX_CHAIN = 10

export type BundleVersion = '0.1' | '0.2' | '0.3'

/** The four media types that name a bundle, as sigstore_bundle.proto gives them. */
export const MEDIA_TYPES: Readonly<Record<string, BundleVersion>> = {
  'application/vnd.dev.sigstore.bundle+json;version=0.1': '0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2': '0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3': '0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json': '0.3',
}

export type BundleKey =
  | { readonly kind: 'certificate'; readonly leaf: Certificate; readonly others: readonly Uint8Array[] }
  | { readonly kind: 'key'; readonly hint: string }

export interface MessageContent {
  readonly kind: 'message'
  readonly digest: { readonly hash: HashName; readonly value: Uint8Array }
  readonly signature: Uint8Array
}

export interface EnvelopeContent {
  readonly kind: 'envelope'
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly keyid: string
  readonly signature: Uint8Array
}

/** A bundle that has the right shape. Nothing in it has been verified. */
export interface Bundle {
  readonly version: BundleVersion
  readonly key: BundleKey
  readonly entries: readonly LogEntry[]
  /** DER TimeStampResp each. */
  readonly timestamps: readonly Uint8Array[]
  readonly content: MessageContent | EnvelopeContent
}

const HASHES: Readonly<Record<string, HashName>> = {
  SHA2_256: 'sha256',
  SHA2_384: 'sha384',
  SHA2_512: 'sha512',
}

const read = jsonReader('BUNDLE_FIELD', 'BUNDLE_BASE64')

/**
 * Reads a Sigstore bundle of any version (sigstore_bundle.proto, protobuf-JSON), refusing whatever no real bundle
 * has: other media types, unknown or doubled members, other base64, more than one content or key.
 */
export function parseBundle(source: Uint8Array | string): Bundle {
  const json = parseJson(
    source,
    {
      maxBytes: MAX_BUNDLE_BYTES,
      maxDepth: MAX_DEPTH,
      malformed: 'BUNDLE_PARSE',
      tooLarge: 'BUNDLE_TOO_LARGE',
      tooDeep: 'BUNDLE_TOO_DEEP',
      duplicate: 'BUNDLE_DUPLICATE_KEY',
    },
    'the bundle',
  )
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ActionError('BUNDLE_PARSE', 'the bundle is not a JSON object')
  }
  return parseBundleJson(json)
}

function parseBundleJson(json: Json): Bundle {
  const bundle = read.object(json, 'the bundle')
  const version = parseMediaType(bundle['mediaType'])
  read.object(json, 'the bundle', ['mediaType', 'verificationMaterial', 'messageSignature', 'dsseEnvelope'])
  const material = read.object(bundle['verificationMaterial'], 'verificationMaterial', [
    'certificate',
    'x509CertificateChain',
    'publicKey',
    'tlogEntries',
    'timestampVerificationData',
  ])
  const content = parseContent(bundle)
  return {
    version,
    key: parseKey(material, version),
    entries: parseEntries(material, version),
    timestamps: parseTimestamps(material),
    content,
  }
}

function parseMediaType(value: Json | undefined): BundleVersion {
  const version =
    typeof value === 'string' && Object.hasOwn(MEDIA_TYPES, value) ? MEDIA_TYPES[value] : undefined
  if (version !== undefined) return version
  throw new ActionError('BUNDLE_VERSION', 'mediaType is not that of a Sigstore bundle', {
    expected: Object.keys(MEDIA_TYPES).join(' or '),
    found: typeof value === 'string' ? quote(value) : 'none',
  })
}

function parseContent(bundle: JsonObject): MessageContent | EnvelopeContent {
  const message = bundle['messageSignature']
  const envelope = bundle['dsseEnvelope']
  if (isPresent(message) === isPresent(envelope)) {
    throw new ActionError('BUNDLE_CONTENT', 'the bundle needs one of messageSignature and dsseEnvelope')
  }
  return isPresent(message) ? parseMessage(message) : parseEnvelope(envelope)
}

function parseMessage(value: Json): MessageContent {
  const message = read.object(value, 'messageSignature', ['messageDigest', 'signature'])
  const signature = parseSignature(message['signature'], 'messageSignature.signature')
  return { kind: 'message', digest: parseMessageDigest(message['messageDigest']), signature }
}

/** A hint in sigstore_common.proto; every client writes it, and @sigstore/bundle calls a bundle without it malformed. */
function parseMessageDigest(value: Json | undefined): MessageContent['digest'] {
  if (!isPresent(value)) throw new ActionError('BUNDLE_FIELD', 'messageSignature has no messageDigest')
  const digest = read.object(value, 'messageDigest', ['algorithm', 'digest'])
  const name = read.text(digest['algorithm'], 'messageDigest.algorithm')
  const hash = Object.hasOwn(HASHES, name) ? HASHES[name] : undefined
  if (hash === undefined)
    throw new ActionError('BUNDLE_ALGORITHM', `messageDigest.algorithm is ${quote(name)}`)
  const bytes = read.bytes(digest['digest'], 'messageDigest.digest')
  if (bytes.length !== DIGEST_BYTES[hash]) {
    throw new ActionError(
      'BUNDLE_ALGORITHM',
      `messageDigest.digest has ${bytes.length} bytes, not those of ${name}`,
    )
  }
  return { hash, value: bytes }
}

function parseSignature(value: Json | undefined, where: string): Uint8Array {
  const signature = read.bytes(value, where)
  if (signature.length === 0) throw new ActionError('SIG_INVALID', `${where} is empty`)
  return signature
}

function parseEnvelope(value: Json | undefined): EnvelopeContent {
  const envelope = read.object(value, 'dsseEnvelope', ['payload', 'payloadType', 'signatures'])
  const signatures = read.list(envelope['signatures'], 'dsseEnvelope.signatures')
  if (signatures.length !== 1) {
    throw new ActionError('BUNDLE_CONTENT', `dsseEnvelope has ${signatures.length} signatures, not one`)
  }
  const signature = read.object(signatures[0], 'dsseEnvelope.signatures[0]', ['sig', 'keyid'])
  const payload = read.bytes(envelope['payload'], 'dsseEnvelope.payload')
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new ActionError('BUNDLE_TOO_LARGE', `dsseEnvelope.payload has ${payload.length} bytes`)
  }
  const keyid = signature['keyid']
  return {
    kind: 'envelope',
    payloadType: read.text(envelope['payloadType'], 'dsseEnvelope.payloadType'),
    payload,
    keyid: isPresent(keyid) ? read.text(keyid, 'dsseEnvelope.signatures[0].keyid') : '',
    signature: parseSignature(signature['sig'], 'dsseEnvelope.signatures[0].sig'),
  }
}

function parseKey(material: JsonObject, version: BundleVersion): BundleKey {
  const { certificate, x509CertificateChain: chain, publicKey } = material
  const given = [certificate, chain, publicKey].filter(isPresent).length
  if (given !== 1) {
    throw new ActionError(
      'BUNDLE_FIELD',
      `verificationMaterial has ${given} of certificate, chain and key, not one`,
    )
  }
  if (isPresent(publicKey)) return parseHint(publicKey)
  if (isPresent(certificate) !== (version === '0.3')) {
    throw new ActionError(
      'BUNDLE_FIELD',
      `a bundle of version ${version} holds its certificate in another member`,
    )
  }
  if (isPresent(certificate)) {
    return { kind: 'certificate', leaf: parseLeaf(parseRaw(certificate, 'certificate')), others: [] }
  }
  return parseChain(chain)
}

function parseHint(value: Json): BundleKey {
  const key = read.object(value, 'publicKey', ['hint'])
  const hint = key['hint']
  return { kind: 'key', hint: isPresent(hint) ? read.text(hint, 'publicKey.hint') : '' }
}

function parseRaw(value: Json | undefined, where: string): Uint8Array {
  return read.bytes(read.object(value, where, ['rawBytes'])['rawBytes'], `${where}.rawBytes`)
}

function parseChain(value: Json | undefined): BundleKey {
  const chain = read.object(value, 'x509CertificateChain', ['certificates'])
  const certificates = read.list(chain['certificates'], 'x509CertificateChain.certificates')
  if (certificates.length < 1 || certificates.length > MAX_CHAIN) {
    throw new ActionError('BUNDLE_CHAIN', `x509CertificateChain has ${certificates.length} certificates`)
  }
  const [leaf, ...others] = certificates.map((one, i) =>
    parseRaw(one, `x509CertificateChain.certificates[${i}]`),
  )
  return { kind: 'certificate', leaf: parseLeaf(leaf ?? new Uint8Array()), others }
}

function parseTimestamps(material: JsonObject): readonly Uint8Array[] {
  const data = material['timestampVerificationData']
  if (!isPresent(data)) return []
  const members = read.object(data, 'timestampVerificationData', ['rfc3161Timestamps'])
  const list = read.list(members['rfc3161Timestamps'], 'rfc3161Timestamps')
  if (list.length > MAX_TIMESTAMPS) {
    throw new ActionError('BUNDLE_TIMESTAMPS', `the bundle holds ${list.length} timestamps`)
  }
  return list.map((one, i) => {
    const where = `rfc3161Timestamps[${i}]`
    return read.bytes(
      read.object(one, where, ['signedTimestamp'])['signedTimestamp'],
      `${where}.signedTimestamp`,
    )
  })
}

function parseEntries(material: JsonObject, version: BundleVersion): readonly LogEntry[] {
  const list = read.list(material['tlogEntries'], 'tlogEntries')
  if (list.length > MAX_ENTRIES) {
    throw new ActionError('BUNDLE_TLOG', `the bundle holds ${list.length} log entries`)
  }
  return list.map((one, i) => parseBundleEntry(one, `tlogEntries[${i}]`, version))
}

function parseBundleEntry(value: Json, where: string, version: BundleVersion): LogEntry {
  const entry = parseLogEntry(value, where, read)
  // Optional in sigstore_rekor.proto; every client writes it, and @sigstore/bundle calls an entry without it malformed.
  if (entry.body.length === 0) throw new ActionError('TLOG_BODY', `${where} has no canonicalizedBody`)
  if (version === '0.1' && entry.promise === undefined) {
    throw new ActionError('TLOG_PROMISE', `${where} has no inclusionPromise, which version 0.1 demands`)
  }
  if (version !== '0.1' && entry.proof === undefined) {
    throw new ActionError(
      'TLOG_PROOF_MISSING',
      `${where} has no inclusionProof, which version ${version} demands`,
    )
  }
  return entry
}
