import { ActionError } from '../errors.ts'
import type { WorkflowRule } from '../sigstore/policy.ts'
import { type DeclaredInputs, readChoice, readFlag, readLine, readLines } from './inputs.ts'
import { VERIFY_INPUTS } from './known-inputs.ts'
import {
  parseCertificateIdentity,
  parseIssuer,
  parseRepository,
  parseSignerWorkflow,
  parseSourceDigest,
  parseSourceRef,
  parseTrigger,
  type SourceDigest,
} from './policy-inputs.ts'
import type { AskedSubjects } from './sign-inputs.ts'
import { readPatterns } from './subject-lines.ts'

/** Where to look for bundles: in the usual places, or in the file, folder or `.jsonl` that was named. */
export type BundleSource = { readonly kind: 'beside' } | { readonly kind: 'given'; readonly path: string }

export type VerifyingInstance =
  | { readonly kind: 'public-good' | 'staging' }
  | { readonly kind: 'custom'; readonly trustedRoot: string }

/** Who may have signed: a workflow in the source repository, one of these workflows, or exactly this name. */
export type AskedSigner =
  | { readonly kind: 'default' }
  | { readonly kind: 'workflows'; readonly workflows: readonly WorkflowRule[] }
  | { readonly kind: 'identity'; readonly name: string }

/** The source repository: the one of this run, `owner/name`, or (with an exact identity only) any. */
export type AskedRepository =
  | { readonly kind: 'own' | 'any' }
  | { readonly kind: 'named'; readonly name: string }

export interface VerifyInputs {
  readonly subjects: AskedSubjects
  readonly bundles: BundleSource
  readonly repository: AskedRepository
  readonly signer: AskedSigner
  readonly issuer: string
  readonly sourceRef?: string
  readonly sourceDigest?: SourceDigest
  readonly trigger?: string
  readonly run: 'any' | 'current'
  readonly sigstore: VerifyingInstance
  readonly showSummary: boolean
}

type Inputs = DeclaredInputs<keyof typeof VERIFY_INPUTS>

/**
 * Inputs of `verify/action.yml`: names without `INPUT_`, lower case. An empty value is an unset one. Throws
 * INPUT_REQUIRED, INPUT_VALUE, INPUT_CONFLICT, POLICY_SYNTAX or POLICY_TOO_BROAD. Unknown names are the matter of
 * `checkInputNames`.
 */
export function parseVerifyInputs(given: ReadonlyMap<string, string>): VerifyInputs {
  const inputs: Inputs = { given, defaults: VERIFY_INPUTS }
  const path = readLine(inputs, 'bundle-path')
  const signer = parseSigner(inputs)
  return {
    subjects: parseSubjects(inputs),
    bundles: path === undefined ? { kind: 'beside' } : { kind: 'given', path },
    repository: parseAskedRepository(inputs, signer),
    signer,
    issuer: parseIssuer(
      readLine(inputs, 'certificate-oidc-issuer') ?? VERIFY_INPUTS['certificate-oidc-issuer'],
    ),
    ...parseSource(inputs),
    run: readChoice(inputs, 'run', ['', 'current']) === 'current' ? 'current' : 'any',
    sigstore: parseInstance(inputs),
    showSummary: readFlag(inputs, 'show-summary'),
  }
}

function parseSubjects(inputs: Inputs): AskedSubjects {
  const patterns = readPatterns(inputs, 'subject-path')
  if (patterns.some((pattern) => !pattern.startsWith('!'))) return { patterns }
  throw new ActionError('INPUT_REQUIRED', 'nothing to verify: `subject-path` names no file')
}

function parseSigner(inputs: Inputs): AskedSigner {
  const workflows = readLines(inputs, 'signer-workflow').map(parseSignerWorkflow)
  const name = readLine(inputs, 'certificate-identity')
  if (name !== undefined && workflows.length > 0) {
    throw new ActionError(
      'INPUT_CONFLICT',
      '`certificate-identity` and `signer-workflow` both say who may have signed',
    )
  }
  if (name !== undefined) return { kind: 'identity', name: parseCertificateIdentity(name) }
  return workflows.length === 0 ? { kind: 'default' } : { kind: 'workflows', workflows }
}

function parseAskedRepository(inputs: Inputs, signer: AskedSigner): AskedRepository {
  const name = readLine(inputs, 'repository')
  if (name === undefined) return { kind: 'own' }
  if (name !== 'any') return { kind: 'named', name: parseRepository(name) }
  if (signer.kind === 'identity') return { kind: 'any' }
  throw new ActionError(
    'POLICY_TOO_BROAD',
    '`repository: any` is for an exact signer only: it needs `certificate-identity`',
  )
}

function parseSource(inputs: Inputs): Pick<VerifyInputs, 'sourceRef' | 'sourceDigest' | 'trigger'> {
  const ref = readLine(inputs, 'source-ref')
  const digest = readLine(inputs, 'source-digest')
  const trigger = readLine(inputs, 'trigger')
  return {
    ...(ref !== undefined && { sourceRef: parseSourceRef(ref) }),
    ...(digest !== undefined && { sourceDigest: parseSourceDigest(digest) }),
    ...(trigger !== undefined && { trigger: parseTrigger(trigger) }),
  }
}

/** A `trusted-root` alone means `custom`; beside an instance that brings its own root it is a contradiction. */
function parseInstance(inputs: Inputs): VerifyingInstance {
  const asked = readChoice(inputs, 'sigstore', ['', 'public-good', 'staging', 'custom'])
  const trustedRoot = readLine(inputs, 'trusted-root')
  if (asked === 'custom' || (asked === '' && trustedRoot !== undefined)) {
    if (trustedRoot !== undefined) return { kind: 'custom', trustedRoot }
    throw new ActionError('INPUT_REQUIRED', '`sigstore: custom` needs `trusted-root`')
  }
  if (trustedRoot === undefined) return { kind: asked === 'staging' ? asked : 'public-good' }
  throw new ActionError(
    'INPUT_CONFLICT',
    `\`trusted-root\` contradicts \`sigstore: ${asked}\`, which brings its own`,
  )
}
