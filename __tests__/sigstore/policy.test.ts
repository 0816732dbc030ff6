import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Certificate } from '../../src/core/x509.ts'
import type { Claims, Evidence, SubjectName } from '../../src/sigstore/evidence.ts'
import { UNSAFE_TRIGGERS } from '../../src/sigstore/identity.ts'
import { findPredicateFault, type Policy, verifyIdentity, verifyPolicy } from '../../src/sigstore/policy.ts'
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
  runnerEnvironment: 'github-hosted',
  buildConfigUri: `${SERVER}/octo/demo/.github/workflows/release.yml@refs/tags/v1`,
  deploymentEnvironment: 'production',
  runInvocationUri: `${SERVER}/octo/demo/actions/runs/42/attempts/2`,
}

function evidenceOf(
  claims: Claims,
  name = claims.buildSignerUri ?? '',
  type: SubjectName['type'] = 'uri',
): Evidence {
  const certificate = { raw: new Uint8Array([1]) } as Certificate
  return {
    signer: { kind: 'certificate', certificate, name: { type, value: name }, claims },
    entries: [],
    times: [
      { source: 'transparency log', at: 1000, by: 'log' },
      { source: 'timestamp authority', at: 5000, by: 'authority' },
    ],
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

/** The same release as a pull request's own run makes it. */
const PULL: Claims = {
  ...RELEASE,
  buildTrigger: 'pull_request',
  sourceRepositoryRef: 'refs/pull/7/merge',
  buildSignerUri: workflow('demo/.github/workflows/release.yml@refs/pull/7/merge'),
}
const RUN = `${SERVER}/octo/demo/actions/runs/42`
const SHARED = 'shared/.github/workflows/sign.yml'
const sharedRule = (ref?: string): Policy['signer'] => ({
  workflows: [
    { repository: 'octo/shared', path: '.github/workflows/sign.yml', ...(ref !== undefined && { ref }) },
  ],
})

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
    'a pull request whose commit happens to be the one asked for': {
      claims: { sourceRepositoryRef: 'refs/pull/7/merge' },
      policy: { sourceDigest: COMMIT },
    },
    'another tag of the very commit, in a run for a tag': {
      claims: {},
      policy: { sourceDigest: COMMIT, ownTag: 'refs/tags/v2' },
    },
    'another ref than the one asked for': { claims: {}, policy: { sourceRef: 'refs/tags/v2' } },
    "another pull request's code in a pull request's own run": {
      claims: { ...PULL, sourceRepositoryRef: 'refs/heads/main' },
      policy: { run: RUN },
    },
    'a commit behind the @ in this very run, which may be a fork of it': {
      claims: { buildSignerUri: workflow(`demo/.github/workflows/release.yml@${COMMIT}`) },
      policy: { run: RUN },
    },
    'a branch of a shared workflow where any commit of it was meant': {
      claims: { buildSignerUri: workflow(`${SHARED}@refs/heads/main`) },
      policy: { signer: sharedRule('*') },
    },
    'another commit of a shared workflow': {
      claims: { buildSignerUri: workflow(`${SHARED}@${'b'.repeat(40)}`) },
      policy: { signer: sharedRule(COMMIT) },
    },
    'a pull request of a shared workflow': {
      claims: { buildSignerUri: workflow(`${SHARED}@refs/pull/1/head`) },
      policy: { signer: sharedRule() },
    },
    'a branch that borrows the release workflow under the name in other letter case': {
      claims: {
        sourceRepositoryUri: `${SERVER}/octo/Demo`,
        sourceRepositoryRef: 'refs/heads/evil',
        sourceRepositoryDigest: 'b'.repeat(40),
      },
      policy: { repository: 'octo/Demo' },
    },
    'a caller of the shared workflow that is the exact identity': {
      claims: { buildSignerUri: workflow(`${SHARED}@refs/heads/main`) },
      policy: { signer: { name: workflow(`${SHARED}@refs/heads/main`) }, repository: 'octo/other' },
    },
    'a pull request whose ref and trigger are asked for, but not at its workflow': {
      claims: PULL,
      policy: { sourceRef: 'refs/pull/7/merge', trigger: 'pull_request' },
    },
    'a self-hosted runner': { claims: { runnerEnvironment: 'self-hosted' }, policy: { hostedRunners: true } },
    'a certificate that does not say its runner': {
      claims: {},
      absent: 'runnerEnvironment',
      policy: { hostedRunners: true },
    },
    'another commit of the signing workflow': { claims: {}, policy: { signerDigest: 'c'.repeat(40) } },
    'no commit of the signing workflow': {
      claims: {},
      absent: 'buildSignerDigest',
      policy: { signerDigest: COMMIT, sourceRef: 'refs/tags/v1' },
    },
    'another workflow that began the run': {
      claims: {},
      policy: { buildWorkflow: workflow('demo/.github/workflows/other.yml@refs/tags/v1') },
    },
    'no workflow that began the run': {
      claims: {},
      absent: 'buildConfigUri',
      policy: { buildWorkflow: workflow('demo/.github/workflows/release.yml@refs/tags/v1') },
    },
    'another environment': { claims: {}, policy: { deploymentEnvironment: 'Production' } },
    'no environment': {
      claims: {},
      absent: 'deploymentEnvironment',
      policy: { deploymentEnvironment: 'production' },
    },
    'no id of the repository': { claims: {}, absent: 'sourceRepositoryIdentifier' },
    'no id of the owner': { claims: {}, absent: 'sourceRepositoryOwnerIdentifier' },
    'no source ref': { claims: {}, absent: 'sourceRepositoryRef' },
    'no source ref where one is asked for': {
      claims: {},
      absent: 'sourceRepositoryRef',
      policy: { sourceRef: 'refs/tags/v1' },
    },
    'no source commit where one is asked for': {
      claims: {},
      absent: 'sourceRepositoryDigest',
      policy: { sourceDigest: COMMIT },
    },
    'no run': { claims: {}, absent: 'runInvocationUri', policy: { run: RUN } },
    'no trigger where one is asked for': { claims: {}, absent: 'buildTrigger', policy: { trigger: 'push' } },
    'a name that its own extension contradicts': {
      claims: { buildSignerUri: workflow('demo/.github/workflows/release.yml@refs/tags/v2') },
      policy: { signer: { name: RELEASE.buildSignerUri ?? '' } },
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
    const { [absent ?? 'tokenSubject']: _, ...rest } = { ...RELEASE, ...claims }
    const changed: Claims = rest
    const name = what.includes('contradicts') ? RELEASE.buildSignerUri : changed.buildSignerUri
    assert.throws(() => verifyPolicy(evidenceOf(changed, name), { ...DEFAULTS, ...policy }), {
      code: 'IDENTITY_MISMATCH',
      ...(absent !== undefined && { found: 'absent from the certificate' }),
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
  "a pull request's own run, by any workflow of the repository": { claims: PULL, policy: { run: RUN } },
  "a pull request's own run, by a named workflow": {
    claims: PULL,
    policy: {
      run: RUN,
      signer: { workflows: [{ repository: 'octo/demo', path: '.github/workflows/release.yml' }] },
    },
  },
  'a pull request that is asked for by its ref, its trigger and its workflow': {
    claims: PULL,
    policy: {
      sourceRef: 'refs/pull/7/merge',
      trigger: 'pull_request',
      signer: {
        workflows: [
          { repository: 'octo/demo', path: '.github/workflows/release.yml', ref: 'refs/pull/*/merge' },
        ],
      },
    },
  },
  'a reusable workflow called by any commit': {
    claims: { buildSignerUri: workflow(`${SHARED}@${COMMIT}`) },
    policy: { signer: sharedRule('*') },
  },
  'a branch that calls the release workflow, asked for by its ref': {
    claims: { sourceRepositoryRef: 'refs/heads/main', sourceRepositoryDigest: 'b'.repeat(40) },
    policy: { sourceRef: 'refs/heads/main' },
  },
  'a branch that calls the release workflow, asked for by its commit': {
    claims: { sourceRepositoryRef: 'refs/heads/main', sourceRepositoryDigest: 'b'.repeat(40) },
    policy: { sourceDigest: 'b'.repeat(40) },
  },
  'another ref of the commit at which the workflow stood': {
    claims: { sourceRepositoryRef: 'refs/heads/main' },
    policy: {},
  },
  'another ref, asked for in the run for a tag': {
    claims: {},
    policy: { ownTag: 'refs/tags/v2', sourceRef: 'refs/tags/v1' },
  },
  "this run's tag": { claims: {}, policy: { ownTag: 'refs/tags/v1' } },
  'an unsafe trigger that is asked for': {
    claims: { buildTrigger: 'workflow_run' },
    policy: { trigger: 'workflow_run' },
  },
  'every claim at once': {
    claims: {},
    policy: {
      sourceRef: 'refs/tags/v1',
      sourceDigest: COMMIT,
      signerDigest: COMMIT,
      buildWorkflow: workflow('demo/.github/workflows/release.yml@refs/tags/v1'),
      trigger: 'push',
      deploymentEnvironment: 'production',
      run: RUN,
      hostedRunners: true,
      signedAfter: 1000,
    },
  },
  'no ref and no trigger under an issuer that knows of neither': {
    claims: {
      issuer: 'https://ci.example',
      sourceRepositoryRef: 'refs/pull/7/merge',
      buildTrigger: 'pull_request',
    },
    policy: {
      issuer: 'https://ci.example',
      ofGitHub: false,
      signer: { name: RELEASE.buildSignerUri ?? '' },
      sourceDigest: COMMIT,
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

test('two commits that are both absent are not the same commit', () => {
  const { sourceRepositoryDigest: _, buildSignerDigest: __, ...rest } = RELEASE
  const claims = { ...rest, sourceRepositoryRef: 'refs/heads/evil' }
  assert.throws(() => verifyPolicy(evidenceOf(claims), DEFAULTS), { code: 'IDENTITY_MISMATCH' })
})

test('a mail address that looks like a workflow is none', () => {
  const evidence = evidenceOf(RELEASE, RELEASE.buildSignerUri, 'email')
  assert.throws(() => verifyPolicy(evidence, DEFAULTS), { code: 'IDENTITY_MISMATCH' })
})

test('ids hold under any issuer', () => {
  const claims = { ...RELEASE, issuer: 'https://ci.example', sourceRepositoryIdentifier: '999' }
  const policy = { ...DEFAULTS, issuer: 'https://ci.example', ofGitHub: false }
  assert.throws(() => verifyPolicy(evidenceOf(claims), policy), { code: 'IDENTITY_MISMATCH', found: '999' })
})

test('a mail address, a user name and a URI that look alike are three people', () => {
  const policy = (name: string): Policy => {
    const { repository: _, repositoryId: __, ownerId: ___, ...rest } = DEFAULTS
    return { ...rest, issuer: 'https://ci.example', ofGitHub: false, signer: { name } }
  }
  const by = (name: string, type: SubjectName['type']) =>
    evidenceOf({ issuer: 'https://ci.example' }, name, type)
  assert.ok(verifyPolicy(by('a@b.example', 'email'), policy('a@b.example')))
  assert.ok(verifyPolicy(by('spiffe://x/y', 'uri'), policy('spiffe://x/y')))
  for (const [name, type] of [
    ['a@b.example', 'uri'],
    ['spiffe://x/y', 'email'],
    ['spiffe://x/y', 'otherName'],
  ] as const) {
    assert.throws(() => verifyPolicy(by(name, type), policy(name)), { code: 'IDENTITY_MISMATCH' })
  }
})

test('the earliest time decides about the age', () => {
  assert.ok(verifyPolicy(evidenceOf(RELEASE), { ...DEFAULTS, signedAfter: 1000 }))
  assert.throws(() => verifyPolicy(evidenceOf(RELEASE), { ...DEFAULTS, signedAfter: 1001 }), {
    code: 'TIME_TOO_OLD',
    expected: 'at or after 1970-01-01T00:00:01.001Z',
    found: '1970-01-01T00:00:01.000Z',
  })
})

const attestation = (predicateType: string): Evidence => ({
  ...evidenceOf(RELEASE),
  statement: {
    type: 'https://in-toto.io/Statement/v1',
    predicateType,
    subjects: [],
    payload: new Uint8Array(),
  },
})

test('a plain signature and SLSA provenance count, another predicate only by name', () => {
  const scan = 'https://example.com/scan/v1'
  const asked = { ...DEFAULTS, predicateType: scan }
  const counts = (evidence: Evidence, policy: Policy) => findPredicateFault(evidence, policy) === undefined
  assert.ok(counts(evidenceOf(RELEASE), DEFAULTS))
  assert.ok(counts(attestation('https://slsa.dev/provenance/v1'), DEFAULTS))
  assert.ok(counts(attestation('https://slsa.dev/provenance/v0.2'), DEFAULTS))
  assert.ok(counts(attestation(scan), asked))
  assert.ok(!counts(attestation(scan), DEFAULTS), 'a scan that says "failed" is no approval')
  assert.ok(!counts(attestation('https://slsa.dev/provenance/v1'), asked))
  assert.ok(!counts(attestation(`${scan}/`), asked))
  assert.ok(!counts(evidenceOf(RELEASE), asked))
})

const told: Record<
  string,
  { claims: Partial<Claims>; policy?: Partial<Policy>; line?: string; says?: RegExp }
> = {
  'a repository': {
    claims: { sourceRepositoryUri: `${SERVER}/octo/fork` },
    line: 'repository: octo/fork',
  },
  'an enterprise issuer': {
    claims: { issuer: `${ISSUER}/octo-corp` },
    line: `certificate-oidc-issuer: ${ISSUER}/octo-corp`,
  },
  'a workflow by commit': {
    claims: { buildSignerUri: workflow(`demo/.github/workflows/release.yml@${COMMIT}`) },
    line: `signer-workflow: octo/demo/.github/workflows/release.yml@${COMMIT}`,
  },
  'a workflow elsewhere': {
    claims: { buildSignerUri: workflow(`${SHARED}@refs/heads/main`) },
    line: `signer-workflow: octo/${SHARED}@refs/heads/main`,
  },
  'a workflow in other letter case': {
    claims: { buildSignerUri: workflow('demo/.github/workflows/Release.yml@refs/tags/v1') },
    policy: { signer: { workflows: [{ repository: 'octo/demo', path: '.github/workflows/release.yml' }] } },
    line: 'signer-workflow: octo/demo/.github/workflows/Release.yml@refs/tags/v1',
    says: /letter case/,
  },
  'more than one thing': {
    claims: { sourceRepositoryUri: `${SERVER}/octo/fork`, buildTrigger: 'pull_request' },
    line: 'repository: octo/fork',
    says: /also wrong: trigger/,
  },
}

for (const [what, { claims, policy, line, says = /./ }] of Object.entries(told)) {
  test(`the line to add is printed for ${what}`, () => {
    assert.throws(
      () => verifyPolicy(evidenceOf({ ...RELEASE, ...claims }), { ...DEFAULTS, ...policy }),
      (error: Error & { hint?: string }) =>
        says.test(error.message) && error.hint?.includes(`\`${line}\``) === true,
    )
  })
}

test('no line is printed that would let a stranger in', () => {
  for (const claims of [{ issuer: 'https://evil.example' }, { sourceRepositoryIdentifier: '999' }]) {
    assert.throws(
      () => verifyPolicy(evidenceOf({ ...RELEASE, ...claims }), DEFAULTS),
      (error: Error & { hint?: string }) => error.hint !== undefined && !error.hint.includes('add `'),
    )
  }
})

test('every rule that was applied is among the checks', () => {
  const { checks } = verifyPolicy(evidenceOf(RELEASE), { ...DEFAULTS, signedAfter: 0, hostedRunners: true })
  for (const rule of [
    'issuer',
    'source repository',
    'id of its owner',
    'signing workflow',
    'source ref',
    'trigger',
    'kind of runner',
  ])
    assert.ok(checks.includes(`${rule} as the policy asks`), rule)
  assert.ok(checks.includes('signed late enough'))
})

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
