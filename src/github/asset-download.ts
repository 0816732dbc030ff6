import { encodeHex } from '../core/bytes.ts'
import { startDigest } from '../core/digest.ts'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { HttpResponse } from '../ports.ts'
import { API_TIMEOUT, type GitHub, requestApi } from './api.ts'
import { assertStatus } from './refusal.ts'
import type { Asset, RepositoryName } from './release.ts'

/** Where the bytes go: opened anew for each attempt, and what an earlier one delivered is void. */
export type OpenSink = () => (chunk: Uint8Array) => Promise<void>

/**
 * Passes the asset's bytes on as they come; resolves with their SHA-256, hexadecimal. GitHub sends them itself or names
 * the host that keeps them, which gets no token. RELEASE_ASSET_MISMATCH if size or digest are not what GitHub says of
 * the asset, RELEASE_ASSET_STATE if it was never uploaded completely.
 */
export async function requestDownload(
  github: GitHub,
  repository: RepositoryName,
  asset: Asset,
  sink: OpenSink,
): Promise<string> {
  if (asset.state !== 'uploaded') {
    throw new ActionError(
      'RELEASE_ASSET_STATE',
      `the asset ${quote(asset.name)} was never uploaded completely`,
    )
  }
  const watch = watchSink(asset, sink)
  const answer = await requestApi(github, {
    route: 'GET /repos/{owner}/{repo}/releases/assets/{asset_id}',
    parameters: { ...repository, asset_id: asset.id },
    accept: 'application/octet-stream',
    mayRedirect: true,
    maxBytes: asset.size + ROOM,
    receive: watch.receive,
  })
  if (answer.status === 302) await requestFromStorage(github, asset, answer, watch)
  else assertStatus(answer, [200], wanted(asset))
  return watch.finish()
}

/** For the text of a refusal; more than the asset's size is noticed as it comes. */
const ROOM = 64 * 1024

const wanted = ({ name }: Asset) => ({
  what: `the download of ${quote(name)}`,
  permission: 'contents: read',
})

async function requestFromStorage(
  { http, hosts }: GitHub,
  asset: Asset,
  { headers }: HttpResponse,
  { receive }: ReturnType<typeof watchSink>,
): Promise<void> {
  const url = URL.parse(headers['location'] ?? '')
  if (url === null || !hosts.keepsFiles(url) || url.username + url.password !== '') {
    const host = url === null ? 'nowhere' : url.host
    throw new ActionError(
      'GITHUB_HOST',
      `GitHub sends the download of ${quote(asset.name)} to ${quote(host)}`,
    )
  }
  const answer = await http({
    service: 'GitHub storage',
    method: 'GET',
    url,
    headers: { accept: '*/*' },
    receive,
    timeout: API_TIMEOUT,
    timeoutIsIdle: true,
    maxBytes: asset.size + ROOM,
  })
  assertStatus(answer, [200], wanted(asset))
}

/** Counts and hashes what goes into the sink, anew for each attempt. */
function watchSink({ name, size, digest }: Asset, sink: OpenSink) {
  const mismatch = (expected: string, found: string): ActionError =>
    new ActionError(
      'RELEASE_ASSET_MISMATCH',
      `the download of ${quote(name)} is not what GitHub says it is`,
      {
        expected,
        found,
      },
    )
  let hash = startDigest('sha256')
  let length = 0
  const receive = () => {
    const take = sink()
    hash = startDigest('sha256')
    length = 0
    return async (chunk: Uint8Array): Promise<void> => {
      length += chunk.length
      if (length > size) throw mismatch(`${size} bytes`, 'more')
      hash.update(chunk)
      await take(chunk)
    }
  }
  const finish = (): string => {
    const found = encodeHex(hash.finish())
    if (length !== size) throw mismatch(`${size} bytes`, `${length} bytes`)
    if (digest !== undefined && digest !== found) throw mismatch(digest, found)
    return found
  }
  return { receive, finish }
}
