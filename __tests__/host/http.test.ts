import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ActionError } from '../../src/errors.ts'
import { realHttp } from '../../src/host/http.ts'
import type { HttpRequest } from '../../src/ports.ts'
import { answerBy, listen } from './loopback.ts'

const http = realHttp({ allowLoopbackHttp: true, userAgent: 'keyless/test' })

const requestTo = (port: number, more: Partial<HttpRequest> = {}): HttpRequest => ({
  service: 'Fulcio',
  method: 'GET',
  url: new URL(`http://127.0.0.1:${port}/path?token=secret`),
  headers: {},
  timeout: 5000,
  maxBytes: 1000,
  ...more,
})

const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
const zipped = gzipSync(Buffer.alloc(100_000))

const faults: Record<string, [code: string, message: RegExp, answer: (socket: Socket) => void]> = {
  'cuts a body of known length': [
    'NET_BAD_RESPONSE',
    /cut its answer short/,
    (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'),
  ],
  'resets in a body of known length': [
    'NET_BAD_RESPONSE',
    /cut its answer short/,
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')
      setTimeout(() => socket.resetAndDestroy(), 20)
    },
  ],
  'cuts a chunk': ['NET_BAD_RESPONSE', /cut/, (socket) => socket.end(`${CHUNKED}a\r\nhalf`)],
  'cuts before the last chunk': [
    'NET_BAD_RESPONSE',
    /cut/,
    (socket) => socket.end(`${CHUNKED}4\r\nhalf\r\n`),
  ],
  'writes a malformed chunk': [
    'NET_BAD_RESPONSE',
    /cut/,
    (socket) => socket.end(`${CHUNKED}xyz\r\nhalf\r\n0\r\n\r\n`),
  ],
  'announces too much': [
    'NET_TOO_LARGE',
    /more than 1000 bytes/,
    (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n'),
  ],
  'sends too much in chunks': [
    'NET_TOO_LARGE',
    /more than 1000 bytes/,
    (socket) => socket.write(`${CHUNKED}${`1f4\r\n${'x'.repeat(500)}\r\n`.repeat(3)}`),
  ],
  'sends too much until it closes': [
    'NET_TOO_LARGE',
    /more than 1000 bytes/,
    (socket) => socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${'x'.repeat(1001)}`),
  ],
  'sends gzip': [
    'NET_BAD_RESPONSE',
    /encoded as "gzip"/,
    (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${zipped.length}\r\n\r\n`)
      socket.write(zipped)
    },
  ],
  'hides gzip in the transfer': [
    'NET_BAD_RESPONSE',
    /encoded as "gzip, chunked"/,
    (socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
  ],
  'sends an encoding with escape sequences': [
    'NET_BAD_RESPONSE',
    /encoded as "##\\\[error\]/,
    (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: ##[error]\r\ncontent-length: 0\r\n\r\n'),
  ],
  'sends no HTTP': ['NET_BAD_RESPONSE', /not HTTP/, (socket) => socket.end('SSH-2.0-OpenSSH\r\n')],
  'sends endless headers': [
    'NET_BAD_RESPONSE',
    /not HTTP/,
    (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`),
  ],
  'resets before it answers': ['NET_UNREACHABLE', /ECONNRESET/, (socket) => socket.resetAndDestroy()],
  'closes before it answers': ['NET_UNREACHABLE', /closed the connection/, (socket) => socket.end()],
}
for (const [what, [code, message, answer]] of Object.entries(faults)) {
  test(`${code} for a server that ${what}`, async () => {
    const port = await answerBy(answer)
    await assert.rejects(http(requestTo(port)), (error: Error) => {
      assert.deepEqual({ code: Reflect.get(error, 'code') }, { code })
      assert.match(error.message, message)
      assert.match(error.message, new RegExp(`^Fulcio at 127\\.0\\.0\\.1:${port} `))
      assert.doesNotMatch(error.message, /secret|path/)
      return true
    })
  })
}

const slow: Record<string, (socket: Socket) => void> = {
  'changes the protocol': (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  'never answers': () => undefined,
  'stops inside the headers': (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-'),
  'drips its body': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n')
    const drip = setInterval(() => socket.write('x'), 10)
    socket.on('close', () => clearInterval(drip))
  },
  'drips interim answers': (socket) => {
    const drip = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 10)
    socket.on('close', () => clearInterval(drip))
  },
}
for (const [what, answer] of Object.entries(slow)) {
  test(`NET_TIMEOUT for a server that ${what}, and its connection is gone`, async () => {
    const { promise: closed, resolve } = Promise.withResolvers<boolean>()
    const port = await answerBy((socket) => {
      socket.on('close', () => resolve(true))
      answer(socket)
    })
    const start = performance.now()
    const message = /did not answer within 0\.15 s/
    await assert.rejects(http(requestTo(port, { timeout: 150 })), { code: 'NET_TIMEOUT', message })
    assert.ok(performance.now() - start < 1500)
    assert.equal(await closed, true)
  })
}

test('NET_UNREACHABLE for a port that nobody listens on', async () => {
  const server = createServer()
  const port = await listen(server)
  await new Promise((closed) => server.close(closed))
  await assert.rejects(http(requestTo(port)), {
    code: 'NET_UNREACHABLE',
    message: /cannot be reached \(ECONNREFUSED\)$/,
    unsent: true,
  })
})

test('NET_UNREACHABLE for a name that does not exist', async () => {
  const url = new URL('https://does-not-exist.invalid/')
  await assert.rejects(http(requestTo(0, { url })), {
    code: 'NET_UNREACHABLE',
    message: /Fulcio at does-not-exist\.invalid has a name/,
  })
})

for (const status of [301, 302, 303, 307, 308]) {
  test(`${status} is returned as it is`, async () => {
    const head = `HTTP/1.1 ${status} Elsewhere\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\nno`
    const port = await answerBy((socket) => socket.write(head))
    const { headers, ...rest } = await http(requestTo(port))
    assert.equal(headers['location'], 'http://127.0.0.1:1/')
    assert.deepEqual(rest, { status, body: new TextEncoder().encode('no') })
  })
}

test('any status is an answer, and repeated headers are joined', async () => {
  const head =
    'HTTP/1.1 503 No\r\nX-A: 1\r\nx-a: 2\r\nset-cookie: a\r\nset-cookie: b\r\ncontent-length: 0\r\n\r\n'
  const port = await answerBy((socket) => socket.write(head))
  const { status, headers } = await http(requestTo(port))
  assert.equal(status, 503)
  assert.deepEqual(headers, { 'x-a': '1, 2', 'set-cookie': 'a, b', 'content-length': '0' })
})

test('the body and headers arrive as they were sent, and identity is asked for', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const body = Uint8Array.from({ length: 256 }, (_, i) => i)
  const server = createServer(async (request, response) => {
    const received = Buffer.concat(await request.toArray())
    resolve([request.method, request.url, request.headers, new Uint8Array(received)])
    response.end(received)
  })
  const port = await listen(server)
  const headers = { accept: 'application/json', 'content-type': 'application/timestamp-query' }
  const answer = await http(requestTo(port, { method: 'POST', headers, body }))
  assert.deepEqual(answer.body, body)
  const sent = {
    'user-agent': 'keyless/test',
    ...headers,
    'accept-encoding': 'identity',
    'content-length': '256',
    host: `127.0.0.1:${port}`,
    connection: 'keep-alive',
  }
  assert.deepEqual(await promise, ['POST', '/path?token=secret', sent, body])
})

test('a hundred requests are under way at once, and their connections are used again', async () => {
  let connections = 0
  const waiting: (() => void)[] = []
  const server = createServer((_, response) => {
    waiting.push(() => response.end('ok'))
    if (waiting.length === 100) for (const answer of waiting.splice(0)) answer()
  })
  server.on('connection', () => {
    connections += 1
  })
  const port = await listen(server)
  for (let round = 0; round < 2; round++) {
    const answers = await Promise.all(Array.from({ length: 100 }, async () => await http(requestTo(port))))
    assert.ok(answers.every(({ status, body }) => status === 200 && body.length === 2))
  }
  assert.equal(connections, 100)
})

test('a body in single bytes is read', async () => {
  const port = await answerBy((socket) => socket.write(`${CHUNKED}${'1\r\nx\r\n'.repeat(1 << 17)}0\r\n\r\n`))
  const { body } = await http(requestTo(port, { maxBytes: 1 << 17 }))
  assert.equal(body.length, 1 << 17)
  assert.ok(body.every((byte) => byte === 0x78))
})

test('CANCELLED ends a request that is under way, and refuses the next', async () => {
  const stop = new AbortController()
  const stoppable = realHttp({ allowLoopbackHttp: true, cancelled: stop.signal })
  const port = await answerBy(() => stop.abort())
  await assert.rejects(stoppable(requestTo(port)), { code: 'CANCELLED' })
  await assert.rejects(stoppable(requestTo(port)), { code: 'CANCELLED' })
})

const insecure: Record<string, [url: string, message: RegExp]> = {
  'plain http': ['http://fulcio.example/', /http:\/\/fulcio\.example is not https/],
  'plain http to a name that begins like loopback': ['http://127.0.0.1.example/', /not https/],
  'plain http to a name that ends like loopback': ['http://x.localhost/', /not https/],
  'plain http to a private network': ['http://10.0.0.1/', /not https/],
  'plain http to every address': ['http://0.0.0.0/', /not https/],
  'plain http to an address written as one number': ['http://167772161/', /not https/],
  'another scheme': ['file:///etc/passwd', /not https/],
  'a password': ['https://user:secret@fulcio.example/', /^The URL of fulcio\.example holds/],
}
for (const [what, [url, message]] of Object.entries(insecure)) {
  test(`NET_INSECURE for ${what}`, async () => {
    await assert.rejects(http(requestTo(0, { url: new URL(url) })), { code: 'NET_INSECURE', message })
  })
}

test('plain http to loopback has to be allowed', async () => {
  const strict = realHttp({ allowLoopbackHttp: false })
  await assert.rejects(strict(requestTo(1)), { code: 'NET_INSECURE' })
  const port = await answerBy((socket) => socket.write('HTTP/1.1 204 Fine\r\n\r\n'))
  for (const host of ['localhost', '127.0.0.1', '2130706433']) {
    const { status } = await http(requestTo(0, { url: new URL(`http://${host}:${port}/`) }))
    assert.equal(status, 204)
  }
})

test('a header that cannot be written is not shown', async () => {
  const headers = { authorization: 'Bearer secret\r\nx: y' }
  await assert.rejects(http(requestTo(1, { headers })), (error: Error) => {
    assert.equal(Reflect.get(error, 'code'), 'INTERNAL')
    assert.doesNotMatch(`${error.message} ${error.cause}`, /secret/)
    return true
  })
})

const slowly = (pieces: number, pause: number, piece = Buffer.from('x')) =>
  async function* (): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < pieces; i++) {
      await new Promise((done) => setTimeout(done, pause))
      yield piece
    }
  }

