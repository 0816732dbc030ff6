import { quote } from '../../core/printable.ts'
import type { Secret } from '../../core/secret.ts'
import { ActionError } from '../../errors.ts'
import type { InstanceName } from '../job/trust-source.ts'
import { type AskedArtifact, parseAskedArtifact } from './artifact-inputs.ts'
import {
  type AskedAttestation,
  type AskedNamedDigest,
  parseAttestation,
  parseAttestEach,
  parseNamedDigest,
} from './attest-inputs.ts'
import { type DeclaredInputs, readChoice, readDuration, readFlag, readLine, readSecret } from './inputs.ts'
import { SIGN_INPUTS } from './known-inputs.ts'
import { findRefFault } from './ref-syntax.ts'
import { type AskedRelease, parseAskedRelease } from './release-inputs.ts'
import { parseStoreMode, type StoreMode } from './store-inputs.ts'
import { readPatterns } from './subject-lines.ts'

/** Files, as patterns and as a list; both together are the union. */
export interface AskedSubjects {
  /** As written: a path or glob each, `!` in front of one that excludes. */
  readonly patterns: readonly string[]
  /** Path of a checksums file, as written. */
  readonly checksums?: string
}

/** What to sign: at least one of them. */
export interface AskedSignSubjects extends AskedSubjects {
  readonly named?: AskedNamedDigest
}

/** Where bundles go. Paths are as written: relative ones start at the workspace. */
export type BundlePlace =
  | { readonly kind: 'beside' }
  | { readonly kind: 'file' | 'folder' | 'lines'; readonly path: string }

export type SigningInstance =
  | { readonly kind: InstanceName }
  | { readonly kind: 'custom'; readonly trustedRoot: string; readonly signingConfig: string }

export interface SignInputs {
  /** undefined to take the subjects of the runner's list of artifacts. */
  readonly subjects?: AskedSignSubjects
  readonly attest: AskedAttestation
  /** A statement for each subject instead of one over all. */
  readonly attestEach: boolean
  readonly bundles: BundlePlace
  readonly existingBundles: 'keep-valid' | 'replace' | 'fail'
  readonly release?: AskedRelease
  /** Absent for `off`. */
  readonly githubAttestations?: StoreMode
  readonly sigstore: SigningInstance
  readonly rekorVersion: 'auto' | 1 | 2
  readonly identityToken?: Secret
  readonly audience: string
  readonly allowPrivateRepository: boolean
  readonly allowUnsafeTrigger: boolean
  /** A full ref; absent where any is right. */
  readonly expectedRef?: string
  /** No ref is expected of a run for a release either. */
  readonly anyRef: boolean
  readonly dryRun: boolean
  readonly ifNoFilesFound: 'error' | 'warn' | 'ignore'
  /** Path of a PEM file, as written. */
  readonly caCertificates?: string
  readonly showSummary: boolean
  /** Milliseconds. */
  readonly timeBudget: number
  readonly githubToken?: Secret
  readonly artifact?: AskedArtifact
}

type Inputs = DeclaredInputs<keyof typeof SIGN_INPUTS>

/**
 * Inputs of `action.yml`: names without `INPUT_`, lower case. An empty value is an unset one. Throws INPUT_REQUIRED,
 * INPUT_VALUE, INPUT_CONFLICT, OUTPUT_PATH or ARTIFACT_NAME. Unknown names are the matter of `checkInputNames`.
 */
