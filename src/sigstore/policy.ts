import { equalBytes } from '../core/bytes.ts'
import { quote } from '../core/printable.ts'
import { type Certificate, parseCertificate } from '../core/x509.ts'
import { ActionError } from '../errors.ts'
import type { CertificateSigner, Evidence, Verified } from './evidence.ts'
import { assertRules, exact } from './policy-rule.ts'
import { buildRules, issuerRule, signerRules, workflowOf } from './policy-signer.ts'
import { refRules, runRules, sourceRules } from './policy-source.ts'
import { showTime } from './window.ts'

/** Who may have signed, as one exact name. */
export interface ExactIdentity {
  readonly name: string
  readonly issuer: string
  /** The one certificate that is meant, where it is known. */
  readonly certificate?: Certificate
}

/** Which workflow may have signed. Without `path` any of the repository; without `ref` any branch or tag. */
export interface WorkflowRule {
  readonly repository: string
  readonly path?: string
  /** A ref, a commit, or a pattern in which `*` does not cross `/`; `*` alone is any commit. */
  readonly ref?: string
}

export interface Policy {
  readonly issuer: string
  /** Where repositories and workflows stand, `https://github.com`. */
  readonly server: string
  /** Whether tokens of the issuer are about workflows, so that their defaults hold. */
  readonly ofGitHub: boolean
  readonly signer: { readonly name: string } | { readonly workflows: readonly WorkflowRule[] }
  /** `owner/name` of the source; without it the source must be the repository of the signer. */
  readonly repository?: string
  readonly repositoryId?: string
  readonly ownerId?: string
  /** The tag of this run: what the source ref must be unless one is asked for. */
  readonly ownTag?: string
  readonly sourceRef?: string
  readonly sourceDigest?: string
  /** Commit of the workflow that signed. */
  readonly signerDigest?: string
  /** `<server>/<owner>/<name>/<path>@<ref>` of the workflow that began the run. */
  readonly buildWorkflow?: string
  readonly trigger?: string
  readonly deploymentEnvironment?: string
  /** `<server>/<owner>/<name>/actions/runs/<id>`: the run that must have made it, in any attempt. */
  readonly run?: string
  /** Only on runners of GitHub. */
  readonly hostedRunners?: true
  /** Milliseconds since 1970, compared with the earliest verified time. */
  readonly signedAfter?: number
  /** The one type of attestation that counts; without it message signatures and SLSA provenance do. */
  readonly predicateType?: string
  readonly unsafeTriggers: readonly string[]
}

const brand = (evidence: Evidence): Verified<Evidence> => evidence as Verified<Evidence>

/** IDENTITY_MISMATCH unless name, issuer and, where given, certificate are exactly these. */
export function verifyIdentity(evidence: Evidence, expected: ExactIdentity): Verified<Evidence> {
  const signer = certificateSigner(evidence)
  assertRules([
    exact('issuer', expected.issuer, signer.claims.issuer),
    exact('signer', expected.name, signer.name.value),
  ])
  if (expected.certificate === undefined) return brand(evidence)
  if (!equalBytes(expected.certificate.raw, signer.certificate.raw)) {
    throw new ActionError('IDENTITY_MISMATCH', 'the bundle holds another certificate of the same identity')
  }
  // A batch of many files keeps one certificate in memory, not one each.
  return brand({ ...evidence, signer: { ...signer, certificate: expected.certificate } })
}

/** For the conformance programs alone: the evidence of a bundle that was verified with a key given from outside. */
export function verifyManagedKey(evidence: Evidence): Verified<Evidence> {
  if (evidence.signer.kind === 'key') return brand(evidence)
  throw new ActionError('BUNDLE_KEY', 'the bundle was not verified with the key')
}

/**
 * The policy of the verify action: exact claims of the certificate's extensions, and the defaults of GitHub's workflows.
 * IDENTITY_MISMATCH, TIME_TOO_OLD. Whether the bundle counts is another question: see `findPredicateFault`.
 */
export function verifyPolicy(evidence: Evidence, policy: Policy): Verified<Evidence> {
  const signer = certificateSigner(evidence)
  const { claims } = signer
  const workflow = workflowOf(signer, policy.server)
  const checks = assertRules([
    issuerRule(claims.issuer, policy.issuer),
    ...sourceRules(signer, workflow, policy),
    ...signerRules(signer, workflow, policy),
    ...refRules(claims, workflow, policy),
    ...runRules(claims, policy),
    ...buildRules(claims, policy),
  ])
  const timely = verifyAge(evidence, policy)
  return brand({ ...evidence, checks: [...evidence.checks, ...checks, ...timely] })
}

/** The earliest of the times: a later one may have been added by whoever wants an old signature to look young. */
function verifyAge({ times }: Evidence, { signedAfter }: Policy): readonly string[] {
  if (signedAfter === undefined) return []
  const [earliest] = times
  if (earliest !== undefined && earliest.at >= signedAfter) return ['signed late enough']
  throw new ActionError('TIME_TOO_OLD', 'the signature is older than `signed-after` allows', {
    expected: `at or after ${showTime(signedAfter)}`,
    found: earliest === undefined ? 'no time' : showTime(earliest.at),
  })
}

/** What a message signature or SLSA provenance proves is asked for by everyone; other predicates only by name. */
const USUAL_PREDICATES: readonly string[] = [
  'https://slsa.dev/provenance/v1',
  'https://slsa.dev/provenance/v0.2',
]

/** Why a good bundle does not count under the policy; undefined if it does. */
export function findPredicateFault({ statement }: Evidence, { predicateType }: Policy): string | undefined {
  const type = statement?.predicateType
  if (predicateType === undefined) {
    if (type === undefined || USUAL_PREDICATES.includes(type)) return undefined
  } else if (type === predicateType) return undefined
  return type === undefined
    ? 'a plain signature was not asked for, but an attestation'
    : `predicate type ${quote(type)} was not asked for`
}

/**
 * The same evidence for the thousands that a report keeps: a tenth of the memory. Bytes and subjects of the statement are
 * gone; the certificate is its bytes alone, and parsed again for whoever asks.
 */
export function lightEvidence(evidence: Verified<Evidence>): Verified<Evidence> {
  const { statement, signer } = evidence
  return brand({
    ...evidence,
    signer: signer.kind === 'certificate' ? lightSigner(signer) : signer,
    ...(statement !== undefined && { statement: { ...statement, subjects: [], payload: new Uint8Array() } }),
  })
}

function lightSigner({ kind, name, claims, certificate }: CertificateSigner): CertificateSigner {
  const raw = Uint8Array.from(certificate.raw)
  return {
    kind,
    name,
    claims,
    get certificate() {
      return parseCertificate(raw)
    },
  }
}

function certificateSigner({ signer }: Evidence): CertificateSigner {
  if (signer.kind === 'certificate') return signer
  throw new ActionError('BUNDLE_KEY', 'a long-lived key has no identity')
}
