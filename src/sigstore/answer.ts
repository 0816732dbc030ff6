import { type Json, parseJson } from '../core/json.ts'
import { quote } from '../core/printable.ts'
import type { Secret } from '../core/secret.ts'
import { ActionError, type ActionErrorOptions, type ErrorCode } from '../errors.ts'
import type { HttpResponse, ServiceName } from '../ports.ts'

/** How one service's failures are named: it said no, or what it said is no answer. */
export interface AnswerCodes {
  readonly service: ServiceName
  readonly refused: ErrorCode
  readonly response: ErrorCode
}

const MAX_DEPTH = 16
const MAX_TEXT_BYTES = 8192

/** The JSON of an answer. Every fault of it, size and doubled members included, is the service's `response` code. */
export function parseAnswer({ body }: HttpResponse, { service, response }: AnswerCodes): Json {
  const rules = { malformed: response, tooLarge: response, tooDeep: response, duplicate: response }
  const limits = { maxBytes: Number.POSITIVE_INFINITY, maxDepth: MAX_DEPTH }
  return parseJson(body, { ...limits, ...rules }, `the answer of ${service}`)
}

/**
 * The error that a status other than the awaited one means. 4xx is final and shows the server's own words, escaped, cut
 * and without the secret; 408, 429 and 5xx are the service's trouble and 3xx is a redirect, which nothing follows.
 */
export function statusError(
  response: HttpResponse,
  codes: AnswerCodes,
  options: ActionErrorOptions & { readonly secret?: Secret } = {},
): ActionError {
  const { status } = response
  const { secret, ...rest } = options
  const said = `${codes.service} answers ${status}`
  if (status >= 300 && status < 400) return new ActionError('NET_REDIRECT', said)
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429
  if (!isFinal) return new ActionError(codes.response, said)
  const text = serverText(response, secret)
  return new ActionError(codes.refused, text === '' ? said : `${said}: ${quote(text)}`, rest)
}

/** What a server says about its refusal: `message` of the gateway's JSON, else the body as it is. Foreign text still. */
export function serverText({ body }: HttpResponse, secret?: Secret): string {
  const text = new TextDecoder().decode(body.subarray(0, MAX_TEXT_BYTES))
  const message = parseMessage(text) ?? text
  return (secret === undefined ? message : withoutToken(message, secret)).trim()
}

function parseMessage(text: string): string | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return isMessage(json) ? json.message : undefined
  } catch {
    return undefined
  }
}

function isMessage(json: unknown): json is { readonly message: string } {
  return typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string'
}

const SHORTEST_PART = 8
const LONG = 32
const RUN = /[A-Za-z0-9_+=-]{8,}/g

/** Blanks a token, each of its parts, what looks like a piece of one, and every long run: a server may encode it again. */
function withoutToken(text: string, secret: Secret): string {
  const token = secret.reveal()
  const parts = [token, ...token.split('.')].filter((part) => part.length >= SHORTEST_PART)
  return parts
    .reduce((rest, part) => rest.replaceAll(part, '***'), text)
    .replace(RUN, (run) => (run.length >= LONG || token.includes(run) ? '***' : run))
}
