import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

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
 * Stands before a server of HTTP/1.1 and holds back for so many milliseconds whatever is sent to it, however much there is.
 * It only hands bytes on, since it shares the processors with what is measured: to read all of HTTP takes a tenth of two.
 * `localhost` is in its address because the name of a log is the host of its URL.
 */
export async function startLatencyProxy(target: string, milliseconds: number): Promise<LatencyProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const tally = createTally()
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
    hold(client, upstream, milliseconds, tally)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: own } = server.address() as AddressInfo
  return {
    url: `http://localhost:${own}`,
    ...tally,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Tally extends Traffic {
  readonly begin: () => void
  readonly end: () => void
}

function createTally(): Tally {
  let open = 0
  let peak = 0
  let count = 0
  return {
    begin: () => {
      open += 1
      count += 1
      peak = Math.max(peak, open)
    },
    end: () => {
      open -= 1
    },
    count: () => count,
    peak: () => peak,
    clear: () => {
      count = 0
      peak = open
    },
  }
}

/** Nobody here sends a request before the last one is answered, so that what follows an answer begins a new one. */
function hold(client: Socket, upstream: Socket, milliseconds: number, { begin, end }: Tally): void {
  let waiting = false
  const answered = (): void => {
    if (waiting) end()
    waiting = false
  }
  client.on('data', (chunk) => {
    if (!waiting) begin()
    waiting = true
    setTimeout(() => upstream.destroyed || upstream.write(chunk), milliseconds)
  })
  upstream.on('data', (chunk) => {
    answered()
    client.write(chunk)
  })
  const over = (): void => {
    answered()
    client.destroy()
    upstream.destroy()
  }
  for (const socket of [client, upstream]) socket.on('end', over).on('error', over).on('close', over)
}
