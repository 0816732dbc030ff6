/** A workflow as GitHub names it in a certificate: `<server>/<owner>/<repository>/<path>@<ref or commit>`. */
export interface WorkflowIdentity {
  /** `owner/name`. */
  readonly repository: string
  /** `.github/workflows/x.yml`. */
  readonly path: string
  /** `refs/…`, or the hexadecimal commit by which a reusable workflow was called. */
  readonly ref: string
}

const END_OF_PATH = /\.ya?ml@/

/**
 * Splits at the first `@` behind `.yml` or `.yaml`: `x@refs/heads/main` is a legal branch name, so a split at the last
 * one could be led astray. undefined if the name is not a workflow's under this server.
 */
export function parseWorkflowIdentity(san: string, server: string): WorkflowIdentity | undefined {
  const prefix = `${server}/`
  const end = END_OF_PATH.exec(san)
  if (!san.startsWith(prefix) || end === null) return undefined
  const at = end.index + end[0].length - 1
  const [owner = '', name = '', ...path] = san.slice(prefix.length, at).split('/')
  const ref = san.slice(at + 1)
  if (owner === '' || name === '' || path.length === 0 || path.includes('') || ref === '') return undefined
  return { repository: `${owner}/${name}`, path: path.join('/'), ref }
}

/** SHA-1 or SHA-256 commits. */
export const isCommit = (ref: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(ref)

export const isBranchOrTag = (ref: string): boolean => /^refs\/(?:heads|tags)\/./.test(ref)

/** `*` stands for any characters but `/`. Linear: the last star alone moves. */
export function matchRef(pattern: string, ref: string): boolean {
  const parts = pattern.split('/')
  const found = ref.split('/')
  return parts.length === found.length && parts.every((part, i) => matchPart(part, found[i] ?? ''))
}

function matchPart(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++
      mark = t
    } else if (p < pattern.length && pattern[p] === text[t]) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++mark
    } else return false
  }
  return /^\**$/.test(pattern.slice(p))
}

const GITHUB = 'https://token.actions.githubusercontent.com'

/** GitHub's issuer, also with one enterprise slug (github docs, OIDC reference). */
export function isPublicGitHubIssuer(issuer: string): boolean {
  return (
    issuer === GITHUB ||
    (issuer.startsWith(`${GITHUB}/`) && /^[A-Za-z0-9-]+$/.test(issuer.slice(GITHUB.length + 1)))
  )
}

/** Whether tokens of this issuer are made by the server: GitHub Enterprise Server, or a tenant of `ghe.com`. */
export function isIssuerOfServer(issuer: string, server: string): boolean {
  if (!URL.canParse(server)) return false
  const { host, protocol } = new URL(server)
  if (server === 'https://github.com' || protocol !== 'https:') return false
  return (
    issuer === `https://${host}/_services/token` ||
    (host.endsWith('.ghe.com') && issuer === `https://token.actions.${host}`)
  )
}
