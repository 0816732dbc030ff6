import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Certificate } from '../../src/core/x509.ts'
import type { Claims, Evidence } from '../../src/sigstore/evidence.ts'
import { UNSAFE_TRIGGERS } from '../../src/sigstore/identity.ts'
import { type Policy, verifyIdentity, verifyPolicy } from '../../src/sigstore/policy.ts'
import { matchRef, parseWorkflowIdentity } from '../../src/sigstore/workflow-identity.ts'

const ISSUER = 'https://token.actions.githubusercontent.com'
const SERVER = 'https://github.com'
const COMMIT = 'a'.repeat(40)

/** A release of octo/demo, as its own workflow signs it. */
const RELEASE: Claims = {
  issuer: ISSUER,
  buildSignerUri: `${SERVER}/octo/demo/.github/workflows/release.yml@refs/tags/v1`,
  buildSignerDigest: COMMIT,
  sourceRepositoryUri: `${SERVER}/octo/demo`,
  sourceRepositoryDigest: COMMIT,
  sourceRepositoryRef: 'refs/tags/v1',
  sourceRepositoryIdentifier: '123',
  sourceRepositoryOwnerIdentifier: '456',
  buildTrigger: 'push',
  runInvocationUri: `${SERVER}/octo/demo/actions/runs/42/attempts/2`,
}

function evidenceOf(claims: Claims, name = claims.buildSignerUri ?? ''): Evidence {
  const certificate = { raw: new Uint8Array([1]) } as Certificate
  return {
    signer: { kind: 'certificate', certificate, name: { type: 'uri', value: name }, claims },
    entries: [],
    times: [],
    scts: [],
    checks: [],
  }
}

/** What the verify action asks for in a run of octo/demo when no input says otherwise. */
const DEFAULTS: Policy = {
  issuer: ISSUER,
  server: SERVER,
  ofGitHub: true,
  signer: { workflows: [{ repository: 'octo/demo' }] },
  repository: 'octo/demo',
  repositoryId: '123',
  ownerId: '456',
  unsafeTriggers: UNSAFE_TRIGGERS,
}

const workflow = (path: string): string => `${SERVER}/octo/${path}`

test('the default policy accepts the release of this repository', () => {
  assert.ok(verifyPolicy(evidenceOf(RELEASE), DEFAULTS))
})

const attacks: Record<string, { claims: Partial<Claims>; policy?: Partial<Policy>; absent?: keyof Claims }> =
  {
    'a pull request': {
      claims: {
        sourceRepositoryRef: 'refs/pull/7/merge',
        buildSignerUri: workflow('demo/.github/workflows/release.yml@refs/pull/7/merge'),
      },
    },
    'a trigger at which strangers choose the content': { claims: { buildTrigger: 'pull_request_target' } },
    'a pull request of the repository itself': { claims: { buildTrigger: 'pull_request' } },
    workflow_run: { claims: { buildTrigger: 'workflow_run' } },
    'a certificate that does not say its trigger': { claims: {}, absent: 'buildTrigger' },
    'a branch that calls the release workflow of a tag': {
      claims: { sourceRepositoryRef: 'refs/heads/evil', sourceRepositoryDigest: 'b'.repeat(40) },
    },
    'a repository registered again under the old name': { claims: { sourceRepositoryIdentifier: '999' } },
    'an owner registered again under the old name': { claims: { sourceRepositoryOwnerIdentifier: '999' } },
    'another caller of a shared workflow': {
      claims: { sourceRepositoryUri: `${SERVER}/evil/demo` },
      policy: { signer: { workflows: [{ repository: 'octo/demo', path: '.github/workflows/release.yml' }] } },
    },
    'a workflow of another repository': {
      claims: { buildSignerUri: workflow('other/.github/workflows/release.yml@refs/tags/v1') },
    },
    'a branch named like the ref that is asked for': {
      claims: { buildSignerUri: workflow('demo/.github/workflows/release.yml@refs/heads/x@refs/heads/main') },
      policy: {
        signer: {
          workflows: [
            { repository: 'octo/demo', path: '.github/workflows/release.yml', ref: 'refs/heads/main' },
          ],
        },
        sourceRef: 'refs/tags/v1',
      },
    },
    'a commit behind the @, which may be a fork of it': {
      claims: { buildSignerUri: workflow(`demo/.github/workflows/release.yml@${COMMIT}`) },
    },
    'another issuer': { claims: { issuer: `${ISSUER}/evil` } },
    'no issuer': { claims: {}, absent: 'issuer' },
    'no source repository': { claims: {}, absent: 'sourceRepositoryUri' },
    'other letter case': { claims: { sourceRepositoryUri: `${SERVER}/Octo/demo` } },
    "another tag than this run's": { claims: {}, policy: { ownTag: 'refs/tags/v2' } },
    'another commit': { claims: {}, policy: { sourceDigest: 'c'.repeat(40) } },
    'another run': { claims: {}, policy: { run: `${SERVER}/octo/demo/actions/runs/4` } },
    'a run whose number only begins alike': {
      claims: {},
      policy: { run: `${SERVER}/octo/demo/actions/runs/42/attempts/2` },
    },
    'another trigger than the one asked for': { claims: {}, policy: { trigger: 'release' } },
    'another workflow file': {
      claims: {},
      policy: { signer: { workflows: [{ repository: 'octo/demo', path: '.github/workflows/other.yml' }] } },
    },
    'a tag beyond the slash of a pattern': {
      claims: {
        buildSignerUri: workflow('demo/.github/workflows/release.yml@refs/tags/v1/../../heads/main'),
      },
      policy: {
        signer: {
          workflows: [
            { repository: 'octo/demo', path: '.github/workflows/release.yml', ref: 'refs/tags/v*' },
          ],
        },
        sourceRef: 'refs/tags/v1',
      },
    },
  }

