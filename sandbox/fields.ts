/** Reading what a client sent: JSON of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What lies at the path, undefined where the way ends. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce(
    (inner: unknown, name) => (isFields(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined),
    value,
  )

/** The text at the path, '' if there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}

export function parseFields(body: Uint8Array | string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'))
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Bytes of standard base64; undefined for an empty or malformed text. */
export function bytesAt(value: unknown, ...path: readonly string[]): Uint8Array | undefined {
  const base64 = textAt(value, ...path)
  const bytes = Buffer.from(base64, 'base64')
  return base64 !== '' && bytes.toString('base64') === base64 ? new Uint8Array(bytes) : undefined
}

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
