import { printable, quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import { encodeCertificateUri } from './certificate-uri.ts'
import type { SubjectName } from './evidence.ts'
import { parseServiceUrl } from './service-url.ts'
import type { GitHubClaims, TokenClaims } from './token-claims.ts'
import { showTime } from './window.ts'
import { isIssuerOfServer, isPublicGitHubIssuer } from './workflow-identity.ts'

/** The runner's own values, which an earlier step of the job cannot change. */
export interface RunFacts {
  readonly repository: string
  readonly repositoryId: string
  readonly runId: string
  readonly sha: string
  readonly eventName: string
  /** `refs/…`. */
  readonly ref: string
}

interface AnyExpectation {
  readonly audience: string
  /** `any` under a custom Sigstore instance: whoever runs it says which issuers it trusts. */
  readonly issuers: 'github' | 'any'
  /** GITHUB_SERVER_URL without a final slash. */
  readonly server: string
}

/** `ambient`: the job's own token, which must be about this very run. `given`: the user's, which is about itself. */
export type TokenExpectation =
  | (AnyExpectation & { readonly kind: 'ambient'; readonly run: RunFacts })
  | (AnyExpectation & { readonly kind: 'given' })

/** Whom the certificate must name, as far as the token tells. */
export interface Identity {
  readonly name: SubjectName
  readonly issuer: string
  /** The proof of possession is a signature over the UTF-8 of this (protocol 2.2). */
  readonly subject: string
  /** Milliseconds since 1970. */
  readonly expires: number
  /** Under which repositories and workflows stand. No final slash. */
  readonly server: string
  readonly github: GitHubClaims
}

/** Fulcio must still accept the token when it gets there. */
const LEAST_LEFT = 30_000

/** The local clock is corrected only when it is wrong by more than this. */
const CLOCK_DOUBT = 2000

/**
 * Whether this token is the one that was asked for, at `now` (milliseconds). Throws TOKEN_AUDIENCE, TOKEN_ISSUER,
 * TOKEN_EXPIRED, TOKEN_NOT_YET, TOKEN_IDENTITY or TOKEN_SUBJECT. Its signature is Fulcio's matter.
 */
export function verifyTokenClaims(claims: TokenClaims, expectation: TokenExpectation, now: number): Identity {
  verifyAudience(claims.audiences, expectation.audience)
  verifyIssuer(claims.issuer, expectation.issuers)
  verifyTimes(claims, now)
  if (expectation.kind === 'ambient') verifyRun(claims.github, expectation.run)
  const { issuer, expires, github } = claims
  const server = isIssuerOfServer(issuer, expectation.server) ? expectation.server : 'https://github.com'
  return { ...nameOf(claims, expectation, server), issuer, expires, server, github }
}

/** One audience and no other: a token that others accept too could be used by them. */
function verifyAudience(audiences: readonly string[], expected: string): void {
  if (audiences.length === 1 && audiences[0] === expected) return
  const found = audiences.length === 0 ? 'none' : audiences.map((one) => printable(one, 60)).join(', ')
  throw new ActionError('TOKEN_AUDIENCE', 'the identity token is for another audience', {
    expected: printable(expected),
    found: printable(found),
  })
}

function verifyIssuer(issuer: string, issuers: AnyExpectation['issuers']): void {
  if (issuers === 'any') {
    parseServiceUrl(issuer, 'TOKEN_ISSUER', '`iss` of the identity token')
  } else if (!isPublicGitHubIssuer(issuer)) {
    throw new ActionError('TOKEN_ISSUER', 'the identity token is not by the issuer of GitHub Actions', {
      expected: 'https://token.actions.githubusercontent.com',
      found: issuer === '' ? 'none' : printable(issuer),
    })
  }
}

function verifyTimes({ expires, issuedAt, notBefore }: TokenClaims, now: number): void {
  if (expires - now < LEAST_LEFT) {
    throw new ActionError('TOKEN_EXPIRED', 'the identity token has expired or is about to', {
      expected: `an expiry after ${showTime(now + LEAST_LEFT)}`,
      found: showTime(expires),
    })
  }
  const begin = Math.max(issuedAt ?? 0, notBefore ?? 0)
  if (begin > now + CLOCK_DOUBT) {
    throw new ActionError('TOKEN_NOT_YET', 'the identity token is from the future', {
      expected: `at most ${showTime(now)}`,
      found: showTime(begin),
    })
  }
}

const RUN_CLAIMS: readonly (readonly [keyof RunFacts, string, string])[] = [
  ['repository', 'repository', 'GITHUB_REPOSITORY'],
  ['repositoryId', 'repository_id', 'GITHUB_REPOSITORY_ID'],
  ['runId', 'run_id', 'GITHUB_RUN_ID'],
  ['sha', 'sha', 'GITHUB_SHA'],
  ['eventName', 'event_name', 'GITHUB_EVENT_NAME'],
  ['ref', 'ref', 'GITHUB_REF'],
]

/** An earlier step can plant a token endpoint, but not the runner's `GITHUB_*`: a token of another run is seen here. */
function verifyRun(github: GitHubClaims, run: RunFacts): void {
  for (const [name, claim, variable] of RUN_CLAIMS) {
    const found = github[name]
    if (found === run[name]) continue
    throw new ActionError('TOKEN_IDENTITY', `\`${claim}\` of the identity token is not ${variable}`, {
      expected: printable(run[name]),
      found: found === undefined ? 'none' : printable(found),
    })
  }
}

/**
 * The name that Fulcio will certify and the text that proves possession: the workflow for tokens of GitHub and its
 * like, the address for verified e-mail, the subject itself where it is a URI (fulcio docs/oidc.md).
 */
function nameOf(
  claims: TokenClaims,
  expectation: TokenExpectation,
  server: string,
): Pick<Identity, 'name' | 'subject'> {
  const { email, emailVerified, subject, github } = claims
  if (email !== undefined && !emailVerified) {
    throw new ActionError('TOKEN_SUBJECT', '`email_verified` of the identity token is not true')
  }
  if (github.jobWorkflowRef !== undefined && subject) {
    const value = encodeCertificateUri(`${server}/${github.jobWorkflowRef}`)
    return { name: { type: 'uri', value }, subject }
  }
  if (
    expectation.kind === 'ambient' ||
    expectation.issuers === 'github' ||
    github.jobWorkflowRef !== undefined
  ) {
    throw new ActionError(
      'TOKEN_SUBJECT',
      `the identity token has no \`${github.jobWorkflowRef === undefined ? 'job_workflow_ref' : 'sub'}\``,
      { hint: 'Sign with the token that the job asks GitHub for.' },
    )
  }
  if (email) return { name: { type: 'email', value: email }, subject: email }
  if (subject && isUri(subject)) {
    return { name: { type: 'uri', value: encodeCertificateUri(subject) }, subject }
  }
  throw new ActionError(
    'TOKEN_SUBJECT',
    'the identity token has neither `job_workflow_ref`, nor a verified `email`, nor a URI as `sub`',
  )
}

/** `repo:o/r:ref:…` is read as a URL by many, but names no place. */
const isUri = (text: string): boolean =>
  /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/\s]/.test(text) && URL.canParse(text)

