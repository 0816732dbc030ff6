import { json, type WebAnswer } from '../web.ts'
import { accessTo, loginOf, refuseWrite } from './access.ts'
import type { Endpoints } from './github.ts'
import { assetJson, releaseJson, userId } from './release-json.ts'
import { publishRelease } from './release-store.ts'
import { type ApiRequest, apiError, notFound, type Routes } from './router.ts'
import type { Access, Asset, GitObject, Release, Repository } from './state.ts'

interface Found {
  readonly repository: Repository
  readonly access: Access
}

/** The repository of the path, if the sender may know of it. */
export function findRepository({ state }: Endpoints, request: ApiRequest): Found | undefined {
  const repository = state.repositories.get(`${request.values['owner']}/${request.values['repo']}`)
  if (repository === undefined) return undefined
  const access = accessTo(state, request, repository)
  return access === 'none' ? undefined : { repository, access }
}

/** The release of the path; drafts are there for those who may write. */
export function findRelease(
  endpoints: Endpoints,
  request: ApiRequest,
): (Found & { release: Release }) | undefined {
  const found = findRepository(endpoints, request)
  const release = found?.repository.releases.get(Number(request.values['release_id']))
  if (found === undefined || release === undefined) return undefined
  return release.draft && found.access !== 'write' ? undefined : { ...found, release }
}

/** The asset of the path with its release. */
export function findAsset(endpoints: Endpoints, request: ApiRequest) {
  const found = findRepository(endpoints, request)
  const id = Number(request.values['asset_id'])
  for (const release of found?.repository.releases.values() ?? []) {
    const asset: Asset | undefined = release.assets.get(id)
    if (asset === undefined || found === undefined) continue
    return release.draft && found.access !== 'write' ? undefined : { ...found, release, asset }
  }
  return undefined
}

/** One page, with a `Link` to the others. */
export function page(endpoints: Endpoints, request: ApiRequest, items: readonly unknown[]): WebAnswer {
  const size = Math.min(100, Math.max(1, Number(request.query.get('per_page') ?? 30)))
  const number = Math.max(1, Number(request.query.get('page') ?? 1))
  const last = Math.max(1, Math.ceil(items.length / size))
  const link = (to: number, rel: string): string =>
    `<${endpoints.addresses.api}${request.path}?per_page=${size}&page=${to}>; rel="${rel}"`
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev'), link(1, 'first')] : []),
    ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
  ]
  const shown = items.slice((number - 1) * size, number * size)
  return json(200, shown, links.length === 0 ? {} : { link: links.join(', ') })
}

const newestFirst = ({ releases }: Repository): readonly Release[] =>
  [...releases.values()].sort((a, b) => b.id - a.id)

export const releaseRoutes = (endpoints: Endpoints): Routes => ({
  'GET /repos/{owner}/{repo}/releases': (request) => {
    const found = findRepository(endpoints, request)
    if (found === undefined) return notFound()
    const seen = newestFirst(found.repository).filter(({ draft }) => !draft || found.access === 'write')
    return page(
      endpoints,
      request,
      seen.map((release) => releaseJson(endpoints, found.repository, release)),
    )
  },
  'GET /repos/{owner}/{repo}/releases/tags/{tag}': (request) => {
    const found = findRepository(endpoints, request)
    const { tag } = request.values
    const release = [...(found?.repository.releases.values() ?? [])].find(
      (one) => one.tag === tag && !one.draft,
    )
    if (found === undefined || release === undefined) return notFound()
    return json(200, releaseJson(endpoints, found.repository, release))
  },
  'GET /repos/{owner}/{repo}/releases/{release_id}': (request) => {
    const found = findRelease(endpoints, request)
    return found === undefined
      ? notFound()
      : json(200, releaseJson(endpoints, found.repository, found.release))
  },
  'GET /repos/{owner}/{repo}/releases/{release_id}/assets': (request) => {
    const found = findRelease(endpoints, request)
    if (found === undefined) return notFound()
    const { repository, release } = found
    const assets = [...release.assets.values()]
    return page(
      endpoints,
      request,
      assets.map((asset) => assetJson(endpoints, repository, release, asset)),
    )
  },
  'PATCH /repos/{owner}/{repo}/releases/{release_id}': (request) => {
    const found = findRelease(endpoints, request)
    if (found === undefined) return notFound()
    if (found.access !== 'write') return refuseWrite(found.access)
    const { repository, release } = found
    const asked = JSON.parse(Buffer.from(request.body).toString())
    // Whoever names no tag takes it off the release: that is why `gh release edit` always sends one.
    if (release.draft) release.tag = asked.tag_name ?? `untagged-${release.id}`
    if (asked.draft === false && release.draft) publishRelease(repository, release)
    return json(200, releaseJson(endpoints, repository, release))
  },
  'GET /repos/{owner}/{repo}/git/ref/{ref}': (request) => {
    const tags = findRepository(endpoints, request)?.repository.tags
    const [, tag = ''] = /^tags\/(.+)$/.exec(request.values['ref'] ?? '') ?? []
    const object = tags?.get(tag)
    return object === undefined ? notFound() : json(200, refJson(endpoints, request, tag, object))
  },
  'GET /repos/{owner}/{repo}/git/tags/{tag_sha}': (request) => {
    const sha = request.values['tag_sha'] ?? ''
    const found = findRepository(endpoints, request)?.repository.tagObjects.get(sha)
    if (found === undefined) return notFound()
    const url = `${endpoints.addresses.api}${request.path}`
    return json(200, {
      node_id: Buffer.from(`Tag${sha}`).toString('base64'),
      sha,
      url,
      tag: found.tag,
      message: found.tag,
      tagger: { name: 'Octo', email: 'octo@example.com', date: '2026-01-01T00:00:00Z' },
      object: { ...found.object, url: `${url}/object` },
    })
  },
  // GraphQL, as far as it is asked here: whose token this is. Its answers are not part of the REST description.
  'POST /graphql': (request) => {
    const login = loginOf(endpoints.state, request)
    const { query } = JSON.parse(Buffer.from(request.body).toString())
    if (query !== 'query { viewer { databaseId login } }') return apiError(400, 'no such query here')
    return json(200, { data: { viewer: { databaseId: userId(login), login } } })
  },
})

const refJson = ({ addresses }: Endpoints, { values }: ApiRequest, tag: string, object: GitObject) => ({
  ref: `refs/tags/${tag}`,
  node_id: Buffer.from(`Ref${tag}`).toString('base64'),
  url: `${addresses.api}/repos/${values['owner']}/${values['repo']}/git/refs/tags/${encodeURI(tag)}`,
  object: {
    ...object,
    url: `${addresses.api}/repos/${values['owner']}/${values['repo']}/git/${object.type}s/${object.sha}`,
  },
})
