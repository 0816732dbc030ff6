import type { Json, JsonObject } from '../core/json.ts'
import { isPresent } from '../core/json-reader.ts'
import { parseJwt } from '../core/jwt.ts'
import type { Secret } from '../core/secret.ts'
import { ActionError, type ErrorCode } from '../errors.ts'

/** Claims of GitHub's tokens, by the names used here. All are texts; ids and numbers too. */
const GITHUB_CLAIMS = {
  repository: 'repository',
  repositoryId: 'repository_id',
  repositoryOwner: 'repository_owner',
  repositoryOwnerId: 'repository_owner_id',
  repositoryVisibility: 'repository_visibility',
  ref: 'ref',
  sha: 'sha',
  eventName: 'event_name',
  runId: 'run_id',
  runAttempt: 'run_attempt',
  workflow: 'workflow',
  workflowRef: 'workflow_ref',
  workflowSha: 'workflow_sha',
  jobWorkflowRef: 'job_workflow_ref',
  jobWorkflowSha: 'job_workflow_sha',
  runnerEnvironment: 'runner_environment',
  environment: 'environment',
} as const

export type GitHubClaims = { readonly [name in keyof typeof GITHUB_CLAIMS]?: string }

/** What a token claims. Nothing of it is verified: only Fulcio checks the signature. Times in milliseconds since 1970. */
export interface TokenClaims {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly expires: number
  readonly issuedAt?: number
  readonly notBefore?: number
  readonly subject?: string
  readonly email?: string
  readonly emailVerified: boolean
  readonly github: GitHubClaims
}

/**
 * The claims of an identity token (RFC 7519). TOKEN_MALFORMED if it is no JSON Web Token or a GitHub claim is no text;
 * TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_EXPIRED, TOKEN_NOT_YET or TOKEN_SUBJECT where that claim cannot be read. No value
 * of a claim is in a message.
 */
export function parseIdentityToken(token: Secret): TokenClaims {
  const { claims } = parseJwt(token.reveal())
  const expires = parseTime(claims, 'exp', 'TOKEN_EXPIRED')
  if (expires === undefined) throw new ActionError('TOKEN_EXPIRED', 'the identity token has no `exp`')
  const issuedAt = parseTime(claims, 'iat', 'TOKEN_NOT_YET')
  const notBefore = parseTime(claims, 'nbf', 'TOKEN_NOT_YET')
  const subject = parseText(claims, 'sub', 'TOKEN_SUBJECT')
  const email = parseText(claims, 'email', 'TOKEN_SUBJECT')
  return {
    issuer: parseText(claims, 'iss', 'TOKEN_ISSUER') ?? '',
    audiences: parseAudiences(claims['aud']),
    expires,
    ...(issuedAt !== undefined && { issuedAt }),
    ...(notBefore !== undefined && { notBefore }),
    ...(subject !== undefined && { subject }),
    ...(email !== undefined && { email }),
    emailVerified: claims['email_verified'] === true,
    github: parseGitHubClaims(claims),
  }
}

/** undefined if the claim is absent. Half a surrogate pair has no UTF-8, so no proof of possession could be made for it. */
function parseText(claims: JsonObject, name: string, code: ErrorCode): string | undefined {
  const value = claims[name]
  if (!isPresent(value)) return undefined
  if (typeof value === 'string' && value.isWellFormed()) return value
  throw new ActionError(code, `\`${name}\` of the identity token is not a text`)
}

const LATEST_DATE = 8_640_000_000_000

/** NumericDate, of whole seconds. */
function parseTime(claims: JsonObject, name: string, code: ErrorCode): number | undefined {
  const value = claims[name]
  if (!isPresent(value)) return undefined
  if (Number.isInteger(value) && typeof value === 'number' && value >= 0 && value <= LATEST_DATE) {
    return value * 1000
  }
  throw new ActionError(code, `\`${name}\` of the identity token is not a time in whole seconds`)
}

function parseAudiences(value: Json | undefined): readonly string[] {
  const list: readonly Json[] = Array.isArray(value) ? value : isPresent(value) ? [value] : []
  return list.map((one) => {
    if (typeof one === 'string') return one
    throw new ActionError('TOKEN_AUDIENCE', '`aud` of the identity token is not a text')
  })
}

function parseGitHubClaims(claims: JsonObject): GitHubClaims {
  const found: Record<string, string> = {}
  for (const [name, claim] of Object.entries(GITHUB_CLAIMS)) {
    const value = parseText(claims, claim, 'TOKEN_MALFORMED')
    if (value !== undefined) found[name] = value
  }
  return found
}
