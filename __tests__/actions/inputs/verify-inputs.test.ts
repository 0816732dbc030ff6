import assert from 'node:assert/strict'
import test from 'node:test'
import { parseVerifyInputs } from '../../../src/actions/inputs/verify-inputs.ts'

const COMMIT = 'c'.repeat(40)
const WORKFLOW = 'o/r/.github/workflows/x.yml'

const parse = (inputs: Record<string, string> = {}) =>
  parseVerifyInputs(new Map(Object.entries({ 'subject-path': 'a', ...inputs })))

test('with a path alone everything has its default', () => {
  assert.deepEqual(parse(), {
    subjects: { patterns: ['a'] },
    digests: [],
    bundles: { kind: 'beside', thenStore: true },
    repository: { kind: 'own' },
    signer: { kind: 'default' },
    issuer: 'https://token.actions.githubusercontent.com',
    run: 'any',
    hostedRunners: false,
    sigstore: { kind: 'public-good' },
    offline: false,
    showSummary: true,
    timeBudget: 600_000,
  })
})

test('where bundles are looked for', () => {
  const of = (inputs: Record<string, string>) => parse(inputs).bundles
  const onDisk = { kind: 'beside', thenStore: false }
  assert.deepEqual(of({ 'bundle-source': 'file' }), onDisk)
  assert.deepEqual(of({ offline: 'true' }), onDisk)
  assert.deepEqual(of({ 'bundle-source': 'github' }), { kind: 'store' })
  for (const source of ['', 'auto', 'file'])
    assert.deepEqual(of({ 'bundle-path': 'x/', 'bundle-source': source }), { kind: 'given', path: 'x/' })
})

test('a trusted root alone means custom', () => {
  const custom = { kind: 'custom', trustedRoot: 'r.json' }
  assert.deepEqual(parse({ 'trusted-root': 'r.json' }).sigstore, custom)
  assert.deepEqual(parse({ 'trusted-root': 'r.json', sigstore: 'custom' }).sigstore, custom)
  assert.deepEqual(parse({ sigstore: 'staging' }).sigstore, { kind: 'staging' })
})

test('signer workflows, one a line', () => {
  const lines = [WORKFLOW, `${WORKFLOW}@refs/tags/v*`, `${WORKFLOW}@${COMMIT}`, `${WORKFLOW}@*`]
  const repository = 'o/r'
  const path = '.github/workflows/x.yml'
  assert.deepEqual(parse({ 'signer-workflow': lines.join('\n') }).signer, {
    kind: 'workflows',
    workflows: [
      { repository, path },
      { repository, path, ref: 'refs/tags/v*' },
      { repository, path, ref: COMMIT },
      { repository, path, ref: '*' },
    ],
  })
})

test('the ref begins at the first @ behind .yml', () => {
  const { signer } = parse({ 'signer-workflow': `${WORKFLOW}@refs/heads/x@refs/heads/main` })
  assert.equal(signer.kind === 'workflows' && signer.workflows[0]?.ref, 'refs/heads/x@refs/heads/main')
})

test('names are kept as they stand', () => {
  const san = `https://github.com/${WORKFLOW}@refs/heads/main`
  for (const name of [san, 'somebody@example.com', 'https://ci.example/job/1', 'spiffe://x/y']) {
    assert.deepEqual(parse({ 'certificate-identity': name }).signer, { kind: 'identity', name })
  }
  for (const issuer of [
    'https://x.example/',
    'http://127.0.0.1:8080',
    'https://token.actions.githubusercontent.com/slug',
  ]) {
    assert.equal(parse({ 'certificate-oidc-issuer': issuer }).issuer, issuer)
  }
})

