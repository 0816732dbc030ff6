import {
  byBytes,
  createInstance,
  instanceOf,
  iso,
  MESSAGE,
  make,
  NOW,
  SECOND,
  STATEMENT,
  THEN,
} from '../../__tests__/sigstore/hostile-bundles.ts'
import type { BundleContent } from '../../sandbox/bundles.ts'
import { githubClaims, type RunFacts } from '../../sandbox/claims.ts'
import type { LeafRequest } from '../../sandbox/fulcio-ca.ts'
import { checkInputNames } from '../../src/actions/inputs/known-inputs.ts'
import { parseVerifyInputs } from '../../src/actions/inputs/verify-inputs.ts'
import { parseJob } from '../../src/actions/job/job.ts'
import { policyOf } from '../../src/actions/verify/verify-policy.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { ActionError } from '../../src/errors.ts'
import { artifactOfBytes } from '../../src/sigstore/artifact.ts'
import { parseBundle } from '../../src/sigstore/bundle.ts'
import { UNSAFE_TRIGGERS } from '../../src/sigstore/identity.ts'
import { findPredicateFault, verifyPolicy } from '../../src/sigstore/policy.ts'
import { verifyBundle } from '../../src/sigstore/verifier.ts'
import { type Case, tried } from './case.ts'

const ISSUER = 'https://token.actions.githubusercontent.com'
const SERVER = 'https://github.com'
const ours = createInstance()
/** Certifies for GitHub's issuer. */
const instance = instanceOf({ ...ours.authorities, issuer: { url: ISSUER, claims: githubClaims() } })

const COMMIT = 'a'.repeat(40)
const JOB = {
  GITHUB_WORKSPACE: '/w',
  RUNNER_TEMP: '/t',
  GITHUB_REPOSITORY: 'octo/demo',
  GITHUB_REPOSITORY_ID: '123456',
  GITHUB_REPOSITORY_OWNER_ID: '654321',
  GITHUB_RUN_ID: '42',
  GITHUB_SHA: COMMIT,
  GITHUB_REF: 'refs/heads/main',
}

type Inputs = Readonly<Record<string, string>>

interface Judging {
  readonly inputs?: Inputs
  readonly env?: Inputs
  readonly content?: BundleContent
  readonly artifact?: Uint8Array
  readonly leaf?: Partial<LeafRequest>
}

/** As the action does it: inputs and job make the policy, before anything of a bundle is read. */
function policyFrom(inputs: Inputs, env: Inputs = {}) {
  const variables: Inputs = { ...JOB, ...env }
  const given = new Map(Object.entries({ 'subject-path': 'a', ...inputs }))
  checkInputNames(given, 'verify')
  const job = parseJob({ platform: 'linux', env: (name) => variables[name] || undefined })
  return policyOf(parseVerifyInputs(given), job, NOW)
}

/** A run of GitHub Actions signs, really; the verify action of octo/demo judges it under these inputs. */
function judge(facts: RunFacts, { inputs = {}, env, content = MESSAGE, artifact, leaf }: Judging = {}): void {
  const policy = policyFrom(inputs, env)
  const identity = { iss: ISSUER, ...githubClaims(facts) }
  const { bytes } = make(instance, { leaf: { identity, ...leaf } }, content)
  const about = artifact === undefined ? byBytes : artifactOfBytes(artifact)
  const evidence = verifyBundle(parseBundle(bytes), about, { trust: instance.trust, now: NOW })
  const verified = verifyPolicy(evidence, policy)
  const fault = findPredicateFault(verified, policy)
  if (fault !== undefined) throw new ActionError('PREDICATE_TYPE', fault)
}

const RELEASE = 'octo/demo/.github/workflows/release.yml'
const asked = (row: number, what: string, code: Case['code'], inputs: Inputs, env?: Inputs): Case =>
  tried(row, what, code, () => policyFrom(inputs, env))
const named = (row: number | string, what: string, facts: RunFacts, judging?: Judging): Case =>
  tried(row, what, 'IDENTITY_MISMATCH', () => judge(facts, judging))
const good = (row: number | string, what: string, facts: RunFacts, judging?: Judging): Case =>
  tried(row, `(${what})`, 'accepted', () => judge(facts, judging))

