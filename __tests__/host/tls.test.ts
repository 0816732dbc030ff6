import assert from 'node:assert/strict'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import { connect, createServer as createTcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, test } from 'node:test'
import { realHttp } from '../../src/host/http.ts'
import { findProxy } from '../../src/host/proxy.ts'
import { checkTlsEnvironment, parseCaCertificates } from '../../src/host/tls-rules.ts'
import type { HttpRequest } from '../../src/ports.ts'
import { makeCertificate } from './certificate.ts'
import { answerBy, listen } from './loopback.ts'

const ca = makeCertificate({ name: 'Test CA' })
const issuer = { name: 'Test CA', key: ca.key }
const localhost = makeCertificate({ name: 'localhost', issuer })
const service = makeCertificate({ name: 'service.test', issuer })
const expired = makeCertificate({ name: 'localhost', issuer, notAfter: '20210101000000Z' })
const http = realHttp({ allowLoopbackHttp: false })
const trusting = realHttp({ allowLoopbackHttp: false, caCertificates: `# our CA\n${ca.pem}` })

const serve = ({ keyPem, pem }: { keyPem: string; pem: string }): Server =>
  createServer({ key: keyPem, cert: pem }, (_, response) => response.end('ok'))

const requestTo = (url: string, timeout = 5000): HttpRequest => ({
  service: 'Rekor',
  method: 'GET',
  url: new URL(url),
  headers: {},
  timeout,
  maxBytes: 1000,
})

test('a server under an unknown CA is refused, under the given one it is accepted', async () => {
  const url = `https://localhost:${await listen(serve(localhost))}/`
  await assert.rejects(http(requestTo(url)), { code: 'NET_TLS', message: /^Rekor at localhost:\d+ has/ })
  for (let i = 0; i < 2; i++) assert.equal((await trusting(requestTo(url))).status, 200)
})

const untrusted = { 'another name': [service, /ALTNAME/], 'a time gone by': [expired, /EXPIRED/] } as const
for (const [what, [certificate, message]] of Object.entries(untrusted)) {
  test(`NET_TLS for a certificate for ${what}`, async () => {
    const url = `https://localhost:${await listen(serve(certificate))}/`
    await assert.rejects(trusting(requestTo(url)), { code: 'NET_TLS', message })
  })
}

test('NET_TLS for a server without TLS', async () => {
  const url = `https://localhost:${await answerBy((socket) => socket.end('HTTP/1.1 400 Bad\r\n\r\n'))}/`
  await assert.rejects(http(requestTo(url)), { code: 'NET_TLS' })
})

test('NODE_TLS_REJECT_UNAUTHORIZED=0 is refused', () => {
  assert.throws(() => checkTlsEnvironment({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }), { code: 'NET_INSECURE' })
  for (const value of [undefined, '', '1', 'false']) {
    checkTlsEnvironment(value === undefined ? {} : { NODE_TLS_REJECT_UNAUTHORIZED: value })
  }
})

test('a server under an unknown CA is refused whatever the environment says', async () => {
  const url = `https://localhost:${await listen(serve(localhost))}/`
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  const refused = assert.rejects(http(requestTo(url)), { code: 'NET_TLS' })
  await refused.finally(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'])
})

const malformed = {
  'an empty file': '',
  'a file without PEM': 'certificate',
  'a key': ca.keyPem,
  'a key beside the certificate': ca.pem + ca.keyPem,
  'a certificate that is cut': ca.pem.replace(/.{9}\n-----END/, '\n-----END'),
  'a certificate without its end': ca.pem.replace(/-----END[\s\S]*/, ''),
  'letters that are no base64': ca.pem.replace('MI', 'M!'),
}
for (const [what, pem] of Object.entries(malformed)) {
  test(`NET_TLS for ca-certificates that are ${what}`, () => {
    assert.throws(() => realHttp({ allowLoopbackHttp: false, caCertificates: pem }), { code: 'NET_TLS' })
  })
}

test('CA files may hold several certificates and remarks', () => {
  assert.equal(
    parseCaCertificates(`Root\r\n${ca.pem.replaceAll('\n', '\r\n')}text\n${localhost.pem}`).length,
    2,
  )
})

const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'no_proxy', 'NO_PROXY']
const forget = (): void => {
  for (const name of VARIABLES) delete process.env[name]
}
forget()
afterEach(forget)

interface Asked {
  readonly authority: string | undefined
  readonly authorization: string | undefined
}

/** Thirty lines of proxy: whatever it is asked for, it connects to `port`. */
function makeProxy(port: number, asked: Asked[], tls?: { keyPem: string; pem: string }) {
  const proxy = tls === undefined ? createHttpServer() : createServer({ key: tls.keyPem, cert: tls.pem })
  return proxy.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const authorization = request.headers['proxy-authorization']
    asked.push({ authority: request.url, authorization })
    if (authorization?.startsWith('Basic ') === false) return
    const server = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(server).pipe(socket)
    })
    server.on('error', () => socket.destroy())
    socket.on('error', () => server.destroy())
  })
}

test('a request goes through the proxy, whose connection is used again', async () => {
  const asked: Asked[] = []
  const proxy = await listen(makeProxy(await listen(serve(service)), asked))
  process.env['https_proxy'] = `127.0.0.1:${proxy}`
  for (let i = 0; i < 3; i++) assert.equal((await trusting(requestTo('https://service.test/'))).status, 200)
  assert.deepEqual(asked, [{ authority: 'service.test:443', authorization: undefined }])
})

