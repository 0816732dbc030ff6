import type { Json } from '../core/json.ts'
import { isPresent, jsonReader } from '../core/json-reader.ts'
import { quote } from '../core/printable.ts'
import { ActionError, type ErrorCode } from '../errors.ts'

/** A time of validity, closed at both ends; milliseconds since 1970. */
export interface Window {
  readonly start: number
  readonly end: number
}

export const isWithin = (time: number, window: Window): boolean => time >= window.start && time <= window.end

/** As people read it in messages. */
export const showTime = (time: number): string => new Date(time).toISOString()

export const showWindow = ({ start, end }: Window): string =>
  `${showTime(start)} to ${end === Number.POSITIVE_INFINITY ? 'any time' : showTime(end)}`

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))$/

/**
 * A protobuf-JSON timestamp (RFC 3339, up to nanoseconds, any offset) as milliseconds since 1970; a finer fraction is
 * cut off. A date that no calendar has is refused.
 */
export function parseTimestamp(text: string, code: ErrorCode, where: string): number {
  const match = RFC3339.exec(text)
  const refuse = () => new ActionError(code, `${where} is not a time as RFC 3339 writes it: ${quote(text)}`)
  if (match === null) throw refuse()
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const utc = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(utc)
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  // `Date.UTC` carries what overflows, and takes the years before 100 for ones of the twentieth century.
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  const onClock = hour < 24 && minute < 60 && second < 60 && offsetHour < 24 && offsetMinute < 60
  if (!real || !onClock) throw refuse()
  const fraction = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const offset = (offsetHour * 60 + offsetMinute) * 60_000
  return utc + fraction - (match[8] === '-' ? -offset : offset)
}

/** `validFor`: an absent end is open, an absent start (undefined) makes the entry unusable. */
export function parseWindow(value: Json | undefined, where: string): Window | undefined {
  const read = jsonReader('TRUST_INVALID')
  const members = isPresent(value) ? read.object(value, where) : {}
  const time = (name: 'start' | 'end'): number | undefined => {
    const text = members[name]
    return isPresent(text)
      ? parseTimestamp(read.text(text, `${where}.${name}`), 'TRUST_INVALID', `${where}.${name}`)
      : undefined
  }
  const start = time('start')
  const end = time('end') ?? Number.POSITIVE_INFINITY
  if (start !== undefined && end < start)
    throw new ActionError('TRUST_INVALID', `${where} ends before it starts`)
  return start === undefined ? undefined : { start, end }
}
