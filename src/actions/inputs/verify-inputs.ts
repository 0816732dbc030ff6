import type { Secret } from '../../core/secret.ts'
import { ActionError } from '../../errors.ts'
import type { NamedRelease } from '../../github/releases.ts'
import type { WorkflowRule } from '../../sigstore/policy.ts'
import { withoutAbsent } from '../job/present.ts'
import type { InstanceName } from '../job/trust-source.ts'
import {
  parseBuildWorkflow,
  parseEnvironment,
  parseId,
  parsePredicateType,
  parseSignedAfter,
  parseSignerDigest,
  type SignedAfter,
} from './claim-inputs.ts'
import { type AskedDigest, parseSubjectDigest } from './digest-inputs.ts'
import {
  type DeclaredInputs,
  readChoice,
  readDuration,
  readFlag,
  readLine,
  readLines,
  readSecret,
} from './inputs.ts'
import { VERIFY_INPUTS } from './known-inputs.ts'
import { parseNamedRelease } from './named-release.ts'
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

/**
 * Where to look for bundles: in the usual places and then perhaps in GitHub's store, in the store alone, or in the file,
 * folder or `.jsonl` that was named.
 */
export type BundleSource =
  | { readonly kind: 'beside'; readonly thenStore: boolean }
  | { readonly kind: 'store' }
  | { readonly kind: 'given'; readonly path: string }

export type VerifyingInstance =
  | { readonly kind: InstanceName }
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

/** Exact claims of the certificate. */
export interface AskedClaims {
  readonly sourceRef?: string
  readonly sourceDigest?: SourceDigest
  readonly signerDigest?: string
  /** `owner/repo/.github/workflows/x.yml@refs/…`. */
  readonly buildWorkflow?: string
  readonly trigger?: string
  readonly deploymentEnvironment?: string
  readonly repositoryId?: string
  readonly ownerId?: string
  readonly signedAfter?: SignedAfter
  readonly predicateType?: string
}

/** A release whose assets are to be verified, and where they go then: into a private folder unless a path is given. */
export interface AskedDownload {
  readonly release: NamedRelease
  /** As written. */
  readonly path?: string
}

export interface VerifyInputs extends AskedClaims {
  /** Then there are no other subjects. */
  readonly download?: AskedDownload
  readonly subjects: AskedSubjects
  /** Each once. */
  readonly digests: readonly AskedDigest[]
  readonly bundles: BundleSource
  readonly repository: AskedRepository
  readonly signer: AskedSigner
  readonly issuer: string
  readonly run: 'any' | 'current'
  readonly hostedRunners: boolean
  readonly sigstore: VerifyingInstance
  /** Nothing is fetched: the trusted root is the shipped one, or the file that was given. */
  readonly offline: boolean
  /** Path of a PEM file, as written. */
  readonly caCertificates?: string
  readonly showSummary: boolean
  /** Milliseconds. */
  readonly timeBudget: number
  readonly githubToken?: Secret
}

type Inputs = DeclaredInputs<keyof typeof VERIFY_INPUTS>

/**
 * Inputs of `verify/action.yml`: names without `INPUT_`, lower case. An empty value is an unset one. Throws
 * INPUT_REQUIRED, INPUT_VALUE, INPUT_DIGEST, INPUT_CONFLICT, POLICY_SYNTAX or POLICY_TOO_BROAD. Unknown names are the matter of
 * `checkInputNames`.
 */
export function parseVerifyInputs(given: ReadonlyMap<string, string>): VerifyInputs {
  const inputs: Inputs = { given, defaults: VERIFY_INPUTS }
  const download = parseDownload(inputs)
  const subjects =
    download === undefined ? parseSubjects(inputs) : { subjects: { patterns: [] }, digests: [] }
  const caCertificates = readLine(inputs, 'ca-certificates')
  const signer = parseSigner(inputs)
  const githubToken = readSecret(inputs, 'github-token')
  return {
    ...(download !== undefined && { download }),
    ...subjects,
    bundles: parseBundleSource(inputs, subjects.digests),
    repository: parseAskedRepository(inputs, signer),
    signer,
    issuer: parseIssuer(
      readLine(inputs, 'certificate-oidc-issuer') ?? VERIFY_INPUTS['certificate-oidc-issuer'],
    ),
    ...parseClaims(inputs),
    run: readChoice(inputs, 'run', ['', 'current']) === 'current' ? 'current' : 'any',
    hostedRunners: readFlag(inputs, 'deny-self-hosted-runners'),
    sigstore: parseInstance(inputs),
    offline: readFlag(inputs, 'offline'),
    ...(caCertificates !== undefined && { caCertificates }),
    showSummary: readFlag(inputs, 'show-summary'),
    timeBudget: readDuration(inputs, 'time-budget'),
    ...(githubToken && { githubToken }),
  }
}

