import {
  createHash,
  generateKeyPair,
  type KeyObject,
  type KeyPairKeyObjectResult,
  randomBytes,
  randomUUID,
  sign,
  timingSafeEqual,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { Claims } from './claims.ts'
import { grpcError, type Handler, json, type WebAnswer } from './web.ts'

/** Headers and claims that a token is given instead of its own; `undefined` leaves one out. */
export interface TokenChanges {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  /** Signs with this key. */
  readonly privateKey?: KeyObject
}

export interface Issuer {
  readonly url: string
  readonly keyId: string
  readonly publicKey: KeyObject
  /** What tokens say about the run. Change its members at will. */
  readonly claims: Claims
  /** What `Authorization: Bearer` must hold at the runner's endpoint. */
  readonly requestToken: string
  /** Every token it ever made, so that a test can look for them where none may be. */
  readonly minted: readonly string[]
  readonly mint: (audience: string, changes?: TokenChanges) => string
  /** Discovery and keys. */
  readonly serve: Handler
  /** The runner's endpoint: any path, `audience` in the query. */
  readonly serveTokens: Handler
}

const encodePart = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The name of GitHub's issuer, which a job's tokens bear. Here it is trusted under this sandbox's own root alone. */
export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'

/** One pair serves all issuers of this process: to make one takes as long as to start all the rest of a sandbox. */
let pair: Promise<KeyPairKeyObjectResult> | undefined

/**
 * An OpenID issuer as GitHub's (protocol 1.2): RS256, five minutes. `url` is the name in its tokens, `address` where its
 * keys are served.
 */
export async function createIssuer(url: string, address: string, claims: Claims): Promise<Issuer> {
  pair ??= promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const { publicKey, privateKey } = await pair
  const keyId = randomUUID()
  const requestToken = randomBytes(32).toString('base64url')
  const thumbprint = createHash('sha1').update(keyId).digest('base64url')
  const minted: string[] = []
  const mint = (audience: string, changes: TokenChanges = {}): string => {
    const header = { alg: 'RS256', typ: 'JWT', kid: keyId, x5t: thumbprint, ...changes.header }
    const signed = `${encodePart(header)}.${encodePart({ ...timed(url, audience), ...claims, ...changes.claims })}`
    const signature = sign('sha256', Buffer.from(signed), changes.privateKey ?? privateKey)
    const token = `${signed}.${signature.toString('base64url')}`
    minted.push(token)
    return token
  }
  const key = { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' }
  return {
    url,
    keyId,
    publicKey,
    claims,
    requestToken,
    minted,
    mint,
    serve: ({ path }) => discover(url, address, path, key),
    serveTokens: serveTokens(requestToken, claims, mint),
  }
}

/** A job's endpoint (protocol 1.1): any path, `audience` in the query, the owner's page without it. */
export const serveTokens =
  (requestToken: string, claims: Claims, mint: (audience: string) => string): Handler =>
  (request) => {
    if (request.method !== 'GET') return { status: 405 }
    if (!isAuthorized(request.headers.authorization, requestToken)) {
      return json(401, { message: 'Unauthorized' })
    }
    const owner = `https://github.com/${String(claims['repository_owner'])}`
    const value = mint(request.query.get('audience') ?? owner)
    return json(200, { count: value.length, value })
  }

function timed(url: string, audience: string): Readonly<Record<string, unknown>> {
  const now = Math.floor(Date.now() / 1000)
  return { jti: randomUUID(), iss: url, aud: audience, iat: now, nbf: now - 600, exp: now + 300 }
}

function discover(url: string, address: string, path: string, key: unknown): WebAnswer {
  if (path === '/.well-known/jwks') return json(200, { keys: [key] })
  if (path !== '/.well-known/openid-configuration') return grpcError(404, 5, 'Not Found')
  return json(200, {
    issuer: url,
    jwks_uri: `${address}/.well-known/jwks`,
    subject_types_supported: ['public', 'pairwise'],
    response_types_supported: ['id_token'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid'],
  })
}

function isAuthorized(header: string | undefined, requestToken: string): boolean {
  const given = Buffer.from(/^bearer (.+)$/i.exec(header ?? '')?.[1] ?? '')
  const expected = Buffer.from(requestToken)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
