import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Faults } from './faults.ts'
import type { Requests, ServiceName } from './requests.ts'
import { readStart, sendFile } from './spool.ts'
import { type Handler, listen, readRequest, type WebAnswer, type WebRequest, type WebServer } from './web.ts'

/** What watches over all services of a sandbox. */
export interface Control {
  readonly faults: Faults
  readonly requests: Requests
}

export interface Service extends WebServer {
  /** Until this is called each request gets 503. */
  readonly serve: (handler: Handler) => void
}

/** A server on a free port, its address known before what it serves. Bodies go to files of `spoolFolder`, if there is one. */
export async function startService(
  name: ServiceName,
  control: Control,
  spoolFolder?: string,
): Promise<Service> {
  let handler: Handler = () => ({ status: 503 })
  const server = await listen((incoming, response) => {
    const read = readRequest(incoming, spoolFolder)
    exchange(name, control, (request) => handler(request), read, response).catch(() => response.destroy())
  })
  return {
    ...server,
    serve: (given) => {
      handler = given
    },
  }
}

async function exchange(
  name: ServiceName,
  { faults, requests }: Control,
  handler: Handler,
  read: Promise<WebRequest>,
  response: ServerResponse,
): Promise<void> {
  const request = await read
  const record = requests.begin(name, request)
  response.once('close', () => record.end(response.headersSent ? response.statusCode : undefined))
  const struck = faults.strike(name, request)
  const delay = struck.reduce((sum, fault) => sum + (fault.kind === 'delay' ? fault.milliseconds : 0), 0)
  if (delay > 0) await sleep(delay)
  const fault = struck.find(({ kind }) => kind !== 'delay')
  if (fault === undefined) await send(response, await act(handler, request))
  else await fail(fault, handler, request, response)
}

/** A service that throws answers as a server that panics does. */
async function act(handler: Handler, request: WebRequest): Promise<WebAnswer> {
  try {
    return await handler(request)
  } catch (error) {
    const message = error instanceof Error ? error.message : 'failure'
    return { status: 500, body: `sandbox: ${message}` }
  }
}

async function fail(
  fault: Fault,
  handler: Handler,
  request: WebRequest,
  response: ServerResponse,
): Promise<void> {
  switch (fault.kind) {
    case 'answer':
      return send(response, fault.answer)
    case 'redirect':
      return send(response, { status: 307, headers: { location: fault.location } })
    case 'change':
      return send(response, fault.change(await act(handler, request), request))
    case 'cut':
      return sendPart(response, await act(handler, request), fault.bytes, () => response.destroy())
    case 'stall':
      return sendPart(response, await act(handler, request), fault.bytes, () => undefined)
    case 'lose':
      await act(handler, request)
      return void response.destroy()
    case 'drop':
      return void response.destroy()
    case 'endless':
      return sendForever(response)
    default:
      return
  }
}

const bodyOf = ({ body }: WebAnswer): Uint8Array => Buffer.from(body ?? '')

const sizeOf = (answer: WebAnswer): number => answer.file?.size ?? bodyOf(answer).length

async function send(response: ServerResponse, answer: WebAnswer): Promise<void> {
  if (answer.file !== undefined) {
    response.writeHead(answer.status, { 'content-length': answer.file.size, ...answer.headers })
    return sendFile(answer.file.path, response)
  }
  const body = bodyOf(answer)
  response.writeHead(answer.status, { 'content-length': body.length, ...answer.headers })
  response.end(body)
}

async function sendPart(
  response: ServerResponse,
  answer: WebAnswer,
  bytes: number,
  then: () => void,
): Promise<void> {
  const { file } = answer
  const part = file === undefined ? bodyOf(answer).subarray(0, bytes) : await readStart(file.path, bytes)
  response.writeHead(answer.status, { ...answer.headers, 'content-length': sizeOf(answer) })
  response.write(part, () => then())
  response.flushHeaders()
}

/** Writes as fast as the client reads, until it goes away. */
function sendForever(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, ' ')
  response.writeHead(200, { 'content-type': 'application/json' })
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', more)
  more()
}
