/** Our actions in workflows, as a runner runs them against the real servers. */
import { type Check, runScenario, type Scenario, type WorkflowCourt } from './scenario.ts'
import type { LogChoice } from './trust.ts'

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
        says: /`out\/app\.tar\.gz` \| `SIG_DIGEST`/,
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
        says: new RegExp(`signer-workflow[^\n]*${SHARED.slice(0, 38)}`),
      },
      {
        title: 'at a commit, which must be named',
        job: 'publish',
        step: 'unpinned',
        result: 'failure',
        outputs: { verified: '', 'error-code': 'IDENTITY_MISMATCH' },
        says: /@89abcdef0123456789abcdef0123456789abcdef/,
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
        says: /TOKEN_PERMISSION[\s\S]*permissions: id-token: write[\s\S]*dry-run: true/,
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
        says: /8 [^\n]*kept|kept[^\n]* 8/i,
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

/** Runs every workflow with signatures logged in this log. */
export async function runWorkflows(court: WorkflowCourt, log: LogChoice): Promise<void> {
  const { trustedRoot } = court.trust
  const repository = court.runner.createRepository({ trustedRoot, signingConfig: log.signingConfig })
  for (const scenario of SCENARIOS) await runScenario(court, log, repository, scenario)
}
