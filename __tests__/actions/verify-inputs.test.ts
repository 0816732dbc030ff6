import assert from 'node:assert/strict'
import test from 'node:test'
import { parseVerifyInputs } from '../../src/actions/verify-inputs.ts'

const COMMIT = 'c'.repeat(40)
const WORKFLOW = 'o/r/.github/workflows/x.yml'

const parse = (inputs: Record<string, string> = {}) =>
  parseVerifyInputs(new Map(Object.entries({ 'subject-path': 'a', ...inputs })))

test('with a path alone everything has its default', () => {
  assert.deepEqual(parse(), {
    subjects: { patterns: ['a'] },
    bundles: { kind: 'beside' },
    repository: { kind: 'own' },
    signer: { kind: 'default' },
    issuer: 'https://token.actions.githubusercontent.com',
    run: 'any',
    sigstore: { kind: 'public-good' },
    showSummary: true,
  })
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
  ['trigger', '*', BROAD],
  ['trigger', 'push,release', SYNTAX],
  ['trigger', 'Push', SYNTAX],
  ['run', '12345', 'INPUT_VALUE', /`current`/],
  ['sigstore', 'custom', 'INPUT_REQUIRED', /trusted-root/],
  ['subject-path', '!a', 'INPUT_REQUIRED'],
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
