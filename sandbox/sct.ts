import { concatBytes } from '../src/core/bytes.ts'

/** Big-endian, as TLS writes numbers. */
export function bigEndian(value: number, bytes: number): Uint8Array {
  const octets = new Uint8Array(bytes)
  let rest = value
  for (let i = bytes - 1; i >= 0; i -= 1) {
    octets[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return octets
}

/** A vector with its length in front (RFC 8446 3.4). */
export const vector = (lengthBytes: number, content: Uint8Array): Uint8Array =>
  concatBytes(bigEndian(content.length, lengthBytes), content)

export interface SctFields {
  readonly logId: Uint8Array
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly extensions: Uint8Array
  readonly signature: Uint8Array
}

/** RFC 6962 3.2; SHA-256 and ECDSA. */
export const encodeSct = ({ logId, timestamp, extensions, signature }: SctFields): Uint8Array =>
  concatBytes(
    Uint8Array.of(0),
    logId,
    bigEndian(timestamp, 8),
    vector(2, extensions),
    Uint8Array.of(4, 3),
    vector(2, signature),
  )

/** RFC 6962 3.3. */
export const encodeSctList = (scts: readonly Uint8Array[]): Uint8Array =>
  vector(2, concatBytes(...scts.map((sct) => vector(2, sct))))

export interface Precertificate {
  /** SHA-256 of the issuer's SPKI. */
  readonly issuerKeyHash: Uint8Array
  /** The leaf's TBSCertificate without SCT list. */
  readonly tbs: Uint8Array
}

/** The entry of a log: what an SCT signs and what a leaf holds differ in their first two bytes' meaning alone. */
export const encodeTimestampedEntry = (
  { issuerKeyHash, tbs }: Precertificate,
  timestamp: number,
  extensions: Uint8Array,
): Uint8Array =>
  concatBytes(
    Uint8Array.of(0, 0),
    bigEndian(timestamp, 8),
    Uint8Array.of(0, 1),
    issuerKeyHash,
    vector(3, tbs),
    vector(2, extensions),
  )

/** static-ct-api: `leaf_index`, type 0, 40 bits. */
export const leafIndexExtension = (index: number): Uint8Array =>
  concatBytes(Uint8Array.of(0), vector(2, bigEndian(index, 5)))
