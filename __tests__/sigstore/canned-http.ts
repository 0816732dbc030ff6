import { encodeUtf8 } from '../../src/core/bytes.ts'
import type { Http, HttpRequest, HttpResponse } from '../../src/ports.ts'

/** An answer with a JSON body, or with the text given. */
export const answer = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): HttpResponse => ({
  status,
  headers,
  body:
    body instanceof Uint8Array ? body : encodeUtf8(typeof body === 'string' ? body : JSON.stringify(body)),
})

export interface CannedHttp {
  readonly http: Http
  readonly requests: HttpRequest[]
}

/** Hands out the answers in order, and keeps the requests. A request too many is an error of the test. */
export function canned(...answers: readonly HttpResponse[]): CannedHttp {
  const requests: HttpRequest[] = []
  const http: Http = async (request) => {
    requests.push(request)
    const next = answers[requests.length - 1]
    if (next === undefined) throw new Error(`unexpected request ${request.method} ${request.url.href}`)
    return next
  }
  return { http, requests }
}

export function bodyText({ body }: HttpRequest): string {
  if (body !== undefined && !(body instanceof Uint8Array)) throw new Error('the body is a stream')
  return Buffer.from(body ?? '').toString()
}
