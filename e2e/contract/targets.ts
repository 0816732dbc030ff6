import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { TrustedRootJson } from '../../sandbox/trust-files.ts'
import { parseTrustedRoot, type TrustedRoot } from '../../src/sigstore/trusted-root.ts'
import type { JobIdentity } from '../issuer.ts'
import type { Stack } from '../stack.ts'
import type { Target } from './exchange.ts'

const trustOf = (root: TrustedRootJson): TrustedRoot => parseTrustedRoot(JSON.parse(JSON.stringify(root)))

export function sandboxTarget({ addresses, authorities, claims, env, trustedRoot }: Sandbox): Target {
  return {
    name: 'sandbox',
    fulcio: addresses.fulcio,
    rekorV1: addresses.rekorV1,
    rekorV2: addresses.rekorV2,
    rekorV2Read: `${addresses.rekorV2}/api/v2`,
    tsa: `${addresses.tsa}/api/v1/timestamp`,
    issuer: addresses.discovery,
    issuerName: addresses.issuer,
    tokenUrl: env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '',
    requestToken: env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '',
    claims,
    trust: trustOf(trustedRoot),
    mint: ({ audience = 'sigstore', ...changes } = {}) => authorities.issuer.mint(audience, changes),
  }
}

export interface StackFiles {
  /** Where the files of Rekor v2 are served. */
  readonly readUrl: string
  readonly trustedRoot: TrustedRootJson
}

export function stackTarget(
  { urls, issuer }: Pick<Stack, 'urls' | 'issuer'>,
  { claims, tokenUrl, issuer: signer }: JobIdentity,
  { readUrl, trustedRoot }: StackFiles,
): Target {
  return {
    name: 'real',
    fulcio: urls.fulcio,
    rekorV1: urls.rekorV1,
    rekorV2: urls.rekorV2,
    rekorV2Read: readUrl,
    tsa: urls.tsa,
    issuer: issuer.url,
    issuerName: issuer.url,
    tokenUrl: `${tokenUrl}/idtoken?api-version=2.0`,
    requestToken: signer.requestToken,
    claims,
    trust: trustOf(trustedRoot),
    mint: ({ audience = 'sigstore', ...changes } = {}) =>
      signer.mint(audience, { ...changes, claims: { ...claims, ...changes.claims } }),
  }
}
