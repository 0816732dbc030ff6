import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { json, text, type WebAnswer } from '../web.ts'
import { loginOf, refuseWrite, tokenOf } from './access.ts'
import { storedName } from './asset-names.ts'
import type { Endpoints } from './github.ts'
import { assetJson } from './release-json.ts'
import { findAsset, findRelease } from './release-routes.ts'
import { storeAsset } from './release-store.ts'
import { type ApiRequest, apiError, notFound, type Routes } from './router.ts'
import type { Release } from './state.ts'

const MOST_ASSETS = 1000
const MOST_BYTES = 2 ** 31

const IMMUTABLE = 'Cannot delete asset from an immutable release.'

export const assetRoutes = (endpoints: Endpoints): Routes => ({
  'GET /repos/{owner}/{repo}/releases/assets/{asset_id}': (request) => {
    const found = findAsset(endpoints, request)
    if (found === undefined) return notFound()
    const { repository, release, asset } = found
    if (request.headers.accept !== 'application/octet-stream') {
      return json(200, assetJson(endpoints, repository, release, asset))
    }
    if (asset.state !== 'uploaded') return notFound()
    const signature = randomBytes(12).toString('hex')
    endpoints.signed.set(signature, asset)
    const location = `${endpoints.addresses.storage}/assets/${asset.id}?sig=${signature}`
    return { status: 302, headers: { location } }
  },
  'DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}': (request) => {
    const found = findAsset(endpoints, request)
    if (found === undefined) return notFound()
    if (found.access !== 'write') return refuseWrite(found.access)
    if (found.release.immutable) return invalid(IMMUTABLE)
    found.release.assets.delete(found.asset.id)
    rmSync(found.asset.path, { force: true })
    return { status: 204 }
  },
})

/** Of the host that takes uploads. */
export const uploadRoutes = (endpoints: Endpoints): Routes => ({
  'POST /repos/{owner}/{repo}/releases/{release_id}/assets': (request) => {
    if (tokenOf(request) === undefined) return apiError(401, 'Requires authentication')
    const found = findRelease(endpoints, request)
    if (found === undefined) return notFound()
    const { repository, release, access } = found
    if (access !== 'write') return refuseWrite(access)
    const refusal = refuseAsset(request, release)
    const { spooled } = request
    if (refusal !== undefined || spooled === undefined) return refusal ?? apiError(400, 'no body')
    const asset = storeAsset(endpoints.state, release, {
      name: request.query.get('name') ?? '',
      label: request.query.get('label') ?? '',
      contentType: request.headers['content-type'] ?? '',
      uploader: loginOf(endpoints.state, request),
      ...spooled,
    })
    return json(201, assetJson(endpoints, repository, release, asset))
  },
})

function refuseAsset(request: ApiRequest, release: Release): WebAnswer | undefined {
  const given = request.query.get('name') ?? ''
  if (given === '') return apiError(400, 'Bad Request')
  if (request.headers['content-type'] === undefined) return apiError(400, 'Content-Type is missing')
  if (request.headers['content-length'] === undefined) return apiError(411, 'Length Required')
  if (release.immutable) return invalid('Cannot upload assets to an immutable release.')
  const name = storedName(given)
  if ([...release.assets.values()].some((asset) => asset.name === name)) {
    return invalid('Validation Failed', [{ resource: 'ReleaseAsset', code: 'already_exists', field: 'name' }])
  }
  if (release.assets.size >= MOST_ASSETS) {
    return invalid('Validation Failed', [
      { resource: 'ReleaseAsset', code: 'custom', message: 'file_count limited to 1000 assets per release' },
    ])
  }
  return (request.spooled?.size ?? 0) >= MOST_BYTES ? apiError(500, '') : undefined
}

const invalid = (message: string, errors?: readonly unknown[]): WebAnswer => apiError(422, message, errors)

/** Of the host that keeps the bytes: its address is the permission, and it takes no other. */
export const storageRoutes = ({ signed }: Endpoints): Routes => ({
  'GET /assets/{asset_id}': (request) => {
    if (request.headers.authorization !== undefined) {
      return text(400, '<Error><Code>InvalidArgument</Code></Error>', 'application/xml')
    }
    const asset = signed.get(request.query.get('sig') ?? '')
    if (asset === undefined || String(asset.id) !== request.values['asset_id']) {
      return text(403, '<Error><Code>AccessDenied</Code></Error>', 'application/xml')
    }
    const headers = { 'content-type': asset.contentType }
    return { status: 200, headers, file: { path: asset.path, size: asset.size } }
  },
})
