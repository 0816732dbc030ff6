import { encodeHex } from '../core/bytes.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { isPresent, jsonReader } from '../core/json-reader.ts'
import { printable, quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { HttpResponse } from '../ports.ts'
import { parseAnswer } from './api.ts'

/** A repository by its names. */
export interface RepositoryName {
  readonly owner: string
  readonly repo: string
}

/** Schema `release` of GitHub's description, as far as it matters here. */
export interface Release {
  readonly id: number
  readonly tag: string
  readonly draft: boolean
  /** Published, and never to be changed again. A draft never is. */
  readonly immutable: boolean
  /** A URI template; see `uploadUrl` of asset-upload.ts. */
  readonly uploadUrl: string
  /** For people. The one of a draft changes when it is published. */
  readonly htmlUrl: string
}

/** Schema `release-asset`. */
export interface Asset {
  readonly id: number
  /** As GitHub stored it. Safe as the name of a file. */
  readonly name: string
  /** Foreign text, for people; '' if there is none. */
  readonly label: string
  /** `starter` is what an upload leaves that is under way or broke off: it blocks the name. */
  readonly state: 'uploaded' | 'open' | 'starter'
  /** Bytes. */
  readonly size: number
  /** SHA-256, hexadecimal; undefined for assets from before June 2025 and where GitHub has none. */
  readonly digest?: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Number of the account; undefined if there is none any more. */
  readonly uploader?: number
  /** For people. */
  readonly url: string
}

const reader = jsonReader('GITHUB_RESPONSE')

/** `owner/name`. INPUT_VALUE for anything else. */
export function parseRepositoryName(full: string): RepositoryName {
  const [, owner, repo] = /^([A-Za-z0-9_-]{1,100})\/([A-Za-z0-9._-]{1,100})$/.exec(full) ?? []
  if (owner !== undefined && repo !== undefined && !/^\.\.?$/.test(repo)) return { owner, repo }
  throw new ActionError('INPUT_VALUE', `${quote(full)} is no repository; write \`owner/name\``)
}

/** GITHUB_RESPONSE for anything but a release. */
export function parseRelease(json: Json): Release {
  const release = reader.object(json, 'the release')
  const draft = flag(release, 'draft')
  return {
    id: idOf(release, 'the release'),
    tag: tagOf(release),
    draft,
    // Absent on servers that know of no immutable releases.
    immutable: !draft && isPresent(release['immutable']) && flag(release, 'immutable'),
    uploadUrl: uploadTemplate(release),
    htmlUrl: webAddress(release, 'html_url'),
  }
}

export const parseReleaseAnswer = ({ body }: HttpResponse): Release =>
  parseRelease(parseAnswer(body, 'the release'))

/** GITHUB_RESPONSE; RELEASE_ASSET_NAME for a name that could lead astray as that of a file. */
export function parseAsset(json: Json): Asset {
  const asset = reader.object(json, 'the asset')
  const digest = digestOf(asset['digest'])
  const uploader = isPresent(asset['uploader'])
    ? idOf(reader.object(asset['uploader'], 'the uploader'), 'the uploader')
    : undefined
  return {
    id: idOf(asset, 'the asset'),
    name: assetName(asset),
    label: isPresent(asset['label']) ? reader.text(asset['label'], 'label') : '',
    state: stateOf(asset),
    size: Number(reader.int64(asset['size'], 'size')),
    ...(digest !== undefined && { digest }),
    createdAt: timeOf(asset['created_at']),
    ...(uploader !== undefined && { uploader }),
    url: webAddress(asset, 'browser_download_url'),
  }
}

export const parseAssetAnswer = ({ body }: HttpResponse): Asset => parseAsset(parseAnswer(body, 'the asset'))

/** What GitHub says of these bytes: whether it is the very same, by its digest or, where it has none, `unknown`. */
export function compareAsset(
  asset: Asset,
  own: { readonly size: number; readonly sha256: string },
): 'same' | 'different' | 'unknown' {
  if (asset.state !== 'uploaded' || asset.size !== own.size) return 'different'
  if (asset.digest === undefined) return 'unknown'
  return asset.digest === own.sha256 ? 'same' : 'different'
}

/** `sha256:…` as GitHub writes digests. */
export const writtenDigest = (sha256: Uint8Array): string => `sha256:${encodeHex(sha256)}`

function flag(object: JsonObject, name: string): boolean {
  const value = object[name]
  if (typeof value === 'boolean') return value
  throw new ActionError('GITHUB_RESPONSE', `${name} is neither true nor false`)
}

function idOf(object: JsonObject, where: string): number {
  const id = reader.int64(object['id'], `the id of ${where}`)
  if (id > 0n && id <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(id)
  throw new ActionError('GITHUB_RESPONSE', `${where} has no id`)
}

const LONGEST_TAG = 1024

function tagOf(release: JsonObject): string {
  const tag = reader.text(release['tag_name'], 'tag_name')
  if (tag !== '' && tag.length <= LONGEST_TAG) return tag
  throw new ActionError('GITHUB_RESPONSE', 'the release has no tag')
}

/** For people: whatever is in it, it is one https address without blanks. */
function webAddress(object: JsonObject, name: string): string {
  const url = URL.parse(reader.text(object[name], name))
  if (url !== null && /^https?:$/.test(url.protocol) && url.href.length <= 4096) return url.href
  throw new ActionError('GITHUB_RESPONSE', `${name} is no address`)
}

function uploadTemplate(release: JsonObject): string {
  const text = reader.text(release['upload_url'], 'upload_url')
  if (text.length <= 4096 && /^https?:\/\/[\x21-\x7e]+$/.test(text)) return text
  throw new ActionError('GITHUB_RESPONSE', 'upload_url is no address')
}

const LONGEST_NAME = 255

function assetName(asset: JsonObject): string {
  const name = reader.text(asset['name'], 'the name of the asset')
  const odd = name === '' || /^\.\.?$/.test(name) || /[/\\:]/.test(name) || printable(name, 300) !== name
  if (!odd && name.length <= LONGEST_NAME) return name
  throw new ActionError('RELEASE_ASSET_NAME', `the release has an asset named ${quote(name)}`)
}

function stateOf({ state }: JsonObject): Asset['state'] {
  if (state === 'uploaded' || state === 'open' || state === 'starter') return state
  throw new ActionError('GITHUB_RESPONSE', 'the asset is in a state that GitHub does not describe')
}

function digestOf(value: Json | undefined): string | undefined {
  if (!isPresent(value)) return undefined
  return /^sha256:([0-9a-f]{64})$/.exec(reader.text(value, 'digest'))?.[1]
}

function timeOf(value: Json | undefined): number {
  const text = reader.text(value, 'created_at')
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return time
  throw new ActionError('GITHUB_RESPONSE', 'created_at is no time')
}
