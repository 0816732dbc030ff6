import { quote } from '../../core/printable.ts'
import { Secret } from '../../core/secret.ts'
import { ActionError } from '../../errors.ts'
import type { Runner } from '../../ports.ts'
import type { OfferedEndpoint } from '../../sigstore/oidc.ts'
import { type Platform, parseAbsolute } from './paths.ts'

/** The runner's own values. What an action cannot do without it demands by `assertFacts`. */
export interface Job {
  readonly platform: Platform
  /** GITHUB_WORKSPACE and RUNNER_TEMP: absolute, in the platform's form. */
  readonly workspace: string
  readonly temp: string
  /** Without a final slash. */
  readonly serverUrl: string
  /** `owner/name`. */
  readonly repository?: string
  readonly repositoryId?: string
  readonly repositoryOwner?: string
  readonly repositoryOwnerId?: string
  readonly runId?: string
  readonly runAttempt?: string
  readonly sha?: string
  readonly ref?: string
  readonly eventName?: string
  /** `owner/name/.github/workflows/x.yml@ref`. */
  readonly workflowRef?: string
  /** Path of the event's payload. */
  readonly eventPath?: string
  readonly tokenEndpoint: OfferedEndpoint
}

type Env = (name: string) => string | undefined

const NUMBER = /^[1-9][0-9]{0,19}$/

/** Each fact with its variable and the form in which the runner writes it. */
const FACTS = {
  repository: ['GITHUB_REPOSITORY', /^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/],
  repositoryId: ['GITHUB_REPOSITORY_ID', NUMBER],
  repositoryOwner: ['GITHUB_REPOSITORY_OWNER', /^[A-Za-z0-9_.-]+$/],
  repositoryOwnerId: ['GITHUB_REPOSITORY_OWNER_ID', NUMBER],
  runId: ['GITHUB_RUN_ID', NUMBER],
  runAttempt: ['GITHUB_RUN_ATTEMPT', NUMBER],
  sha: ['GITHUB_SHA', /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/],
  ref: ['GITHUB_REF', /^refs\/\P{Cc}+$/u],
  eventName: ['GITHUB_EVENT_NAME', /^[a-z_]+$/],
  workflowRef: ['GITHUB_WORKFLOW_REF', /^\P{Cc}+$/u],
  eventPath: ['GITHUB_EVENT_PATH', /^\P{Cc}+$/u],
} as const satisfies Record<string, readonly [string, RegExp]>

export type FactName = keyof typeof FACTS

/** A job of which these are known. */
export type JobWith<F extends FactName> = Job & Readonly<Record<F, string>>

/** What the token's claims are held against. */
export type SignJob = JobWith<'repository' | 'repositoryId' | 'runId' | 'sha' | 'ref' | 'eventName'>

const missing = (names: readonly string[]): ActionError =>
  new ActionError('ENVIRONMENT', `the environment lacks ${names.join(', ')}`)

const malformed = (name: string, value: string): ActionError =>
  new ActionError('ENVIRONMENT', `${name} is ${quote(value)}, which no runner sets`)

/** Any action's job. ENVIRONMENT without GITHUB_WORKSPACE or RUNNER_TEMP, or with a value that no runner sets. */
export function parseJob({ env, platform }: Pick<Runner, 'env' | 'platform'>): Job {
  const places = ['GITHUB_WORKSPACE', 'RUNNER_TEMP'].filter((name) => env(name) === undefined)
  if (places.length > 0) throw missing(places)
  return {
    platform,
    workspace: parsePlace(env, 'GITHUB_WORKSPACE', platform),
    temp: parsePlace(env, 'RUNNER_TEMP', platform),
    serverUrl: parseServer(env('GITHUB_SERVER_URL') ?? 'https://github.com'),
    ...parseFacts(env),
    tokenEndpoint: parseTokenEndpoint(env),
  }
}

/** ENVIRONMENT naming all that the job lacks of what is asked for. */
export function assertFacts<F extends FactName>(job: Job, names: readonly F[]): asserts job is JobWith<F> {
  const lacking = names.filter((name) => job[name] === undefined).map((name) => FACTS[name][0])
  if (lacking.length > 0) throw missing(lacking)
}

/** The sign action's job. */
export function parseSignJob(runner: Pick<Runner, 'env' | 'platform'>): SignJob {
  const job = parseJob(runner)
  assertFacts(job, ['repository', 'repositoryId', 'runId', 'sha', 'ref', 'eventName'])
  return job
}

function parsePlace(env: Env, name: string, platform: Platform): string {
  const value = env(name) ?? ''
  if (parseAbsolute(value, platform) === undefined) throw malformed(name, value)
  return value
}

function parseServer(value: string): string {
  const url = URL.parse(value)
  const loopback = url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  const isPlain = url !== null && (url.origin === value || url.origin === value.replace(/\/$/, ''))
  if (isPlain && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback))) return url.origin
  throw malformed('GITHUB_SERVER_URL', value)
}

function parseFacts(env: Env): Partial<Record<FactName, string>> {
  const facts: Partial<Record<FactName, string>> = {}
  for (const name of Object.keys(FACTS).filter(isFact)) {
    const [variable, form] = FACTS[name]
    const value = env(variable)
    if (value === undefined) continue
    if (!form.test(value)) throw malformed(variable, value)
    facts[name] = value
  }
  return facts
}

const isFact = (name: string): name is FactName => name in FACTS

function parseTokenEndpoint(env: Env): OfferedEndpoint {
  const url = env('ACTIONS_ID_TOKEN_REQUEST_URL')
  const bearer = env('ACTIONS_ID_TOKEN_REQUEST_TOKEN')
  if (url !== undefined && bearer !== undefined) return { kind: 'offered', url, bearer: new Secret(bearer) }
  const names = [
    ...(url === undefined ? ['ACTIONS_ID_TOKEN_REQUEST_URL'] : []),
    ...(bearer === undefined ? ['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] : []),
  ]
  return { kind: 'missing', names }
}