/** As little as counts as progress. */
const PIECE = Buffer.alloc(64 * 1024, 'y')

const slowAnswer = (pieces: number, pause: number, piece: Buffer): Promise<number> =>
  answerBy((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${pieces * piece.length}\r\n\r\n`)
    for (let i = 1; i <= pieces; i++) setTimeout(() => socket.write(piece), i * pause)
  })

const takesBody = async (): Promise<number> =>
  await listen(
    createServer((request, response) => {
      request.resume().on('end', () => response.end('done'))
    }),
  )

test('a body of any size has time as long as it moves, out and in', async () => {
  const body = { size: 8 * PIECE.length, chunks: slowly(8, 50, PIECE) }
  const request = { method: 'POST', body, timeout: 200 } as const
  const port = await takesBody()
  await assert.rejects(http(requestTo(port, request)), { code: 'NET_TIMEOUT' })
  assert.equal((await http(requestTo(port, { ...request, timeoutIsIdle: true }))).status, 200)
  const slow = await slowAnswer(8, 50, PIECE)
  let length = 0
  const receive = () => async (chunk: Uint8Array) => {
    length += chunk.length
  }
  await http(requestTo(slow, { receive, timeout: 200, timeoutIsIdle: true, maxBytes: 8 * PIECE.length }))
  assert.equal(length, 8 * PIECE.length)
})

test('a few bytes now and then are no progress, out or in', async () => {
  const body = { size: 8, chunks: slowly(8, 50) }
  const request = { method: 'POST', body, timeout: 200, timeoutIsIdle: true } as const
  await assert.rejects(http(requestTo(await takesBody(), request)), { code: 'NET_TIMEOUT' })
  const receive = () => async () => undefined
  const slow = await slowAnswer(8, 50, Buffer.from('y'))
  const dripping = requestTo(slow, { receive, timeout: 200, timeoutIsIdle: true })
  await assert.rejects(http(dripping), { code: 'NET_TIMEOUT' })
})

test('a body that stops moving has no more time', async () => {
  const body = { size: 8, chunks: slowly(8, 500) }
  const request = { method: 'POST', body, timeout: 100, timeoutIsIdle: true } as const
  await assert.rejects(http(requestTo(await takesBody(), request)), { code: 'NET_TIMEOUT' })
})

test('a body that fails ends the request with its own error, and what fed it is closed', async () => {
  let closed = 0
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from('x')
      await new Promise((done) => setTimeout(done, 50))
      throw new ActionError('FILE_CHANGED', 'it changed')
    } finally {
      closed++
    }
  }
  const request = { method: 'POST', body: { size: 8, chunks } } as const
  await assert.rejects(http(requestTo(await takesBody(), request)), { code: 'FILE_CHANGED' })
  const deaf = await answerBy((socket) => socket.end('HTTP/1.1 422 No\r\ncontent-length: 0\r\n\r\n'))
  const more = { ...request, body: { size: 8, chunks: slowly(8, 30) } }
  assert.equal((await http(requestTo(deaf, more))).status, 422)
  assert.equal(closed, 1)
})
