import { isJsonObject } from '../core/json-reader.ts'
import { printable, quote } from '../core/printable.ts'
import { ActionError, type ErrorCode } from '../errors.ts'
import type { HttpResponse } from '../ports.ts'
import { parseAnswer } from './api.ts'

/** What GitHub says of an error (docs: REST API, "Troubleshooting"); foreign text, not made harmless yet. */
export interface Refusal {
  readonly status: number
  readonly message: string
  /** Of `errors[]`: `already_exists`, `custom`, … */
  readonly codes: readonly string[]
}

/** Whatever can be read of an answer that is not 2xx. Never throws. */
export function parseRefusal({ status, body }: HttpResponse): Refusal {
  try {
    const json = parseAnswer(body, 'the answer')
    if (!isJsonObject(json)) return { status, message: '', codes: [] }
    const { message, errors } = json
    const list = Array.isArray(errors) ? errors : []
    return {
      status,
      message: [message, ...list.map((one) => (isJsonObject(one) ? one['message'] : one))]
        .filter((one) => typeof one === 'string')
        .join('; '),
      codes: list.flatMap((one) =>
        isJsonObject(one) && typeof one['code'] === 'string' ? [one['code']] : [],
      ),
    }
  } catch (error) {
    if (error instanceof ActionError) return { status, message: '', codes: [] }
    throw error
  }
}

export interface Wanted {
  /** What was asked of GitHub, for a message: `reading the release "v1"`. */
  readonly what: string
  /** As a workflow writes it: `contents: write`. */
  readonly permission: string
  /** What to do about 403 and 404, if that is more than to check name and permission. */
  readonly hint?: string
}

const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [401, 'GITHUB_TOKEN'],
  [403, 'GITHUB_PERMISSION'],
  [404, 'GITHUB_NOT_FOUND'],
])

/** The error that an answer stands for; 403 and 404 name the permission, since GitHub hides behind 404 what is private. */
export function refusalError(answer: HttpResponse, { what, permission, hint: given }: Wanted): ActionError {
  const { status, message } = parseRefusal(answer)
  const said = message === '' ? '' : `: ${quote(printable(message, 300))}`
  const code = CODES.get(status) ?? (status >= 400 && status < 500 ? 'GITHUB_REFUSED' : 'GITHUB_RESPONSE')
  const hint =
    status === 403 || status === 404
      ? (given ?? `Check the name, and that the job has \`permissions: ${permission}\`.`)
      : undefined
  return new ActionError(code, `GitHub answers ${status} to ${what}${said}`, {
    ...(hint !== undefined && { hint }),
  })
}

/** Passes an answer with one of these statuses on; any other is thrown as `refusalError`. */
export function assertStatus(
  answer: HttpResponse,
  statuses: readonly number[],
  wanted: Wanted,
): HttpResponse {
  if (statuses.includes(answer.status)) return answer
  throw refusalError(answer, wanted)
}
