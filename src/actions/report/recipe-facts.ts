import type { Certificate } from '../../core/x509.ts'
import type { CertificateSigner, Claims, Evidence } from '../../sigstore/evidence.ts'
import { BUNDLE_KINDS } from '../bundles/bundle-places.ts'
import type { InstanceName, TrustInfo } from '../job/trust-source.ts'
import type { SubjectOutcome } from './outcome.ts'

export interface RecipeContext {
  /** Absolute, in the platform's own form: paths in the recipes start there. */
  readonly workspace: string
  /** What stands behind `uses:`, as `verifyUses` makes it. */
  readonly uses: string
  /** Subjects in all; the recipe shows one. */
  readonly count: number
  readonly trust: TrustInfo
}

/** What a recipe pins. Paths start with `./` and use `/`. */
export interface RecipeFacts {
  /** Absent for a subject without a file. */
  readonly file?: string
  /** SHA-256, hexadecimal. */
  readonly digest: string
  /** As the report calls the subject. */
  readonly subject: string
  readonly bundle: string
  /** Of an attestation. */
  readonly predicateType?: string
  readonly name: string
  readonly issuer: string
  readonly claims: Claims
  readonly evidence: Evidence
  readonly signer: CertificateSigner
  readonly context: RecipeContext
}

/** undefined without a bundle or a SHA-256 digest, or where no certificate names the signer. */
export function recipeFacts(subject: SubjectOutcome, context: RecipeContext): RecipeFacts | undefined {
  const { evidence, bundlePath, path, digest, name } = subject
  if (evidence?.signer.kind !== 'certificate' || bundlePath === undefined || digest === undefined)
    return undefined
  const { signer, statement } = evidence
  const { issuer } = signer.claims
  if (issuer === undefined || (path === undefined && statement === undefined)) return undefined
  return {
    ...(path !== undefined && { file: placeOf(path, context.workspace) }),
    digest,
    subject: name,
    bundle: placeOf(bundlePath, context.workspace),
    ...(statement && { predicateType: statement.predicateType }),
    name: signer.name.value,
    issuer,
    claims: signer.claims,
    evidence,
    signer,
    context,
  }
}

const SUFFIXES: readonly string[] = ['', ...BUNDLE_KINDS.map((kind) => `.${kind}`)].map(
  (kind) => `${kind}.sigstore.json`,
)

/** What the bundle beside the file is called more than the file; undefined if it lies elsewhere. */
export const suffixBeside = ({ file, bundle }: RecipeFacts): string | undefined =>
  SUFFIXES.find((suffix) => file !== undefined && bundle === file + suffix)

/** Whether it is the attestation over several subjects in the root, where the verify action looks by itself. */
export const isInRoot = ({ bundle }: RecipeFacts): boolean =>
  SUFFIXES.some((suffix) => bundle === `./${suffix.slice(1)}`)

export const instanceOf = ({ source, name }: TrustInfo): InstanceName | 'custom' =>
  source === 'file' ? 'custom' : name === 'staging' || name === 'github' ? name : 'public-good'

/**
 * A path as whoever verifies will have it: below the workspace its relative path; elsewhere, as in RUNNER_TEMP, which does
 * not outlive the job, its base name. Always with `./` in front, so that no name is taken for an option.
 */
export function placeOf(path: string, workspace: string): string {
  const onWindows = /^(?:[A-Za-z]:[\\/]|\\\\)/.test(workspace)
  const plain = (text: string): string => (onWindows ? text.replaceAll('\\', '/') : text)
  const root = plain(workspace).replace(/\/+$/, '')
  const place = plain(path)
  return place.startsWith(`${root}/`)
    ? `./${place.slice(root.length + 1)}`
    : `./${place.slice(place.lastIndexOf('/') + 1)}`
}

/** `owner/name/verify@ref` of the action that runs; `./verify` where it runs from a checkout, which has neither. */
export const verifyUses = (repository: string | undefined, ref: string | undefined): string =>
  repository === undefined || ref === undefined ? './verify' : `${repository}/verify@${ref}`

const FULCIO = '1.3.6.1.4.1.57264.1'

/** The three of GitHub's first extensions (raw UTF-8, fulcio docs/oid-info.md) that cosign and sigstore-python can pin. */
export interface FirstExtensions {
  readonly sha?: string
  readonly repository?: string
  readonly ref?: string
}

/**
 * cosign and sigstore-python have no options for extensions .12 to .14, only for .3, .5 and .6, which Fulcio calls
 * deprecated and still writes. An option is worth giving exactly if the certificate has the old extension and it says
 * what the new one does; anywhere else it would make a good signature fail.
 */
export function firstExtensions({
  certificate,
  claims,
}: Pick<CertificateSigner, 'certificate' | 'claims'>): FirstExtensions {
  const sha = rawExtension(certificate, `${FULCIO}.3`)
  const repository = rawExtension(certificate, `${FULCIO}.5`)
  const ref = rawExtension(certificate, `${FULCIO}.6`)
  const { sourceRepositoryUri: uri, sourceRepositoryDigest, sourceRepositoryRef } = claims
  return {
    ...(sha !== undefined && sha === sourceRepositoryDigest && { sha }),
    ...(repository !== undefined && uri?.endsWith(`/${repository}`) && { repository }),
    ...(ref !== undefined && ref === sourceRepositoryRef && { ref }),
  }
}

function rawExtension(certificate: Certificate, oid: string): string | undefined {
  const extension = certificate.extensions.find((one) => one.oid === oid)
  return extension === undefined ? undefined : Buffer.from(extension.value).toString('utf8')
}