/** A release is verified under a policy of its own, as a whole and with what is on it. */
function parseDownload(inputs: Inputs): AskedDownload | undefined {
  const written = readLine(inputs, 'release')
  const path = readLine(inputs, 'download-path')
  if (written === undefined) {
    if (path === undefined) return undefined
    throw new ActionError('INPUT_CONFLICT', '`download-path` is given, and no `release` to download')
  }
  const contrary = contraryToRelease(inputs)
  if (contrary === undefined) {
    return { release: parseNamedRelease(written), ...(path !== undefined && { path }) }
  }
  throw new ActionError('INPUT_CONFLICT', `\`release\` contradicts \`${contrary}\``, {
    hint: 'A release is verified as a whole, with the bundles that are on it. Verify other files in a step of their own.',
  })
}

function contraryToRelease(inputs: Inputs): string | undefined {
  const places = ['subject-path', 'subject-checksums', 'subject-digest', 'bundle-path'] as const
  const named = places.find((name) => readLines(inputs, name).length > 0)
  if (named !== undefined) return named
  if (readFlag(inputs, 'offline')) return 'offline: true'
  const source = readChoice(inputs, 'bundle-source', ['auto', 'file', 'github'])
  return source === 'github' ? 'bundle-source: github' : undefined
}

function parseSubjects(inputs: Inputs): Pick<VerifyInputs, 'subjects' | 'digests'> {
  const patterns = readPatterns(inputs, 'subject-path')
  const checksums = readLine(inputs, 'subject-checksums')
  const digests = new Map(
    readPatterns(inputs, 'subject-digest')
      .map(parseSubjectDigest)
      .map((one) => [`${one.hash}:${one.hex}`, one]),
  )
  const names = checksums !== undefined || digests.size > 0
  if (!names && patterns.every((pattern) => pattern.startsWith('!'))) {
    throw new ActionError(
      'INPUT_REQUIRED',
      'nothing to verify: give `subject-path`, `subject-checksums`, `subject-digest` or `release`',
    )
  }
  return {
    subjects: { patterns, ...(checksums !== undefined && { checksums }) },
    digests: [...digests.values()],
  }
}

function parseBundleSource(inputs: Inputs, digests: readonly AskedDigest[]): BundleSource {
  const path = readLine(inputs, 'bundle-path')
  const source = readChoice(inputs, 'bundle-source', ['auto', 'file', 'github'])
  const offline = readFlag(inputs, 'offline')
  if (source !== 'github') {
    return path === undefined
      ? { kind: 'beside', thenStore: source === 'auto' && !offline }
      : { kind: 'given', path }
  }
  const contrary = path !== undefined ? '`bundle-path`' : offline ? '`offline: true`' : undefined
  if (contrary !== undefined) {
    throw new ActionError('INPUT_CONFLICT', `\`bundle-source: github\` contradicts ${contrary}`)
  }
  const other = digests.find(({ hash }) => hash !== 'sha256')
  if (other === undefined) return { kind: 'store' }
  throw new ActionError(
    'INPUT_CONFLICT',
    `GitHub's store is looked up by SHA-256, and \`subject-digest\` is ${other.hash}`,
  )
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

function parseClaims(inputs: Inputs): AskedClaims {
  const read = <T>(input: keyof typeof VERIFY_INPUTS, parse: (value: string) => T): T | undefined => {
    const value = readLine(inputs, input)
    return value === undefined ? undefined : parse(value)
  }
  const asked = {
    sourceRef: read('source-ref', parseSourceRef),
    sourceDigest: read('source-digest', parseSourceDigest),
    signerDigest: read('signer-digest', parseSignerDigest),
    buildWorkflow: read('build-workflow', parseBuildWorkflow),
    trigger: read('trigger', parseTrigger),
    deploymentEnvironment: read('deployment-environment', parseEnvironment),
    repositoryId: read('repository-id', (value) => parseId('repository-id', value)),
    ownerId: read('owner-id', (value) => parseId('owner-id', value)),
    signedAfter: read('signed-after', parseSignedAfter),
    predicateType: read('predicate-type', parsePredicateType),
  }
  return withoutAbsent(asked)
}

/** A `trusted-root` alone means `custom`; beside an instance that brings its own root it is a contradiction. */
function parseInstance(inputs: Inputs): VerifyingInstance {
  const asked = readChoice(inputs, 'sigstore', ['', 'public-good', 'staging', 'github', 'custom'])
  const trustedRoot = readLine(inputs, 'trusted-root')
  if (asked === 'custom' || (asked === '' && trustedRoot !== undefined)) {
    if (trustedRoot !== undefined) return { kind: 'custom', trustedRoot }
    throw new ActionError('INPUT_REQUIRED', '`sigstore: custom` needs `trusted-root`')
  }
  if (trustedRoot === undefined) return { kind: asked === '' ? 'public-good' : asked }
  throw new ActionError(
    'INPUT_CONFLICT',
    `\`trusted-root\` contradicts \`sigstore: ${asked}\`, which brings its own`,
  )
}
