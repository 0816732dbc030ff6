import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseVerifyInputs } from '../../../src/actions/inputs/verify-inputs.ts'
import { parseJob } from '../../../src/actions/job/job.ts'
import { policyFacts } from '../../../src/actions/report/facts.ts'
import { policyOf } from '../../../src/actions/verify/verify-policy.ts'
import type { Policy } from '../../../src/sigstore/policy.ts'

const NOW = Date.UTC(2026, 10, 24)
const ISSUER = 'https://token.actions.githubusercontent.com'

/** A push to a branch of octo/demo. */
const JOB: Readonly<Record<string, string>> = {
  GITHUB_WORKSPACE: '/w',
  RUNNER_TEMP: '/t',
  GITHUB_REPOSITORY: 'octo/demo',
  GITHUB_REPOSITORY_ID: '123',
  GITHUB_REPOSITORY_OWNER_ID: '456',
  GITHUB_RUN_ID: '42',
  GITHUB_SHA: 'a'.repeat(40),
  GITHUB_REF: 'refs/heads/main',
}
const TAG = { GITHUB_REF: 'refs/tags/v1' }
const GHES = { GITHUB_SERVER_URL: 'https://ghes.example' }
const GHES_ISSUER = { 'certificate-oidc-issuer': 'https://ghes.example/_services/token' }
const PERSON = {
  'certificate-identity': 'a@b.example',
  'certificate-oidc-issuer': 'https://accounts.google.com',
}

function policy(inputs: Record<string, string> = {}, env: Record<string, string> = {}): Policy {
  const values = { ...JOB, ...env }
  const job = parseJob({ platform: 'linux', env: (name) => values[name as keyof typeof values] || undefined })
  return policyOf(parseVerifyInputs(new Map(Object.entries({ 'subject-path': 'a', ...inputs }))), job, NOW)
}

test('without any input it is this repository, by name and ids, on a branch or tag', () => {
  const { unsafeTriggers, ...rest } = policy()
  assert.deepEqual(rest, {
    issuer: ISSUER,
    server: 'https://github.com',
    ofGitHub: true,
    signer: { workflows: [{ repository: 'octo/demo' }] },
    repository: 'octo/demo',
    repositoryId: '123',
    ownerId: '456',
  })
  assert.ok(unsafeTriggers.includes('pull_request_target') && unsafeTriggers.includes('workflow_run'))
})

const rules: Record<
  string,
  { inputs?: Record<string, string>; env?: Record<string, string>; is: Partial<Policy> }
> = {
  'this tag in a run for a tag': { env: TAG, is: { ownTag: 'refs/tags/v1' } },
  'this tag also where the commit is asked for': {
    inputs: { 'source-digest': 'current' },
    env: TAG,
    is: { ownTag: 'refs/tags/v1', sourceDigest: 'a'.repeat(40) },
  },
  'this tag also where the repository is named': {
    inputs: { repository: 'octo/demo' },
    env: TAG,
    is: { ownTag: 'refs/tags/v1', repositoryId: '123' },
  },
  'the ref that is asked for, instead of this tag': {
    inputs: { 'source-ref': 'refs/tags/v2' },
    env: TAG,
    is: { sourceRef: 'refs/tags/v2', ownTag: undefined as never },
  },
  'the very run, instead of this tag': {
    inputs: { run: 'current' },
    env: TAG,
    is: { run: 'https://github.com/octo/demo/actions/runs/42', ownTag: undefined as never },
  },
  'no id and no tag of ours for another repository': {
    inputs: { repository: 'octo/other' },
    env: TAG,
    is: {
      repository: 'octo/other',
      repositoryId: undefined as never,
      ownerId: undefined as never,
      ownTag: undefined as never,
    },
  },
  'ids also where the name is in other letter case': {
    inputs: { repository: 'Octo/demo' },
    is: { repository: 'Octo/demo', repositoryId: '123', ownerId: '456' },
  },
  'an id that is given, and ours for the rest': {
    inputs: { 'repository-id': '9' },
    is: { repositoryId: '9', ownerId: '456' },
  },
  'ids that are given, for another repository': {
    inputs: { repository: 'octo/other', 'owner-id': '9' },
    is: { repositoryId: undefined as never, ownerId: '9' },
  },
  'no repository where any will do': {
    inputs: { ...PERSON, repository: 'any' },
    is: { repository: undefined as never, repositoryId: undefined as never, ofGitHub: false },
  },
  'an enterprise issuer as one of GitHub': {
    inputs: { 'certificate-oidc-issuer': `${ISSUER}/octo-corp` },
    is: { ofGitHub: true, server: 'https://github.com' },
  },
  "the server's own names under its own issuer": {
    inputs: { ...GHES_ISSUER, run: 'current' },
    env: GHES,
    is: {
      ofGitHub: true,
      server: 'https://ghes.example',
      repositoryId: '123',
      run: 'https://ghes.example/octo/demo/actions/runs/42',
    },
  },
  "no id of the server for GitHub's repository of that name": {
    inputs: { repository: 'octo/demo' },
    env: { ...GHES, ...TAG },
    is: { server: 'https://github.com', repositoryId: undefined as never, ownTag: undefined as never },
  },
  'a workflow as a whole URL': {
    inputs: { ...GHES_ISSUER, 'build-workflow': 'octo/demo/.github/workflows/x.yml@refs/heads/main' },
    env: GHES,
    is: { buildWorkflow: 'https://ghes.example/octo/demo/.github/workflows/x.yml@refs/heads/main' },
  },
  'an age as a time': { inputs: { 'signed-after': '30d' }, is: { signedAfter: NOW - 30 * 86_400_000 } },
  'a time as it is': {
    inputs: { 'signed-after': '2026-01-02T03:04:05Z' },
    is: { signedAfter: Date.UTC(2026, 0, 2, 3, 4, 5) },
  },
  'runners of GitHub alone': { inputs: { 'deny-self-hosted-runners': 'true' }, is: { hostedRunners: true } },
}

