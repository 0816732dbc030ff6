import { equalBytes, parseHex } from '../../core/bytes.ts'
import { encodePae } from '../../core/dsse.ts'
import { ActionError } from '../../errors.ts'
import { type Artifact, artifactOfDigests } from '../../sigstore/artifact.ts'
import type { CertificateSigner, Evidence, Verified } from '../../sigstore/evidence.ts'
import { lightEvidence } from '../../sigstore/policy.ts'
import { encodeProvenance, provenanceOfCertificate } from '../../sigstore/provenance.ts'
import { IN_TOTO_PAYLOAD, verifySubject } from '../../sigstore/statement.ts'
import { encodeStatement, type Predicate } from '../../sigstore/statement-write.ts'
import type { CertifiedKey } from './certified-keys.ts'
import { logAndStamp } from './log-and-stamp.ts'
import { rowOf } from './plan-bundles.ts'
import { proveBundle } from './prove-bundle.ts'
import type { AttestedSubject, PlannedPredicate, PlannedStatement, SignPlan } from './sign-plan.ts'
import type { SignRecord } from './sign-record.ts'
import type { ProvenBundle } from './signed-bundles.ts'

/** Signs a statement in a DSSE envelope, logs, stamps and verifies it for every subject. Nothing is written. */
export async function signStatement(
  plan: SignPlan,
  pair: CertifiedKey,
  { members, subjects, predicate, bundlePath }: PlannedStatement,
  record: SignRecord,
): Promise<ProvenBundle> {
  const payload = encodeStatement(subjects, predicateOf(predicate, pair.signer))
  const signature = pair.key.sign(encodePae(IN_TOTO_PAYLOAD, payload))
  const content = { kind: 'envelope', payloadType: IN_TOTO_PAYLOAD, payload, keyid: '', signature } as const
  const [only, ...others] = members
  const text = await logAndStamp(plan, pair, content, others.length > 0 ? undefined : only?.name, record)
  const evidence = proveStatement(plan, pair, { members, payload }, text)
  // A thousand rows share one, without the bytes of the statement.
  const light = lightEvidence(evidence)
  return { rows: members.map((member) => ({ ...rowOf(member), bundlePath, evidence: light })), text }
}

const predicateOf = (predicate: PlannedPredicate, { claims }: CertificateSigner): Predicate =>
  predicate.kind === 'provenance' ? encodeProvenance(provenanceOfCertificate(claims)) : predicate

const artifactOf = ({ hash, hex }: AttestedSubject): Artifact =>
  artifactOfDigests({ [hash]: parseHex(hex, 'INTERNAL', 'the digest') })

/** The bundle once, and then each subject: the statement must name every one of them, and be the bytes that were signed. */
function proveStatement(
  plan: SignPlan,
  pair: CertifiedKey,
  { members, payload }: { readonly members: readonly AttestedSubject[]; readonly payload: Uint8Array },
  text: Uint8Array,
): Verified<Evidence> {
  const [first, ...others] = members
  if (first === undefined) throw new ActionError('INTERNAL', 'a statement without a subject')
  const evidence = proveBundle(plan, pair, artifactOf(first), text)
  const { statement } = evidence
  if (statement === undefined || !equalBytes(statement.payload, payload)) {
    throw new ActionError('INTERNAL', 'the bundle does not hold the statement that was signed')
  }
  for (const member of others) verifySubject(statement, artifactOf(member))
  return evidence
}
