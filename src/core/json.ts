import { ActionError, type ErrorCode } from '../errors.ts'
import { encodeUtf8, parseUtf8 } from './bytes.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json }

/** Limits, and the code of each way to break them. */
export interface JsonRules {
  readonly maxBytes: number
  readonly maxDepth: number
  readonly malformed: ErrorCode
  readonly tooLarge: ErrorCode
  readonly tooDeep: ErrorCode
  readonly duplicate: ErrorCode
}

/**
 * Strict JSON (RFC 8259): UTF-8 without a byte order mark, no member twice at any level, none called `__proto__`. Size and
 * depth are judged before anything is built. Whole numbers beyond 2^53 do not survive: callers refuse what is not a safe
 * integer. No message holds a part of the text.
 */
export function parseJson(source: Uint8Array | string, rules: JsonRules, what: string): Json {
  if (source.length > rules.maxBytes) {
    throw new ActionError(rules.tooLarge, `${what} is larger than ${rules.maxBytes} bytes`)
  }
  const text = typeof source === 'string' ? source : parseUtf8(source, rules.malformed, what)
  const { depth, members, values } = scan(text)
  if (values > MAX_VALUES)
    throw new ActionError(rules.tooLarge, `${what} holds more than ${MAX_VALUES} values`)
  if (depth > rules.maxDepth)
    throw new ActionError(rules.tooDeep, `${what} is nested more than ${rules.maxDepth} deep`)
  const value = parseText(text, rules.malformed, what)
  if (countMembers(value) === members) return value
  throw new ActionError(rules.duplicate, `${what} holds a member twice, or one called __proto__`)
}

function parseText(text: string, code: ErrorCode, what: string): Json {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The engine's message quotes the text, which may be a secret; its position is all that is passed on.
    const [where = ''] = / at position [0-9]+(?= \(line [0-9]+ column [0-9]+\)$)/.exec(String(error)) ?? []
    throw new ActionError(code, `${what} is not JSON${where}`)
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
/** More than any real document has; each costs dozens of bytes of memory once it is parsed. */
const MAX_VALUES = 1_000_000

/** How deep it is nested, how many members are written and about how many values; exact for whatever JSON.parse accepts. */
function scan(text: string): { readonly depth: number; readonly members: number; readonly values: number } {
  let open = 0
  let depth = 0
  let members = 0
  let values = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) i = endOfString(text, i)
    else if (c === COLON) members++
    else if (c === COMMA) values++
    else if (isOpening(c)) {
      values++
      depth = Math.max(depth, ++open)
    } else if (isClosing(c)) open--
  }
  return { depth, members, values }
}

const isOpening = (c: number): boolean => c === 0x7b || c === 0x5b
const isClosing = (c: number): boolean => c === 0x7d || c === 0x5d

/** Index of the closing quotation mark, or the end of the text. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++
  return slashes % 2 === 1
}

/** Never the number written if a member overwrote another one. `__proto__` spoils it too: copying such an object changes its kind. */
function countMembers(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Object.hasOwn(value, '__proto__')) return Number.NaN
  const inner: readonly Json[] = Array.isArray(value) ? value : Object.values(value)
  const own = Array.isArray(value) ? 0 : inner.length
  return inner.reduce((sum: number, one) => sum + countMembers(one), own)
}

/** RFC 8785 for the values that Sigstore canonicalises: texts, whole numbers, booleans, null, lists and objects of them. */
export const encodeCanonicalJson = (value: Json): Uint8Array => encodeUtf8(canonical(value))

function canonical(value: Json): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new ActionError('INTERNAL', 'only whole numbers are canonicalised')
  }
  if (typeof value === 'string') return canonicalText(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  // RFC 8785 3.2.3 sorts by UTF-16 code units, which is what a plain sort does.
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, one]) => `${canonicalText(name)}:${canonical(one)}`).join(',')}}`
}

function canonicalText(text: string): string {
  if (text.isWellFormed()) return JSON.stringify(text)
  throw new ActionError('INTERNAL', 'a text with half a surrogate pair has no canonical form')
}
