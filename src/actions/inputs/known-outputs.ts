/** Outputs of `action.yml`. All are always written; on failure all but `error-code` and `report-path` are empty. */
export const SIGN_OUTPUTS = [
  'bundle-path',
  'bundle-paths',
  'report-path',
  'subject-count',
  'certificate-identity',
  'certificate-oidc-issuer',
  'log-url',
  'verify-commands',
  'release-url',
  'artifact-id',
  'artifact-url',
  'artifact-name',
  'attestation-id',
  'attestation-url',
  'error-code',
] as const

/** Outputs of `verify/action.yml`, under the same rule. */
export const VERIFY_OUTPUTS = [
  'verified',
  'subject-count',
  'download-path',
  'statement-paths',
  'report-path',
  'error-code',
] as const

export type SignOutputs = Readonly<Record<(typeof SIGN_OUTPUTS)[number], string>>
export type VerifyOutputs = Readonly<Record<(typeof VERIFY_OUTPUTS)[number], string>>