/** The default policy of the action, each default with the attack that it stops and the honest neighbour. */
const defaults: readonly Case[] = [
  good('default', 'a push to a tag of this repository', {}),
  named('default: no pull request', 'a pull request’s ref', { ref: 'refs/pull/7/merge', event: 'push' }),
  ...['pull_request', ...UNSAFE_TRIGGERS].map((event) =>
    named('default: no unsafe trigger', `signed on ${event}`, { event, ref: 'refs/heads/main' }),
  ),
  good('default: no unsafe trigger', 'signed on workflow_dispatch', { event: 'workflow_dispatch' }),
  named(
    'default: source ref is that of the workflow',
    'a branch that calls the pinned release workflow of a tag',
    { ref: 'refs/heads/evil', calledWorkflow: `${RELEASE}@refs/tags/v1.0.0` },
    {
      inputs: { 'signer-workflow': `${RELEASE}@refs/tags/*` },
      leaf: { fulcioExtensions: { 10: 'b'.repeat(40) } },
    },
  ),
  good(
    'default: source ref is that of the workflow',
    'the tag itself',
    {},
    { inputs: { 'signer-workflow': `${RELEASE}@refs/tags/*` } },
  ),
  named('default: ids', 'a repository registered again under the old name', { repositoryId: '999' }),
  named('default: ids', 'an owner registered again under the old name', { ownerId: '999' }),
  named(
    'default: source repository',
    'every caller of a shared workflow',
    { repository: 'evil/demo', calledWorkflow: 'octo/shared/.github/workflows/sign.yml@refs/heads/main' },
    { inputs: { 'signer-workflow': 'octo/shared/.github/workflows/sign.yml' } },
  ),
  good(
    'default: source repository',
    'this repository as its caller',
    { calledWorkflow: 'octo/shared/.github/workflows/sign.yml@refs/heads/main' },
    { inputs: { 'signer-workflow': 'octo/shared/.github/workflows/sign.yml' } },
  ),
  named('default: signer', 'a workflow of another repository', {
    calledWorkflow: 'evil/demo/.github/workflows/release.yml@refs/tags/v1.0.0',
  }),
  named('default: signer', 'a commit behind the @, which may be a fork’s', {
    calledWorkflow: `${RELEASE}@${COMMIT}`,
  }),
  named('default: this tag', 'another tag, in a run for a tag', {}, { env: { GITHUB_REF: 'refs/tags/v2' } }),
  good('default: this tag', 'this tag', {}, { env: { GITHUB_REF: 'refs/tags/v1.0.0' } }),
  named(
    'default: split at the first @',
    'a branch named x@refs/heads/main',
    { ref: 'refs/heads/x@refs/heads/main' },
    { inputs: { 'signer-workflow': `${RELEASE}@refs/heads/main` } },
  ),
  tried('default: what counts', 'a predicate that says "failed"', 'PREDICATE_TYPE', () =>
    judge(
      {},
      {
        content: {
          statement: {
            ...STATEMENT,
            predicateType: 'https://example.com/scan/v1',
            predicate: { result: 'failed' },
          },
        },
      },
    ),
  ),
  tried('default: what counts', 'a pre-authentication encoding as a file', 'FILE_LOOKS_SIGNED', () => {
    const file = encodeUtf8('DSSEv1 28 application/vnd.in-toto+json 2 {}')
    judge({}, { content: { artifact: file }, artifact: file })
  }),
  named(
    'default: issuer',
    'an enterprise’s issuer',
    {},
    {
      inputs: { 'certificate-oidc-issuer': `${ISSUER}/octo-corp` },
    },
  ),
]

/** What each claim input demands, and a certificate that says otherwise or nothing. */
const CLAIMS: readonly (readonly [input: string, value: string, number: number])[] = [
  ['source-ref', 'refs/heads/main', 14],
  ['source-digest', 'b'.repeat(40), 13],
  ['source-digest', 'current', 13],
  ['signer-digest', 'b'.repeat(40), 10],
  ['build-workflow', 'octo/demo/.github/workflows/other.yml@refs/heads/main', 18],
  ['trigger', 'release', 20],
  ['deployment-environment', 'production', 23],
  ['repository-id', '999', 15],
  ['owner-id', '999', 17],
  ['run', 'current', 21],
  ['deny-self-hosted-runners', 'true', 11],
]
const claims: readonly Case[] = CLAIMS.flatMap(([input, value, number]) => [
  named(
    `input ${input}`,
    `${input}: ${value}, and the certificate names another`,
    { runId: '7', runner: 'self-hosted' },
    { inputs: { [input]: value } },
  ),
  named(
    160,
    `${input}: ${value}, and the certificate lacks extension .${number}`,
    {},
    {
      inputs: { [input]: value },
      leaf: { fulcioExtensions: { [number]: null } },
    },
  ),
])

