import { randomBytes, randomUUID } from 'node:crypto'
import { type Handler, json, type WebAnswer, type WebRequest } from '../web.ts'
import { serveBlobs } from './artifact-blobs.ts'
import {
  type ArtifactState,
  createArtifactState,
  type StoredArtifact,
  sha256Of,
  usedBytes,
} from './artifact-store.ts'

/**
 * The service for workflow artifacts, version 4: JSON over HTTP in Twirp's way, and blobs in the way of Azure's store, on
 * addresses that are signed. It has no description of its maker's; what is here is what the toolkit's client asks for.
 */
export interface ArtifactServer {
  readonly state: ArtifactState
  /** What the runner gives the next job of this run as ACTIONS_RUNTIME_TOKEN. */
  readonly newToken: (run: string) => string
  readonly serve: Handler
}

const PREFIX = '/twirp/github.actions.results.api.v1.ArtifactService/'

export function createArtifacts(url: string): ArtifactServer {
  const state = createArtifactState()
  return {
    state,
    newToken: (run) => newToken(state, run),
    serve: (request) =>
      request.path.startsWith(PREFIX)
        ? serveTwirp(state, url, request.path.slice(PREFIX.length), request)
        : serveBlobs(state, request),
  }
}

/** Nobody checks its signature here: what is not in the list is refused. */
function newToken(state: ArtifactState, run: string): string {
  const job = randomUUID()
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const scp = `Actions.GenericRead:00000000 Actions.Results:${run}:${job}`
  const token = `${part({ alg: 'RS256' })}.${part({ scp, nonce: randomUUID() })}.${randomBytes(32).toString('base64url')}`
  state.jobs.set(token, { run, job })
  return token
}

type Fields = Readonly<Record<string, unknown>>
type Method = (call: Call) => WebAnswer

interface Call {
  readonly state: ArtifactState
  readonly url: string
  readonly run: string
  readonly job: string
  readonly fields: Fields
}

function serveTwirp(state: ArtifactState, url: string, name: string, request: WebRequest): WebAnswer {
  const method = METHODS[name]
  if (method === undefined || request.method !== 'POST')
    return fault(404, 'bad_route', `no handler for ${name}`)
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const ids = state.jobs.get(token)
  if (ids === undefined) return fault(401, 'unauthenticated', 'token is invalid')
  const fields = JSON.parse(Buffer.from(request.body).toString()) as Fields
  if (fields['workflow_run_backend_id'] !== ids.run) return fault(403, 'permission_denied', 'another run')
  return method({ state, url, ...ids, fields })
}

const fault = (status: number, code: string, msg: string): WebAnswer => json(status, { code, msg })

const METHODS: Readonly<Record<string, Method | undefined>> = {
  CreateArtifact: create,
  FinalizeArtifact: finalize,
  ListArtifacts: list,
  GetSignedArtifactURL: sign,
  DeleteArtifact: remove,
}

const FORBIDDEN = /["\\/:<>|*?\r\n]/
const DAY = 24 * 60 * 60_000

function create({ state, url, run, job, fields }: Call): WebAnswer {
  const { name, version, mime_type: type, expires_at: expires } = fields
  if (typeof name !== 'string' || name === '' || FORBIDDEN.test(name) || version !== 7) {
    return fault(400, 'invalid_argument', 'artifact name or version is invalid')
  }
  if (state.artifacts.some((one) => one.run === run && one.name === name)) {
    return fault(409, 'already_exists', 'an artifact with this name already exists on the workflow run')
  }
  if (usedBytes(state) >= state.quota) {
    return fault(403, 'resource_exhausted', 'insufficient usage to create artifact')
  }
  const longest = Date.now() + state.retentionDays * DAY
  const expiresAt = typeof expires === 'string' ? Date.parse(expires) : longest
  if (!(expiresAt <= longest + DAY)) return fault(400, 'invalid_argument', 'expires_at is too late')
  const artifact: StoredArtifact = {
    ...{ id: ++state.lastId, run, job, name, expiresAt, createdAt: Date.now() },
    ...{
      contentType: String(type),
      blocks: new Map(),
      content: undefined,
      digest: undefined,
      finalized: false,
    },
  }
  state.artifacts.push(artifact)
  return json(200, { ok: true, signed_upload_url: signedUrl(state, url, artifact) })
}

function signedUrl(state: ArtifactState, url: string, artifact: StoredArtifact): string {
  // As real ones it holds characters that travel encoded.
  const sig = `${randomBytes(24).toString('base64')}+/=`
  state.signed.set(sig, artifact)
  return `${url}/actions-results/${artifact.run}/${artifact.id}.zip?se=2026&sp=rw&sig=${encodeURIComponent(sig)}`
}

function finalize({ state, run, fields }: Call): WebAnswer {
  const found = state.artifacts.find((one) => one.run === run && one.name === fields['name'])
  if (found?.content === undefined) return fault(404, 'not_found', 'there is no such upload')
  if (found.finalized) return fault(400, 'failed_precondition', 'the artifact is finalized')
  const { size, hash } = fields
  if (size !== String(found.content.length) || (hash !== undefined && hash !== sha256Of(found.content))) {
    return fault(400, 'invalid_argument', 'size or hash is not that of the blob')
  }
  found.finalized = true
  found.digest = typeof hash === 'string' ? hash : undefined
  return json(200, { ok: true, artifact_id: String(found.id) })
}

function list({ state, run, fields }: Call): WebAnswer {
  const { name_filter: name, id_filter: id } = fields
  const artifacts = state.artifacts
    .filter((one) => one.run === run && one.finalized)
    .filter((one) => (name === undefined || one.name === name) && (id === undefined || String(one.id) === id))
    .map((one) => ({
      workflow_run_backend_id: one.run,
      workflow_job_run_backend_id: one.job,
      database_id: String(one.id),
      name: one.name,
      size: String(one.content?.length ?? 0),
      created_at: new Date(one.createdAt).toISOString(),
      ...(one.digest !== undefined && { digest: one.digest }),
    }))
  return json(200, { artifacts })
}

const findNamed = ({ state, run, fields }: Call): StoredArtifact | undefined =>
  state.artifacts.findLast((one) => one.run === run && one.name === fields['name'] && one.finalized)

function sign(call: Call): WebAnswer {
  const found = findNamed(call)
  if (found === undefined) return fault(404, 'not_found', 'there is no such artifact')
  return json(200, { signed_url: signedUrl(call.state, call.url, found) })
}

function remove(call: Call): WebAnswer {
  const found = findNamed(call)
  if (found === undefined) return fault(404, 'not_found', 'there is no such artifact')
  call.state.artifacts.splice(call.state.artifacts.indexOf(found), 1)
  return json(200, { ok: true, artifact_id: String(found.id) })
}