for (const [what, { inputs, env, is }] of Object.entries(rules)) {
  test(`the policy asks for ${what}`, () => {
    const made: Readonly<Record<string, unknown>> = { ...policy(inputs, env) }
    for (const [name, value] of Object.entries(is)) assert.deepEqual(made[name], value, name)
  })
}

const refused: Record<
  string,
  { inputs?: Record<string, string>; env?: Record<string, string>; code: string }
> = {
  'an issuer alone, under which anybody might sign': {
    inputs: { 'certificate-oidc-issuer': 'https://accounts.google.com' },
    code: 'POLICY_REQUIRED',
  },
  'a repository under an issuer that knows of no workflows': {
    inputs: { 'certificate-oidc-issuer': 'https://ci.example', repository: 'octo/other' },
    code: 'POLICY_REQUIRED',
  },
  'this repository of a server under the issuer of another': { env: GHES, code: 'POLICY_REQUIRED' },
  'the run of a server under the issuer of another': {
    inputs: { repository: 'octo/demo', run: 'current' },
    env: GHES,
    code: 'POLICY_REQUIRED',
  },
  'this run of another repository': {
    inputs: { repository: 'octo/other', run: 'current' },
    code: 'INPUT_CONFLICT',
  },
  'this repository where the runner does not say its id': {
    env: { GITHUB_REPOSITORY_ID: '' },
    code: 'ENVIRONMENT',
  },
  'this repository where the runner does not say which': {
    env: { GITHUB_REPOSITORY: '' },
    code: 'ENVIRONMENT',
  },
  'this commit where the runner does not say which': {
    inputs: { 'source-digest': 'current' },
    env: { GITHUB_SHA: '' },
    code: 'ENVIRONMENT',
  },
}

for (const [what, { inputs, env, code }] of Object.entries(refused)) {
  test(`no policy is made of ${what}`, () => {
    assert.throws(() => policy(inputs, env), { name: 'ActionError', code })
  })
}

test('a reader is told all that was asked for, the defaults too', () => {
  const facts = (one: Policy) => new Map(policyFacts(one).map(({ label, value }) => [label, value]))
  const usual = facts(policy())
  assert.equal(usual.get('Branch or tag'), 'any, but no pull request')
  assert.equal(usual.get('Trigger'), 'none at which strangers decide what is built')
  assert.equal(usual.get('What counts'), 'plain signatures and SLSA provenance')
  const current = facts(policy({ run: 'current', 'signed-after': '2026-01-02T03:04:05Z' }))
  assert.equal(current.get('Branch or tag'), undefined)
  assert.equal(current.get('Signed at or after'), '2026-01-02 03:04:05 UTC')
  assert.equal(facts(policy({ ...PERSON, repository: 'any' })).get('Source repository'), 'any')
})

const COMMIT = 'c'.repeat(40)

/** The policy with a release of tag v1, which points to COMMIT. */
function releasePolicy(inputs: Record<string, string> = {}, env: Record<string, string> = {}): Policy {
  const values = { ...JOB, ...env }
  const job = parseJob({ platform: 'linux', env: (name) => values[name as keyof typeof values] || undefined })
  const parsed = parseVerifyInputs(new Map(Object.entries({ release: 'v1', ...inputs })))
  return policyOf(parsed, job, NOW, { tag: 'v1', commit: COMMIT })
}

const releaseRules: Record<
  string,
  { inputs?: Record<string, string>; env?: Record<string, string>; is: Partial<Policy> }
> = {
  'its tag, and the commit of that': { is: { sourceRef: 'refs/tags/v1', sourceDigest: COMMIT } },
  'its tag, not that of the run': {
    env: { GITHUB_REF: 'refs/tags/v2' },
    is: { sourceRef: 'refs/tags/v1', sourceDigest: COMMIT },
  },
  'another ref, and still the commit': {
    inputs: { 'source-ref': 'refs/heads/main' },
    is: { sourceRef: 'refs/heads/main', sourceDigest: COMMIT },
  },
  'another commit, and still the tag': {
    inputs: { 'source-digest': 'current' },
    is: { sourceRef: 'refs/tags/v1', sourceDigest: 'a'.repeat(40) },
  },
  'beside the run that is asked for': {
    inputs: { run: 'current' },
    is: { sourceRef: 'refs/tags/v1', run: 'https://github.com/octo/demo/actions/runs/42' },
  },
  'the ids only of this repository': {
    inputs: { repository: 'other/tool' },
    is: { repository: 'other/tool', sourceRef: 'refs/tags/v1', sourceDigest: COMMIT },
  },
}
for (const [title, { inputs, env, is }] of Object.entries(releaseRules)) {
  test(`of a release: ${title}`, () => {
    const found = releasePolicy(inputs, env)
    for (const [name, value] of Object.entries(is)) assert.deepEqual(found[name as keyof Policy], value, name)
    assert.equal(found.ownTag, undefined)
    assert.equal(found.repositoryId, inputs?.['repository'] === undefined ? '123' : undefined)
  })
}

test('of a release under an issuer that is not of GitHub neither tag nor commit', () => {
  const { sourceRef, sourceDigest } = releasePolicy(PERSON)
  assert.deepEqual([sourceRef, sourceDigest], [undefined, undefined])
})
