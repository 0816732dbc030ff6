import type { Claims } from '../claims.ts'

export type Access = 'none' | 'read' | 'write'

/** What a workflow's `permissions:` grants to a token, as far as anything here asks for it. */
export interface Permissions {
  contents: Access
  attestations: Access
}

export interface Repository {
  readonly id: number
  readonly owner: string
  readonly ownerId: number
  readonly name: string
  readonly isPrivate: boolean
}

/** All that GitHub knows here. Tests change it as they like. */
export interface GitHubState {
  /** By `owner/name`. */
  readonly repositories: Map<string, Repository>
  /** By token. */
  readonly tokens: Map<string, Permissions>
}

export const createState = (): GitHubState => ({ repositories: new Map(), tokens: new Map() })

/** The repository that the claims of a job name. */
export function addRepository(state: GitHubState, claims: Claims): Repository {
  const full = String(claims['repository'])
  const [owner = '', name = ''] = full.split('/')
  const repository = {
    id: Number(claims['repository_id']),
    owner,
    ownerId: Number(claims['repository_owner_id']),
    name,
    isPrivate: claims['repository_visibility'] !== 'public',
  }
  state.repositories.set(full, repository)
  return repository
}
