import * as http from 'node:http'
import * as https from 'node:https'
import { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { ActionError } from '../errors.ts'
import { codeOf } from './network-error.ts'
import { proxyAuthorization } from './proxy.ts'

/** The agent is not told the signal of a request, so it is handed over under a name of our own as well. */
export interface TunnelRequestOptions extends https.RequestOptions {
  readonly giveUp: AbortSignal
}

/**
 * An agent whose connections go through a proxy by CONNECT (RFC 9110 9.3.6) and are kept alive. The library's own
 * tunnels are used once each, know no extra CA, and cannot be given up while the proxy is silent.
 */
export function tunnelAgent(proxy: URL, options: https.AgentOptions): https.Agent {
  const agent = new https.Agent(options)
  const secure = agent.createConnection.bind(agent)
  const connect = async (target: https.RequestOptions): Promise<Duplex> => {
    const through = { ...target, socket: await openTunnel(proxy, target, options.secureContext) }
    const connection = secure(through)
    if (connection) return connection
    throw proxyError(proxy, 'gave a connection that TLS cannot use')
  }
  agent.createConnection = (target, callback) => {
    connect(target).then(
      (connection) => callback?.(null, connection),
      (cause) => callback?.(cause, new Duplex()),
    )
    return undefined
  }
  return agent
}

async function openTunnel(
  proxy: URL,
  target: https.RequestOptions,
  secureContext: SecureContext | undefined,
): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  const request = askProxy(proxy, target, secureContext)
  request.once('error', (cause) => reject(proxyError(proxy, `cannot be reached (${codeOf(cause)})`)))
  request.once('connect', (answer, socket, early) => {
    const status = answer.statusCode ?? 0
    if (status >= 200 && status < 300 && early.length === 0) return resolve(socket)
    socket.destroy()
    reject(proxyError(proxy, early.length > 0 ? 'talks before the server' : `answers CONNECT with ${status}`))
  })
  request.end()
  return await promise
}

function askProxy(
  proxy: URL,
  target: https.RequestOptions,
  secureContext: SecureContext | undefined,
): http.ClientRequest {
  const authority = `${bracketed(`${target.host}`)}:${target.port}`
  const authorization = proxyAuthorization(proxy)
  const overTls = proxy.protocol === 'https:'
  const host = proxy.hostname.replace(/^\[(.*)\]$/, '$1')
  const options: https.RequestOptions = {
    method: 'CONNECT',
    host,
    port: proxy.port || (overTls ? 443 : 80),
    path: authority,
    headers: {
      host: authority,
      ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
    },
    agent: false,
    // Otherwise it would be taken from the header `host`, which names the target.
    ...(overTls && !/^[\d.]+$|:/.test(host) ? { servername: host } : {}),
    ...(overTls && secureContext !== undefined ? { secureContext } : {}),
    ...('giveUp' in target && target.giveUp instanceof AbortSignal ? { signal: target.giveUp } : {}),
  }
  return overTls ? https.request(options) : http.request(options)
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** Names the proxy by host and port only: its URL may hold a password. */
const proxyError = (proxy: URL, what: string): ActionError =>
  new ActionError('NET_PROXY', `The proxy ${proxy.host} ${what}`)
