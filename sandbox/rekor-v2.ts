import { canonicalBodyV2, RequestError } from './rekor-v2-entries.ts'
import type { RekorV2Log } from './rekor-v2-log.ts'
import { parseTilePath, tileOf } from './tiles.ts'
import { leafHashOf } from './tree.ts'
import { grpcError, type Handler, json, text, type WebAnswer, type WebRequest } from './web.ts'

const MAX_BODY = 4 * 1024 * 1024
const BASE = '/api/v2'
/** In production the storage answers these, here the server. */
const READABLE = /^\/api\/v2\/(?:checkpoint|tile\/.*)$/
const FROZEN = 'This log has been frozen, please switch to the latest log.\n'

export interface RekorV2Options {
  /** Milliseconds between two checkpoints; an answer waits for the one that covers its entry. 0: at once. */
  readonly checkpointInterval: number
}

/** The HTTP side of a shard (rekor_service.proto, tlog-tiles). */
export interface RekorV2Service {
  readonly serve: Handler
  /** Takes no more entries: 405 from now on. */
  readonly freeze: () => void
}

export function serveRekorV2(log: RekorV2Log, { checkpointInterval }: RekorV2Options): RekorV2Service {
  let isFrozen = false
  let next: Promise<void> | undefined
  const checkpoint = (): Promise<void> => {
    next ??= new Promise((resolve) => {
      const publish = (): void => {
        next = undefined
        log.publish()
        resolve()
      }
      if (checkpointInterval === 0) setImmediate(publish)
      else setTimeout(publish, checkpointInterval).unref()
    })
    return next
  }
  const serve: Handler = (request) => {
    const { method, path } = request
    if (path === '/healthz') return json(200, { status: 'SERVING' })
    if (path === `${BASE}/log/entries`) {
      if (method !== 'POST') return grpcError(501, 12, 'Method Not Allowed')
      return isFrozen ? text(405, FROZEN) : create(log, request, checkpoint)
    }
    if (!READABLE.test(path)) return grpcError(404, 5, 'Not Found')
    const isRead = method === 'GET' || method === 'HEAD'
    return isRead ? read(log, path.slice(BASE.length)) : grpcError(501, 12, 'Method Not Allowed')
  }
  return {
    serve,
    freeze: () => {
      isFrozen = true
    },
  }
}

async function create(
  log: RekorV2Log,
  request: WebRequest,
  checkpoint: () => Promise<void>,
): Promise<WebAnswer> {
  if (request.body.length > MAX_BODY) return grpcError(400, 3, 'http: request body too large')
  const body = acceptedBody(request.body)
  if (body instanceof RequestError) return grpcError(400, 3, body.message)
  const known = log.log.find(leafHashOf(body))
  if (known !== undefined) {
    const message = `an equivalent entry already exists in the transparency log with index ${known}`
    return grpcError(409, 6, message, { 'x-log-index': String(known) })
  }
  const index = log.log.append(body)
  await checkpoint()
  const entry = log.toBundle(index)
  const { logIndex, logId, kindVersion, ...rest } = entry
  return json(201, { logIndex, logId, kindVersion, integratedTime: '0', inclusionPromise: null, ...rest })
}

function acceptedBody(body: Uint8Array): Uint8Array | RequestError {
  try {
    return canonicalBodyV2(body)
  } catch (error) {
    if (error instanceof RequestError) return error
    throw error
  }
}

function read(log: RekorV2Log, path: string): WebAnswer {
  const size = log.published()
  if (path === '/checkpoint') return text(200, log.log.checkpoint({ size }))
  const tile = parseTilePath(path)
  const bytes = tile && tileOf(log.log, tile, size)
  if (bytes === undefined) return { status: 404 }
  return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: bytes }
}
