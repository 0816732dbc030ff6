import { ActionError } from '../errors.ts'
import type { Http, HttpBody, HttpOptions, HttpRequest, HttpResponse } from '../ports.ts'
import { readAnswer } from './answer.ts'
import type { Send } from './connections.ts'
import { withDeadline } from './deadline.ts'
import { placeOf } from './network-error.ts'
import { parseCaCertificates } from './tls-rules.ts'
import { checkUrl } from './url-rules.ts'

interface RealHttpOptions extends HttpOptions {
  readonly cancelled?: AbortSignal
  /** Sent with requests that have none of their own. */
  readonly userAgent?: string
}

/**
 * One attempt a request: no retry, no redirect. The proxy comes from the environment. NET_TLS if `caCertificates` is
 * malformed. A run needs one of these only, since it keeps connections.
 */
export function realHttp(options: RealHttpOptions): Http {
  const caCertificates =
    options.caCertificates === undefined ? [] : parseCaCertificates(options.caCertificates)
  let connections: Promise<Send> | undefined
  return async (request) => {
    checkUrl(request.url, options)
    connections ??= connect(caCertificates)
    const send = await connections
    return await exchange(send, withAgent(request, options.userAgent), options.cancelled)
  }
}

/** A run that asks nobody need not load what it takes to ask: that is most of the time to start. */
async function connect(caCertificates: readonly string[]): Promise<Send> {
  const { openConnections } = await import('./connections.ts')
  return openConnections(caCertificates)
}

const withAgent = (request: HttpRequest, userAgent: string | undefined): HttpRequest =>
  userAgent === undefined ? request : { ...request, headers: { 'user-agent': userAgent, ...request.headers } }

async function exchange(
  send: Send,
  request: HttpRequest,
  cancelled: AbortSignal | undefined,
): Promise<HttpResponse> {
  const timedOut = (): ActionError =>
    new ActionError(
      'NET_TIMEOUT',
      `${placeOf(request)} ${request.timeoutIsIdle ? 'moved too little' : 'did not answer'} within ${request.timeout / 1000} s`,
    )
  return await withDeadline({ timeout: request.timeout, cancelled, timedOut }, async (signal, again) => {
    const watched = request.timeoutIsIdle ? watchProgress(request, again) : request
    return readAnswer(await send(watched, signal), watched)
  })
}

/** Bytes that start the time anew: who sends or takes one now and then does not keep a job busy for ever. */
const LEAST_PROGRESS = 64 * 1024

/** The same request, which tells of all that goes out or comes in. */
function watchProgress(request: HttpRequest, again: () => void): HttpRequest {
  const { body, receive } = request
  let bytes = 0
  const moved = (count: number): void => {
    bytes += count
    if (bytes < LEAST_PROGRESS) return
    bytes = 0
    again()
  }
  return {
    ...request,
    ...(body !== undefined && !(body instanceof Uint8Array) && { body: watchBody(body, moved) }),
    ...(receive !== undefined && { receive: () => watchChunks(receive(), moved) }),
  }
}

const watchBody = ({ size, chunks }: HttpBody, moved: (count: number) => void): HttpBody => ({
  size,
  chunks: async function* () {
    for await (const chunk of chunks()) {
      yield chunk
      moved(chunk.length)
    }
  },
})

const watchChunks =
  (take: (chunk: Uint8Array) => Promise<void>, moved: (count: number) => void) =>
  async (chunk: Uint8Array): Promise<void> => {
    await take(chunk)
    moved(chunk.length)
  }
