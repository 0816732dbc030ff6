import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** What stands before a server in production: it ends TLS, and sends away what comes too thick and fast. */
export interface Front extends AsyncDisposable {
  /** With the name `localhost`. */
  readonly url: string
  /** How many it sent away. */
  readonly refused: () => number
  /** How many wait for their answer. */
  readonly waiting: () => number
  /** Resolves when the first one is here. */
  readonly asked: Promise<void>
}

export interface FrontOptions {
  readonly tls?: { readonly key: string; readonly cert: string }
  /** At one time; any number without it. */
  readonly most?: number
}

/** Passes everything on to `target`, the server's own `Date` included. */
export async function startFront(target: string, { tls, most = Infinity }: FrontOptions): Promise<Front> {
  let open = 0
  let refused = 0
  const asked = Promise.withResolvers<void>()
  const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
    if (open >= most) {
      refused += 1
      incoming.resume()
      response.writeHead(503, { 'retry-after': '0' }).end()
      return
    }
    open += 1
    asked.resolve()
    response.once('close', () => {
      open -= 1
    })
    passOn(target, incoming, response)
  }
  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    refused: () => refused,
    waiting: () => open,
    asked: asked.promise,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function passOn(target: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', headers, url = '/' } = incoming
  const sent = forward(new URL(url, target), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  sent.once('error', () => response.destroy())
  incoming.pipe(sent)
}
