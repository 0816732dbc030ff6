/** Workflows that publish: on a release, in GitHub's store of attestations, as a workflow artifact of the run. */
import { addRelease, annotateTag } from '../sandbox/github/release-store.ts'
import type { GitHub } from './github.ts'
import type { JobIdentity } from './issuer.ts'
import { type Check, type GitHubSide, runScenario, type Scenario, type WorkflowCourt } from './scenario.ts'
import type { LogChoice } from './trust.ts'

const TAG = 'v1.0.0'

/** Somebody pushed an annotated tag and made a draft for it. */
function makeDraft({ state, repository }: GitHub, { claims }: JobIdentity): void {
  annotateTag(repository, TAG, String(claims['sha']))
  addRelease(state, repository, { tag: TAG, draft: true })
}

const ON_RELEASE = [
  'app.tar.gz',
  'app.tar.gz.sigstore.json',
  'checksums.txt',
  'checksums.txt.sigstore.json',
  'release.notes.txt',
  'release.notes.txt.sigstore.json',
]

const RELEASE: GitHubSide = {
  artifacts: 'act',
  prepare: makeDraft,
  holds: [
    {
      title: 'is published',
      found: ({ repository }) => [...repository.releases.values()].map(({ draft }) => draft).join(),
      expected: 'false',
    },
    {
      title: 'has each file and its bundle',
      found: ({ repository }) =>
        [...repository.releases.values()]
          .flatMap(({ assets }) => [...assets.values()].map(({ name }) => name))
          .sort()
          .join(),
      expected: ON_RELEASE.join(),
    },
  ],
}

const SIGNED: Check = {
  title: 'signs, attaches and publishes',
  job: 'sign',
  step: 'sign',
  result: 'success',
  outputs: {
    'subject-count': '3',
    'release-url': `https://github.com/octo/demo/releases/tag/${TAG}`,
    'error-code': '',
  },
}

const BUNDLES: GitHubSide = {
  artifacts: 'sandbox',
  holds: [
    {
      title: 'both artifacts are complete',
      found: ({ artifacts }) =>
        artifacts.state.artifacts
          .filter(({ finalized }) => finalized)
          .map(({ name }) => name)
          .join(),
      expected: 'built,bundles',
    },
  ],
}

const UPLOADED: Check = {
  title: 'signs and uploads',
  job: 'sign',
  step: 'sign',
  result: 'success',
  outputs: { 'subject-count': '2', 'artifact-name': 'bundles', 'error-code': '' },
}

const SCENARIOS: readonly Scenario[] = [
  {
    title: 'a draft, signed, published and verified as a whole',
    workflow: 'publish.yml',
    facts: { workflow: 'publish.yml' },
    github: RELEASE,
    passes: true,
    checks: [
      SIGNED,
      {
        title: 'verifies',
        job: 'verify',
        step: 'verify',
        result: 'success',
        outputs: { verified: 'true', 'subject-count': '3', 'error-code': '' },
      },
      { title: 'is there to be used', job: 'verify', step: 'used', result: 'success' },
    ],
  },
  {
    title: 'a release with an asset exchanged',
    workflow: 'publish.yml',
    facts: { workflow: 'publish.yml' },
    github: RELEASE,
    vars: { EXCHANGE: 'yes' },
    passes: false,
    checks: [
      SIGNED,
      {
        title: 'is found out',
        job: 'verify',
        step: 'verify',
        result: 'failure',
        outputs: { verified: '', 'download-path': '', 'error-code': 'VERIFY_FAILED' },
        says: /app\.tar\.gz[^\n]*BUNDLE_MISSING/,
      },
      { title: 'is not used', job: 'verify', step: 'used', result: 'never' },
    ],
  },
  {
    title: "provenance in GitHub's store",
    workflow: 'store.yml',
    facts: { workflow: 'store.yml' },
    github: {
      artifacts: 'act',
      holds: [
        {
          title: 'is stored once, for both files',
          found: ({ state }) => state.attestations.map(({ digests }) => digests.length).join(),
          expected: '2',
        },
      ],
    },
    passes: false,
    checks: [
      {
        title: 'attests and stores',
        job: 'attest',
        step: 'attest',
        result: 'success',
        outputs: { 'subject-count': '2', 'error-code': '' },
      },
      {
        title: 'verifies without a bundle at hand',
        job: 'verify',
        step: 'verify',
        result: 'success',
        outputs: { verified: 'true', 'subject-count': '2', 'error-code': '' },
      },
      {
        title: 'has nothing for a changed file',
        job: 'verify',
        step: 'changed',
        result: 'failure',
        outputs: { verified: '', 'error-code': 'BUNDLE_MISSING' },
      },
    ],
  },
  {
    title: 'bundles as a workflow artifact',
    workflow: 'artifact.yml',
    facts: { workflow: 'artifact.yml' },
    github: BUNDLES,
    passes: true,
    checks: [
      UPLOADED,
      {
        title: 'verifies in the next job',
        job: 'publish',
        step: 'verify',
        result: 'success',
        outputs: { verified: 'true', 'subject-count': '2', 'error-code': '' },
      },
    ],
  },
  {
    title: 'a file changed behind the artifact',
    workflow: 'artifact.yml',
    facts: { workflow: 'artifact.yml' },
    github: BUNDLES,
    vars: { EXCHANGE: 'yes' },
    passes: false,
    checks: [
      UPLOADED,
      {
        title: 'is found out',
        job: 'publish',
        step: 'verify',
        result: 'failure',
        outputs: { verified: '', 'error-code': 'SIG_DIGEST' },
      },
    ],
  },
]

/** act's own server answers 500 to a request with a member that it does not know, and today's client sends one. */
const REFUSED: Scenario = {
  title: 'an artifact service that refuses',
  workflow: 'own-artifact.yml',
  facts: { workflow: 'own-artifact.yml' },
  passes: false,
  checks: [
    {
      title: 'is told apart, and what became public is named',
      job: 'sign',
      step: 'sign',
      result: 'failure',
      outputs: { 'error-code': 'ARTIFACT_UPLOAD', 'bundle-paths': '', 'artifact-id': '' },
      says: /ARTIFACT_UPLOAD[\s\S]*"bundles" could not be uploaded/,
    },
  ],
}

/** Runs each with signatures logged in these logs; the one that waits in vain once, beside the others. */
export async function runPublishing(court: WorkflowCourt, logs: readonly LogChoice[]): Promise<void> {
  const { trustedRoot } = court.trust
  const run = async (log: LogChoice, scenarios: readonly Scenario[]): Promise<void> => {
    const repository = court.runner.createRepository({ trustedRoot, signingConfig: log.signingConfig })
    for (const scenario of scenarios) await runScenario(court, log, repository, scenario)
  }
  await Promise.all([
    ...logs.map((log) => run(log, SCENARIOS)),
    ...logs.slice(0, 1).map((log) => run(log, [REFUSED])),
  ])
}
