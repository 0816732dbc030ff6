import { encodeBase64 } from '../core/base64.ts'
import { equalBytes } from '../core/bytes.ts'
import type { HashName } from '../core/digest.ts'
import { encodeCanonicalJson, type JsonObject } from '../core/json.ts'
import { isPresent, jsonReader } from '../core/json-reader.ts'
import { quote } from '../core/printable.ts'
import type { PublicKey } from '../core/public-key.ts'
import { ActionError } from '../errors.ts'
import { type EntryBody, mismatch, parseBody, type Signed, verifyLoggedDigest } from './log-body.ts'
import type { LogEntry } from './log-entry.ts'

const read = jsonReader('TLOG_BODY')

const HASHES: Readonly<Record<string, HashName>> = {
  SHA2_256: 'sha256',
  SHA2_384: 'sha384',
  SHA2_512: 'sha512',
}

/** The algorithms of Rekor v2 (rekor-tiles algorithm registry) as the key decides them: name, and hash. */
export function keyDetailsOf(key: PublicKey): { readonly details: string; readonly hash: HashName } {
  if (key.type === 'ecdsa') {
    if (key.curve === 'P-256') return { details: 'PKIX_ECDSA_P256_SHA_256', hash: 'sha256' }
    if (key.curve === 'P-384') return { details: 'PKIX_ECDSA_P384_SHA_384', hash: 'sha384' }
    return { details: 'PKIX_ECDSA_P521_SHA_512', hash: 'sha512' }
  }
  if (key.type === 'rsa' && [2048, 3072, 4096].includes(key.bits)) {
    return { details: `PKIX_RSA_PKCS1V15_${key.bits}_SHA256`, hash: 'sha256' }
  }
  throw new ActionError('CERT_KEY', `a Rekor v2 log takes no ${key.type} key of this kind`)
}

/**
 * The canonical body of a Rekor v2 entry, built from what the bundle itself holds (Rekor v2 specification 6.1.4): the
 * proof is then for these bytes, and no comparison can be forgotten. The stored body must be the same bytes.
 */
export function rebuildV2Body(entry: LogEntry, signed: Signed): EntryBody {
  const { details, hash } = keyDetailsOf(signed.publicKey)
  verifyStoredBody(entry, signed, details)
  const leaf = encodeV2Body(signed, details, hash)
  if (!equalBytes(entry.body, leaf)) {
    throw new ActionError('TLOG_BODY', 'the body of the log entry is not written as the log writes it')
  }
  return { api: 2, leaf, hash }
}

function encodeV2Body(signed: Signed, keyDetails: string, hash: HashName): Uint8Array {
  const digest = signed.signedBytes.digest(hash)
  if (digest === undefined) {
    throw new ActionError('SIG_DIGEST', `the signature is over a ${hash} digest: give that one, or the file`)
  }
  const key =
    signed.certificate === undefined
      ? { publicKey: { rawBytes: encodeBase64(signed.publicKey.spki) } }
      : { x509Certificate: { rawBytes: encodeBase64(signed.certificate) } }
  return encodeCanonicalJson({
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        data: { algorithm: `SHA2_${hash.slice(3)}`, digest: encodeBase64(digest) },
        signature: { content: encodeBase64(signed.content.signature), verifier: { keyDetails, ...key } },
      },
    },
  })
}

/** Says which part differs, before the proof over the rebuilt body would fail without saying why. */
function verifyStoredBody(entry: LogEntry, signed: Signed, details: string): void {
  const spec = read.object(parseBody(entry)['hashedRekordV002'], 'spec.hashedRekordV002')
  const signature = read.object(spec['signature'], 'spec.hashedRekordV002.signature')
  const content = read.bytes(signature['content'], 'spec.hashedRekordV002.signature.content')
  if (!equalBytes(content, signed.content.signature)) throw mismatch('signature')
  verifyStoredKey(
    read.object(signature['verifier'], 'spec.hashedRekordV002.signature.verifier'),
    signed,
    details,
  )
  const data = read.object(spec['data'], 'spec.hashedRekordV002.data')
  const algorithm = read.text(data['algorithm'], 'spec.hashedRekordV002.data.algorithm')
  const hash = Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined
  if (hash === undefined)
    throw new ActionError('TLOG_BODY', `the log entry names the hash ${quote(algorithm)}`)
  verifyLoggedDigest(hash, read.bytes(data['digest'], 'spec.hashedRekordV002.data.digest'), signed)
}

function verifyStoredKey(verifier: JsonObject, signed: Signed, details: string): void {
  const member = signed.certificate === undefined ? 'publicKey' : 'x509Certificate'
  const key = verifier[member]
  if (!isPresent(key)) throw mismatch('kind of key')
  const raw = read.bytes(read.object(key, member)['rawBytes'], `${member}.rawBytes`)
  if (!equalBytes(raw, signed.certificate ?? signed.publicKey.spki)) {
    throw mismatch(signed.certificate === undefined ? 'key' : 'certificate')
  }
  const found = read.text(verifier['keyDetails'], 'keyDetails')
  if (found !== details) throw mismatch('algorithm', { expected: details, found: quote(found) })
}
