import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { compileCache, eventOf, factVariables } from '../sandbox/job.ts'
import { run } from './command.ts'
import type { JobIdentity } from './issuer.ts'
import { freePorts } from './ports.ts'

/** `act`, which runs workflows as GitHub's runner does, on this machine and without containers. */
export interface Runner {
  /** A repository to run workflows in: our actions at its root, our workflows, the trust files as `sigstore/*.json`. */
  readonly createRepository: (trust: RepositoryTrust) => Repository
}

export interface RepositoryTrust {
  /** Paths. */
  readonly trustedRoot: string
  readonly signingConfig: string
}

export interface Repository {
  readonly runWorkflow: (order: WorkflowOrder) => Promise<WorkflowRun>
}

export interface WorkflowOrder {
  /** File name below `workflows/`. */
  readonly workflow: string
  /** What the run is about; `token: false` is a job without `id-token: write`. */
  readonly identity: JobIdentity
  readonly token: boolean
  /** Further variables of every step, such as GITHUB_API_URL. */
  readonly env?: Readonly<Record<string, string>>
  /** What GitHub's API and its service for artifacts are; without it act's own service, and no API. */
  readonly github?: GitHubAccess
  /** What `vars` holds. */
  readonly vars?: Readonly<Record<string, string>>
}

export interface GitHubAccess {
  readonly apiUrl: string
  readonly token: string
  /** act's own without it. */
  readonly artifacts?: { readonly url: string; readonly token: string }
}

/** What became of a run. */
export interface WorkflowRun {
  readonly passed: boolean
  readonly steps: readonly StepRun[]
  /** All of it, as a person would read it, secrets aside. */
  readonly log: string
}

export interface StepRun {
  /** `workflow/job`, of a called workflow's jobs longer; a matrix adds `-1`, `-2` … */
  readonly job: string
  readonly id: string
  /** `success`, `failure` or `skipped`. */
  readonly result: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  readonly log: string
}

const PROJECT = join(import.meta.dirname, '..')

/** Where the repositories are that workflows name; act takes them from here and never from the network. */
const REMOTES = [
  'octo/keyless@0123456789abcdef0123456789abcdef01234567',
  'octo/shared@89abcdef0123456789abcdef0123456789abcdef',
]

/** `act` is its path, `dist` the folder of the built actions. */
export function createRunner(act: string, dist: string, folder: string): Runner {
  return {
    createRepository: (trust) => {
      const base = mkdtempSync(join(folder, 'repository-'))
      const root = join(base, 'files')
      fillRepository(root, dist, trust)
      return { runWorkflow: (order) => runWorkflow(act, base, root, order) }
    },
  }
}

function fillRepository(root: string, dist: string, { trustedRoot, signingConfig }: RepositoryTrust): void {
  for (const name of ['action.yml', 'verify/action.yml', 'package.json']) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    cpSync(join(PROJECT, name), join(root, name))
  }
  cpSync(dist, join(root, 'dist'), { recursive: true })
  cpSync(join(import.meta.dirname, 'workflows'), join(root, '.github', 'workflows'), { recursive: true })
  for (const [from, to] of Object.entries({ 'artifact-action': 'artifacts', 'release-scripts': 'release' }))
    cpSync(join(import.meta.dirname, from), join(root, '.github', to), { recursive: true })
  mkdirSync(join(root, 'sigstore'))
  cpSync(trustedRoot, join(root, 'sigstore', 'trusted_root.json'))
  cpSync(signingConfig, join(root, 'sigstore', 'signing_config.json'))
}

