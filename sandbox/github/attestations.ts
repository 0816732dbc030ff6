import { createHmac, randomBytes } from 'node:crypto'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { at, parseFields } from '../fields.ts'
import { encodeSnappyBlock, encodeSnappyStream } from '../snappy.ts'
import { json, text, type WebAnswer } from '../web.ts'
import { accessTo, refuseWrite } from './access.ts'
import { acceptBundle, isOfType } from './attestation-rules.ts'
import type { Endpoints } from './github.ts'
import { type ApiRequest, apiError, notFound, type Routes } from './router.ts'
import type { Repository, StoredAttestation } from './state.ts'

const MOST_PAGE = 100
const USUAL_PAGE = 30
/** Milliseconds that a pre-signed address is good for. */
const LIFE = 5 * 60_000

/** Signs the addresses under which bundles are kept; every sandbox has its own. */
const KEY = randomBytes(32)

/** The attestations of the REST API (docs: "REST API endpoints for artifact attestations"). */
export const attestationRoutes = (endpoints: Endpoints): Routes => ({
  'POST /repos/{owner}/{repo}/attestations': (request) => store(endpoints, request),
  'GET /repos/{owner}/{repo}/attestations/{subject_digest}': (request) => {
    const repository = findRepository(endpoints, request)
    if (repository === undefined) return notFound()
    return list(endpoints, request, (one) => one.repositoryId === repository.id)
  },
  'GET /users/{username}/attestations/{subject_digest}': (request) => {
    const { state } = endpoints
    const visible = [...state.repositories.values()].filter(
      (one) =>
        one.owner === request.values['username'] && accessTo(state, request, one, 'attestations') !== 'none',
    )
    if (visible.length === 0) return notFound()
    return list(endpoints, request, (one) => visible.some(({ id }) => id === one.repositoryId))
  },
})

/** What the token may not see is not there, and neither is a feature that is off. */
function findRepository({ state }: Endpoints, request: ApiRequest): Repository | undefined {
  const name = `${request.values['owner']}/${request.values['repo']}`
  const repository = state.repositories.get(name)
  if (repository === undefined || state.withoutAttestations.has(name)) return undefined
  return accessTo(state, request, repository, 'attestations') === 'none' ? undefined : repository
}

function store(endpoints: Endpoints, request: ApiRequest): WebAnswer {
  const { state } = endpoints
  const repository = findRepository(endpoints, request)
  if (repository === undefined) return notFound()
  const access = accessTo(state, request, repository, 'attestations')
  if (access !== 'write') return refuseWrite(access)
  const bundle = at(parseFields(request.body), 'bundle')
  const accepted = acceptBundle(bundle)
  if (typeof accepted === 'string') return apiError(422, `Validation Failed: ${accepted}`, [])
  const one = addAttestation(state.attestations, { repositoryId: repository.id, bundle, ...accepted })
  return json(201, { id: one.id })
}

/** Puts one into the store past all rules of the API: that of another signer, or one that is no bundle at all. */
export function addAttestation(
  attestations: StoredAttestation[],
  one: Pick<StoredAttestation, 'repositoryId' | 'bundle' | 'digests' | 'predicateType'> &
    Partial<StoredAttestation>,
): StoredAttestation {
  const stored = { id: attestations.length + 1, initiator: 'user', form: 'block', ...one } as const
  attestations.push(stored)
  return stored
}

/** The newest first, page by page behind a cursor. */
function list(
  { state, addresses }: Endpoints,
  request: ApiRequest,
  belongs: (one: StoredAttestation) => boolean,
): WebAnswer {
  const { query, values, path } = request
  const digest = values['subject_digest'] ?? ''
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return notFound()
  const found = state.attestations
    .filter((one) => belongs(one) && one.digests.includes(digest))
    .filter(({ predicateType }) => isOfType(predicateType, query.get('predicate_type')))
    .toReversed()
  const size = Math.min(Number(query.get('per_page') ?? USUAL_PAGE), MOST_PAGE)
  const start = startOfPage(query, found, size)
  const page = found.slice(start, start + size)
  const attestations = page.map((one) => describe(one, addresses.storage))
  const link = linkOf(`${addresses.api}${path}`, query, [
    ...(start > 0 ? [['prev', 'before', page[0]] as const] : []),
    ...(start + size < found.length ? [['next', 'after', page.at(-1)] as const] : []),
  ])
  return json(200, { attestations }, link === '' ? {} : { link })
}

const cursorOf = ({ id }: StoredAttestation): string => Buffer.from(`attestation:${id}`).toString('base64url')

function startOfPage(query: URLSearchParams, found: readonly StoredAttestation[], size: number): number {
  const place = (cursor: string | null): number => found.findIndex((one) => cursorOf(one) === cursor)
  if (query.has('after')) return place(query.get('after')) + 1
  if (query.has('before')) return Math.max(0, place(query.get('before')) - size)
  return 0
}

type Relation = readonly [rel: string, parameter: string, at: StoredAttestation | undefined]

function linkOf(address: string, query: URLSearchParams, relations: readonly Relation[]): string {
  return relations
    .flatMap(([rel, parameter, one]) => {
      if (one === undefined) return []
      const next = new URLSearchParams(query)
      for (const name of ['before', 'after']) next.delete(name)
      next.set(parameter, cursorOf(one))
      return [`<${address}?${next}>; rel="${rel}"`]
    })
    .join(', ')
}

/** Since July 2026 the bundle itself is no longer in the list, but at an address that is good for minutes. */
function describe(one: StoredAttestation, storage: string): Readonly<Record<string, unknown>> {
  const { repositoryId: repository_id, initiator, form } = one
  const bundle_url = one.url ?? signedAddress(one, storage)
  return { repository_id, initiator, bundle: form === 'inline' ? one.bundle : null, bundle_url }
}

const signatureOf = (path: string, end: string): string =>
  createHmac('sha256', KEY).update(`${path}\n${end}`).digest('base64url')

function signedAddress({ id, expired }: StoredAttestation, storage: string): string {
  const path = `/attestations/${id}.json.sn`
  const end = new Date(Date.now() + (expired ? -1000 : LIFE)).toISOString()
  return `${storage}${path}?${new URLSearchParams({ se: end, sig: signatureOf(path, end) })}`
}

/** Of the host that keeps files. Whoever signs its addresses wants no other credential: it refuses one. */
export const attestationFiles = ({ state }: Endpoints): Routes => ({
  'GET /attestations/{file}': ({ path, query, headers, values }) => {
    if (headers.authorization !== undefined) return blobError(400, 'InvalidAuthenticationInfo')
    const end = query.get('se') ?? ''
    if (query.get('sig') !== signatureOf(path, end) || Date.parse(end) < Date.now()) {
      return blobError(403, 'AuthenticationFailed')
    }
    const one = state.attestations.find(({ id }) => values['file'] === `${id}.json.sn`)
    return one === undefined ? blobError(404, 'BlobNotFound') : fileOf(one)
  },
})

const blobError = (status: number, code: string): WebAnswer =>
  text(status, `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code></Error>`, 'application/xml')

function fileOf({ bundle, form, body }: StoredAttestation): WebAnswer {
  const plain = encodeUtf8(JSON.stringify(bundle))
  const packed = { block: encodeSnappyBlock, stream: encodeSnappyStream, json: undefined, inline: undefined }[
    form
  ]
  const headers = { 'content-type': packed === undefined ? 'application/json' : 'application/x-snappy' }
  return { status: 200, headers, body: body ?? packed?.(plain) ?? plain }
}
