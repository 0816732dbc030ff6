import { ActionError } from '../errors.ts'

/** By name or address only; WHATWG URLs write each IPv4 address in one way. */
export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)

/** NET_INSECURE for plain http (to loopback it may be allowed), other schemes and URLs that hold credentials. */
export function checkUrl(url: URL, rules: { readonly allowLoopbackHttp: boolean }): void {
  if (url.username !== '' || url.password !== '') {
    throw new ActionError('NET_INSECURE', `The URL of ${url.host} holds a user name or a password`, {
      hint: 'Remove it: tokens are sent as headers.',
    })
  }
  if (url.protocol === 'https:') return
  if (url.protocol === 'http:' && isLoopback(url) && rules.allowLoopbackHttp) return
  throw new ActionError('NET_INSECURE', `${url.protocol}//${url.host} is not https`)
}
