/** An answer without what differs each time, so that those of two servers can be compared. */
import { isFields } from '../../sandbox/fields.ts'
import { type Der, parseDer, parseElements, parseOid, TAG } from '../../src/core/der.ts'
import { certificateShape } from './certificate-shape.ts'
import { type Answer, textOf } from './exchange.ts'

export interface Shape {
  readonly status: number
  /** Content type in small letters, '' if there is none. */
  readonly type: string
  /** JSON with a class for each value that differs each time, else the class of the whole. */
  readonly body: unknown
  /** Those that clients read. */
  readonly headers?: Readonly<Record<string, string>>
}

const HEADERS = ['location', 'etag', 'x-log-index', 'retry-after', 'allow']

/** `issuer` is the name that stands in the target's tokens. */
export function shapeOf(answer: Answer, issuer: string): Shape {
  const read = HEADERS.flatMap((name) => {
    const value = answer.headers[name]
    return value === undefined ? [] : [[name, classOf(value)] as const]
  })
  const type = (answer.headers['content-type'] ?? '').toLowerCase().replaceAll(' ', '')
  return {
    status: answer.status,
    type,
    body: bodyShape(type, answer, issuer),
    ...(read.length > 0 && { headers: Object.fromEntries(read) }),
  }
}

function bodyShape(type: string, answer: Answer, issuer: string): unknown {
  if (answer.body.length === 0) return ''
  const isDer = type.startsWith('application/timestamp-reply') && answer.body[0] === TAG.sequence
  if (isDer) return derShape(answer.body)
  if (type.startsWith('application/octet-stream')) return '<bytes>'
  const text = textOf(answer).replaceAll(issuer, '<issuer>')
  try {
    return valueShape(JSON.parse(text))
  } catch {
    return classOf(text)
  }
}

/** Equal members of arrays become one. Of a certificate's chain the leaf is what matters. */
function valueShape(value: unknown, name = ''): unknown {
  if (name === 'certificates' && Array.isArray(value)) return [certificateShape(String(value[0])), '<PEM>']
  if (Array.isArray(value)) return unique(value.map((one) => valueShape(one, name)))
  if (isFields(value)) {
    const members = Object.entries(value).map(([key, inner]) => [
      /^[0-9a-f]{80}$/.test(key) ? '<hex>' : key,
      valueShape(inner, key),
    ])
    return Object.fromEntries(members)
  }
  if (typeof value === 'number') return name === 'code' ? value : '<number>'
  if (typeof value !== 'string') return value
  return /^(?:body|canonicalizedBody)$/.test(name) ? embedded(value) : classOf(value)
}

function unique(shapes: readonly unknown[]): readonly unknown[] {
  const seen = new Map(shapes.map((shape) => [JSON.stringify(shape), shape]))
  return [...seen.values()]
}

/** A log entry's body: JSON in base64. */
function embedded(value: string): unknown {
  try {
    return { base64: valueShape(JSON.parse(Buffer.from(value, 'base64').toString('utf8'))) }
  } catch {
    return classOf(value)
  }
}

/** In this order; the first that matches names the class. What is left stands as it is. */
const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/^(?:-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----\n?)+$/, '<PEM>'],
  [/^[^\n]+\n[0-9]+\n[A-Za-z0-9+/=]+\n\n(?:— \S+ [A-Za-z0-9+/=]+\n)+$/, '<checkpoint>'],
  [/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/, '<token>'],
  [/^[1-9][0-9]*$/, '<digits>'],
  [/^[0-9a-f]{40,}$/, '<hex>'],
  [/^[0-9A-F]{40,}$/, '<HEX>'],
  [/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '<uuid>'],
  [/^(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9+/_-]{27,}={0,2}$/, '<base64>'],
]

const classOf = (text: string): string => {
  const found = CLASSES.find(([pattern]) => pattern.test(text))
  if (found !== undefined) return found[1]
  return (
    text
      .replace(/http:\/\/(?:localhost|127\.0\.0\.1):[0-9]+/g, '<server>')
      .replace(/[0-9a-f]{40,}/g, '<hex>')
      .replace(/(?<=index |currently observable\()[0-9]+/g, '<number>')
      // protobuf's own decoder puts in such a space or not, lest anybody rely on its words.
      .replace(/\u00a0/g, ' ')
      .replace(/\(line [0-9]+:[0-9]+\)/g, '(line)')
      // An issuer's name and its address may be one.
      .replace(/<issuer>(?=\/)/g, '<server>')
      // Go's maps have no order.
      .replace(/\b[A-Z]+(?:,[A-Z]+)+\b/g, (methods) => methods.split(',').sort().join(','))
      .replace(/(?<=\[)[a-z/-]+(?: [a-z/-]+)+(?=\])/g, (types) => types.split(' ').sort().join(' '))
  )
}

const CONSTRUCTED = 0x20

function wrapsSequence({ tag, content }: Der): boolean {
  if (tag !== TAG.octetString || content[0] !== TAG.sequence) return false
  try {
    parseDer(content, 'INTERNAL', 'an answer')
    return true
  } catch {
    return false
  }
}

/** DER as nested tags, with the OIDs; a sequence in an octet string is DER too. */
export function derShape(bytes: Uint8Array): string {
  const inner = (content: Uint8Array): string =>
    parseElements(content, 'INTERNAL', 'an answer')
      .map((element) => {
        if (element.tag === TAG.oid) return parseOid(element, 'INTERNAL', 'an answer')
        const tag = element.tag.toString(16).padStart(2, '0')
        const holds = (element.tag & CONSTRUCTED) !== 0 || wrapsSequence(element)
        return holds ? `${tag}(${inner(element.content)})` : tag
      })
      .join(' ')
  return inner(parseDer(bytes, 'INTERNAL', 'an answer').raw)
}