test('source claims become values', () => {
  const { sourceRef, sourceDigest, trigger, run, repository } = parse({
    'source-ref': 'refs/heads/feature/a+b',
    'source-digest': COMMIT,
    trigger: 'workflow_dispatch',
    run: 'current',
    repository: 'Owner/some.repo',
  })
  assert.equal(sourceRef, 'refs/heads/feature/a+b')
  assert.deepEqual(sourceDigest, { kind: 'exact', digest: COMMIT })
  assert.equal(trigger, 'workflow_dispatch')
  assert.equal(run, 'current')
  assert.deepEqual(repository, { kind: 'named', name: 'Owner/some.repo' })
  assert.deepEqual(parse({ 'source-digest': 'current' }).sourceDigest, { kind: 'current' })
})

test('every other claim becomes a value', () => {
  const asked = parse({
    'signer-digest': COMMIT,
    'build-workflow': `${WORKFLOW}@refs/heads/main`,
    'deployment-environment': 'production (eu)',
    'repository-id': '123',
    'owner-id': '456',
    'predicate-type': 'https://spdx.dev/Document',
    'deny-self-hosted-runners': 'true',
    offline: 'true',
  })
  assert.equal(asked.signerDigest, COMMIT)
  assert.equal(asked.buildWorkflow, `${WORKFLOW}@refs/heads/main`)
  assert.equal(asked.deploymentEnvironment, 'production (eu)')
  assert.deepEqual([asked.repositoryId, asked.ownerId], ['123', '456'])
  assert.equal(asked.predicateType, 'https://spdx.dev/Document')
  assert.deepEqual([asked.hostedRunners, asked.offline], [true, true])
})

test('an age is one of hours, days or weeks; a time may have any offset', () => {
  const DAY = 86_400_000
  const ages: [string, number][] = [
    ['12h', DAY / 2],
    ['30d', 30 * DAY],
    ['8w', 56 * DAY],
  ]
  for (const [text, age] of ages) {
    assert.deepEqual(parse({ 'signed-after': text }).signedAfter, { kind: 'age', age })
  }
  const at = Date.UTC(2026, 0, 1, 23, 30)
  for (const text of ['2026-01-01T23:30:00Z', '2026-01-02T00:30:00+01:00', '2026-01-01T23:30:00.000Z']) {
    assert.deepEqual(parse({ 'signed-after': text }).signedAfter, { kind: 'time', at })
  }
})

test('digests and checksums stand in for files, each digest once', () => {
  const hex = { sha256: 'a'.repeat(64), sha384: 'b'.repeat(96), sha512: 'c'.repeat(128) }
  const lines = Object.entries(hex).map(([hash, text]) => `${hash}:${text}`)
  const only = (inputs: Record<string, string>) => parseVerifyInputs(new Map(Object.entries(inputs)))
  assert.deepEqual(
    only({ 'subject-digest': [...lines, lines[0]].join('\n') }).digests,
    Object.entries(hex).map(([hash, text]) => ({ hash, hex: text })),
  )
  assert.deepEqual(only({ 'subject-checksums': 'SHA256SUMS', 'subject-path': '!x' }).subjects, {
    patterns: ['!x'],
    checksums: 'SHA256SUMS',
  })
})

test('offline goes with a trusted root of one’s own', () => {
  assert.equal(parse({ offline: 'true', 'trusted-root': 'r.json' }).sigstore.kind, 'custom')
})

test('any repository goes with an exact name only', () => {
  const inputs = { repository: 'any', 'certificate-identity': 'a@b.example' }
  assert.deepEqual(parse(inputs).repository, { kind: 'any' })
  assert.throws(() => parse({ repository: 'any' }), { code: 'POLICY_TOO_BROAD' })
  assert.throws(() => parse({ repository: 'any', 'signer-workflow': WORKFLOW }), { code: 'POLICY_TOO_BROAD' })
})

const SYNTAX = 'POLICY_SYNTAX'
const BROAD = 'POLICY_TOO_BROAD'

