import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'

/** A request that has arrived completely. */
export interface WebRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
}

export interface WebAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export type Handler = (request: WebRequest) => WebAnswer | Promise<WebAnswer>

export interface WebServer {
  /** `http://127.0.0.1:<port>`, no slash behind it. */
  readonly url: string
  /** Ends open connections too. */
  readonly close: () => Promise<void>
}

export const json = (
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): WebAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
})

export const text = (status: number, body: string, type = 'text/plain; charset=utf-8'): WebAnswer => ({
  status,
  headers: { 'content-type': type },
  body,
})

/** gRPC-gateway's shape: Fulcio and Rekor v2. */
export const grpcError = (
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): WebAnswer => json(status, { code, message, details: [] }, headers)

/** A free port of the loopback. */
export async function listen(
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<WebServer> {
  const server = createServer({ keepAliveTimeout: 60_000 }, serve)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a server without a port')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${address.port}`, close }
}

/** Rejects if the client goes away before its request is complete. */
export async function readRequest(incoming: IncomingMessage): Promise<WebRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const url = new URL(incoming.url ?? '/', 'http://loopback.invalid')
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: new Uint8Array(Buffer.concat(chunks)),
  }
}
