import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { after } from 'node:test'

/** Starts a server on loopback that is gone after the tests of the file. Resolves with its port. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port')
  return address.port
}

/** A server that answers each piece of a request by hand, byte for byte. */
export const answerBy = async (answer: (socket: Socket, head: string) => void): Promise<number> =>
  await listen(createServer((socket) => socket.on('data', (data) => answer(socket, `${data}`))))
