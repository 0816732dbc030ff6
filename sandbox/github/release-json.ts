import type { Endpoints } from './github.ts'
import type { Asset, Release, Repository } from './state.ts'

/** Releases and assets as the API tells of them (schemas `release` and `release-asset` of GitHub's description). */

const WEB = 'https://github.com'

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')

/** A number that stands for a login: the bot of workflows has its real one. */
export const userId = (login: string): number =>
  login === 'github-actions[bot]' ? 41898282 : [...login].reduce((sum, { length }) => sum * 31 + length, 7)

function userJson({ addresses }: Endpoints, login: string) {
  const url = `${addresses.api}/users/${encodeURIComponent(login)}`
  const lists = ['followers', 'following', 'gists', 'starred', 'subscriptions', 'organizations', 'repos']
  return {
    login,
    id: userId(login),
    node_id: Buffer.from(`User${login}`).toString('base64'),
    avatar_url: `${WEB}/avatars/${userId(login)}`,
    gravatar_id: '',
    url,
    html_url: `${WEB}/apps/${encodeURIComponent(login)}`,
    ...Object.fromEntries(lists.map((list) => [`${list}_url`, `${url}/${list}`])),
    events_url: `${url}/events`,
    received_events_url: `${url}/received_events`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  }
}

const repositoryUrl = ({ addresses }: Endpoints, { owner, name }: Repository): string =>
  `${addresses.api}/repos/${owner}/${name}`

/** A draft has a place of its own until it is published. */
const placeOf = ({ draft, id, tag }: Release): string => (draft ? `untagged-${id}` : encodeURIComponent(tag))

export function releaseJson(endpoints: Endpoints, repository: Repository, release: Release) {
  const { owner, name } = repository
  const url = `${repositoryUrl(endpoints, repository)}/releases/${release.id}`
  return {
    url,
    assets_url: `${url}/assets`,
    upload_url: `${endpoints.addresses.uploads}/repos/${owner}/${name}/releases/${release.id}/assets{?name,label}`,
    html_url: `${WEB}/${owner}/${name}/releases/tag/${placeOf(release)}`,
    id: release.id,
    node_id: Buffer.from(`Release${release.id}`).toString('base64'),
    tag_name: release.tag,
    target_commitish: 'main',
    name: release.title,
    body: '',
    draft: release.draft,
    prerelease: release.prerelease,
    immutable: release.immutable,
    created_at: isoTime(release.createdAt),
    published_at: release.publishedAt === undefined ? null : isoTime(release.publishedAt),
    author: userJson(endpoints, 'octocat'),
    tarball_url: release.draft
      ? null
      : `${repositoryUrl(endpoints, repository)}/tarball/${encodeURIComponent(release.tag)}`,
    zipball_url: release.draft
      ? null
      : `${repositoryUrl(endpoints, repository)}/zipball/${encodeURIComponent(release.tag)}`,
    // Only the first ones, as the real one may do: whoever wants all lists them.
    assets: [...release.assets.values()]
      .slice(0, 30)
      .map((one) => assetJson(endpoints, repository, release, one)),
  }
}

export function assetJson(endpoints: Endpoints, repository: Repository, release: Release, asset: Asset) {
  const { owner, name } = repository
  return {
    url: `${repositoryUrl(endpoints, repository)}/releases/assets/${asset.id}`,
    id: asset.id,
    node_id: Buffer.from(`ReleaseAsset${asset.id}`).toString('base64'),
    name: asset.name,
    label: asset.label,
    state: asset.state,
    content_type: asset.contentType,
    size: asset.size,
    digest: asset.digest === undefined ? null : `sha256:${asset.digest}`,
    download_count: 0,
    created_at: isoTime(asset.createdAt),
    updated_at: isoTime(asset.createdAt),
    uploader: userJson(endpoints, asset.uploader),
    browser_download_url: `${WEB}/${owner}/${name}/releases/download/${placeOf(release)}/${asset.name}`,
  }
}
