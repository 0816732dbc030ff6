import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Claims } from './claims.ts'
import type { SigningConfigJson, TrustedRootJson } from './trust-files.ts'

/** Where one job lives. */
export interface Job {
  /** All that the job's steps see, of the actions' inputs those that say which Sigstore it is. */
  readonly env: Readonly<Record<string, string>>
  readonly workspace: string
  /** RUNNER_TEMP */
  readonly temp: string
}

export interface JobParts {
  /** The folder that all of the sandbox's jobs lie in. */
  readonly folder: string
  readonly claims: Claims
  readonly requestToken: string
  /** Address of the runner's token endpoint. */
  readonly tokenUrl: string
  readonly trustedRoot: TrustedRootJson
  readonly signingConfig: SigningConfigJson
  /** Where GitHub's API is, and the token that the runner fills in for `github-token`; without one there is neither. */
  readonly github?: { readonly apiUrl: string; readonly token: string }
  /** Where the runner lets actions keep artifacts, and the token for that. */
  readonly artifacts?: { readonly url: string; readonly token: string }
}

/**
 * Where Node may keep code compiled for the next run, if whoever started this process said so. It changes nothing but the
 * time that a run takes.
 */
export const compileCache = (): Readonly<Record<string, string>> => {
  const folder = process.env['NODE_COMPILE_CACHE']
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
}

const FILE_COMMANDS = ['OUTPUT', 'STATE', 'ENV', 'PATH', 'STEP_SUMMARY'] as const

/** A private folder below the system's temporary one, links resolved: macOS has one in its path. */
export const createFolder = async (): Promise<string> =>
  mkdtemp(join(await realpath(tmpdir()), 'keyless-sandbox-'))

/** Folders, files and variables as the runner prepares them for a step (docs: default environment variables). */
export async function createJob(parts: JobParts): Promise<Job> {
  const base = join(parts.folder, `job-${randomUUID().slice(0, 8)}`)
  const workspace = join(base, 'work', 'demo', 'demo')
  const temp = join(base, 'temp')
  const commands = join(temp, '_runner_file_commands')
  const tools = join(base, 'tools')
  for (const folder of [workspace, commands, tools]) await mkdir(folder, { recursive: true })
  const fileVariables = await createCommandFiles(commands)
  const event = join(temp, 'event.json')
  const trustedRoot = join(temp, 'trusted_root.json')
  const signingConfig = join(temp, 'signing_config.json')
  await writeFile(event, JSON.stringify(eventOf(parts.claims), null, 2))
  await writeFile(trustedRoot, JSON.stringify(parts.trustedRoot, null, 2))
  await writeFile(signingConfig, JSON.stringify(parts.signingConfig, null, 2))
  const env = {
    ...compileCache(),
    ...factVariables(parts.claims),
    ...fileVariables,
    ...runnerVariables(parts.claims, { temp, tools }),
    GITHUB_WORKSPACE: workspace,
    GITHUB_EVENT_PATH: event,
    GITHUB_API_URL: parts.github?.apiUrl ?? 'https://api.github.com',
    GITHUB_GRAPHQL_URL: `${parts.github?.apiUrl ?? 'https://api.github.com'}/graphql`,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${parts.tokenUrl}/idtoken/${parts.claims['run_id']}?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: parts.requestToken,
    ...(parts.artifacts !== undefined && {
      ACTIONS_RESULTS_URL: `${parts.artifacts.url}/`,
      ACTIONS_RUNTIME_TOKEN: parts.artifacts.token,
    }),
    INPUT_SIGSTORE: 'custom',
    'INPUT_TRUSTED-ROOT': trustedRoot,
    'INPUT_SIGNING-CONFIG': signingConfig,
    ...(parts.github !== undefined && { 'INPUT_GITHUB-TOKEN': parts.github.token }),
  }
  return { env, workspace, temp }
}

async function createCommandFiles(folder: string): Promise<Readonly<Record<string, string>>> {
  const id = randomUUID()
  const variables: Record<string, string> = {}
  for (const name of FILE_COMMANDS) {
    const path = join(folder, `${name.toLowerCase()}_${id}`)
    await writeFile(path, '')
    variables[`GITHUB_${name}`] = path
  }
  return variables
}

const textOf = (claims: Claims, name: string): string => String(claims[name] ?? '')

export function factVariables(claims: Claims): Readonly<Record<string, string>> {
  const claim = (name: string): string => textOf(claims, name)
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__run',
    GITHUB_JOB: 'release',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: claim('repository'),
    GITHUB_REPOSITORY_ID: claim('repository_id'),
    GITHUB_REPOSITORY_OWNER: claim('repository_owner'),
    GITHUB_REPOSITORY_OWNER_ID: claim('repository_owner_id'),
    GITHUB_REF: claim('ref'),
    GITHUB_REF_NAME: claim('ref').replace(/^refs\/(?:heads|tags|pull)\//, ''),
    GITHUB_REF_TYPE: claim('ref_type'),
    GITHUB_REF_PROTECTED: claim('ref_protected'),
    GITHUB_HEAD_REF: claim('head_ref'),
    GITHUB_BASE_REF: claim('base_ref'),
    GITHUB_SHA: claim('sha'),
    GITHUB_EVENT_NAME: claim('event_name'),
    GITHUB_WORKFLOW: claim('workflow'),
    GITHUB_WORKFLOW_REF: claim('workflow_ref'),
    GITHUB_WORKFLOW_SHA: claim('workflow_sha'),
    GITHUB_RUN_ID: claim('run_id'),
    GITHUB_RUN_NUMBER: claim('run_number'),
    GITHUB_RUN_ATTEMPT: claim('run_attempt'),
    GITHUB_ACTOR: claim('actor'),
    GITHUB_ACTOR_ID: claim('actor_id'),
    GITHUB_TRIGGERING_ACTOR: claim('actor'),
    GITHUB_RETENTION_DAYS: '90',
  }
}

const SYSTEMS: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }

const runnerVariables = (
  claims: Claims,
  { temp, tools }: { readonly temp: string; readonly tools: string },
): Readonly<Record<string, string>> => ({
  RUNNER_OS: SYSTEMS[process.platform] ?? 'Linux',
  RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
  RUNNER_NAME: 'sandbox',
  RUNNER_ENVIRONMENT: textOf(claims, 'runner_environment'),
  RUNNER_TEMP: temp,
  RUNNER_TOOL_CACHE: tools,
})

/** As much of the event's payload as our actions could want to read. */
export function eventOf(claims: Claims): Readonly<Record<string, unknown>> {
  const claim = (name: string): string => textOf(claims, name)
  const [, name = ''] = claim('repository').split('/')
  const visibility = claim('repository_visibility')
  return {
    ref: claim('ref'),
    before: '0'.repeat(40),
    after: claim('sha'),
    repository: {
      id: Number(claim('repository_id')),
      name,
      full_name: claim('repository'),
      private: visibility !== 'public',
      visibility,
      html_url: `https://github.com/${claim('repository')}`,
      owner: { login: claim('repository_owner'), id: Number(claim('repository_owner_id')) },
    },
    sender: { login: claim('actor'), id: Number(claim('actor_id')) },
  }
}