for (const [what, { claims, policy, absent }] of Object.entries(attacks)) {
  test(`the policy refuses: ${what}`, () => {
    const { [absent ?? 'deploymentEnvironment']: _, ...changed } = { ...RELEASE, ...claims }
    assert.throws(() => verifyPolicy(evidenceOf(changed), { ...DEFAULTS, ...policy }), {
      code: 'IDENTITY_MISMATCH',
    })
  })
}

test('another letter case is named as the reason, and the line to add is printed', () => {
  const claims = { ...RELEASE, sourceRepositoryUri: `${SERVER}/Octo/demo` }
  assert.throws(
    () => verifyPolicy(evidenceOf(claims), DEFAULTS),
    (error: Error & { hint?: string }) =>
      /letter case/.test(error.message) && /repository: Octo\/demo/.test(error.hint ?? ''),
  )
})

const accepted: Record<string, { claims?: Partial<Claims>; policy: Partial<Policy> }> = {
  'a workflow pinned to its ref': {
    policy: {
      signer: {
        workflows: [{ repository: 'octo/demo', path: '.github/workflows/release.yml', ref: 'refs/tags/v1' }],
      },
    },
  },
  'a workflow pinned by a pattern': {
    policy: {
      signer: {
        workflows: [{ repository: 'octo/demo', path: '.github/workflows/release.yml', ref: 'refs/tags/v*' }],
      },
    },
  },
  'a reusable workflow of another repository, named': {
    claims: { buildSignerUri: workflow('shared/.github/workflows/sign.yml@refs/heads/main') },
    policy: { signer: { workflows: [{ repository: 'octo/shared', path: '.github/workflows/sign.yml' }] } },
  },
  'a reusable workflow called by commit, named': {
    claims: { buildSignerUri: workflow(`shared/.github/workflows/sign.yml@${COMMIT}`) },
    policy: {
      signer: { workflows: [{ repository: 'octo/shared', path: '.github/workflows/sign.yml', ref: COMMIT }] },
    },
  },
  "a pull request's own run": {
    claims: {
      buildTrigger: 'pull_request',
      sourceRepositoryRef: 'refs/pull/7/merge',
      buildSignerUri: workflow('demo/.github/workflows/release.yml@refs/pull/7/merge'),
    },
    policy: {
      run: `${SERVER}/octo/demo/actions/runs/42`,
      signer: {
        workflows: [
          { repository: 'octo/demo', path: '.github/workflows/release.yml', ref: 'refs/pull/7/merge' },
        ],
      },
    },
  },
  'a mail address of another issuer, with its exact name': {
    claims: { issuer: 'https://accounts.google.com' },
    policy: {
      issuer: 'https://accounts.google.com',
      ofGitHub: false,
      signer: { name: RELEASE.buildSignerUri ?? '' },
    },
  },
}

