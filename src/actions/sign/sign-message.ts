import { encodeHex } from '../../core/bytes.ts'
import { quote } from '../../core/printable.ts'
import type { CertifiedKey } from './certified-keys.ts'
import { logAndStamp } from './log-and-stamp.ts'
import { proveBundle } from './prove-bundle.ts'
import { signFile } from './sign-file.ts'
import type { PlannedMessage, SignPlan } from './sign-plan.ts'
import type { SignRecord } from './sign-record.ts'
import type { ProvenBundle } from './signed-bundles.ts'

/** Reads, signs, logs, stamps and verifies one file. Nothing is written. */
export async function signMessage(
  plan: SignPlan,
  pair: CertifiedKey,
  { subject, bundlePath }: PlannedMessage,
  record: SignRecord,
): Promise<ProvenBundle> {
  const { name, path } = subject
  const { digest, signature, size, artifact } = await signFile(plan.world, subject, plan.roots, pair.key)
  if (size === 0) record.notes.push(`${quote(name)} is empty; it was signed all the same`)
  const content = { kind: 'message', digest: { hash: 'sha256', value: digest }, signature } as const
  const text = await logAndStamp(plan, pair, content, name, record)
  const evidence = proveBundle(plan, pair, artifact, text)
  return { rows: [{ name, path, digest: encodeHex(digest), size, bundlePath, evidence }], text }
}