/** Triggers that run with the identity of the default branch while strangers choose the content. */
export const UNSAFE_TRIGGERS: readonly string[] = [
  'pull_request_target',
  'workflow_run',
  'issue_comment',
  'issues',
  'discussion',
  'discussion_comment',
  'pull_request_review',
  'pull_request_review_comment',
  'fork',
  'watch',
  'gollum',
]

/** EVENT_UNSAFE. A token that does not say what triggered it is not GitHub's. */
export function verifyTrigger(eventName: string | undefined, { allow }: { readonly allow: boolean }): void {
  if (allow || eventName === undefined || !UNSAFE_TRIGGERS.includes(eventName)) return
  throw new ActionError('EVENT_UNSAFE', `the trigger is ${quote(eventName)}`)
}

/** REPOSITORY_PRIVATE for whatever is not `public`, where the log is. */
export function verifyVisibility(
  visibility: string | undefined,
  { allow, publicLog }: { readonly allow: boolean; readonly publicLog: boolean },
): void {
  if (allow || !publicLog || visibility === undefined || visibility === 'public') return
  throw new ActionError('REPOSITORY_PRIVATE', `the repository is ${quote(visibility)}, the log is public`)
}

/** REF_UNEXPECTED. Without an expectation any ref is right. */
export function verifyExpectedRef(ref: string | undefined, expected: string | undefined): void {
  if (expected === undefined || ref === expected) return
  throw new ActionError('REF_UNEXPECTED', 'the run is not on the expected ref', {
    expected: printable(expected),
    found: ref === undefined ? 'none' : printable(ref),
  })
}
