import { createHash } from 'node:crypto'

/** One artifact of a run, from the moment that its name is taken. */
export interface StoredArtifact {
  readonly id: number
  readonly run: string
  readonly job: string
  readonly name: string
  readonly contentType: string
  readonly createdAt: number
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** Blocks by id that no list has named yet. */
  readonly blocks: Map<string, Uint8Array>
  content: Uint8Array | undefined
  /** `sha256:` and hexadecimal digits, as its client said. */
  digest: string | undefined
  finalized: boolean
}

/** What the service knows. Tests look at it and change it. */
export interface ArtifactState {
  readonly artifacts: StoredArtifact[]
  /** By the `sig` of an address that gives out or takes its bytes. */
  readonly signed: Map<string, StoredArtifact>
  /** By runtime token. */
  readonly jobs: Map<string, { readonly run: string; readonly job: string }>
  /** Bytes that all artifacts together may have. */
  quota: number
  /** The longest that the repository keeps one. */
  retentionDays: number
  lastId: number
}

export const createArtifactState = (): ArtifactState => ({
  artifacts: [],
  signed: new Map(),
  jobs: new Map(),
  quota: Number.POSITIVE_INFINITY,
  retentionDays: 90,
  lastId: 4_000_000_000,
})

export const sha256Of = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export const usedBytes = ({ artifacts }: ArtifactState): number =>
  artifacts.reduce((sum, { content }) => sum + (content?.length ?? 0), 0)
