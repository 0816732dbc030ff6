import type { Keyless } from '../../bench/keyless.ts'
import { ActionError } from '../../src/errors.ts'
import type { Artifact } from '../../src/sigstore/artifact.ts'
import type { ExactIdentity } from '../../src/sigstore/policy.ts'

/** `accepted`, the code of the refusal, or what must never come out. */
export function judge(
  verify: Keyless,
  bundle: Uint8Array,
  artifact: Uint8Array | Artifact,
  identity: ExactIdentity,
): string {
  try {
    verify(bundle, artifact, identity)
    return 'accepted'
  } catch (error) {
    return error instanceof ActionError ? error.code : `bug: ${String(error)}`
  }
}

/** Refused for a reason; an exception of another kind is no refusal. */
export const isRefusal = (verdict: string): boolean =>
  verdict !== 'accepted' && !verdict.startsWith('bug: ') && verdict !== 'INTERNAL'
