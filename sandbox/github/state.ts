import type { Claims } from '../claims.ts'

export type Access = 'none' | 'read' | 'write'

/** What a workflow's `permissions:` grants to a token, as far as anything here asks for it. */
export interface Permissions {
  contents: Access
  attestations: Access
  /** `owner/name` of the one repository that the token is for; others it sees as anybody does. Any, if absent. */
  readonly repository?: string
  /** Whose token it is; the workflow's own by default. */
  readonly login?: string
}

export interface Repository {
  readonly id: number
  readonly owner: string
  readonly ownerId: number
  readonly name: string
  readonly isPrivate: boolean
  /** Whether releases that are published from now on can never be changed again. */
  immutableReleases: boolean
  /** By id. */
  readonly releases: Map<number, Release>
  /** What a tag points to, by its name. */
  readonly tags: Map<string, GitObject>
  /** Annotated tags, by the id of the tag object. */
  readonly tagObjects: Map<string, { readonly tag: string; readonly object: GitObject }>
}

export interface GitObject {
  readonly type: 'commit' | 'tag' | 'tree' | 'blob'
  readonly sha: string
}

export interface Release {
  readonly id: number
  tag: string
  title: string
  draft: boolean
  prerelease: boolean
  immutable: boolean
  readonly createdAt: number
  publishedAt: number | undefined
  /** By id. */
  readonly assets: Map<number, Asset>
}

export interface Asset {
  readonly id: number
  name: string
  label: string
  state: 'uploaded' | 'open' | 'starter'
  readonly contentType: string
  size: number
  /** SHA-256, hexadecimal; undefined for those from before GitHub computed digests. */
  digest: string | undefined
  /** Where the bytes are. */
  readonly path: string
  createdAt: number
  uploader: string
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
  /** The last number given to anything. */
  lastId: number
  /** Where the bytes of assets are kept. */
  readonly folder: string
}

export const createState = (folder: string): GitHubState => ({
  repositories: new Map(),
  tokens: new Map(),
  attestations: [],
  withoutAttestations: new Set(),
  lastId: 1000,
  folder,
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
    immutableReleases: false,
    releases: new Map(),
    tags: new Map(),
    tagObjects: new Map(),
  } satisfies Repository
  state.repositories.set(full, repository)
  return repository
}
