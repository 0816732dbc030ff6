import { quote } from '../../core/printable.ts'
import type { World } from '../../ports.ts'
import { MAX_PAYLOAD_BYTES } from '../../sigstore/bundle.ts'
import { parsePredicate, parseSbom } from '../../sigstore/predicate.ts'
import type { AskedAttestation } from '../inputs/attest-inputs.ts'
import { readConfigFile } from '../job/config-file.ts'
import type { SignJob } from '../job/job.ts'
import type { PlannedPredicate } from './sign-plan.ts'

/** Reads what the attestation will say; undefined for signatures. FILE_READ, FILE_TOO_LARGE, PREDICATE_INVALID, SBOM_UNKNOWN. */
export async function readPredicate(
  { files }: World,
  attest: AskedAttestation,
  job: SignJob,
): Promise<PlannedPredicate | undefined> {
  if (attest.kind === 'none') return undefined
  if (attest.kind === 'provenance') return { kind: 'provenance' }
  if (attest.kind === 'sbom') {
    const bytes = await readConfigFile(files, attest.path, job, MAX_PAYLOAD_BYTES)
    return { kind: 'sbom', ...parseSbom(bytes, `\`sbom-path\` ${quote(attest.path)}`) }
  }
  const { type, predicate } = attest
  if ('text' in predicate) {
    return { kind: 'attestation', ...parsePredicate(type, predicate.text, '`predicate`') }
  }
  const bytes = await readConfigFile(files, predicate.path, job, MAX_PAYLOAD_BYTES)
  const what = `\`predicate-path\` ${quote(predicate.path)}`
  return { kind: 'attestation', ...parsePredicate(type, bytes, what) }
}
