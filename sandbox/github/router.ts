import type { WebAnswer, WebRequest } from '../web.ts'
import { json } from '../web.ts'

/** What a request says beyond method and path. */
export interface ApiRequest extends WebRequest {
  /** Values of the placeholders, decoded. */
  readonly values: Readonly<Record<string, string>>
}

export type ApiHandler = (request: ApiRequest) => WebAnswer | Promise<WebAnswer>

/** Handlers by method and path as GitHub's documentation writes them: `GET /repos/{owner}/{repo}`. */
export type Routes = Readonly<Record<string, ApiHandler>>

export interface Routed {
  readonly route: string
  readonly handler: ApiHandler
  readonly values: Readonly<Record<string, string>>
}

/** The first route that fits; a placeholder stands for one segment. */
export function findRoute(routes: Routes, { method, path }: WebRequest): Routed | undefined {
  for (const [route, handler] of Object.entries(routes)) {
    const [verb = '', template = ''] = route.split(' ')
    const values = verb === method ? matchPath(template, path) : undefined
    if (values !== undefined) return { route, handler, values }
  }
  return undefined
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/')
  const found = path.split('/')
  if (wanted.length !== found.length) return undefined
  const values: Record<string, string> = {}
  for (const [i, part] of wanted.entries()) {
    const segment = decodeURIComponent(found[i] ?? '')
    if (part.startsWith('{')) values[part.slice(1, -1)] = segment
    else if (part !== segment) return undefined
  }
  return values
}

/** An error as GitHub writes one (docs: "Troubleshooting the REST API"). */
export const apiError = (
  status: number,
  message: string,
  errors?: readonly unknown[],
  headers: Readonly<Record<string, string>> = {},
): WebAnswer =>
  json(
    status,
    {
      message,
      ...(errors !== undefined && { errors }),
      documentation_url: 'https://docs.github.com/rest',
      status: String(status),
    },
    headers,
  )

/** GitHub's word for what is not there, and for what the token may not know of. */
export const notFound = (): WebAnswer => apiError(404, 'Not Found')