async function runWorkflow(
  act: string,
  base: string,
  root: string,
  { workflow, identity, token, env = {}, github, vars = {} }: WorkflowOrder,
): Promise<WorkflowRun> {
  const scratch = mkdtempSync(join(base, 'run-'))
  const event = join(scratch, 'event.json')
  writeFileSync(event, JSON.stringify(eventOf(identity.claims)))
  const [port] = await freePorts(1)
  const args = [
    String(identity.claims['event_name']),
    '--json',
    `--workflows=.github/workflows/${workflow}`,
    `--eventpath=${event}`,
    '--platform=ubuntu-latest=-self-hosted',
    '--no-cache-server',
    `--secret=GITHUB_TOKEN=${github?.token ?? 'not-a-token'}`,
    `--artifact-server-path=${join(scratch, 'artifacts')}`,
    '--artifact-server-addr=127.0.0.1',
    `--artifact-server-port=${port}`,
    ...REMOTES.map((remote) => `--local-repository=${remote}=${root}`),
    ...Object.entries({ ...variablesOf(identity, token, github), ...env }).map(pair('--env')),
    ...Object.entries(vars).map(pair('--var')),
  ]
  // Steps see all of act's environment: it gets what a runner's job would have, and no more.
  const path = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter)
  const own = {
    ...{ HOME: scratch, PATH: path, LC_ALL: 'C.UTF-8', ACT_DISABLE_VERSION_CHECK: '1' },
    ...compileCache(),
    ...artifactVariables(github),
  }
  const { code, stdout, stderr } = await run({ file: act, args, cwd: root, env: own })
  return { passed: code === 0, ...readLog(stdout), ...(stdout === '' && { log: stderr }) }
}

const pair =
  (option: string) =>
  ([name, value]: readonly [string, string]): string =>
    `${option}=${name}=${value}`

/** What act does not know by itself, or would make up. It takes the commit from a name of its own. */
function variablesOf(
  { claims, tokenUrl, issuer }: JobIdentity,
  token: boolean,
  github: GitHubAccess | undefined,
): Record<string, string> {
  return {
    ...factVariables(claims),
    SHA_REF: String(claims['sha']),
    RUNNER_ENVIRONMENT: String(claims['runner_environment']),
    ...(github !== undefined && { GITHUB_API_URL: github.apiUrl }),
    ...(token && {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${tokenUrl}/idtoken?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: issuer.requestToken,
    }),
  }
}

/** act hands both on under the names that a runner has for them. */
const artifactVariables = (github: GitHubAccess | undefined): Readonly<Record<string, string>> =>
  github?.artifacts === undefined
    ? {}
    : { ACTIONS_RUNTIME_URL: `${github.artifacts.url}/`, ACTIONS_RUNTIME_TOKEN: github.artifacts.token }

/** A line of act's log; what is absent was not said. */
interface Line {
  readonly job?: string
  readonly stepID?: readonly string[]
  readonly stepResult?: string
  readonly command?: string
  readonly name?: string
  readonly arg?: string
  readonly content?: string
  readonly msg?: string
}

function readLog(text: string): Pick<WorkflowRun, 'steps' | 'log'> {
  const steps = new Map<string, { -readonly [K in keyof StepRun]: StepRun[K] }>()
  const said: string[] = []
  for (const line of text.split('\n').flatMap(parseLine)) {
    if (line.command === 'add-mask') continue
    const { msg = '' } = line
    // Names are padded to one width.
    const job = (line.job ?? '').trim()
    const id = (line.stepID ?? []).join('/')
    said.push(`[${job}] ${msg.trimEnd()}`)
    const key = `${job} ${id}`
    const step = steps.get(key) ?? { job, id, result: '', outputs: {}, summary: '', log: '' }
    steps.set(key, step)
    step.log += `${msg.trimEnd()}\n`
    step.result = line.stepResult ?? step.result
    if (line.command === 'set-output') step.outputs = { ...step.outputs, [line.name ?? '']: line.arg ?? '' }
    if (line.command === 'summary') step.summary += line.content ?? ''
  }
  return { steps: [...steps.values()].filter(({ id }) => id !== ''), log: said.join('\n') }
}

function parseLine(text: string): readonly Line[] {
  try {
    return [JSON.parse(text)]
  } catch {
    return []
  }
}
