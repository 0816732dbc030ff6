import { ActionError, type ErrorCode } from '../errors.ts'

/** Where a request went, for messages: neither path nor query, which may hold a token. */
export const placeOf = (request: { readonly service: string; readonly url: URL }): string =>
  `${request.service} at ${request.url.host}`

/** `code` of a system or Node error; '' if it has none. These are names of a closed list, safe to print. */
export function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : ''
}

/** OpenSSL's names for a refused certificate, as Node gives them, and what fails before there is one. */
const TLS =
  /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|PATH_LENGTH_|HOSTNAME_|EPROTO$)/

const RULES: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [TLS, 'NET_TLS', 'has a certificate or a TLS that is not accepted here'],
  [/^HPE_/, 'NET_BAD_RESPONSE', 'sent something that is not HTTP'],
  [
    /^ERR_(?:INVALID_CHAR|HTTP_INVALID_HEADER_VALUE)$/,
    'INTERNAL',
    'was to get a header that cannot be written',
  ],
  [/^(?:ENOTFOUND|EAI_)/, 'NET_UNREACHABLE', 'has a name that cannot be resolved'],
]

/** What happens before there is a connection, and never later. */
const UNSENT = /^(?:ECONNREFUSED$|ENOTFOUND$|EAI_)/

/** What went wrong before the answer began. The cause's own message is not shown: it may hold the path. */
export function networkError(cause: unknown, place: string): ActionError {
  if (cause instanceof ActionError) return cause
  const code = codeOf(cause)
  const [, result, text] = RULES.find(([pattern]) => pattern.test(code)) ?? []
  const reason = code === '' ? '' : ` (${code})`
  const unsent = UNSENT.test(code)
  const usual = unsent
    ? 'cannot be reached'
    : 'cannot be reached, or closed the connection before it answered'
  return new ActionError(result ?? 'NET_UNREACHABLE', `${place} ${text ?? usual}${reason}`, { unsent })
}