test('credentials of a proxy are sent to it, decoded', async () => {
  const asked: Asked[] = []
  const proxy = await listen(makeProxy(await listen(serve(service)), asked))
  process.env['HTTPS_PROXY'] = `http://us%40er:p%3Ass@127.0.0.1:${proxy}/`
  assert.equal((await trusting(requestTo('https://service.test:8443/x?y'))).status, 200)
  const authorization = `Basic ${Buffer.from('us@er:p:ss').toString('base64')}`
  assert.deepEqual(asked, [{ authority: 'service.test:8443', authorization }])
})

test('a proxy may be spoken to by TLS, under the given CA', async () => {
  const asked: Asked[] = []
  const proxy = await listen(makeProxy(await listen(serve(service)), asked, localhost))
  process.env['https_proxy'] = `https://localhost:${proxy}`
  assert.equal((await trusting(requestTo('https://service.test/'))).status, 200)
  await assert.rejects(http(requestTo('https://service.test/')), { code: 'NET_PROXY' })
})

test('a proxy that shows a certificate of its own is refused', async () => {
  const forged = await listen(serve(makeCertificate({ name: 'service.test' })))
  process.env['https_proxy'] = `http://127.0.0.1:${await listen(makeProxy(forged, []))}`
  await assert.rejects(trusting(requestTo('https://service.test/')), { code: 'NET_TLS' })
})

const answers: Record<string, [answer: string, message: RegExp]> = {
  'asks for a password': ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', /with 407/],
  'refuses with a page': ['HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\n<html>', /talks before|403/],
  redirects: ['HTTP/1.1 302 Found\r\nlocation: http://login.example/\r\n\r\n', /with 302/],
  'sends a page instead of a tunnel': ['HTTP/1.1 200 OK\r\n\r\n<html>', /talks before/],
  'sends no HTTP': ['<html>', /cannot be reached/],
  'closes the connection': ['', /cannot be reached \(ECONNRESET\)/],
}
for (const [what, [answer, message]] of Object.entries(answers)) {
  test(`NET_PROXY for a proxy that ${what}`, async () => {
    const proxy = await answerBy((socket) => socket.end(answer))
    process.env['https_proxy'] = `http://user:secret@127.0.0.1:${proxy}`
    await assert.rejects(http(requestTo('https://service.test/')), (error: Error) => {
      assert.equal(Reflect.get(error, 'code'), 'NET_PROXY')
      assert.match(error.message, message)
      assert.match(error.message, new RegExp(`^The proxy 127\\.0\\.0\\.1:${proxy} `))
      assert.doesNotMatch(JSON.stringify(error) + error.message, /secret|user/)
      return true
    })
  })
}

test('NET_PROXY for a proxy that is not there', async () => {
  const server = createTcpServer()
  const port = await listen(server)
  await new Promise((closed) => server.close(closed))
  process.env['https_proxy'] = `http://127.0.0.1:${port}`
  await assert.rejects(http(requestTo('https://service.test/')), {
    code: 'NET_PROXY',
    message: /ECONNREFUSED/,
  })
})

test('a silent proxy is left in time, and its connection is gone', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<boolean>()
  const port = await answerBy((socket) => socket.on('close', () => resolve(true)))
  process.env['https_proxy'] = `http://127.0.0.1:${port}`
  await assert.rejects(http(requestTo('https://service.test/', 150)), { code: 'NET_TIMEOUT' })
  assert.equal(await closed, true)
})

const settings: Record<string, [proxy: string, noProxy: string, found: string | undefined]> = {
  'a URL': ['http://proxy.test:3128', '', 'http://proxy.test:3128/'],
  'a name and port': ['proxy.test:3128', '', 'http://proxy.test:3128/'],
  'a name that could be a scheme': ['localhost:3128', '', 'http://localhost:3128/'],
  'credentials without a scheme': ['u:p@proxy.test:3128', '', 'http://u:p@proxy.test:3128/'],
  nothing: ['', '', undefined],
  'no_proxy *': ['proxy.test:3128', '*', undefined],
  'no_proxy with the host among others': ['proxy.test:3128', 'a.test, Service.Test', undefined],
  'no_proxy with a suffix': ['proxy.test:3128', '.test', undefined],
  'no_proxy with a suffix without a dot': ['proxy.test:3128', 'test', undefined],
  'no_proxy with the port': ['proxy.test:3128', 'service.test:443', undefined],
  'no_proxy with another port': ['proxy.test:3128', 'service.test:80', 'http://proxy.test:3128/'],
  'no_proxy with the end of a label': ['proxy.test:3128', 'vice.test', 'http://proxy.test:3128/'],
}
for (const [what, [proxy, noProxy, found]] of Object.entries(settings)) {
  test(`the proxy from the environment: ${what}`, () => {
    process.env['https_proxy'] = proxy
    process.env['no_proxy'] = noProxy
    assert.equal(findProxy(new URL('https://service.test/'))?.href, found)
    assert.equal(findProxy(new URL('https://127.0.0.1/')), undefined)
  })
}

for (const value of [
  'socks5://user:secret@proxy.test',
  'http://',
  'http://[user:secret',
  'http://%:secret@x',
]) {
  test(`NET_PROXY, without the value, for ${value}`, () => {
    process.env['https_proxy'] = value
    const find = (): unknown => findProxy(new URL('https://service.test/'))
    assert.throws(find, { code: 'NET_PROXY', message: /^The variable https_proxy holds no / })
  })
}
