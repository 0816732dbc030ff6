/** A workflow that act runs, and what must come of it. */
import { join } from 'node:path'
import type { RunFacts } from '../sandbox/claims.ts'
import { type GitHub, startGitHub } from './github.ts'
import type { JobIdentity, TestIssuer } from './issuer.ts'
import type { GitHubAccess, Repository, Runner, StepRun, WorkflowRun } from './runner.ts'
import type { Tally } from './tally.ts'
import type { LogChoice, TrustFiles } from './trust.ts'

/** A workflow, the run that starts it, and what must come of it. */
export interface Scenario {
  readonly title: string
  readonly workflow: string
  readonly facts?: RunFacts
  /** Whether the job has `id-token: write`; it has unless told otherwise. */
  readonly token?: boolean
  readonly passes: boolean
  readonly checks: readonly Check[]
  /** What is at GitHub before it starts; without it nothing answers there. */
  readonly github?: GitHubSide
  /** What `vars` holds beside the issuer. */
  readonly vars?: Readonly<Record<string, string>>
}

export interface GitHubSide {
  readonly prepare?: (github: GitHub, identity: JobIdentity) => void
  /** What must be there afterwards, by what it is called, as a text that says it. */
  readonly holds?: readonly Holding[]
  /** Whose artifact service the run has. */
  readonly artifacts: 'act' | 'sandbox'
}

export interface Holding {
  readonly title: string
  readonly found: (github: GitHub) => string
  readonly expected: string
}

/** What a step must have come to, and said. */
export interface Check {
  readonly title: string
  /** End of the job's name, as `publish` or `build-2`. */
  readonly job: string
  readonly step: string
  readonly result: 'success' | 'failure' | 'never'
  readonly outputs?: Readonly<Record<string, string>>
  /** In its log or its summary. Of a step that fails act may lose the last lines, so that only the summary is sure. */
  readonly says?: RegExp
}

export interface WorkflowCourt {
  readonly folder: string
  readonly runner: Runner
  readonly issuer: TestIssuer
  readonly trust: TrustFiles
  readonly tally: Tally
}

/** Runs it with a GitHub of its own, where it asks for one. */
export async function runScenario(
  court: WorkflowCourt,
  log: LogChoice,
  repository: Repository,
  scenario: Scenario,
): Promise<void> {
  const identity = court.issuer.addJob(scenario.facts ?? {})
  if (scenario.github === undefined) return runOne(court, log, repository, scenario, identity)
  await using github = await startGitHub(identity, court.folder)
  scenario.github.prepare?.(github, identity)
  await runOne(court, log, repository, scenario, identity, github)
}

async function runOne(
  { issuer, tally }: WorkflowCourt,
  log: LogChoice,
  repository: Repository,
  { title, workflow, token = true, passes, checks, vars, github: side }: Scenario,
  identity: JobIdentity,
  github?: GitHub,
): Promise<void> {
  const done = await repository.runWorkflow({
    ...{ workflow, identity, token },
    vars: { ISSUER: issuer.url, ...vars },
    ...(side !== undefined && github !== undefined && { github: accessTo(github, side), env: { TOOLKIT } }),
  })
  const add = (name: string, faults: readonly string[]): void =>
    tally.add({
      client: 'act',
      log: log.title,
      content: title,
      name,
      passed: faults.length === 0,
      detail: `${done.log}\n${faults.join('\n')}`,
    })
  add(workflow, done.passed === passes ? [] : [`the workflow ${done.passed ? 'passed' : 'failed'}`])
  for (const check of checks) add(check.title, faultsOf(done, check))
  if (github === undefined) return
  for (const { title: name, found, expected } of side?.holds ?? []) {
    const there = found(github)
    add(name, there === expected ? [] : [`there is "${there}", not "${expected}"`])
  }
}

/** The toolkit's own artifact client as a command, from where its packages are. */
const TOOLKIT = join(import.meta.dirname, '..', '__tests__', 'dist', 'toolkit.ts')

const accessTo = ({ apiUrl, token, artifacts }: GitHub, side: GitHubSide): GitHubAccess => ({
  apiUrl,
  token,
  ...(side.artifacts === 'sandbox' && { artifacts }),
})

function faultsOf(done: WorkflowRun, { job, step, result, outputs = {}, says }: Check): readonly string[] {
  const found = done.steps.find((one) => one.id === step && one.job.endsWith(`/${job}`))
  if (result === 'never') return found === undefined || found.result === 'skipped' ? [] : [`${step} was run`]
  if (found === undefined) return [`${job} has no step ${step}`]
  return [
    ...(found.result === result ? [] : [`${step} is a ${found.result}`]),
    ...Object.entries(outputs).flatMap(([name, value]) =>
      found.outputs[name] === value ? [] : [`${name} is "${found.outputs[name]}", not "${value}"`],
    ),
    ...(says === undefined || says.test(plain(found)) ? [] : [`${step} does not say ${says}`]),
    ...(/eyJ[A-Za-z0-9_-]{20,}\.eyJ/.test(plain(found)) ? ['a token was printed'] : []),
  ]
}

const plain = ({ log, summary }: StepRun): string => `${log}\n${summary}`
