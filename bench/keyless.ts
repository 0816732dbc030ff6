import { encodeUtf8 } from '../src/core/bytes.ts'
import { parseJson } from '../src/core/json.ts'
import { type Artifact, artifactOfBytes } from '../src/sigstore/artifact.ts'
import { parseBundle } from '../src/sigstore/bundle.ts'
import type { Evidence } from '../src/sigstore/evidence.ts'
import { type ExactIdentity, verifyIdentity } from '../src/sigstore/policy.ts'
import { parseTrustedRoot } from '../src/sigstore/trusted-root.ts'
import { verifyBundle } from '../src/sigstore/verifier.ts'

/** Our verifier from bytes to verdict, its trusted root read once. Throws ActionError on what it refuses. */
export type Keyless = (
  bundle: Uint8Array,
  artifact: Uint8Array | Artifact,
  identity: ExactIdentity,
) => Evidence

const RULES = {
  maxBytes: 1 << 22,
  maxDepth: 32,
  malformed: 'TRUST_INVALID',
  tooLarge: 'TRUST_INVALID',
  tooDeep: 'TRUST_INVALID',
  duplicate: 'TRUST_INVALID',
} as const

export function createKeyless(trustedRoot: object, now: () => number = Date.now): Keyless {
  const json = parseJson(encodeUtf8(JSON.stringify(trustedRoot)), RULES, 'the trusted root')
  const trust = parseTrustedRoot(json)
  return (bytes, given, identity) => {
    const artifact = given instanceof Uint8Array ? artifactOfBytes(given) : given
    const evidence = verifyBundle(parseBundle(bytes), artifact, { trust, now: now() })
    return verifyIdentity(evidence, identity)
  }
}
