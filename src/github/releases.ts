import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { HttpResponse } from '../ports.ts'
import { type GitHub, parseAnswer, requestApi } from './api.ts'
import { requestPages } from './paging.ts'
import { assertStatus, refusalError } from './refusal.ts'
import {
  type Asset,
  parseAsset,
  parseRelease,
  parseReleaseAnswer,
  type Release,
  type RepositoryName,
} from './release.ts'

const PER_PAGE = 100

/** A release as a user names it. */
export type NamedRelease =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'id'; readonly id: number }

const nameOf = (named: NamedRelease): string =>
  named.kind === 'tag' ? `the release ${quote(named.tag)}` : `the release with the id ${named.id}`

/**
 * The published release of the tag, or else the one draft that bears it: drafts are found by listing, and only with
 * `contents: write`. RELEASE_NOT_FOUND, also where several drafts bear the tag: they are named by their ids.
 */
export async function requestRelease(
  github: GitHub,
  repository: RepositoryName,
  named: NamedRelease,
): Promise<Release> {
  if (named.kind === 'id') return requestReleaseById(github, repository, named)
  const published = await requestPublished(github, repository, named.tag)
  if (published !== undefined) return published
  const [draft, ...others] = await requestDrafts(github, repository, named.tag)
  if (draft === undefined) throw notThere(repository, named)
  if (others.length === 0) return draft
  const ids = [draft, ...others].map(({ id }) => id).sort((a, b) => a - b)
  throw new ActionError(
    'RELEASE_NOT_FOUND',
    `${ids.length} drafts bear the tag ${quote(named.tag)}: ${ids.join(', ')}`,
    { hint: `Name the one that is meant by its id, such as \`id:${ids[0]}\`, or delete the others.` },
  )
}

const notThere = ({ owner, repo }: RepositoryName, named: NamedRelease): ActionError =>
  new ActionError(
    'RELEASE_NOT_FOUND',
    `${nameOf(named)} is not in ${owner}/${repo}, neither as a draft nor published`,
  )

async function requestReleaseById(
  github: GitHub,
  repository: RepositoryName,
  named: NamedRelease & { kind: 'id' },
): Promise<Release> {
  const route = 'GET /repos/{owner}/{repo}/releases/{release_id}'
  const answer = await requestApi(github, { route, parameters: { ...repository, release_id: named.id } })
  if (answer.status === 404) throw notThere(repository, named)
  return parseReleaseAnswer(assertStatus(answer, [200], reading(nameOf(named))))
}

/** undefined if there is none: drafts are never found by their tag. */
async function requestPublished(
  github: GitHub,
  repository: RepositoryName,
  tag: string,
): Promise<Release | undefined> {
  const route = 'GET /repos/{owner}/{repo}/releases/tags/{tag}'
  const answer = await requestApi(github, { route, parameters: { ...repository, tag } })
  if (answer.status === 404) return undefined
  const release = parseReleaseAnswer(assertStatus(answer, [200], reading(`the release ${quote(tag)}`)))
  if (release.tag === tag && !release.draft) return release
  throw new ActionError('GITHUB_RESPONSE', `GitHub answers with another release than ${quote(tag)}`)
}

/** All drafts with that tag; none without the right to write. */
async function requestDrafts(
  github: GitHub,
  repository: RepositoryName,
  tag: string,
): Promise<readonly Release[]> {
  const drafts = new Map<number, Release>()
  const route = 'GET /repos/{owner}/{repo}/releases'
  const pages = requestPages(github, { route, parameters: { ...repository, per_page: PER_PAGE } })
  for await (const answer of pages) {
    assertStatus(answer, [200], reading('the list of releases'))
    for (const json of listOf(answer, 'the list of releases')) {
      const release = parseRelease(json)
      if (release.draft && release.tag === tag) drafts.set(release.id, release)
    }
  }
  return [...drafts.values()]
}

/**
 * All assets of the release, by id. RELEASE_CHANGED if one is listed twice: something was removed or added between two
 * pages.
 */
export async function requestAssets(
  github: GitHub,
  repository: RepositoryName,
  release: Pick<Release, 'id'>,
): Promise<readonly Asset[]> {
  const assets = new Map<number, Asset>()
  const names = new Set<string>()
  const route = 'GET /repos/{owner}/{repo}/releases/{release_id}/assets'
  const parameters = { ...repository, release_id: release.id, per_page: PER_PAGE }
  for await (const answer of requestPages(github, { route, parameters })) {
    assertStatus(answer, [200], reading('the assets of the release'))
    for (const json of listOf(answer, 'the list of assets')) {
      const asset = parseAsset(json)
      if (assets.has(asset.id) || names.has(asset.name)) {
        throw new ActionError('RELEASE_CHANGED', `the asset ${quote(asset.name)} is listed twice`)
      }
      assets.set(asset.id, asset)
      names.add(asset.name)
    }
  }
  return [...assets.values()].sort((a, b) => a.id - b.id)
}

/** Resolves when it is gone, whoever removed it. Only for what is proven to be ours. */
export async function requestAssetDeletion(
  github: GitHub,
  repository: RepositoryName,
  asset: Pick<Asset, 'id' | 'name'>,
): Promise<void> {
  const route = 'DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}'
  const answer = await requestApi(github, { route, parameters: { ...repository, asset_id: asset.id } })
  assertStatus(answer, [204, 404], writing(`deleting the asset ${quote(asset.name)}`))
}

/**
 * Publishes a draft under the tag that it had when the run looked. Without one GitHub takes the tag off the release
 * (cli/cli, `release/edit`), and one that somebody changed meanwhile is not what was verified. Safe to repeat: a
 * published release stays published. RELEASE_PERMISSION.
 */
export async function requestPublication(
  github: GitHub,
  repository: RepositoryName,
  { id, tag }: Pick<Release, 'id' | 'tag'>,
): Promise<Release> {
  const route = 'PATCH /repos/{owner}/{repo}/releases/{release_id}'
  const parameters = { ...repository, release_id: id, tag_name: tag, draft: false }
  const answer = await requestApi(github, { route, parameters })
  if (answer.status === 403 || answer.status === 404) throw permissionError(answer, 'publishing the release')
  return parseReleaseAnswer(assertStatus(answer, [200], writing('publishing the release')))
}

/** RELEASE_PERMISSION in GitHub's own words. */
export function permissionError(answer: HttpResponse, what: string): ActionError {
  const { message } = refusalError(answer, writing(what))
  return new ActionError('RELEASE_PERMISSION', message)
}

const reading = (what: string) => ({ what: `reading ${what}`, permission: 'contents: read' })
const writing = (what: string) => ({ what, permission: 'contents: write' })

function listOf(answer: HttpResponse, what: string) {
  const json = parseAnswer(answer.body, what)
  if (Array.isArray(json)) return json
  throw new ActionError('GITHUB_RESPONSE', `${what} is no list`)
}
