import { ActionError, type ErrorCode } from '../errors.ts'
import { parseBase64 } from './base64.ts'

export interface Pem {
  /** Such as `CERTIFICATE` or `PUBLIC KEY`. */
  readonly label: string
  readonly der: Uint8Array
}

const MAX_PEM = 64 * 1024
const ONE = /^-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=\r\n]+?)\r?\n-----END \1-----\r?\n*$/

/** Exactly one PEM block (RFC 7468, strict but for line widths), with nothing before and only newlines behind it. */
export function parsePem(text: string, code: ErrorCode, what: string): Pem {
  const match = text.length > MAX_PEM ? null : ONE.exec(text)
  const [, label, body] = match ?? []
  if (label === undefined || body === undefined) throw new ActionError(code, `${what} is not one PEM block`)
  return { label, der: parseBase64(body.replace(/\r?\n/g, ''), code, what) }
}
