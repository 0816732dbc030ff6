import { ActionError, type ErrorCode } from '../errors.ts'
import { type Der, parseInside, parseOid, TAG } from './der.ts'
import type { HashName } from './digest.ts'

const HASHES: ReadonlyMap<string, HashName> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

/** AlgorithmIdentifier of a hash. RFC 5754 2: parameters absent or NULL, both are met. */
export function parseHashAlgorithm(der: Der | undefined, code: ErrorCode, what: string): HashName {
  const [oid, parameters, ...rest] = parseInside(der, TAG.sequence, code, what)
  const hash = HASHES.get(parseOid(oid, code, what))
  const isPlain = parameters === undefined || (parameters.tag === TAG.null && parameters.content.length === 0)
  if (hash !== undefined && isPlain && rest.length === 0) return hash
  throw new ActionError(code, `${what} names a hash that is not accepted`)
}
