import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { JobIdentity } from '../issuer.ts'
import type { Stack } from '../stack.ts'
import type { Target } from './exchange.ts'

export function sandboxTarget({ addresses, authorities, claims, env }: Sandbox): Target {
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
    mint: ({ audience = 'sigstore', ...changes } = {}) => authorities.issuer.mint(audience, changes),
  }
}

/** `readUrl` is where the files of Rekor v2 are served. */
export function stackTarget(
  { urls, issuer }: Pick<Stack, 'urls' | 'issuer'>,
  { claims, tokenUrl, issuer: signer }: JobIdentity,
  readUrl: string,
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
    mint: ({ audience = 'sigstore', ...changes } = {}) =>
      signer.mint(audience, { ...changes, claims: { ...claims, ...changes.claims } }),
  }
}
