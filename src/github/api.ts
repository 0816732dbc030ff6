import { endpoint } from '@octokit/endpoint'
import { encodeUtf8 } from '../core/bytes.ts'
import { type Json, parseJson } from '../core/json.ts'
import type { Secret } from '../core/secret.ts'
import { ActionError } from '../errors.ts'
import type { Http, HttpRequest, HttpResponse } from '../ports.ts'
import type { GitHubHosts } from './hosts.ts'

/** GitHub as a run sees it. */
export interface GitHub {
  readonly http: Http
  readonly hosts: GitHubHosts
  /** Sent to the API's host, and with release assets to the host of uploads; nowhere else. */
  readonly token?: Secret
}

/** A call of the REST API. */
export interface GitHubCall {
  /** Method and path with placeholders, as GitHub's documentation writes them: `GET /repos/{owner}/{repo}/releases`. */
  readonly route: `${HttpRequest['method']} /${string}`
  /** Values of the placeholders; what is left becomes the query of a GET and the JSON body of anything else. */
  readonly parameters: Readonly<Record<string, Json>>
  /** Bytes of the answer; 16 MiB unless said otherwise. */
  readonly maxBytes?: number
  /** As in HttpRequest. */
  readonly once?: boolean
  readonly mayRedirect?: boolean
  readonly receive?: HttpRequest['receive']
  /** The media type to ask for; JSON unless said otherwise. */
  readonly accept?: string
}

export const API_TIMEOUT = 30_000
const MAX_ANSWER = 16 * 1024 * 1024
/** Pinned: the later one leaves members out that we read. */
const API_VERSION = '2022-11-28'

/** Resolves with any complete answer, whatever its status: see `assertOk`. */
export function requestApi(github: GitHub, call: GitHubCall): Promise<HttpResponse> {
  return github.http(encodeCall(github, call))
}

/** A GET of an address that an earlier answer gave, such as the next page. It must be the API's own. */
export function requestPage(github: GitHub, address: string): Promise<HttpResponse> {
  const url = URL.parse(address)
  if (url === null || url.origin !== github.hosts.api.origin) {
    throw new ActionError('GITHUB_HOST', 'the next page is on another host than GITHUB_API_URL')
  }
  const headers = apiHeaders(github)
  return github.http({
    service: 'GitHub API',
    method: 'GET',
    url,
    headers,
    timeout: API_TIMEOUT,
    maxBytes: MAX_ANSWER,
  })
}

function encodeCall(github: GitHub, call: GitHubCall): HttpRequest {
  const method = call.route.slice(0, call.route.indexOf(' ')) as HttpRequest['method']
  const baseUrl = github.hosts.api.href.replace(/\/$/, '')
  const { url, body } = endpoint(call.route, { baseUrl, ...call.parameters })
  const headers = { ...apiHeaders(github), ...(call.accept !== undefined && { accept: call.accept }) }
  return {
    service: 'GitHub API',
    method,
    url: new URL(url),
    headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    ...(body !== undefined && { body: encodeUtf8(JSON.stringify(body)) }),
    timeout: API_TIMEOUT,
    maxBytes: call.maxBytes ?? MAX_ANSWER,
    ...(call.once !== undefined && { once: call.once }),
    ...(call.mayRedirect !== undefined && { mayRedirect: call.mayRedirect }),
    ...(call.receive !== undefined && { receive: call.receive, timeoutIsIdle: true }),
  }
}

export const apiHeaders = ({ token }: GitHub): Record<string, string> => ({
  accept: 'application/vnd.github+json',
  'x-github-api-version': API_VERSION,
  ...(token !== undefined && { authorization: `Bearer ${token.reveal()}` }),
})

/** GITHUB_RESPONSE for what is no JSON, or holds a member twice. */
export function parseAnswer(body: Uint8Array, what: string): Json {
  const code = 'GITHUB_RESPONSE'
  const rules = { malformed: code, tooLarge: code, tooDeep: code, duplicate: code } as const
  return parseJson(body, { maxBytes: Math.max(MAX_ANSWER, body.length), maxDepth: 64, ...rules }, what)
}
