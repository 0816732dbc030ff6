import type { WebRequest } from '../web.ts'
import { apiError, notFound } from './router.ts'
import type { Access, GitHubState, Permissions, Repository } from './state.ts'

export const tokenOf = ({ headers }: WebRequest): string | undefined =>
  /^(?:bearer|token) +(\S+)$/i.exec(headers.authorization ?? '')?.[1]

/** What the sender of a request may do there: anybody may read what is public. */
export function accessTo(
  state: GitHubState,
  request: WebRequest,
  { isPrivate }: Repository,
  what: keyof Permissions,
): Access {
  const everybody = isPrivate ? 'none' : 'read'
  const granted = state.tokens.get(tokenOf(request) ?? '')?.[what] ?? 'none'
  return granted === 'none' ? everybody : granted
}

/** The answer to a write that is not allowed; what may not even be seen is not there. */
export const refuseWrite = (access: Access) =>
  access === 'none' ? notFound() : apiError(403, 'Resource not accessible by integration')