export function parseSignInputs(given: ReadonlyMap<string, string>): SignInputs {
  const inputs: Inputs = { given, defaults: SIGN_INPUTS }
  const identityToken = readSecret(inputs, 'identity-token')
  const githubToken = readSecret(inputs, 'github-token')
  const writtenRef = readLine(inputs, 'expected-ref')
  const expectedRef = parseExpectedRef(writtenRef)
  const release = parseAskedRelease(inputs)
  const caCertificates = readLine(inputs, 'ca-certificates')
  const artifact = parseAskedArtifact(inputs)
  const attest = parseAttestation(inputs)
  const githubAttestations = parseStoreMode(inputs, attest)
  const subjects = parseSubjects(inputs, attest)
  return {
    ...(subjects && { subjects }),
    attest,
    attestEach: parseAttestEach(inputs, attest),
    bundles: parseBundlePlace(readLine(inputs, 'bundle-path')),
    existingBundles: readChoice(inputs, 'existing-bundles', ['keep-valid', 'replace', 'fail']),
    sigstore: parseInstance(inputs),
    rekorVersion: parseRekorVersion(inputs),
    ...(identityToken && { identityToken }),
    audience: readLine(inputs, 'oidc-audience') ?? SIGN_INPUTS['oidc-audience'],
    allowPrivateRepository: readFlag(inputs, 'allow-private-repository'),
    allowUnsafeTrigger: readFlag(inputs, 'allow-unsafe-trigger'),
    ...(expectedRef !== undefined && { expectedRef }),
    anyRef: writtenRef === 'any',
    ...(release && { release }),
    dryRun: readFlag(inputs, 'dry-run'),
    ifNoFilesFound: readChoice(inputs, 'if-no-files-found', ['error', 'warn', 'ignore']),
    ...(caCertificates !== undefined && { caCertificates }),
    showSummary: readFlag(inputs, 'show-summary'),
    timeBudget: readDuration(inputs, 'time-budget'),
    ...(githubToken && { githubToken }),
    ...(githubAttestations && { githubAttestations }),
    ...(artifact && { artifact }),
  }
}

function parseSubjects(inputs: Inputs, attest: AskedAttestation): AskedSignSubjects | undefined {
  const patterns = readPatterns(inputs, 'subject-path')
  const checksums = readLine(inputs, 'subject-checksums')
  const named = parseNamedDigest(inputs, attest)
  if (checksums !== undefined || named !== undefined) {
    return { patterns, ...(checksums !== undefined && { checksums }), ...(named && { named }) }
  }
  if (patterns.length === 0) return undefined
  if (patterns.some((pattern) => !pattern.startsWith('!'))) return { patterns }
  throw new ActionError('INPUT_REQUIRED', 'nothing to sign: every pattern of `subject-path` excludes')
}

function parseBundlePlace(path: string | undefined): BundlePlace {
  if (path === undefined) return { kind: 'beside' }
  if (/[/\\]$/.test(path)) return { kind: 'folder', path }
  if (path.endsWith('.jsonl')) return { kind: 'lines', path }
  if (path.endsWith('.json')) return { kind: 'file', path }
  throw new ActionError(
    'OUTPUT_PATH',
    `\`bundle-path\` is ${quote(path)}: neither a folder with a final \`/\` nor a file ending in \`.json\` or \`.jsonl\``,
  )
}

function parseInstance(inputs: Inputs): SigningInstance {
  const kind = readChoice(inputs, 'sigstore', ['public-good', 'staging', 'github', 'custom'])
  const trustedRoot = readLine(inputs, 'trusted-root')
  const signingConfig = readLine(inputs, 'signing-config')
  if (kind === 'custom') {
    if (trustedRoot !== undefined && signingConfig !== undefined) return { kind, trustedRoot, signingConfig }
    const missing = trustedRoot === undefined ? 'trusted-root' : 'signing-config'
    throw new ActionError('INPUT_REQUIRED', `\`sigstore: custom\` needs \`${missing}\``)
  }
  if (trustedRoot === undefined && signingConfig === undefined) return { kind }
  const name = trustedRoot === undefined ? 'signing-config' : 'trusted-root'
  throw new ActionError(
    'INPUT_CONFLICT',
    `\`${name}\` contradicts \`sigstore: ${kind}\`, which brings its own`,
    {
      hint: `Remove \`${name}\`, or set \`sigstore: custom\`.`,
    },
  )
}

function parseRekorVersion(inputs: Inputs): 'auto' | 1 | 2 {
  const version = readChoice(inputs, 'rekor-version', ['auto', '1', '2'])
  if (version === 'auto') return version
  return version === '1' ? 1 : 2
}

/** `any` switches the check off, as leaving it out does. */
function parseExpectedRef(ref: string | undefined): string | undefined {
  if (ref === undefined || ref === 'any') return undefined
  const fault = findRefFault(ref)
  if (fault === undefined) return ref
  throw new ActionError('INPUT_VALUE', `\`expected-ref\` is ${quote(ref)}: ${fault}`, {
    hint: 'Write a full ref such as `refs/tags/v1.2.3`, or `any`.',
  })
}
