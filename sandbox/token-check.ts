import { type KeyObject, verify } from 'node:crypto'
import { at, type Fields, parseFields, textAt } from './fields.ts'

/** An issuer that a Fulcio trusts. */
export interface TrustedIssuer {
  readonly url: string
  readonly publicKey: KeyObject
  /** Whose name the certificate bears: a workflow's, or a mailbox's. */
  readonly kind: 'github' | 'email'
}

/** The claims of a token that Fulcio takes (go-oidc's checks), with who issued it; undefined for any other. */
export function acceptToken(
  token: string,
  issuers: readonly TrustedIssuer[],
): { readonly issuer: TrustedIssuer; readonly claims: Fields } | undefined {
  const parts = token.split('.')
  const [head = '', body = '', signature = ''] = parts
  const header = parseFields(Buffer.from(head, 'base64url').toString('utf8'))
  const claims = parseFields(Buffer.from(body, 'base64url').toString('utf8'))
  if (parts.length !== 3 || header === undefined || claims === undefined) return undefined
  const issuer = issuers.find(({ url }) => isIssuedBy(url, textAt(claims, 'iss')))
  if (issuer === undefined || textAt(header, 'alg') !== 'RS256') return undefined
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    issuer.publicKey,
    Buffer.from(signature, 'base64url'),
  )
  return isSigned && isTimely(claims) && isForSigstore(claims) ? { issuer, claims } : undefined
}

/** Seconds that a clock may be slow: go-oidc's, for the begin alone. */
const LEEWAY = 300

/** An enterprise's issuer has one more segment. */
const isIssuedBy = (url: string, iss: string): boolean =>
  iss === url || (iss.startsWith(`${url}/`) && /^[A-Za-z0-9-]+$/.test(iss.slice(url.length + 1)))

function isTimely(claims: Fields): boolean {
  const now = Date.now() / 1000
  const expiry = at(claims, 'exp')
  const start = at(claims, 'nbf') ?? 0
  return typeof expiry === 'number' && typeof start === 'number' && now < expiry && now >= start - LEEWAY
}

function isForSigstore(claims: Fields): boolean {
  const audience = at(claims, 'aud')
  return audience === 'sigstore' || (Array.isArray(audience) && audience.includes('sigstore'))
}
