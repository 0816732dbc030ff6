// Not from the whole client: it loads Node's, which a run that asks nobody does without.
import { checkBypass } from '@actions/http-client/lib/proxy'
import { ActionError } from '../errors.ts'
import { isLoopback } from './url-rules.ts'

/**
 * The proxy that `https_proxy` and `no_proxy` (lower case first, then upper) ask for; loopback never has one.
 * A value without a scheme is one over http: the library would take its host for the scheme and go without a proxy.
 * NET_PROXY, without the value, for anything else: it may hold a password.
 */
export function findProxy(url: URL): URL | undefined {
  const value = process.env['https_proxy'] || process.env['HTTPS_PROXY'] || ''
  if (value === '' || isLoopback(url) || url.protocol !== 'https:') return undefined
  const proxy = parseProxy(value)
  return checkBypass(url) ? undefined : proxy
}

function parseProxy(value: string): URL {
  const proxy = URL.parse(value.includes('://') ? value : `http://${value}`)
  const known = proxy?.protocol === 'http:' || proxy?.protocol === 'https:'
  if (proxy === null || !known || proxy.hostname === '' || !decodes(proxy)) {
    throw new ActionError('NET_PROXY', 'The variable https_proxy holds no http:// or https:// URL')
  }
  return proxy
}

function decodes(proxy: URL): boolean {
  try {
    proxyAuthorization(proxy)
    return true
  } catch {
    return false
  }
}

/** Value of `proxy-authorization` (RFC 7617); undefined without credentials. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}
