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

export interface StoredAttestation {
  readonly id: number
  readonly repositoryId: number
  readonly bundle: unknown
  /** `sha256:…`, one for each subject. */
  readonly digests: readonly string[]
  readonly predicateType: string
  /** Who had it stored: `user`, or `github` for a release's own. */
  readonly initiator: string
  /** How the bundle is handed out: within the list, or in a file that is a raw Snappy block, a Snappy stream or plain JSON. */
  form: 'block' | 'stream' | 'json' | 'inline'
  /** What the file holds instead. */
  body?: Uint8Array
  /** Where the file is said to be instead. */
  url?: string
  /** Whether the address that is handed out has expired already. */
  expired?: boolean
}

/** All that GitHub knows here. Tests change it as they like. */
export interface GitHubState {
  /** By `owner/name`. */
  readonly repositories: Map<string, Repository>
  /** By token. */
  readonly tokens: Map<string, Permissions>
  /** In the order in which they came. */
  readonly attestations: StoredAttestation[]
  /** Repositories, by `owner/name`, whose plan has no attestations. */
  readonly withoutAttestations: Set<string>
}

export const createState = (): GitHubState => ({
  repositories: new Map(),
  tokens: new Map(),
  attestations: [],
  withoutAttestations: new Set(),
})

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
