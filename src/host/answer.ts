import type { IncomingMessage } from 'node:http'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { HttpRequest, HttpResponse } from '../ports.ts'
import { placeOf } from './network-error.ts'

/**
 * Reads an answer to its end. NET_TOO_LARGE as soon as the cap is passed, NET_BAD_RESPONSE for an encoded or cut body.
 * Whenever it throws, the connection is gone.
 */
export async function readAnswer(message: IncomingMessage, request: HttpRequest): Promise<HttpResponse> {
  try {
    const headers = joinHeaders(message)
    checkEncoding(headers, request)
    if (Number(headers['content-length'] ?? 0) > request.maxBytes) throw tooLarge(request)
    const status = message.statusCode ?? 0
    const body =
      request.receive !== undefined && status >= 200 && status < 300
        ? await passOn(message, request, request.receive())
        : await readBody(message, request)
    return { status, headers, body }
  } catch (cause) {
    message.destroy()
    throw cause
  }
}

function joinHeaders(message: IncomingMessage): Record<string, string> {
  const distinct = Object.entries(message.headersDistinct)
  return Object.fromEntries(distinct.map(([name, values]) => [name, (values ?? []).join(', ')]))
}

/** We asked for `identity`: what is compressed all the same is a bomb, or a server that does not read. */
function checkEncoding(headers: Record<string, string>, request: HttpRequest): void {
  const content = headers['content-encoding'] ?? 'identity'
  const transfer = headers['transfer-encoding'] ?? 'chunked'
  if (/^(?:identity)?$/i.test(content.trim()) && /^chunked$/i.test(transfer.trim())) return
  const found = quote(content === 'identity' ? transfer : content)
  throw new ActionError('NET_BAD_RESPONSE', `${placeOf(request)} sent an answer encoded as ${found}`)
}

async function readBody(message: IncomingMessage, request: HttpRequest): Promise<Uint8Array> {
  let room = new Uint8Array(Math.min(FIRST_ROOM, request.maxBytes))
  let length = 0
  try {
    for await (const chunk of message) {
      if (length + chunk.length > request.maxBytes) throw tooLarge(request)
      room = withRoomFor(room, length + chunk.length)
      room.set(chunk, length)
      length += chunk.length
    }
  } catch (cause) {
    throw cause instanceof ActionError ? cause : cutShort(request)
  }
  if (!message.complete) throw cutShort(request)
  return room.slice(0, length)
}

/** Hands the body on as it comes. What the receiver throws ends it; only what comes from the connection is rewritten. */
async function passOn(
  message: IncomingMessage,
  request: HttpRequest,
  receive: (chunk: Uint8Array) => Promise<void>,
): Promise<Uint8Array> {
  let length = 0
  const chunks = message[Symbol.asyncIterator]()
  for (;;) {
    const next = await chunks.next().catch(() => {
      throw cutShort(request)
    })
    if (next.done === true) break
    length += next.value.length
    if (length > request.maxBytes) throw tooLarge(request)
    await receive(next.value)
  }
  if (!message.complete) throw cutShort(request)
  return new Uint8Array()
}

/** Bytes. A body is copied into one growing buffer: a list of its chunks could be a list of single bytes. */
const FIRST_ROOM = 16_384

function withRoomFor(room: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length <= room.length) return room
  const larger = new Uint8Array(Math.max(length, room.length * 2))
  larger.set(room)
  return larger
}

const tooLarge = (request: HttpRequest): ActionError =>
  new ActionError('NET_TOO_LARGE', `${placeOf(request)} sent more than ${request.maxBytes} bytes`)

const cutShort = (request: HttpRequest): ActionError =>
  new ActionError('NET_BAD_RESPONSE', `${placeOf(request)} cut its answer short`)
