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

/** A copy in which something else stands there; undefined takes it out. */
export function withValue(value: unknown, path: Path, replaced: unknown): unknown {
  const copy = structuredClone(value)
  const parent = valueAt(copy, path.slice(0, -1))
  const last = path.at(-1)
  if (!isContainer(parent) || last === undefined) return replaced
  if (replaced !== undefined) Reflect.set(parent, last, structuredClone(replaced))
  else if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else Reflect.deleteProperty(parent, last)
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