for (const [what, { claims, policy }] of Object.entries(accepted)) {
  test(`the policy accepts: ${what}`, () => {
    assert.ok(verifyPolicy(evidenceOf({ ...RELEASE, ...claims }), { ...DEFAULTS, ...policy }))
  })
}

test('without a repository the source must be the repository of the signer', () => {
  const { repository: _, repositoryId: __, ownerId: ___, ...rest } = DEFAULTS
  const policy = { ...rest, signer: { name: RELEASE.buildSignerUri ?? '' } }
  assert.ok(verifyPolicy(evidenceOf(RELEASE), policy))
  const claims = { ...RELEASE, sourceRepositoryUri: `${SERVER}/evil/demo` }
  assert.throws(() => verifyPolicy(evidenceOf(claims), policy), { code: 'IDENTITY_MISMATCH' })
})

test('a ref of other characters than ASCII is compared as it is, its escaped form in the name as that', () => {
  const uri = `${SERVER}/octo/demo/.github/workflows/release.yml@refs/heads/grün`
  const claims = { ...RELEASE, buildSignerUri: uri, sourceRepositoryRef: 'refs/heads/grün' }
  assert.ok(verifyPolicy(evidenceOf(claims, uri.replace('ü', '%C3%BC')), DEFAULTS))
  assert.throws(() => verifyPolicy(evidenceOf(claims, uri.replace('ü', '%C3%BD')), DEFAULTS), {
    code: 'IDENTITY_MISMATCH',
  })
})

const NEAR_MISSES = [
  `${RELEASE.buildSignerUri}-evil`,
  `x${RELEASE.buildSignerUri}`,
  RELEASE.buildSignerUri?.replace('github.com', 'githubXcom'),
  RELEASE.buildSignerUri?.replace('release.yml', 'releaseXyml'),
  RELEASE.buildSignerUri?.toUpperCase(),
  RELEASE.buildSignerUri?.replace('https', 'http'),
  `${RELEASE.buildSignerUri} `,
  RELEASE.buildSignerUri?.replace('@', '%40'),
  '',
]

for (const name of NEAR_MISSES) {
  test(`an exact identity is not ${JSON.stringify(name)}`, () => {
    const expected = { name: RELEASE.buildSignerUri ?? '', issuer: ISSUER }
    assert.throws(() => verifyIdentity(evidenceOf(RELEASE, name), expected), { code: 'IDENTITY_MISMATCH' })
  })
}

test('a workflow name is split at the first @ behind .yml or .yaml', () => {
  assert.deepEqual(
    parseWorkflowIdentity(`${SERVER}/o/r/.github/workflows/a.yaml@refs/heads/x@refs/heads/y`, SERVER),
    {
      repository: 'o/r',
      path: '.github/workflows/a.yaml',
      ref: 'refs/heads/x@refs/heads/y',
    },
  )
  for (const odd of [
    '',
    SERVER,
    `${SERVER}/o/r`,
    `${SERVER}/o/r/a.yml`,
    `${SERVER}/o//a.yml@x`,
    `${SERVER}.evil/o/r/a.yml@x`,
  ]) {
    assert.equal(parseWorkflowIdentity(odd, SERVER), undefined, odd)
  }
})

test('a star in a ref does not cross a slash, and takes linear time', () => {
  assert.ok(matchRef('refs/tags/v*', 'refs/tags/v1.2'))
  assert.ok(matchRef('refs/tags/*-rc*', 'refs/tags/v1-rc2'))
  assert.ok(!matchRef('refs/tags/v*', 'refs/tags/x1'))
  assert.ok(!matchRef('refs/*', 'refs/tags/v1'))
  const started = performance.now()
  assert.ok(!matchRef(`refs/${'a*'.repeat(100)}b`, `refs/${'a'.repeat(20_000)}`))
  assert.ok(performance.now() - started < 2000)
})
