import { ActionError, type ErrorCode } from '../errors.ts'
import { parseBase64 } from './base64.ts'
import type { Json, JsonObject } from './json.ts'
import { quote } from './printable.ts'

/** Reads values out of parsed JSON; every refusal has the code given and names the member. `null` is absent. */
export interface JsonReader {
  /** A JSON object. With `known`, any other member is refused. */
  readonly object: (value: Json | undefined, where: string, known?: readonly string[]) => JsonObject
  /** An array; absent is empty. */
  readonly list: (value: Json | undefined, where: string) => readonly Json[]
  readonly text: (value: Json | undefined, where: string) => string
  /** Standard base64, as protobuf-JSON writes bytes. */
  readonly bytes: (value: Json | undefined, where: string) => Uint8Array
  /** protobuf-JSON int64, zero or more: a canonical decimal string or a safe integer. */
  readonly int64: (value: Json | undefined, where: string) => bigint
}

/** Whether a member is there: protobuf-JSON takes `null` for absent. */
export const isPresent = <T extends Json>(value: T | null | undefined): value is T =>
  value !== undefined && value !== null

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const DECIMAL = /^(0|[1-9][0-9]{0,18})$/
const INT64_MAX = 2n ** 63n - 1n

function parseInt64(value: Json | undefined): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined
  if (typeof value !== 'string' || !DECIMAL.test(value)) return undefined
  const number = BigInt(value)
  return number <= INT64_MAX ? number : undefined
}

export function jsonReader(code: ErrorCode, base64Code: ErrorCode = code): JsonReader {
  const refuse = (message: string): never => {
    throw new ActionError(code, message)
  }
  const object: JsonReader['object'] = (value, where, known) => {
    if (!isJsonObject(value)) return refuse(`${where} is not a JSON object`)
    const unknown = known && Object.keys(value).find((name) => !known.includes(name))
    if (unknown !== undefined) refuse(`${where} has the unknown member ${quote(unknown)}`)
    return value
  }
  const list: JsonReader['list'] = (value, where) => {
    if (!isPresent(value)) return []
    return Array.isArray(value) ? value : refuse(`${where} is not a list`)
  }
  const text: JsonReader['text'] = (value, where) =>
    typeof value === 'string' ? value : refuse(`${where} is not a text`)
  const bytes: JsonReader['bytes'] = (value, where) => parseBase64(text(value, where), base64Code, where)
  const int64: JsonReader['int64'] = (value, where) =>
    parseInt64(value) ?? refuse(`${where} is not a whole number of zero or more`)
  return { object, list, text, bytes, int64 }
}
