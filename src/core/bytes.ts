import { ActionError, type ErrorCode } from '../errors.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** UTF-8 bytes of a text. */
export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text)

/** Text of UTF-8 bytes. Malformed sequences throw `code`; a byte order mark stays in the text. */
export function parseUtf8(bytes: Uint8Array, code: ErrorCode, what: string): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new ActionError(code, `${what} is not UTF-8`, { cause })
  }
}

/** Lower-case hexadecimal digits. */
export const encodeHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')

/** Accepts lower-case digits only, two a byte. */
export function parseHex(text: string, code: ErrorCode, what: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) {
    throw new ActionError(code, `${what} is not lower-case hexadecimal`)
  }
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
