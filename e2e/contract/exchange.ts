import { request } from 'node:http'
import type { Claims } from '../../sandbox/claims.ts'
import type { TokenChanges } from '../../sandbox/issuer.ts'
import type { HttpResponse } from '../../src/ports.ts'
import type { TrustedRoot } from '../../src/sigstore/trusted-root.ts'

/** The servers that answer: the sandbox's, or the real ones. */
export interface Target {
  readonly name: 'sandbox' | 'real'
  /** Without a final slash; of the timestamp authority the whole address. */
  readonly fulcio: string
  readonly rekorV1: string
  readonly rekorV2: string
  /** Where its checkpoint and tiles are read: in production a storage answers, not the server that logs. */
  readonly rekorV2Read: string
  readonly tsa: string
  /** Where discovery is, and the name in the tokens. */
  readonly issuer: string
  readonly issuerName: string
  /** The job's token endpoint, as ACTIONS_ID_TOKEN_REQUEST_URL, and its password. */
  readonly tokenUrl: string
  readonly requestToken: string
  readonly claims: Claims
  /** What its clients trust: the sandbox's own word for itself, cosign's for the real servers. */
  readonly trust: TrustedRoot
  /** A token of that issuer for Sigstore, or as it is changed. */
  readonly mint: (changes?: TokenChanges & { readonly audience?: string }) => string
}

/** Sent as it stands: no header is added but those that HTTP needs. */
export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
  /** Milliseconds since 1970 when the request was sent. */
  readonly sent: number
  /** Milliseconds from then to the last byte of the answer. */
  readonly took: number
}

const PATIENCE = 20_000

/** Rejects if there is no whole answer within twenty seconds. */
export function send({ method = 'GET', url, headers = {}, body }: Ask): Promise<Answer> {
  const bytes = body === undefined ? undefined : Buffer.from(body)
  const length = bytes === undefined ? {} : { 'content-length': String(bytes.length) }
  const sentAt = Date.now()
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(PATIENCE)
    const sent = request(url, { method, headers: { ...length, ...headers }, signal, agent: false }, (got) => {
      const chunks: Buffer[] = []
      got.on('data', (chunk: Buffer) => chunks.push(chunk))
      got.once('error', reject)
      got.once('end', () => {
        const own = Object.entries(got.headers).map(([name, value]) => [name, String(value)])
        resolve({
          status: got.statusCode ?? 0,
          headers: Object.fromEntries(own),
          body: new Uint8Array(Buffer.concat(chunks)),
          sent: sentAt,
          took: performance.now() - began,
        })
      })
    })
    sent.once('error', reject)
    sent.end(bytes)
  })
}

const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json' }

/** As our client posts JSON; `headers` replace. */
export const postJson = (
  url: string,
  value: unknown,
  headers: Readonly<Record<string, string>> = JSON_TYPE,
): Ask => ({
  method: 'POST',
  url,
  headers,
  body: typeof value === 'string' ? value : JSON.stringify(value),
})

/** As our client's parsers take answers. */
export const httpResponse = ({ status, headers, body }: Answer): HttpResponse => ({
  status,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value ?? ''])),
  body,
})

export const textOf = ({ body }: Answer): string => Buffer.from(body).toString('utf8')

/** Milliseconds since 1970, while the answer was made, to the second: clients and servers here share a clock. */
export const isDuring = ({ sent, took }: Answer, time: number): boolean =>
  time > sent - 1000 && time < sent + took + 1000

/** Ten times what any of them takes that waits for nothing. */
const AT_ONCE = 1000

/** Of several answers the fastest decides: a machine may be busy, but a server that waits always does. */
export const isAtOnce = (answers: readonly Answer[]): boolean =>
  answers.length > 3 && Math.min(...answers.map(({ took }) => took)) < AT_ONCE
