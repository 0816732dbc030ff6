import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen, readRequest } from '../sandbox/web.ts'

/** How many requests came since `clear`, and the most that were under way at once. */
export interface Traffic {
  readonly count: () => number
  readonly peak: () => number
  readonly clear: () => void
}

export interface LatencyProxy extends Traffic {
  /** Stands for the target; the path of a request is kept. */
  readonly url: string
  readonly close: () => Promise<void>
}

/**
 * Stands before a server and holds each request back for so many milliseconds, however many there are. Connections are
 * kept alive on both sides, so that nothing but the time is added. `localhost` is in its address because the name of a log
 * is the host of its URL.
 */
export async function startLatencyProxy(target: string, milliseconds: number): Promise<LatencyProxy> {
  const { hostname, port } = new URL(target)
  const agent = new Agent({ keepAlive: true, maxSockets: 512 })
  let open = 0
  let peak = 0
  let count = 0
  const server = await listen((incoming, response) => {
    open += 1
    count += 1
    peak = Math.max(peak, open)
    response.once('close', () => {
      open -= 1
    })
    forward({ agent, hostname, port, milliseconds }, incoming, response).catch(() => response.destroy())
  })
  return {
    url: server.url.replace('127.0.0.1', 'localhost'),
    count: () => count,
    peak: () => peak,
    clear: () => {
      count = 0
      peak = open
    },
    close: async () => {
      agent.destroy()
      await server.close()
    },
  }
}

interface Route {
  readonly agent: Agent
  readonly hostname: string
  readonly port: string
  readonly milliseconds: number
}

async function forward(route: Route, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { agent, hostname, port, milliseconds } = route
  const held = sleep(milliseconds)
  const { body } = await readRequest(incoming)
  await held
  const { method, url: path, headers } = incoming
  // Hop by hop, and the body is whole by now.
  const { connection: _, 'transfer-encoding': __, ...kept } = headers
  const onward = request({
    agent,
    hostname,
    port,
    method,
    path,
    headers: { ...kept, 'content-length': body.length },
  })
  onward.once('error', () => response.destroy())
  onward.once('response', (answer) => {
    const { connection: ___, ...passed } = answer.headers
    response.writeHead(answer.statusCode ?? 502, passed)
    answer.pipe(response)
  })
  onward.end(body)
}
