import { ActionError, type ErrorCode } from '../errors.ts'

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** RFC 4648 4, with padding. */
export const encodeBase64 = (bytes: Uint8Array): string => view(bytes).toString('base64')

/** RFC 4648 5, without padding. */
export const encodeBase64Url = (bytes: Uint8Array): string => view(bytes).toString('base64url')

/** Accepts only what encodeBase64 writes; Buffer alone would skip whatever is not base64. */
export function parseBase64(text: string, code: ErrorCode, what: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new ActionError(code, `${what} is not base64`)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Accepts only what encodeBase64Url writes. */
export function parseBase64Url(text: string, code: ErrorCode, what: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) throw new ActionError(code, `${what} is not base64url`)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
