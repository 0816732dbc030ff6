import { isJsonObject } from '../core/json-reader.ts'
import { quote } from '../core/printable.ts'
import { Secret } from '../core/secret.ts'
import { ActionError } from '../errors.ts'
import type { Http, HttpRequest, HttpResponse } from '../ports.ts'
import { type AnswerCodes, parseAnswer } from './answer.ts'
import { isLoopback, isPlainHttp } from './service-url.ts'

/** What the environment says about the runner's token endpoint: both variables, or the names of those that are missing. */
export type OfferedEndpoint =
  | { readonly kind: 'offered'; readonly url: string; readonly bearer: Secret }
  | { readonly kind: 'missing'; readonly names: readonly string[] }

export interface EndpointRules {
  /** GITHUB_SERVER_URL. */
  readonly server: string
  /** Under a custom Sigstore instance alone. */
  readonly allowLoopback: boolean
}

/** An endpoint that only GitHub can have made. */
export interface TokenEndpoint {
  readonly url: URL
  readonly bearer: Secret
}

const CODES: AnswerCodes = {
  service: 'identity token',
  refused: 'TOKEN_REQUEST',
  response: 'TOKEN_REQUEST',
}
const TIMEOUT = 30_000
/** A token too large to be one is refused by what reads it, with its own code. */
const MAX_BYTES = 2 * 1024 * 1024

/**
 * The runner's token endpoint (protocol 1.1). TOKEN_PERMISSION if the job may not have a token; TOKEN_ENDPOINT if it is
 * not GitHub's: an earlier step can have put its own into the environment.
 */
export function parseTokenEndpoint(offered: OfferedEndpoint, rules: EndpointRules): TokenEndpoint {
  if (offered.kind === 'missing') {
    const { names } = offered
    throw new ActionError(
      'TOKEN_PERMISSION',
      `the job may not ask for an identity token: ${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} not set`,
    )
  }
  const { bearer } = offered
  const url = URL.parse(offered.url)
  if (url === null) throw new ActionError('TOKEN_ENDPOINT', 'the token endpoint is no URL')
  if (url.username !== '' || url.password !== '' || !isTrusted(url, rules)) {
    throw new ActionError(
      'TOKEN_ENDPOINT',
      `the token endpoint is not GitHub's: its host is ${quote(url.host)}`,
    )
  }
  if (!/^[\x21-\x7e]+$/.test(bearer.reveal())) {
    throw new ActionError('TOKEN_ENDPOINT', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN is not a token')
  }
  return { url, bearer }
}

function isTrusted(url: URL, { server, allowLoopback }: EndpointRules): boolean {
  if (allowLoopback && isLoopback(url)) return isPlainHttp(url) || url.protocol === 'https:'
  if (url.protocol !== 'https:') return false
  if (url.host.endsWith('.actions.githubusercontent.com')) return true
  const own = URL.parse(server)
  if (own === null || own.protocol !== 'https:' || own.host === 'github.com') return false
  return url.host === own.host || (own.host.endsWith('.ghe.com') && url.host.endsWith(`.actions.${own.host}`))
}

/** The endpoint's URL has a query already; the audience replaces one that is in it. */
export function identityTokenRequest({ url, bearer }: TokenEndpoint, audience: string): HttpRequest {
  const withAudience = new URL(url)
  withAudience.searchParams.set('audience', audience)
  return {
    service: CODES.service,
    method: 'GET',
    url: withAudience,
    headers: { accept: 'application/json', authorization: `Bearer ${bearer.reveal()}` },
    timeout: TIMEOUT,
    maxBytes: MAX_BYTES,
  }
}

/** `{"value": "<token>"}`. Whatever else comes is TOKEN_REQUEST, and no part of it is shown: it may hold a token. */
export function parseIdentityTokenResponse(response: HttpResponse): Secret {
  const { status } = response
  if (status >= 300 && status < 400)
    throw new ActionError('NET_REDIRECT', `the token endpoint answers ${status}`)
  if (status !== 200) throw new ActionError('TOKEN_REQUEST', `the token endpoint answers ${status}`)
  const json = parseAnswer(response, CODES)
  const value = isJsonObject(json) ? json['value'] : undefined
  if (typeof value === 'string' && value !== '') return new Secret(value)
  throw new ActionError('TOKEN_REQUEST', 'the answer of the token endpoint holds no token')
}

/** The job's own identity token. Mask it before anything else is done with it. */
export const requestIdentityToken = async (
  http: Http,
  endpoint: TokenEndpoint,
  audience: string,
): Promise<Secret> => parseIdentityTokenResponse(await http(identityTokenRequest(endpoint, audience)))