const requests: readonly Case[] = [
  asked(147, 'no policy input outside of a repository', 'ENVIRONMENT', {}, { GITHUB_REPOSITORY: '' }),
  asked(147, 'a misspelled policy input', 'INPUT_UNKNOWN', { 'source-reff': 'refs/heads/main' }),
  asked(148, 'an issuer without identity', 'POLICY_REQUIRED', {
    'certificate-oidc-issuer': 'https://accounts.google.com',
  }),
  asked(148, 'an issuer and a repository, which it knows nothing of', 'POLICY_REQUIRED', {
    'certificate-oidc-issuer': 'https://ci.example',
    repository: 'octo/other',
  }),
  tried(148, 'an identity without issuer is GitHub’s', 'IDENTITY_MISMATCH', () =>
    judge(
      {},
      {
        inputs: { 'certificate-identity': 'a@b.example' },
        leaf: {
          names: [{ type: 'email', value: 'a@b.example' }],
          fulcioExtensions: { 1: 'https://evil.example', 8: 'https://evil.example' },
        },
      },
    ),
  ),
  ...['.*', '*', 'https://*', 'https://github.com/*'].map((value) =>
    asked(150, `certificate-identity: ${value}`, 'POLICY_TOO_BROAD', { 'certificate-identity': value }),
  ),
  asked(150, 'signer-workflow: *', 'POLICY_TOO_BROAD', { 'signer-workflow': '*' }),
  asked(150, 'signer-workflow: octo/*/.github/workflows/x.yml', 'POLICY_TOO_BROAD', {
    'signer-workflow': 'octo/*/.github/workflows/x.yml',
  }),
  asked(150, 'repository: octo/*', 'POLICY_TOO_BROAD', { repository: 'octo/*' }),
  asked(150, 'repository: any without an exact signer', 'POLICY_TOO_BROAD', { repository: 'any' }),
  asked(150, 'source-ref: refs/*', 'POLICY_TOO_BROAD', { 'source-ref': 'refs/*' }),
  asked(150, 'predicate-type: *', 'POLICY_TOO_BROAD', { 'predicate-type': '*' }),
  asked(151, 'issuer *', 'POLICY_TOO_BROAD', { 'certificate-oidc-issuer': '*' }),
  asked(151, 'an issuer over http', 'POLICY_SYNTAX', { 'certificate-oidc-issuer': 'http://issuer.example' }),
  asked(151, 'an issuer with a wildcard', 'POLICY_TOO_BROAD', {
    'certificate-oidc-issuer': 'https://*.example',
  }),
  ...[
    '^https://github.com/octo/demo',
    'https://github.com/octo/demo$',
    'https://github\\.com/octo',
    '(?:octo)',
  ].map((value) =>
    asked(152, `a regular expression: ${value}`, 'POLICY_SYNTAX', { 'certificate-identity': value }),
  ),
  asked(152, 'a regular expression for the repository', 'POLICY_SYNTAX', { repository: '^octo/demo$' }),
  asked(155, 'a final slash', 'POLICY_SYNTAX', { repository: 'octo/demo/' }),
  asked(155, '.git', 'POLICY_SYNTAX', { repository: 'octo/demo.git' }),
  asked(155, 'an identity without @ref', 'POLICY_SYNTAX', { 'certificate-identity': `${SERVER}/${RELEASE}` }),
  asked(155, 'an identity over http', 'POLICY_SYNTAX', {
    'certificate-identity': `http://github.com/${RELEASE}@refs/tags/v1.0.0`,
  }),
  named(
    155,
    'an identity in upper case',
    {},
    {
      inputs: {
        'certificate-identity': `${SERVER}/OCTO/demo/.github/workflows/release.yml@refs/tags/v1.0.0`,
      },
    },
  ),
  asked(
    159,
    'a reusable workflow of a server under the issuer of another, no repository',
    'POLICY_REQUIRED',
    {
      'signer-workflow': 'octo/shared/.github/workflows/sign.yml',
    },
    { GITHUB_SERVER_URL: 'https://ghes.example' },
  ),
  asked(161, 'a repository id with a zero before it', 'POLICY_SYNTAX', { 'repository-id': '0123' }),
  asked(161, 'a name for an id', 'POLICY_SYNTAX', { 'repository-id': 'octo/demo' }),
  asked(161, 'a name for the owner’s id', 'POLICY_SYNTAX', { 'owner-id': 'octo' }),
]

