import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { type SpooledBody, spoolBody } from './spool.ts'

/** A request that has arrived completely. */
export interface WebRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** Empty where the service spools. */
  readonly body: Uint8Array
  /** The body on the disk, if the service keeps it there. */
  readonly spooled?: SpooledBody
}

export interface WebAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Instead of `body`: what is in this file. */
  readonly file?: { readonly path: string; readonly size: number }
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

/** Rejects if the client goes away before its request is complete. With a folder, the body goes to a file in it. */
export async function readRequest(incoming: IncomingMessage, spoolFolder?: string): Promise<WebRequest> {
  const spooled = spoolFolder === undefined ? undefined : await spoolBody(incoming, spoolFolder)
  const chunks: Buffer[] = []
  if (spooled === undefined) for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const url = new URL(incoming.url ?? '/', 'http://loopback.invalid')
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: new Uint8Array(Buffer.concat(chunks)),
    ...(spooled !== undefined && { spooled }),
  }
}
