export type Path = readonly (string | number)[]

/** Where each text and number of a JSON value stands. */
export function leavesOf(value: unknown, path: Path = []): readonly Path[] {
  if (Array.isArray(value)) return value.flatMap((one, i) => leavesOf(one, [...path, i]))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, one]) => leavesOf(one, [...path, name]))
  return [path]
}

/** Where everything stands, objects and lists included. */
export function placesOf(value: unknown, path: Path = []): readonly Path[] {
  const inside =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, one]) =>
          placesOf(one, [...path, Array.isArray(value) ? Number(name) : name]),
        )
      : []
  return path.length === 0 ? inside : [path, ...inside]
}

export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, name) => (isContainer(at) ? Reflect.get(at, name) : undefined), value)

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null

/** A copy in which something else stands there; undefined takes it out. It shares what did not change. */
export function withValue(value: unknown, path: Path, replaced: unknown): unknown {
  const isThere = path.length > 0 && isContainer(valueAt(value, path.slice(0, -1)))
  return isThere ? changed(value, path, replaced) : replaced
}

function changed(value: unknown, [name = '', ...below]: Path, replaced: unknown): object {
  const copy: object = Array.isArray(value) ? [...value] : { ...(value as object) }
  const next = below.length === 0 ? replaced : changed(Reflect.get(copy, name), below, replaced)
  if (next !== undefined) Reflect.set(copy, name, next)
  else if (Array.isArray(copy)) copy.splice(Number(name), 1)
  else Reflect.deleteProperty(copy, name)
  return copy
}

export const nameOf = (path: Path): string => path.filter((part) => typeof part === 'string').join('.')

const BASE64: readonly string[] = [
  ...['rawBytes', 'keyId', 'signedEntryTimestamp', 'rootHash', 'hashes', 'canonicalizedBody'],
  ...['signedTimestamp', 'digest', 'signature', 'payload', 'sig'],
]

/** Whether the text there is base64 of what counts. */
export const isBase64 = (path: Path): boolean =>
  BASE64.includes(String(path.findLast((part) => typeof part === 'string')))

export const encodeJson = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
