import { ActionError } from '../errors.ts'
import { quote } from './printable.ts'

/** Where a segment stands in its pattern, for messages. */
export interface GlobPlace {
  readonly pattern: string
  /** Of the segment's first character, from 0. */
  readonly offset: number
}

/** One character, one class of characters, or any number of any characters. */
type Token = string | CharacterClass | typeof ANY_CHARACTER | typeof ANY_TEXT

interface CharacterClass {
  readonly negated: boolean
  /** First and last code point, both within. */
  readonly ranges: readonly (readonly [number, number])[]
}

const ANY_CHARACTER = Symbol('?')
const ANY_TEXT = Symbol('*')

/** What a name between two slashes must be: exactly this text, or these tokens. */
export type GlobSegment = { readonly literal: string } | { readonly tokens: readonly Token[] }

/** A segment other than `**`. Throws INPUT_GLOB with the position. */
export function parseSegment(text: string, place: GlobPlace): GlobSegment {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    const { token, next } = parseToken(text, at, place)
    if (token === ANY_TEXT && tokens.at(-1) === ANY_TEXT) {
      throw malformed(place, at, 'has a `**` that does not stand alone between slashes')
    }
    tokens.push(token)
    at = next
  }
  return tokens.every((token) => typeof token === 'string') ? { literal: text } : { tokens }
}

interface Parsed {
  readonly token: Token
  readonly next: number
}

function parseToken(text: string, at: number, place: GlobPlace): Parsed {
  const character = characterAt(text, at)
  if (character === '*') return { token: ANY_TEXT, next: at + 1 }
  if (character === '?') return { token: ANY_CHARACTER, next: at + 1 }
  if (character === '[') return parseClass(text, at, place)
  return { token: character, next: at + character.length }
}

/** POSIX: a `]` right behind the opening is one of the characters; so is a `-` at either end. */
function parseClass(text: string, start: number, place: GlobPlace): Parsed {
  const negated = text[start + 1] === '!' || text[start + 1] === '^'
  const from = start + (negated ? 2 : 1)
  const end = text.indexOf(']', from + 1)
  if (end < 0) throw malformed(place, start, 'has a `[` without its `]`')
  const ranges: (readonly [number, number])[] = []
  const characters = [...text.slice(from, end)]
  for (let i = 0; i < characters.length; i++) {
    const isRange = characters[i + 1] === '-' && i + 2 < characters.length
    const first = codePoint(characters[i])
    const last = isRange ? codePoint(characters[i + 2]) : first
    if (last < first) throw malformed(place, start, 'has a range whose end comes before its beginning')
    ranges.push([first, last])
    if (isRange) i += 2
  }
  return { token: { negated, ranges }, next: end + 1 }
}

const codePoint = (character = ''): number => character.codePointAt(0) ?? 0

const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 0)

export const malformed = ({ pattern, offset }: GlobPlace, at: number, what: string): ActionError =>
  new ActionError('INPUT_GLOB', `the pattern ${quote(pattern)} ${what}, at character ${offset + at + 1}`)

/** Whether a name without slashes fits. Wildcards match a leading `.` only with `hidden`. */
export function matchSegment(segment: GlobSegment, name: string, hidden: boolean): boolean {
  if ('literal' in segment) return segment.literal === name
  if (!hidden && name.startsWith('.') && segment.tokens[0] !== '.') return false
  return matchTokens(segment.tokens, [...name])
}

/** Only the last `*` is ever tried again, so the time is at most the product of both lengths. */
function matchTokens(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0
  let retryToken = -1
  let retryAt = 0
  for (let at = 0; at < name.length; ) {
    if (tokens[token] === ANY_TEXT) {
      retryToken = ++token
      retryAt = at
    } else if (matchesOne(tokens[token], name[at])) {
      token++
      at++
    } else if (retryToken >= 0) {
      token = retryToken
      at = ++retryAt
    } else return false
  }
  while (tokens[token] === ANY_TEXT) token++
  return token === tokens.length
}

function matchesOne(token: Token | undefined, character = ''): boolean {
  if (token === ANY_CHARACTER) return true
  if (typeof token !== 'object') return token === character
  const code = codePoint(character)
  return token.ranges.some(([first, last]) => first <= code && code <= last) !== token.negated
}
