import { ActionError } from '../errors.ts'
import {
  type Der,
  expectTag,
  parseBoolean,
  parseDer,
  parseElements,
  parseGeneralizedTime,
  parseInside,
  parseInteger,
  parseOid,
  TAG,
} from './der.ts'
import { DIGEST_BYTES, type HashName } from './digest.ts'
import { parseHashAlgorithm } from './hash-algorithm.ts'

/** What a timestamp authority signs (RFC 3161 2.4.2). */
export interface TstInfo {
  readonly imprint: { readonly hash: HashName; readonly digest: Uint8Array }
  /** Milliseconds since 1970, whole seconds. */
  readonly genTime: number
  readonly nonce?: bigint
  /** OID. */
  readonly policy: string
  readonly serialNumber: bigint
}

const CODE = 'TSA_PARSE'
const WHAT = 'the timestamp'

/** `[0] tsa`, a name that proves nothing, and `[1] extensions`. */
const AUTHORITY = 0xa0
const EXTENSIONS = 0xa1
const OPTIONAL: readonly number[] = [TAG.sequence, TAG.boolean, TAG.integer, AUTHORITY, EXTENSIONS]
const ACCURACY: readonly number[] = [TAG.integer, 0x80, 0x81]

const malformed = (why: string): ActionError => new ActionError(CODE, `${WHAT} ${why}`)

/** TSTInfo, version 1. TSA_PARSE, for a time with fractions of a second too; TSA_IMPRINT for a hash that is not accepted. */
export function parseTstInfo(bytes: Uint8Array): TstInfo {
  const [version, policy, imprint, serial, time, ...optional] = parseInside(
    parseDer(bytes, CODE, WHAT),
    TAG.sequence,
    CODE,
    WHAT,
  )
  if (parseInteger(version, CODE, WHAT) !== 1n) throw malformed('is of another version')
  const nonce = parseOptional(optional)
  return {
    policy: parseOid(policy, CODE, WHAT),
    imprint: parseImprint(imprint),
    serialNumber: parseInteger(serial, CODE, WHAT),
    genTime: parseGeneralizedTime(time, CODE, WHAT),
    ...(nonce !== undefined && { nonce: parseInteger(nonce, CODE, WHAT) }),
  }
}

function parseImprint(der: Der | undefined): TstInfo['imprint'] {
  const [algorithm, hashed, ...rest] = parseInside(der, TAG.sequence, CODE, WHAT)
  const hash = parseHashAlgorithm(algorithm, 'TSA_IMPRINT', 'the imprint of the timestamp')
  const { content } = expectTag(hashed, TAG.octetString, CODE, WHAT)
  if (rest.length > 0 || content.length !== DIGEST_BYTES[hash]) throw malformed('has a malformed imprint')
  return { hash, digest: content }
}

/** Accuracy, ordering, nonce, tsa, extensions: each at most once, in this order. Gives the nonce. */
function parseOptional(members: readonly Der[]): Der | undefined {
  assertOrder(members, OPTIONAL)
  const memberOf = (tag: number): Der | undefined => members.find((one) => one.tag === tag)
  assertAccuracy(memberOf(TAG.sequence))
  const ordering = memberOf(TAG.boolean)
  // X.690 11.5: a default value, here FALSE, is not written.
  if (ordering !== undefined && !parseBoolean(ordering, CODE, WHAT)) throw malformed('writes a default value')
  assertExtensions(memberOf(EXTENSIONS))
  return memberOf(TAG.integer)
}

/** Seconds, `[0]` milliseconds, `[1]` microseconds; what they say is not used. */
function assertAccuracy(der: Der | undefined): void {
  if (der !== undefined) assertOrder(parseElements(der.content, CODE, WHAT), ACCURACY)
}

/** Members with these tags only, in this order, each at most once. */
function assertOrder(members: readonly Der[], tags: readonly number[]): void {
  const places = members.map(({ tag }) => tags.indexOf(tag))
  if (places.some((place, i) => place <= (places[i - 1] ?? -1))) throw malformed('has unexpected members')
}

/** RFC 3161 2.4.2: an extension that must be understood is not, whichever it is. */
function assertExtensions(der: Der | undefined): void {
  if (der === undefined) return
  for (const extension of parseElements(der.content, CODE, WHAT)) {
    const [oid, ...rest] = parseInside(extension, TAG.sequence, CODE, WHAT)
    parseOid(oid, CODE, WHAT)
    if (rest[0]?.tag === TAG.boolean) throw malformed('has a critical extension')
    expectTag(rest[0], TAG.octetString, CODE, WHAT)
    if (rest.length > 1) throw malformed('has a malformed extension')
  }
}
