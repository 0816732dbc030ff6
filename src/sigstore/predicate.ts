import { parseUtf8 } from '../core/bytes.ts'
import { type JsonObject, parseJson } from '../core/json.ts'
import { isJsonObject } from '../core/json-reader.ts'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import { MAX_PAYLOAD_BYTES } from './bundle.ts'
import type { Predicate } from './statement-write.ts'

/** The verifier takes statements nested 128 deep; the statement itself is one level of them. */
const MAX_DEPTH = 127

const CODE = 'PREDICATE_INVALID'
const RULES = {
  maxBytes: MAX_PAYLOAD_BYTES,
  maxDepth: MAX_DEPTH,
  malformed: CODE,
  tooLarge: CODE,
  tooDeep: CODE,
  duplicate: CODE,
} as const

interface ParsedPredicate {
  readonly text: string
  readonly json: JsonObject
}

/** A JSON object, read strictly and kept as it was written. PREDICATE_INVALID. */
function parsePredicateText(source: Uint8Array | string, what: string): ParsedPredicate {
  const text = typeof source === 'string' ? source : parseUtf8(source, CODE, what)
  const json = parseJson(text, RULES, what)
  if (isJsonObject(json)) return { text, json }
  throw new ActionError(CODE, `${what} is not a JSON object`)
}

/** The user's own predicate. `what` is how a message speaks of it. */
export const parsePredicate = (type: string, source: Uint8Array | string, what: string): Predicate => ({
  type,
  text: parsePredicateText(source, what).text,
})

/**
 * An SBOM as JSON, told by its content: SPDX 2 by `spdxVersion` and `SPDXID`, CycloneDX by `bomFormat`, `serialNumber` and
 * `specVersion`. Types of the in-toto catalogue, SPDX with its version. PREDICATE_INVALID, SBOM_UNKNOWN.
 */
export function parseSbom(source: Uint8Array, what: string): Predicate {
  const { text, json } = parsePredicateText(source, what)
  const types = [spdxType(json), cycloneType(json)].filter((type) => type !== undefined)
  const [type] = types
  if (type !== undefined && types.length === 1) return { type, text }
  throw new ActionError('SBOM_UNKNOWN', `${what} ${types.length > 1 ? BOTH : describeNeither(json)}`)
}

const BOTH = 'has the members of SPDX and those of CycloneDX'

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

function spdxType({ spdxVersion, SPDXID: id }: JsonObject): string | undefined {
  if (!isText(spdxVersion) || !isText(id)) return undefined
  const [, version] = /^SPDX-(2\.[0-9])$/.exec(spdxVersion) ?? []
  return version && `https://spdx.dev/Document/v${version}`
}

const cycloneType = ({ bomFormat, serialNumber, specVersion }: JsonObject): string | undefined =>
  bomFormat === 'CycloneDX' && isText(serialNumber) && isText(specVersion)
    ? 'https://cyclonedx.org/bom'
    : undefined

/** What comes close is named, so that nobody has to guess. */
function describeNeither({ spdxVersion, bomFormat, ...others }: JsonObject): string {
  if (isText(spdxVersion) && !/^SPDX-2\.[0-9]$/.test(spdxVersion)) return `is of ${quote(spdxVersion)}`
  if (isText(spdxVersion)) return 'has an `spdxVersion`, but no `SPDXID`'
  if (bomFormat !== 'CycloneDX') return 'is neither SPDX 2 nor CycloneDX as JSON'
  const missing = ['serialNumber', 'specVersion'].filter((name) => !isText(others[name]))
  return `has the \`bomFormat\` CycloneDX, but no ${missing.map((name) => `\`${name}\``).join(' and no ')}`
}
