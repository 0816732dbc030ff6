import { ActionError } from '../errors.ts'
import { concatBytes } from './bytes.ts'
import { expectTag, parseDer, TAG } from './der.ts'
import { encodeOctetString } from './der-encode.ts'
import type { HashName } from './digest.ts'

/** RFC 6962: the promise of a certificate transparency log, embedded in the certificate. */
export interface Sct {
  readonly logId: Uint8Array
  /** Milliseconds since 1970. */
  readonly timestamp: number
  /** Opaque, and part of what is signed; static logs put the index of the leaf here. */
  readonly extensions: Uint8Array
  readonly hash: HashName
  readonly signatureType: 'ecdsa' | 'rsa'
  readonly signature: Uint8Array
}

export const SCT_LIST_OID = '1.3.6.1.4.1.11129.2.4.2'
/** Marks a precertificate; a final certificate must not have it. It is critical, so parsing refuses it. */
export const POISON_OID = '1.3.6.1.4.1.11129.2.4.3'

const CODE = 'SCT_INVALID'
const MAX_SCTS = 16

const malformed = (why: string): ActionError => new ActionError(CODE, `the list of SCTs ${why}`)

interface Reader {
  readonly take: (length: number) => Uint8Array
  /** Big-endian, at most six octets. */
  readonly number: (length: number) => number
  readonly left: () => number
}

function readerOf(bytes: Uint8Array): Reader {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw malformed('ends early')
    at += length
    return bytes.subarray(at - length, at)
  }
  const number = (length: number): number => take(length).reduce((value, octet) => value * 256 + octet, 0)
  return { take, number, left: () => bytes.length - at }
}

/** The extension's value: an OCTET STRING around a TLS list (3.3). Every length must be used up exactly. */
export function parseSctList(value: Uint8Array): readonly Sct[] {
  const inner = expectTag(
    parseDer(value, CODE, 'the SCT extension'),
    TAG.octetString,
    CODE,
    'the SCT extension',
  )
  const outer = readerOf(inner.content)
  const list = readerOf(outer.take(outer.number(2)))
  if (outer.left() > 0) throw malformed('has something behind it')
  const scts: Sct[] = []
  while (list.left() > 0) {
    scts.push(parseSct(list.take(list.number(2))))
    if (scts.length > MAX_SCTS) throw malformed('is longer than any real one')
  }
  return scts
}

const HASHES: Readonly<Record<number, HashName>> = { 4: 'sha256', 5: 'sha384', 6: 'sha512' }
const SIGNATURES: Readonly<Record<number, Sct['signatureType']>> = { 1: 'rsa', 3: 'ecdsa' }

function parseSct(bytes: Uint8Array): Sct {
  const reader = readerOf(bytes)
  if (reader.number(1) !== 0) throw malformed('has an SCT of another version')
  const logId = reader.take(32)
  const high = reader.number(2)
  const timestamp = reader.number(6)
  if (high !== 0 || timestamp > Number.MAX_SAFE_INTEGER) throw malformed('has an impossible time')
  const extensions = reader.take(reader.number(2))
  const hash = HASHES[reader.number(1)]
  const signatureType = SIGNATURES[reader.number(1)]
  const signature = reader.take(reader.number(2))
  if (hash === undefined || signatureType === undefined)
    throw malformed('names an algorithm that is not accepted')
  if (reader.left() > 0) throw malformed('has something behind an SCT')
  return { logId, timestamp, extensions, hash, signatureType, signature }
}

function encodeNumber(value: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = length - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256
  return bytes
}

const HASH_NUMBERS: Readonly<Record<HashName, number>> = { sha256: 4, sha384: 5, sha512: 6 }

/** The extension's value for these SCTs. */
export function encodeSctList(scts: readonly Sct[]): Uint8Array {
  const encoded = scts.map((sct) => {
    const one = concatBytes(
      Uint8Array.of(0),
      sct.logId,
      encodeNumber(sct.timestamp, 8),
      encodeNumber(sct.extensions.length, 2),
      sct.extensions,
      Uint8Array.of(HASH_NUMBERS[sct.hash], sct.signatureType === 'ecdsa' ? 3 : 1),
      encodeNumber(sct.signature.length, 2),
      sct.signature,
    )
    return concatBytes(encodeNumber(one.length, 2), one)
  })
  const list = concatBytes(...encoded)
  return encodeOctetString(concatBytes(encodeNumber(list.length, 2), list))
}

/** What the log signed for a precertificate (3.2): `tbs` is the TBSCertificate without the list of SCTs. */
export function encodeSctSignedData(
  { timestamp, extensions }: Pick<Sct, 'timestamp' | 'extensions'>,
  issuerKeyHash: Uint8Array,
  tbs: Uint8Array,
): Uint8Array {
  return concatBytes(
    Uint8Array.of(0, 0),
    encodeNumber(timestamp, 8),
    encodeNumber(1, 2),
    issuerKeyHash,
    encodeNumber(tbs.length, 3),
    tbs,
    encodeNumber(extensions.length, 2),
    extensions,
  )
}
