import { encodeHex } from '../core/bytes.ts'
import type { HashName } from '../core/digest.ts'
import type { JsonObject } from '../core/json.ts'
import { parseJson } from '../core/json.ts'
import { jsonReader } from '../core/json-reader.ts'
import { printable } from '../core/printable.ts'
import type { PublicKey } from '../core/public-key.ts'
import { ActionError } from '../errors.ts'
import { type Artifact, sameDigest } from './artifact.ts'
import type { EnvelopeContent, MessageContent } from './bundle.ts'
import type { LogEntry } from './log-entry.ts'

/** The one tuple that everything in a bundle must be about. */
export interface Signed {
  readonly content: MessageContent | EnvelopeContent
  readonly publicKey: PublicKey
  /** DER of the certificate; absent for a long-lived key. */
  readonly certificate?: Uint8Array
  /** What was signed: the file of a message signature, the pre-authentication encoding of an envelope. */
  readonly signedBytes: Artifact
}

export interface EntryBody {
  /** Version of the Rekor API that made the entry. */
  readonly api: 1 | 2
  /** The bytes of the Merkle leaf. */
  readonly leaf: Uint8Array
  /** The hash of the signature, where the entry names it. */
  readonly hash?: HashName
}

const MAX_BODY = 32 * 1024 * 1024
const read = jsonReader('TLOG_BODY')

export const mismatch = (what: string, options: { expected?: string; found?: string } = {}): ActionError =>
  new ActionError('TLOG_MISMATCH', `the log entry is about another ${what}`, options)

/** The body of an entry, whose own kind and version must be those that the bundle claims. Returns `spec`. */
export function parseBody(entry: LogEntry): JsonObject {
  const json = parseJson(
    entry.body,
    {
      maxBytes: MAX_BODY,
      maxDepth: 16,
      malformed: 'TLOG_BODY',
      tooLarge: 'TLOG_BODY',
      tooDeep: 'TLOG_BODY',
      duplicate: 'TLOG_BODY',
    },
    'the body of the log entry',
  )
  const body = read.object(json, 'the body of the log entry', ['apiVersion', 'kind', 'spec'])
  const kind = read.text(body['kind'], 'kind of the log entry')
  const version = read.text(body['apiVersion'], 'apiVersion of the log entry')
  if (kind !== entry.kind || version !== entry.version) {
    throw new ActionError('TLOG_KIND', 'the bundle names another kind of entry than the log signed', {
      expected: printable(`${entry.kind} ${entry.version}`),
      found: printable(`${kind} ${version}`),
    })
  }
  return read.object(body['spec'], 'spec of the log entry')
}

/**
 * The entry names the hash that was signed, and the bundle names the same one: @sigstore/verify takes the bundle's word
 * for it, so that two different hashes would mean two different signatures.
 */
export function verifyLoggedDigest(hash: HashName, logged: Uint8Array, signed: Signed): void {
  const { content } = signed
  if (content.kind === 'message' && content.digest.hash !== hash) {
    throw mismatch('hash', { expected: `${content.digest.hash}, as messageDigest says`, found: hash })
  }
  if (sameDigest(signed.signedBytes, hash, logged)) return
  const ours = signed.signedBytes.digest(hash)
  if (ours === undefined) {
    throw new ActionError('SIG_DIGEST', `the signature is over a ${hash} digest: give that one, or the file`)
  }
  throw mismatch('artifact', {
    expected: `${hash}:${encodeHex(ours)}`,
    found: `${hash}:${encodeHex(logged)}`,
  })
}
