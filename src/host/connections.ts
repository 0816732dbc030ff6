import * as http from 'node:http'
import * as https from 'node:https'
import { Readable } from 'node:stream'
import { createSecureContext, getCACertificates, rootCertificates, type SecureContext } from 'node:tls'
import { urlToHttpOptions } from 'node:url'
import { HttpClient, type HttpClientResponse } from '@actions/http-client'
import type { HttpRequest } from '../ports.ts'
import { networkError, placeOf } from './network-error.ts'
import { findProxy } from './proxy.ts'
import { type TunnelRequestOptions, tunnelAgent } from './tunnel-agent.ts'

/** Sends a request once and resolves with the head of the answer, whatever its status; its body is still to be read. */
export type Send = (request: HttpRequest, signal: AbortSignal) => Promise<http.IncomingMessage>

/** Of one host. The number of requests in flight is decided elsewhere and is always smaller. */
const MAX_SOCKETS = 256

/** Connections that are kept alive, and do not keep the process alive. */
export function openConnections(caCertificates: readonly string[]): Send {
  const secureContext = caCertificates.length === 0 ? undefined : extendedContext(caCertificates)
  const pool = agentPool(secureContext)
  const client = new HttpClient()
  return async (request, signal) => {
    const httpModule = request.url.protocol === 'https:' ? https : http
    const broken = new AbortController()
    const either = AbortSignal.any([signal, broken.signal])
    const { auth: _, ...target } = urlToHttpOptions(request.url)
    const options: TunnelRequestOptions = {
      ...target,
      method: request.method,
      headers: sentHeaders(request),
      agent: pool(request.url),
      signal: either,
      giveUp: either,
      ...(httpModule === https ? { rejectUnauthorized: true } : {}),
    }
    const info = { options, parsedUrl: request.url, httpModule }
    return await sendBody(request, broken, (body) => client.requestRaw(info, body))
  }
}

/** The client listens to no error of the body, and lets go of none that was not read to its end. */
async function sendBody(
  request: HttpRequest,
  given: AbortController,
  sendIt: (body: Readable) => Promise<HttpClientResponse>,
): Promise<http.IncomingMessage> {
  const body = bodyOf(request)
  const { promise: failed, reject } = Promise.withResolvers<never>()
  body.once('error', reject)
  try {
    const { message } = await Promise.race([failed, sendIt(body)])
    message.once('close', () => body.destroy())
    return message
  } catch (cause) {
    body.destroy()
    given.abort()
    throw networkError(cause, placeOf(request))
  }
}

function bodyOf({ body }: HttpRequest): Readable {
  if (body === undefined) return Readable.from([])
  return Readable.from(body instanceof Uint8Array ? [body] : body.chunks())
}

function sentHeaders({ headers, body }: HttpRequest): http.OutgoingHttpHeaders {
  const length =
    body === undefined ? {} : { 'content-length': body instanceof Uint8Array ? body.length : body.size }
  return { ...headers, 'accept-encoding': 'identity', ...length }
}

/** One agent for each proxy and one for each protocol without. */
function agentPool(secureContext: SecureContext | undefined): (url: URL) => http.Agent {
  const options = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    ...(secureContext === undefined ? {} : { secureContext }),
  }
  const agents = new Map<string, http.Agent>()
  const make = (url: URL, proxy: URL | undefined): http.Agent => {
    if (proxy !== undefined) return tunnelAgent(proxy, options)
    return url.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options)
  }
  return (url) => {
    const proxy = findProxy(url)
    const key = `${url.protocol} ${proxy?.href ?? ''}`
    const agent = agents.get(key) ?? make(url, proxy)
    agents.set(key, agent)
    return agent
  }
}

/** The authorities that Node trusts, and these. Made once: loading and parsing them all takes 20 ms. */
function extendedContext(caCertificates: readonly string[]): SecureContext {
  // The runner's oldest Node 24 has it; the type does not know older ones.
  const usual = typeof getCACertificates === 'function' ? getCACertificates('default') : rootCertificates
  return createSecureContext({ ca: [...usual, ...caCertificates] })
}
