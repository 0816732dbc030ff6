import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'

/** Where GitHub is, and which hosts belong to it. */
export interface GitHubHosts {
  /** GITHUB_API_URL, without a final slash. */
  readonly api: URL
  /** Whether an address is one to upload release assets to: the token goes there. */
  readonly takesUploads: (url: URL) => boolean
  /** Whether an address is one that GitHub keeps files at. No credential ever goes there. */
  readonly keepsFiles: (url: URL) => boolean
}

const LOOPBACK = /^(?:localhost|\[::1\]|127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/

/** Of github.com and of data residency: release assets, attestations and artifacts. */
const STORAGE = /(?:^|\.)(?:githubusercontent\.com|blob\.core\.windows\.net|ghe\.com)$/

/**
 * The hosts that go with a GITHUB_API_URL: `api.github.com`, `api.SUB.ghe.com`, or a server of one's own, whose API,
 * uploads and files are all on its one host. Loopback, on any port, counts as such a server if that is allowed.
 * ENVIRONMENT for anything that is no https address.
 */
export function parseGitHubHosts(apiUrl: string, rules: { readonly allowLoopback: boolean }): GitHubHosts {
  const api = URL.parse(apiUrl)
  const loopback = api !== null && LOOPBACK.test(api.hostname) && rules.allowLoopback
  const isPlain = api !== null && api.username + api.password + api.search + api.hash === ''
  if (!isPlain || !(api.protocol === 'https:' || loopback)) {
    throw new ActionError('ENVIRONMENT', `GITHUB_API_URL is ${quote(apiUrl)}, which no runner sets`)
  }
  const isSecure = (url: URL): boolean =>
    url.protocol === 'https:' || (loopback && url.protocol === 'http:' && LOOPBACK.test(url.hostname))
  const isOwn = (url: URL): boolean =>
    loopback ? LOOPBACK.test(url.hostname) : url.hostname === api.hostname
  const uploads = /^api\.(?:github\.com|[a-z0-9-]+\.ghe\.com)$/.test(api.hostname)
    ? api.hostname.replace(/^api\./, 'uploads.')
    : undefined
  return {
    api,
    takesUploads: (url) => isSecure(url) && (uploads === undefined ? isOwn(url) : url.hostname === uploads),
    keepsFiles: (url) =>
      isSecure(url) && (isOwn(url) || (uploads !== undefined && STORAGE.test(url.hostname))),
  }
}