/** Thirty names that look like the right one; as signers, against a policy that names it exactly. */
const NAME = `${SERVER}/${RELEASE}@refs/tags/v1.0.0`
const NEAR: readonly string[] = [
  ...[`${NAME} `, ` ${NAME}`, `${NAME}/`, `${NAME}x`, `x${NAME}`, NAME.slice(0, -1), NAME.slice(1)],
  ...[
    NAME.toUpperCase(),
    NAME.replace('octo', 'Octo'),
    NAME.replace('demo', 'Demo'),
    NAME.replace('v1', 'V1'),
  ],
  ...[NAME.replace('https:', 'http:'), NAME.replace('github.com', 'github.com.evil.example')],
  ...[NAME.replace('github.com', 'github.com:443'), NAME.replace('github.com', 'octo@github.com')],
  ...[NAME.replace('.com/', '.com//'), NAME.replace('/.github/', '/./.github/'), NAME.replace('@', '%40')],
  ...[
    NAME.replace('@', '@@'),
    NAME.replace('@refs/', '@'),
    NAME.replace('tags', 'heads'),
    NAME.replace(/@.*/, ''),
  ],
  ...[
    NAME.replace(/@.*/, '@*'),
    NAME.replace('.yml', '.yaml'),
    `${NAME}@refs/heads/main`,
    `${NAME}?x`,
    `${NAME}#x`,
  ],
  ...[
    NAME.replace('release.yml', 'releaseXyml'),
    NAME.replace('octo/demo', 'octo/demo-evil'),
    `${NAME}/../x`,
  ],
]
const lookalikes: readonly Case[] = NEAR.map((name) =>
  named(
    156,
    `a signer called ${JSON.stringify(name)}`,
    {},
    {
      inputs: { 'certificate-identity': NAME },
      leaf: { names: [{ type: 'uri', value: name }] },
    },
  ),
)

const refs: readonly Case[] = [
  named(
    157,
    'branch x@refs/heads/main against refs/heads/main',
    { ref: 'refs/heads/x@refs/heads/main' },
    {
      inputs: { 'signer-workflow': `${RELEASE}@refs/heads/main` },
    },
  ),
  named(
    157,
    'branch x@refs/heads/main against source-ref refs/heads/main',
    { ref: 'refs/heads/x@refs/heads/main' },
    {
      inputs: { 'source-ref': 'refs/heads/main' },
    },
  ),
  ...['refs/tags/v1/../../heads/main', 'refs/tags/v1/x', 'refs/heads/v1', 'refs/tags/V1'].map((ref) =>
    named(
      158,
      `${ref} against refs/tags/v*`,
      { ref },
      {
        inputs: { 'signer-workflow': `${RELEASE}@refs/tags/v*` },
      },
    ),
  ),
  good(
    158,
    'refs/tags/v1.0.0 against refs/tags/v*',
    {},
    { inputs: { 'signer-workflow': `${RELEASE}@refs/tags/v*` } },
  ),
  good(
    163,
    'two workflows, the second one signed',
    {},
    {
      inputs: { 'signer-workflow': `octo/demo/.github/workflows/x.yml\n${RELEASE}` },
    },
  ),
  named(
    163,
    'two workflows, neither signed',
    {},
    {
      inputs: { 'signer-workflow': 'octo/demo/.github/workflows/x.yml\nocto/demo/.github/workflows/y.yml' },
    },
  ),
  named(164, 'the repository in another letter case', {}, { inputs: { repository: 'Octo/demo' } }),
  tried('input signed-after', 'a signature older than signed-after', 'TIME_TOO_OLD', () =>
    judge({}, { inputs: { 'signed-after': iso(THEN + SECOND) } }),
  ),
]

export const POLICY_CASES: readonly Case[] = [
  good(
    'input signed-after',
    'a signature of exactly that second',
    {},
    { inputs: { 'signed-after': iso(THEN) } },
  ),
  ...requests,
  ...claims,
  ...lookalikes,
  ...refs,
]
export const DEFAULT_CASES: readonly Case[] = defaults
