import { concatBytes, encodeUtf8, equalBytes } from './bytes.ts'

/** How every pre-authentication encoding begins. */
export const PAE_PREFIX: Uint8Array = encodeUtf8('DSSEv1 ')

/** DSSE protocol: `DSSEv1 SP len(type) SP type SP len(payload) SP payload`; lengths in bytes, not characters. */
export function encodePae(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = encodeUtf8(payloadType)
  return concatBytes(
    PAE_PREFIX,
    encodeUtf8(`${type.length} `),
    type,
    encodeUtf8(` ${payload.length} `),
    payload,
  )
}

/** Whether the signature over a file with these first bytes could double as one over an envelope. */
export const startsLikePae = (bytes: Uint8Array): boolean =>
  equalBytes(bytes.subarray(0, PAE_PREFIX.length), PAE_PREFIX)
