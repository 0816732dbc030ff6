/** Our actions in workflows, as a runner runs them against the real servers. */
import type { RunFacts } from '../sandbox/claims.ts'
import type { TestIssuer } from './issuer.ts'
import type { Repository, Runner, StepRun, WorkflowRun } from './runner.ts'
import type { Tally } from './tally.ts'
import type { LogChoice, TrustFiles } from './trust.ts'

/** A workflow, the run that starts it, and what must come of it. */
interface Scenario {
  readonly title: string
  readonly workflow: string
  readonly facts?: RunFacts
  /** Whether the job has `id-token: write`; it has unless told otherwise. */
  readonly token?: boolean
  readonly passes: boolean
  readonly checks: readonly Check[]
}

/** What a step must have come to, and said. */
interface Check {
  readonly title: string
  /** End of the job's name, as `publish` or `build-2`. */
  readonly job: string
  readonly step: string
  readonly result: 'success' | 'failure' | 'never'
  readonly outputs?: Readonly<Record<string, string>>
  readonly log?: RegExp
}

const VERIFIED = { verified: 'true', 'error-code': '' }
const SHARED = 'octo/shared/.github/workflows/sign.yml@89abcdef0123456789abcdef0123456789abcdef'

const matrixJob = (number: number): Check => ({
  title: `job ${number} of the matrix signs`,
  job: `build-${number}`,
  step: 'sign',
  result: 'success',
  outputs: { 'subject-count': '1' },
})

const SCENARIOS: readonly Scenario[] = [
  {
    title: 'the snippet of the README, verified in the next job',
    workflow: 'release.yml',
    passes: true,
    checks: [
      {
        title: 'signs',
        job: 'release',
        step: 'sign',
        result: 'success',
        outputs: {
          'subject-count': '2',
          'certificate-identity':
            'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0',
        },
      },
      {
        title: 'verifies',
        job: 'publish',
        step: 'verify',
        result: 'success',
        outputs: { ...VERIFIED, 'subject-count': '2' },
      },
    ],
  },
  {
    title: "a pull request's own run",
    workflow: 'release.yml',
    facts: { event: 'pull_request', ref: 'refs/pull/7/merge' },
    passes: true,
    checks: [
      {
        title: 'verifies by the run',
        job: 'publish',
        step: 'verify',
        result: 'success',
        outputs: { ...VERIFIED, 'subject-count': '2' },
      },
    ],
  },
  {
    title: 'a job in between changes one byte',
    workflow: 'intruder.yml',
    facts: { workflow: 'intruder.yml' },
    passes: false,
    checks: [
      {
        title: 'is found out',
        job: 'publish',
        step: 'verify',
        result: 'failure',
        outputs: { verified: '', 'error-code': 'SIG_DIGEST' },
        log: /✗ out\/app\.tar\.gz[\s\S]*SIG_DIGEST/,
      },
      { title: 'is not published', job: 'publish', step: 'published', result: 'never' },
    ],
  },
  {
    title: 'a reusable workflow of another repository signs',
    workflow: 'caller.yml',
    facts: { workflow: 'caller.yml', calledWorkflow: SHARED },
    passes: true,
    checks: [
      {
        title: 'under its own name',
        job: 'sign',
        step: 'sign',
        result: 'success',
        outputs: { 'certificate-identity': `https://github.com/${SHARED}` },
      },
      {
        title: "verifies by the caller's policy",
        job: 'publish',
        step: 'narrow',
        result: 'success',
        outputs: { ...VERIFIED, 'subject-count': '1' },
      },
      {
        title: 'is not the caller',
        job: 'publish',
        step: 'caller',
        result: 'failure',
        outputs: { verified: '', 'error-code': 'IDENTITY_MISMATCH' },
        log: new RegExp(`signer-workflow[^\n]*${SHARED.slice(0, 38)}`),
      },
      {
        title: 'at a commit, which must be named',
        job: 'publish',
        step: 'unpinned',
        result: 'failure',
        outputs: { verified: '', 'error-code': 'IDENTITY_MISMATCH' },
        log: /@89abcdef0123456789abcdef0123456789abcdef/,
      },
    ],
  },
  {
    title: 'a matrix',
    workflow: 'matrix.yml',
    facts: { workflow: 'matrix.yml' },
    passes: true,
    checks: [
      ...[1, 2, 3].map(matrixJob),
      {
        title: 'all verify together',
        job: 'publish',
        step: 'verify',
        result: 'success',
        outputs: { ...VERIFIED, 'subject-count': '3' },
      },
    ],
  },
  {
    title: 'a job without id-token: write',
    workflow: 'release.yml',
    token: false,
    passes: false,
    checks: [
      {
        title: 'is told what to add',
        job: 'release',
        step: 'sign',
        result: 'failure',
        outputs: { 'error-code': 'TOKEN_PERMISSION', 'subject-count': '' },
        log: /TOKEN_PERMISSION[\s\S]*permissions: id-token: write[\s\S]*dry-run: true/,
      },
      { title: 'verifies nothing', job: 'publish', step: 'verify', result: 'never' },
    ],
  },
  {
    title: 'names with spaces, quotes, commands and letters of all kinds',
    workflow: 'names.yml',
    facts: { workflow: 'names.yml' },
    passes: true,
    checks: [
      {
        title: 'sign',
        job: 'release',
        step: 'sign',
        result: 'success',
        outputs: { 'subject-count': '8', 'error-code': '' },
      },
      {
        title: 'are kept by a second run',
        job: 'release',
        step: 'again',
        result: 'success',
        outputs: { 'subject-count': '8', 'log-url': '' },
        log: /8 [^\n]*kept|kept[^\n]* 8/i,
      },
      {
        title: 'verify',
        job: 'publish',
        step: 'verify',
        result: 'success',
        outputs: { ...VERIFIED, 'subject-count': '8' },
      },
      {
        title: 'verify one by one',
        job: 'publish',
        step: 'one',
        result: 'success',
        outputs: { ...VERIFIED, 'subject-count': '1' },
      },
    ],
  },
]

