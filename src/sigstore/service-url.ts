import { quote } from '../core/printable.ts'
import { ActionError, type ErrorCode } from '../errors.ts'

const LOOPBACK = /^(?:127(?:\.[0-9]{1,3}){3}|\[::1\]|localhost)$/

/** Whether requests to this URL never leave the machine. */
export const isLoopback = ({ hostname }: URL): boolean => LOOPBACK.test(hostname)

/** Whether it is http where only https will do: anywhere but on loopback. */
export const isPlainHttp = ({ protocol }: URL): boolean => protocol === 'http:'

/** The URL of a service: https, or http to loopback; without user, query or fragment. Throws `code`. */
export function parseServiceUrl(text: string, code: ErrorCode, what: string): URL {
  const url = /[\s\\]/.test(text) ? null : URL.parse(text)
  if (url === null) throw new ActionError(code, `${what} is no URL: ${quote(text)}`)
  if (url.username !== '' || url.password !== '') {
    throw new ActionError(code, `${what} holds a user or password; its host is ${quote(url.host)}`)
  }
  if (url.search !== '' || url.hash !== '') {
    throw new ActionError(code, `${what} has a query or fragment: ${quote(text)}`)
  }
  if (url.protocol === 'https:' || (isPlainHttp(url) && isLoopback(url))) return url
  throw new ActionError(code, `${what} is not https: ${quote(text)}`)
}

/** The URL with more path behind its own: `https://host/base/` and `/api` give `https://host/base/api`. */
export function atPath(base: URL, path: `/${string}`): URL {
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/$/, '')}${path}`
  return url
}