const refused: readonly [name: string, value: string, code: string, message?: RegExp][] = [
  ['repository', 'https://github.com/o/r', SYNTAX, /write `repository: o\/r`/],
  ['repository', 'git@github.com:o/r.git', SYNTAX, /write `repository: o\/r`/],
  ['repository', 'o/r.git', SYNTAX, /write `repository: o\/r`/],
  ['repository', 'o/r/', SYNTAX, /write `repository: o\/r`/],
  ['repository', 'o', SYNTAX],
  ['repository', 'o/..', SYNTAX],
  ['repository', 'o/*', BROAD],
  ['repository', '*', BROAD],
  ['repository', '^o/r$', SYNTAX, /regular expression/],
  [
    'signer-workflow',
    `https://github.com/${WORKFLOW}@refs/heads/main`,
    SYNTAX,
    /write `signer-workflow: o\/r\/\.github\/workflows\/x\.yml@refs\/heads\/main`/,
  ],
  ['signer-workflow', 'o/r/x.yml', SYNTAX, /write `signer-workflow: o\/r\/\.github\/workflows\/x\.yml`/],
  ['signer-workflow', './.github/workflows/x.yml', SYNTAX],
  ['signer-workflow', 'o/r', SYNTAX],
  ['signer-workflow', 'o/*/.github/workflows/x.yml', BROAD],
  ['signer-workflow', 'o/r/.github/workflows/*.yml', BROAD],
  ['signer-workflow', `${WORKFLOW}@main`, SYNTAX, /refs\/heads\/main/],
  ['signer-workflow', `${WORKFLOW}@v*`, SYNTAX, /refs\/tags/],
  ['signer-workflow', `${WORKFLOW}@`, SYNTAX],
  ['signer-workflow', `${WORKFLOW}@refs/**`, SYNTAX, /does not cross/],
  ['signer-workflow', `${WORKFLOW}@refs/heads/[a-z]`, SYNTAX],
  ['signer-workflow', `${WORKFLOW}@refs/heads/a..b`, SYNTAX],
  ['signer-workflow', `${WORKFLOW}@${'C'.repeat(40)}`, SYNTAX, /c{40}/],
  ['signer-workflow', `^${WORKFLOW}$`, SYNTAX],
  ['certificate-identity', '*', BROAD],
  ['certificate-identity', 'https://github.com/*', BROAD],
  ['certificate-identity', '.*', BROAD],
  ['certificate-identity', '^https://github.com/o/r', SYNTAX, /regular expression/],
  ['certificate-identity', 'https://github\\.com/o/r', SYNTAX],
  ['certificate-identity', `${WORKFLOW}@refs/heads/main`, SYNTAX, /https:\/\/github\.com\/o\/r/],
  [
    'certificate-identity',
    `http://github.com/${WORKFLOW}@refs/heads/main`,
    SYNTAX,
    /https:\/\/github\.com\/o\/r/,
  ],
  ['certificate-identity', `https://github.com/${WORKFLOW}`, SYNTAX, /@refs\/heads\/main/],
  ['certificate-identity', 'https://github.com/o', SYNTAX],
  ['certificate-oidc-issuer', '*', BROAD],
  ['certificate-oidc-issuer', 'https://*.example', BROAD],
  ['certificate-oidc-issuer', 'http://issuer.example', SYNTAX],
  ['certificate-oidc-issuer', 'issuer', SYNTAX],
  ['certificate-oidc-issuer', 'https://u:p@issuer.example', SYNTAX],
  ['certificate-oidc-issuer', 'https://token.actions.githubusercontent.com/', SYNTAX, /write/],
  ['certificate-oidc-issuer', 'token.actions.githubusercontent.com', SYNTAX, /write/],
  ['source-ref', 'main', SYNTAX, /refs\/heads\/main/],
  ['source-ref', 'heads/main', SYNTAX, /refs\/heads\/main/],
  ['source-ref', 'refs/heads/*', BROAD],
  ['source-ref', 'refs/heads/', SYNTAX],
  ['source-digest', COMMIT.slice(1), SYNTAX],
  ['source-digest', COMMIT.toUpperCase(), SYNTAX, /c{40}/],
  ['source-digest', `sha1:${COMMIT}`, SYNTAX, /write `source-digest: c{40}`/],
  ['source-digest', 'head', SYNTAX],
  ['signer-digest', COMMIT.slice(1), SYNTAX],
  ['signer-digest', 'current', SYNTAX],
  ['signer-digest', COMMIT.toUpperCase(), SYNTAX, /write `signer-digest: c{40}`/],
  ['build-workflow', WORKFLOW, SYNTAX, /full ref/],
  ['build-workflow', `${WORKFLOW}@main`, SYNTAX, /refs\/heads\/main/],
  ['build-workflow', `${WORKFLOW}@refs/heads/*`, BROAD],
  ['build-workflow', `https://github.com/${WORKFLOW}@refs/heads/main`, SYNTAX, /write `build-workflow: o\/r/],
  ['build-workflow', '*', BROAD],
  ['deployment-environment', '*', BROAD],
  ['deployment-environment', '^prod$', SYNTAX],
  ['deployment-environment', 'x'.repeat(256), SYNTAX],
  ['repository-id', 'o/r', SYNTAX, /gh api/],
  ['repository-id', '0', SYNTAX],
  ['repository-id', '0123', SYNTAX, /write `repository-id: 123`/],
  ['owner-id', '-1', SYNTAX],
  ['owner-id', '1e3', SYNTAX],
  ['predicate-type', '*', BROAD],
  ['predicate-type', 'slsaprovenance', SYNTAX, /slsa\.dev/],
  ['predicate-type', 'https://a b', SYNTAX],
  ['signed-after', '30', SYNTAX],
  ['signed-after', '0d', SYNTAX],
  ['signed-after', '6m', SYNTAX],
  ['signed-after', '2026-01-01', SYNTAX, /write `signed-after: 2026-01-01T00:00:00Z`/],
  ['signed-after', '2026-02-30T00:00:00Z', SYNTAX],
  ['signed-after', '2026-01-01T00:00:00', SYNTAX],
  ['deny-self-hosted-runners', 'yes', 'INPUT_VALUE'],
  ['offline', '1', 'INPUT_VALUE'],
  ['subject-digest', 'a'.repeat(64), 'INPUT_DIGEST', /write `subject-digest: sha256:a{64}`/],
  ['subject-digest', `SHA256:${'A'.repeat(64)}`, 'INPUT_DIGEST', /write `subject-digest: sha256:a{64}`/],
  [
    'subject-digest',
    `ghcr.io/o/i@sha256:${'a'.repeat(64)}`,
    'INPUT_DIGEST',
    /write `subject-digest: sha256:a/,
  ],
  ['subject-digest', `sha256:${'a'.repeat(63)}`, 'INPUT_DIGEST'],
  ['subject-digest', `sha512:${'a'.repeat(64)}`, 'INPUT_DIGEST'],
  ['subject-digest', `sha1:${'a'.repeat(40)}`, 'INPUT_DIGEST'],
  ['subject-digest', 'sha256:', 'INPUT_DIGEST'],
  ['trigger', '*', BROAD],
  ['trigger', 'push,release', SYNTAX],
  ['trigger', 'Push', SYNTAX],
  ['run', '12345', 'INPUT_VALUE', /`current`/],
  ['sigstore', 'custom', 'INPUT_REQUIRED', /trusted-root/],
  ['subject-path', '!a', 'INPUT_REQUIRED', /subject-checksums/],
]
for (const [name, value, code, message = /./] of refused) {
  test(`parseVerifyInputs refuses ${name}: ${value}`, () => {
    assert.throws(() => parse({ [name]: value }), { name: 'ActionError', code, message })
  })
}

test('contradictions name both inputs', () => {
  assert.throws(() => parse({ 'certificate-identity': 'a@b.example', 'signer-workflow': WORKFLOW }), {
    code: 'INPUT_CONFLICT',
    message: /certificate-identity.*signer-workflow/,
  })
  for (const sigstore of ['public-good', 'staging']) {
    assert.throws(() => parse({ sigstore, 'trusted-root': 'r' }), {
      code: 'INPUT_CONFLICT',
      message: /trusted-root.*sigstore/,
    })
  }
})
