import type { WebRequest } from './web.ts'

export type ServiceName =
  | 'token'
  | 'issuer'
  | 'fulcio'
  | 'rekor-v1'
  | 'rekor-v2'
  | 'tsa'
  | 'github-api'
  | 'github-uploads'
  | 'github-storage'
  | 'github-artifacts'

/** One request as a service saw it. Never a credential: `authorization` and queries are left out. */
export interface RecordedRequest {
  readonly service: ServiceName
  readonly method: string
  readonly path: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly bytes: number
  readonly contentType: string
  /** Only when the sandbox was told to keep bodies; Fulcio's hold identity tokens. */
  readonly body?: Uint8Array
  /** Of the answer; undefined as long as there is none. */
  status?: number
}

export interface Requests {
  readonly all: () => readonly RecordedRequest[]
  /** How many a service got, with this method if one is given. */
  readonly count: (service: ServiceName, method?: string) => number
  /** The most that a service had at one time. */
  readonly peak: (service: ServiceName) => number
  readonly clear: () => void
  readonly begin: (service: ServiceName, request: WebRequest) => { readonly end: (status?: number) => void }
}

export function createRequests(options: { readonly keepBodies: boolean }): Requests {
  const list: RecordedRequest[] = []
  const open = new Map<ServiceName, number>()
  const peaks = new Map<ServiceName, number>()
  const begin = (service: ServiceName, request: WebRequest) => {
    const one: RecordedRequest = recorded(service, request, options.keepBodies)
    list.push(one)
    const now = (open.get(service) ?? 0) + 1
    open.set(service, now)
    peaks.set(service, Math.max(peaks.get(service) ?? 0, now))
    const end = (status?: number): void => {
      open.set(service, (open.get(service) ?? 1) - 1)
      if (status !== undefined) one.status = status
    }
    return { end }
  }
  return {
    all: () => list,
    count: (service, method) =>
      list.filter((one) => one.service === service && (method === undefined || one.method === method)).length,
    peak: (service) => peaks.get(service) ?? 0,
    clear: () => {
      list.length = 0
      peaks.clear()
    },
    begin,
  }
}

const recorded = (service: ServiceName, request: WebRequest, keepBodies: boolean): RecordedRequest => ({
  service,
  method: request.method,
  path: request.path,
  at: Date.now(),
  bytes: request.spooled?.size ?? request.body.length,
  contentType: request.headers['content-type'] ?? '',
  ...(keepBodies && { body: request.body }),
})
