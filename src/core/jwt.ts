import { ActionError } from '../errors.ts'
import { parseBase64Url } from './base64.ts'
import { type JsonObject, type JsonRules, parseJson } from './json.ts'
import { isJsonObject } from './json-reader.ts'

export interface Jwt {
  readonly header: JsonObject
  readonly claims: JsonObject
}

const CODE = 'TOKEN_MALFORMED'
const MAX_TOKEN = 64 * 1024
const RULES: JsonRules = {
  maxBytes: MAX_TOKEN,
  maxDepth: 16,
  malformed: CODE,
  tooLarge: CODE,
  tooDeep: CODE,
  duplicate: CODE,
}

/**
 * RFC 7519 in the compact form of RFC 7515 7.1. The signature is for the receiver of the token to check, not for us.
 * The token is a secret: no message holds a part of it. Throws TOKEN_MALFORMED.
 */
export function parseJwt(token: string): Jwt {
  if (token.length > MAX_TOKEN) throw malformed(`is larger than ${MAX_TOKEN} bytes`)
  const [header, claims, signature, ...more] = token.split('.', 4)
  if (header === undefined || claims === undefined || !signature || more.length > 0) {
    throw malformed('has not three parts with a dot between them')
  }
  parseBase64Url(signature, CODE, 'the signature of the identity token')
  return { header: parsePart(header, 'header'), claims: parsePart(claims, 'claims') }
}

function parsePart(part: string, name: string): JsonObject {
  const what = `the ${name} of the identity token`
  const value = parseJson(parseBase64Url(part, CODE, what), RULES, what)
  if (isJsonObject(value)) return value
  throw new ActionError(CODE, `${what} is not a JSON object`)
}

const malformed = (what: string): ActionError => new ActionError(CODE, `the identity token ${what}`)
