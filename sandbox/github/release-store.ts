import { createHash, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { storedName } from './asset-names.ts'
import type { Asset, GitHubState, Release, Repository } from './state.ts'

/** What tests and the API do to releases, without HTTP. */

type NewRelease = Partial<
  Pick<Release, 'tag' | 'title' | 'draft' | 'prerelease' | 'immutable' | 'publishedAt'>
>

export function addRelease(state: GitHubState, repository: Repository, given: NewRelease = {}): Release {
  const draft = given.draft ?? false
  const release: Release = {
    id: ++state.lastId,
    tag: 'v1.0.0',
    title: given.tag ?? 'v1.0.0',
    prerelease: false,
    immutable: !draft && repository.immutableReleases,
    createdAt: Date.now(),
    publishedAt: draft ? undefined : Date.now(),
    assets: new Map(),
    ...given,
    draft,
  }
  repository.releases.set(release.id, release)
  if (!draft) tagCommit(repository, release.tag)
  return release
}

/** A published release has a tag: if there is none, publishing makes one. */
export function publishRelease(repository: Repository, release: Release): void {
  release.draft = false
  release.publishedAt = Date.now()
  release.immutable = repository.immutableReleases
  tagCommit(repository, release.tag)
}

/** The commit that `githubClaims` gives a run on this tag, unless the tag is there already. */
function tagCommit(repository: Repository, tag: string): void {
  if (repository.tags.has(tag)) return
  const text = `commit of ${repository.owner}/${repository.name} refs/tags/${tag}`
  repository.tags.set(tag, { type: 'commit', sha: createHash('sha1').update(text).digest('hex') })
}

/** Points the tag to an annotated one, which points to the commit. */
export function annotateTag(repository: Repository, tag: string, commit: string): void {
  const sha = createHash('sha1').update(`${tag} ${commit}`).digest('hex')
  repository.tagObjects.set(sha, { tag, object: { type: 'commit', sha: commit } })
  repository.tags.set(tag, { type: 'tag', sha })
}

interface Stored {
  readonly name: string
  readonly label?: string
  readonly contentType?: string
  readonly uploader?: string
  readonly path: string
  readonly size: number
  readonly sha256: string
}

export function storeAsset(state: GitHubState, release: Release, stored: Stored): Asset {
  const asset: Asset = {
    id: ++state.lastId,
    name: storedName(stored.name),
    label: stored.label ?? '',
    state: 'uploaded',
    contentType: stored.contentType ?? 'application/octet-stream',
    size: stored.size,
    digest: stored.sha256,
    path: stored.path,
    createdAt: Date.now(),
    uploader: stored.uploader ?? 'github-actions[bot]',
  }
  release.assets.set(asset.id, asset)
  return asset
}

/** An asset that is there from the beginning. */
export function addAsset(
  state: GitHubState,
  release: Release,
  name: string,
  content: string | Uint8Array,
  changes: Partial<Asset> = {},
): Asset {
  const path = join(state.folder, randomUUID())
  const bytes = Buffer.from(content)
  writeFileSync(path, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return Object.assign(storeAsset(state, release, { name, path, size: bytes.length, sha256 }), changes)
}

/** What an upload that broke off leaves: it blocks its name. */
export function breakAsset(asset: Asset): void {
  asset.state = 'starter'
  asset.size = 0
  asset.digest = undefined
}
