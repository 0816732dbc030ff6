import { encodeHex } from '../core/bytes.ts'
import { digest } from '../core/digest.ts'
import { type Certificate, parseCertificate } from '../core/x509.ts'

/** Certificates of signers that are remembered. */
const MOST = 100
/** Of one of them: Fulcio's have about a thousand. */
const MOST_BYTES = 8 * 1024

const known = new Map<string, Certificate>()

/**
 * The certificate of a signer. Bundles of one batch share theirs: by its bytes, which decide everything, it is the same
 * object for all of them, so that what was found out about it can be kept by it. The oldest is forgotten, and one that
 * is too large not remembered. Throws as `parseCertificate` does.
 */
export function parseLeaf(der: Uint8Array): Certificate {
  if (der.length > MOST_BYTES) return parseCertificate(der)
  const key = encodeHex(digest('sha256', der))
  // On memory of its own, which nobody can write to afterwards.
  const leaf = known.get(key) ?? parseCertificate(new Uint8Array(der))
  const [oldest] = known.keys()
  if (!known.has(key) && known.size === MOST && oldest !== undefined) known.delete(oldest)
  known.set(key, leaf)
  return leaf
}
