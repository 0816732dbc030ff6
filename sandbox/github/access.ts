import type { WebRequest } from '../web.ts'
import { apiError, notFound } from './router.ts'
import type { Access, GitHubState, Permissions, Repository } from './state.ts'

const ACTIONS_BOT = 'github-actions[bot]'

export const tokenOf = ({ headers }: WebRequest): string | undefined =>
  /^(?:bearer|token) +(\S+)$/i.exec(headers.authorization ?? '')?.[1]

const permissionsOf = (state: GitHubState, request: WebRequest): Permissions | undefined =>
  state.tokens.get(tokenOf(request) ?? '')

export const loginOf = (state: GitHubState, request: WebRequest): string =>
  permissionsOf(state, request)?.login ?? ACTIONS_BOT

/** What the sender of a request may do there: anybody may read what is public, and a token is for one repository. */
export function accessTo(
  state: GitHubState,
  request: WebRequest,
  { owner, name, isPrivate }: Repository,
  what: 'contents' | 'attestations' = 'contents',
): Access {
  const everybody = isPrivate ? 'none' : 'read'
  const permissions = permissionsOf(state, request)
  if (permissions === undefined) return everybody
  const isFor = permissions.repository === undefined || permissions.repository === `${owner}/${name}`
  const granted = isFor ? permissions[what] : 'none'
  return granted === 'none' ? everybody : granted
}

/** The answer to a write that is not allowed; what may not even be seen is not there. */
export const refuseWrite = (access: Access) =>
  access === 'none' ? notFound() : apiError(403, 'Resource not accessible by integration')
