import type { TrustInfo } from '../../src/actions/job/trust-source.ts'
import type { SignOutcome, SubjectOutcome, VerifyOutcome } from '../../src/actions/report/outcome.ts'
import type { Certificate } from '../../src/core/x509.ts'
import type { Extension } from '../../src/core/x509-extensions.ts'
import type { CertificateSigner, Claims, Evidence, Verified } from '../../src/sigstore/evidence.ts'
import type { Policy } from '../../src/sigstore/policy.ts'

/** Made-up outcomes for the tests of what a user reads. Nothing in them is signed. */

export const COMMIT = '5f0c1b7de7a94a6b8b1d0a5a3c2e4f6071829304'
export const IDENTITY = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'
export const ISSUER = 'https://token.actions.githubusercontent.com'
export const NOON = Date.UTC(2026, 10, 24, 12, 0, 0)

export const CLAIMS: Claims = {
  issuer: ISSUER,
  buildSignerUri: IDENTITY,
  buildSignerDigest: COMMIT,
  runnerEnvironment: 'github-hosted',
  sourceRepositoryUri: 'https://github.com/octo/demo',
  sourceRepositoryDigest: COMMIT,
  sourceRepositoryRef: 'refs/tags/v1.0.0',
  sourceRepositoryIdentifier: '1296269',
  sourceRepositoryOwnerUri: 'https://github.com/octo',
  sourceRepositoryOwnerIdentifier: '583231',
  buildConfigUri: IDENTITY,
  buildConfigDigest: COMMIT,
  buildTrigger: 'push',
  runInvocationUri: 'https://github.com/octo/demo/actions/runs/42/attempts/1',
  sourceRepositoryVisibility: 'public',
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

const EMPTY = new Uint8Array()

/** GitHub's first extensions, raw UTF-8. */
export const FIRST_EXTENSIONS: readonly Extension[] = [
  { oid: '1.3.6.1.4.1.57264.1.3', critical: false, raw: EMPTY, value: text(COMMIT) },
  { oid: '1.3.6.1.4.1.57264.1.5', critical: false, raw: EMPTY, value: text('octo/demo') },
  { oid: '1.3.6.1.4.1.57264.1.6', critical: false, raw: EMPTY, value: text('refs/tags/v1.0.0') },
]

const certificate = (extensions: readonly Extension[]): Certificate => ({
  raw: EMPTY,
  tbs: EMPTY,
  serialNumber: EMPTY,
  issuer: EMPTY,
  subject: EMPTY,
  notBefore: NOON,
  notAfter: NOON + 600_000,
  publicKey: { type: 'ed25519', spki: EMPTY, raw: EMPTY },
  signatureAlgorithm: { type: 'ecdsa', hash: 'sha384' },
  signature: EMPTY,
  extensions,
  organizations: [],
  commonNames: [],
})

export const signer = (
  claims: Claims = CLAIMS,
  name: CertificateSigner['name'] = { type: 'uri', value: IDENTITY },
  extensions: readonly Extension[] = FIRST_EXTENSIONS,
): CertificateSigner => ({ kind: 'certificate', certificate: certificate(extensions), name, claims })

export const CHECKS: readonly string[] = [
  'The certificate chains to `fulcio.sigstore.dev` of the trusted root.',
  'The certificate is in the certificate transparency log.',
  'The log entry names this signature, this certificate and this digest.',
]

/** The brand that the verifier alone gives: here nothing is believed, only shown. */
export const evidence = (changes: Partial<Evidence> = {}): Verified<Evidence> =>
  ({
    signer: signer(),
    entries: [
      {
        log: 'https://rekor.sigstore.dev',
        logId: 'c0d2'.repeat(16),
        index: 9007199254740993n,
        kind: 'hashedrekord',
        version: '0.0.1',
      },
    ],
    times: [{ source: 'transparency log', at: NOON, by: 'rekor.sigstore.dev' }],
    scts: [{ log: 'https://ctfe.sigstore.dev/2022', at: NOON }],
    checks: CHECKS,
    ...changes,
  }) as Verified<Evidence>

export const subject = (name: string, changes: Partial<SubjectOutcome> = {}): SubjectOutcome => ({
  name,
  path: `/ws/${name}`,
  digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  size: 1234,
  bundlePath: `/ws/${name}.sigstore.json`,
  evidence: evidence(),
  ...changes,
})

/** The same without evidence. */
export function unproven(name: string, changes: Partial<SubjectOutcome> = {}): SubjectOutcome {
  const { evidence: _, ...rest } = subject(name)
  return { ...rest, ...changes }
}

export const TRUST: TrustInfo = {
  source: 'shipped',
  name: 'public-good',
  date: '2026-11-20',
  ageDays: 4,
  digest: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
}

export const POLICY: Policy = {
  issuer: ISSUER,
  server: 'https://github.com',
  ofGitHub: true,
  signer: { workflows: [{ repository: 'octo/demo' }] },
  repository: 'octo/demo',
  repositoryId: '1296269',
  unsafeTriggers: [],
}

export const signed = (changes: Partial<SignOutcome> = {}): SignOutcome => ({
  action: 'sign',
  result: 'signed',
  version: '0.1.0',
  started: NOON,
  finished: NOON + 2500,
  identity: { name: { type: 'uri', value: IDENTITY }, claims: CLAIMS },
  trust: TRUST,
  subjects: [subject('dist/app.tgz')],
  public: [],
  ...changes,
})

export const checked = (changes: Partial<VerifyOutcome> = {}): VerifyOutcome => ({
  action: 'verify',
  result: 'verified',
  version: '0.1.0',
  started: NOON,
  finished: NOON + 2500,
  trust: TRUST,
  policy: POLICY,
  subjects: [subject('dist/app.tgz')],
  ...changes,
})
