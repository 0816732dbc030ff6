import { p256, p384, p521 } from '@noble/curves/nist.js'
import type { Curve } from './public-key.ts'

/**
 * The one file that knows @noble/curves. node:crypto always hashes what it verifies, and here only the digest is at hand.
 *
 * `prehash: false`: the digest is the message. `lowS: false`: unasked the library refuses half of all honest signatures,
 * since Fulcio, Rekor and OpenSSL make both kinds. `format: 'der'`: as everywhere in Sigstore.
 */
const OPTIONS = { prehash: false, lowS: false, format: 'der' } as const

const CURVES = { 'P-256': p256, 'P-384': p384, 'P-521': p521 } as const

/** Whether the DER signature is over the digest, by the key of this uncompressed point. Never throws. */
export function ecdsaMatchesDigest(
  curve: Curve,
  point: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return CURVES[curve].verify(signature, digest, point, OPTIONS)
  } catch {
    return false
  }
}
