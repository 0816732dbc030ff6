/** How go-openapi's servers, Rekor v1 and the timestamp authority, read `Accept` and `Content-Type`. */

/** The wildest range that named a type: none, `*` after the slash, `*` on both sides. */
const WILDNESS = { exact: 0, subtype: 1, any: 2, none: 3 } as const

/** The one of the offers that is accepted best, the first of equals; undefined if none is. */
export function negotiate(accept: string | undefined, offers: readonly string[]): string | undefined {
  if (accept === undefined || accept === '') return offers[0]
  const ranges = accept.split(',').map(parseRange)
  const rated = offers.map((offer) => ({ offer, ...rate(offer, ranges) }))
  return rated.reduce<(typeof rated)[number] | undefined>((best, one) => {
    const isBetter = best === undefined || one.q > best.q || (one.q === best.q && one.wild < best.wild)
    return one.q > 0 && isBetter ? one : best
  }, undefined)?.offer
}

interface Range {
  readonly type: string
  readonly q: number
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const q = parameters.find((one) => one.startsWith('q='))
  return { type, q: q === undefined ? 1 : Number(q.slice(2)) }
}

function rate(offer: string, ranges: readonly Range[]): { readonly q: number; readonly wild: number } {
  const matches = ranges.map(({ type, q }) => ({ q, wild: wildnessOf(type, offer) }))
  return matches
    .filter(({ wild }) => wild < WILDNESS.none)
    .reduce((best, one) => (one.q > best.q || (one.q === best.q && one.wild < best.wild) ? one : best), {
      q: 0,
      wild: WILDNESS.none as number,
    })
}

function wildnessOf(type: string, offer: string): number {
  if (type === '*/*') return WILDNESS.any
  if (type.endsWith('/*') && offer.startsWith(type.slice(0, -1))) return WILDNESS.subtype
  return type === offer ? WILDNESS.exact : WILDNESS.none
}

/** Status and message of a refusal. */
export interface Refused {
  readonly status: 400 | 415
  readonly message: string
}

const PARAMETER = /^\s*[\w!#$%&'*+.^`|~-]+=(?:[\w!#$%&'*+.^`|~-]+|"(?:[^"\\]|\\.)*")\s*$/

/** What is wrong with the type of a body. Without a header it is a stream of octets. */
export function contentTypeFault(
  header: string | undefined,
  allowed: readonly string[],
): Refused | undefined {
  const text = header || 'application/octet-stream'
  const [name = '', ...parameters] = text.split(';')
  const type = name.trim().toLowerCase()
  const malformed = malformation(text, type, parameters)
  if (malformed !== undefined) {
    const message = `parsing Content-Type header from ${JSON.stringify(text)} failed, because ${malformed}`
    return { status: 400, message }
  }
  if (allowed.includes(type)) return undefined
  const known = `only [${allowed.join(' ')}] are allowed`
  return { status: 415, message: `unsupported media type ${JSON.stringify(type)}, ${known}` }
}

/** In the words of Go's mime. A semicolon may be the last. */
function malformation(text: string, type: string, parameters: readonly string[]): string | undefined {
  if (!type.includes('/')) return `mediatype: malformed: ${JSON.stringify(text)} has no subtype`
  if (type.endsWith('/')) return 'mime: expected token after slash'
  const isLast = (i: number): boolean => i === parameters.length - 1
  const isGood = parameters.every((one, i) => PARAMETER.test(one) || (isLast(i) && one.trim() === ''))
  return isGood ? undefined : 'mime: invalid media parameter'
}

/** The path as its router sees it: without an empty part or a slash at the end. */
export const cleanPath = (path: string): string => path.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '')
