import type { Json, JsonObject } from '../core/json.ts'
import { isPresent, jsonReader } from '../core/json-reader.ts'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import { parseServiceUrl } from './service-url.ts'
import { parseTimestamp, type Window } from './window.ts'

/** One service of a signing config. */
export interface Service {
  readonly url: URL
  readonly version: number
  /** undefined without a start: such a service is never used. */
  readonly window: Window | undefined
  /** Who runs it; two services of one operator count as one. */
  readonly operator: string
}

/** How many operators must be used: all, any one, or exactly so many. */
export type Selector = { readonly kind: 'ALL' | 'ANY' } | { readonly kind: 'EXACT'; readonly count: number }

export interface SigningConfig {
  readonly certificateAuthorities: readonly Service[]
  readonly transparencyLogs: readonly Service[]
  readonly timestampAuthorities: readonly Service[]
  /** undefined where the config is silent; an undefined selector is refused. */
  readonly logSelector: Selector | undefined
  readonly timestampSelector: Selector | undefined
}

const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json'
const MAX_SERVICES = 256
const read = jsonReader('CONFIG_INVALID')

/**
 * A signing config of version 0.2 (sigstore_trustroot.proto, protobuf-JSON). Unknown members are ignored.
 * CONFIG_INVALID, also for a URL that is neither https nor loopback or that holds a user, query or fragment.
 */
export function parseSigningConfig(value: Json): SigningConfig {
  const config = read.object(value, 'the signing config')
  const mediaType = read.text(config['mediaType'], 'mediaType')
  if (mediaType !== MEDIA_TYPE) {
    throw new ActionError('CONFIG_INVALID', 'the signing config is of another kind or version', {
      expected: MEDIA_TYPE,
      found: quote(mediaType),
    })
  }
  return {
    certificateAuthorities: parseServices(config['caUrls'], 'caUrls'),
    transparencyLogs: parseServices(config['rekorTlogUrls'], 'rekorTlogUrls'),
    timestampAuthorities: parseServices(config['tsaUrls'], 'tsaUrls'),
    logSelector: parseSelector(config['rekorTlogConfig'], 'rekorTlogConfig'),
    timestampSelector: hasNothingToSelect(config)
      ? undefined
      : parseSelector(config['tsaConfig'], 'tsaConfig'),
  }
}

/** cosign writes a config without selector where it was given no timestamp authority. */
function hasNothingToSelect(config: JsonObject): boolean {
  const selection = config['tsaConfig']
  const selector = isPresent(selection) ? read.object(selection, 'tsaConfig')['selector'] : undefined
  return !isPresent(selector) && read.list(config['tsaUrls'], 'tsaUrls').length === 0
}

function parseServices(value: Json | undefined, where: string): readonly Service[] {
  const list = read.list(value, where)
  if (list.length > MAX_SERVICES) {
    throw new ActionError('CONFIG_INVALID', `${where} names ${list.length} services`)
  }
  return list.map((one, i) => parseService(one, `${where}[${i}]`))
}

function parseService(value: Json, where: string): Service {
  const service = read.object(value, where)
  const { operator } = service
  return {
    url: parseServiceUrl(read.text(service['url'], `${where}.url`), 'CONFIG_INVALID', `${where}.url`),
    version: parseUint32(service['majorApiVersion'], `${where}.majorApiVersion`),
    window: parseValidFor(service['validFor'], `${where}.validFor`),
    operator: isPresent(operator) ? read.text(operator, `${where}.operator`) : '',
  }
}

/** Absent is 0, protobuf's default. */
function parseUint32(value: Json | undefined, where: string): number {
  const number = isPresent(value) ? read.int64(value, where) : 0n
  if (number < 2n ** 32n) return Number(number)
  throw new ActionError('CONFIG_INVALID', `${where} is too large`)
}

function parseValidFor(value: Json | undefined, where: string): Window | undefined {
  const members = isPresent(value) ? read.object(value, where) : {}
  const time = (name: 'start' | 'end'): number | undefined => {
    const text = members[name]
    if (!isPresent(text)) return undefined
    return parseTimestamp(read.text(text, `${where}.${name}`), 'CONFIG_INVALID', `${where}.${name}`)
  }
  const start = time('start')
  const end = time('end') ?? Number.POSITIVE_INFINITY
  if (start !== undefined && end < start) {
    throw new ActionError('CONFIG_INVALID', `${where} ends before it starts`)
  }
  return start === undefined ? undefined : { start, end }
}

function parseSelector(value: Json | undefined, where: string): Selector | undefined {
  if (!isPresent(value)) return undefined
  const config = read.object(value, where)
  const selector = config['selector']
  if (!isPresent(selector) || selector === 'SERVICE_SELECTOR_UNDEFINED') {
    throw new ActionError('CONFIG_INVALID', `${where}.selector is undefined`)
  }
  if (selector === 'ALL' || selector === 'ANY') return { kind: selector }
  if (selector !== 'EXACT') {
    throw new ActionError(
      'CONFIG_INVALID',
      `${where}.selector is none that is known: ${quote(String(selector))}`,
    )
  }
  const count = parseUint32(config['count'], `${where}.count`)
  if (count > 0) return { kind: 'EXACT', count }
  throw new ActionError('CONFIG_INVALID', `${where}.count is missing, which EXACT needs`)
}