export interface WorkflowCourt {
  readonly runner: Runner
  readonly issuer: TestIssuer
  readonly trust: TrustFiles
  readonly tally: Tally
}

/** Runs every workflow with signatures logged in this log. */
export async function runWorkflows(court: WorkflowCourt, log: LogChoice): Promise<void> {
  const { trustedRoot } = court.trust
  const repository = court.runner.createRepository({ trustedRoot, signingConfig: log.signingConfig })
  for (const scenario of SCENARIOS) await runScenario(court, log, repository, scenario)
}

async function runScenario(
  { issuer, tally }: WorkflowCourt,
  log: LogChoice,
  repository: Repository,
  { title, workflow, facts = {}, token = true, passes, checks }: Scenario,
): Promise<void> {
  const identity = issuer.addJob(facts)
  const vars = { ISSUER: issuer.url }
  const done = await repository.runWorkflow({ workflow, identity, token, vars })
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
}

function faultsOf(done: WorkflowRun, { job, step, result, outputs = {}, log }: Check): readonly string[] {
  const found = done.steps.find((one) => one.id === step && one.job.endsWith(`/${job}`))
  if (result === 'never') return found === undefined || found.result === 'skipped' ? [] : [`${step} was run`]
  if (found === undefined) return [`${job} has no step ${step}`]
  return [
    ...(found.result === result ? [] : [`${step} is a ${found.result}`]),
    ...Object.entries(outputs).flatMap(([name, value]) =>
      found.outputs[name] === value ? [] : [`${name} is "${found.outputs[name]}", not "${value}"`],
    ),
    ...(log === undefined || log.test(plain(found)) ? [] : [`${step} does not say ${log}`]),
    ...(/eyJ[A-Za-z0-9_-]{20,}\.eyJ/.test(plain(found)) ? ['a token was printed'] : []),
  ]
}

const plain = ({ log, summary }: StepRun): string => `${log}\n${summary}`
