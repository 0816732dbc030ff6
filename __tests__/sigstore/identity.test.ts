import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../src/core/secret.ts'
import { ActionError, type ErrorCode } from '../../src/errors.ts'
import { encodeCertificateUri } from '../../src/sigstore/certificate-uri.ts'
import {
  type TokenExpectation,
  UNSAFE_TRIGGERS,
  verifyExpectedRef,
  verifyTokenClaims,
  verifyTrigger,
  verifyVisibility,
} from '../../src/sigstore/identity.ts'
import { parseIdentityToken } from '../../src/sigstore/token-claims.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const SECONDS = NOW / 1000

const CLAIMS = {
  iss: 'https://token.actions.githubusercontent.com',
  aud: 'sigstore',
  sub: 'repo:octo/demo:ref:refs/tags/v1',
  iat: SECONDS - 1,
  nbf: SECONDS - 600,
  exp: SECONDS + 300,
  repository: 'octo/demo',
  repository_id: '1296269',
  repository_owner: 'octo',
  repository_visibility: 'public',
  run_id: '77',
  sha: 'a'.repeat(40),
  event_name: 'push',
  ref: 'refs/tags/v1',
  job_workflow_ref: 'octo/shared/.github/workflows/release.yml@refs/tags/v2',
}

const GITHUB = { audience: 'sigstore', issuers: 'github', server: 'https://github.com' } as const
const AMBIENT: TokenExpectation = {
  ...GITHUB,
  kind: 'ambient',
  run: {
    repository: 'octo/demo',
    repositoryId: '1296269',
    runId: '77',
    sha: 'a'.repeat(40),
    eventName: 'push',
    ref: 'refs/tags/v1',
  },
}
const CUSTOM: TokenExpectation = { ...GITHUB, issuers: 'any', kind: 'given' }

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const tokenOf = (claims: object): Secret => new Secret(`${part({ alg: 'RS256' })}.${part(claims)}.c2ln`)

const identify = (changes: object, expectation: TokenExpectation = AMBIENT) =>
  verifyTokenClaims(parseIdentityToken(tokenOf({ ...CLAIMS, ...changes })), expectation, NOW)

const codeOf = (run: () => unknown): ErrorCode | 'none' => {
  try {
    run()
    return 'none'
  } catch (error) {
    assert.ok(error instanceof ActionError)
    return error.code
  }
}

test('an ambient token names the called workflow, the issuer and what proves possession', () => {
  const identity = identify({})
  assert.deepEqual(identity.name, {
    type: 'uri',
    value: 'https://github.com/octo/shared/.github/workflows/release.yml@refs/tags/v2',
  })
  assert.equal(identity.issuer, CLAIMS.iss)
  assert.equal(identity.subject, CLAIMS.sub)
  assert.equal(identity.expires, NOW + 300_000)
  assert.equal(identity.server, 'https://github.com')
  assert.deepEqual(identity.github, {
    repository: 'octo/demo',
    repositoryId: '1296269',
    repositoryOwner: 'octo',
    repositoryVisibility: 'public',
    runId: '77',
    sha: 'a'.repeat(40),
    eventName: 'push',
    ref: 'refs/tags/v1',
    jobWorkflowRef: CLAIMS.job_workflow_ref,
  })
})

const refused: Record<string, readonly [ErrorCode, object]> = {
  'another audience': ['TOKEN_AUDIENCE', { aud: 'https://github.com/octo' }],
  'no audience': ['TOKEN_AUDIENCE', { aud: undefined }],
  'a null audience': ['TOKEN_AUDIENCE', { aud: null }],
  'an empty list of audiences': ['TOKEN_AUDIENCE', { aud: [] }],
  'the audience and others': ['TOKEN_AUDIENCE', { aud: ['sigstore', 'vault'] }],
  'an audience that is a number': ['TOKEN_AUDIENCE', { aud: 1 }],
  'an audience with other letter case': ['TOKEN_AUDIENCE', { aud: 'Sigstore' }],
  'an expiry in the past': ['TOKEN_EXPIRED', { exp: SECONDS - 1 }],
  'an expiry within 30 seconds': ['TOKEN_EXPIRED', { exp: SECONDS + 29 }],
  'an expiry as text': ['TOKEN_EXPIRED', { exp: String(SECONDS + 300) }],
  'an expiry with a fraction': ['TOKEN_EXPIRED', { exp: SECONDS + 300.5 }],
  'no expiry': ['TOKEN_EXPIRED', { exp: undefined }],
  'an expiry that no date has': ['TOKEN_EXPIRED', { exp: 1e15 }],
  'a start in the future': ['TOKEN_NOT_YET', { nbf: SECONDS + 3 }],
  'an issuing time in the future': ['TOKEN_NOT_YET', { iat: SECONDS + 3 }],
  'an issuing time as text': ['TOKEN_NOT_YET', { iat: 'now' }],
  'another issuer': ['TOKEN_ISSUER', { iss: 'https://accounts.example' }],
  'no issuer': ['TOKEN_ISSUER', { iss: undefined }],
  'an issuer with a final slash': ['TOKEN_ISSUER', { iss: `${CLAIMS.iss}/` }],
  'an issuer in upper case': ['TOKEN_ISSUER', { iss: CLAIMS.iss.toUpperCase() }],
  'an issuer over http': ['TOKEN_ISSUER', { iss: CLAIMS.iss.replace('https', 'http') }],
  'an issuer with two slugs': ['TOKEN_ISSUER', { iss: `${CLAIMS.iss}/a/b` }],
  'an issuer that begins like GitHub': ['TOKEN_ISSUER', { iss: `${CLAIMS.iss}.evil.example` }],
  'neither subject nor e-mail': ['TOKEN_SUBJECT', { sub: undefined }],
  'an empty subject': ['TOKEN_SUBJECT', { sub: '' }],
  'a subject that is a number': ['TOKEN_SUBJECT', { sub: 7 }],
  'half a surrogate pair as subject': ['TOKEN_SUBJECT', { sub: 'repo:\ud800' }],
  'no workflow': ['TOKEN_SUBJECT', { job_workflow_ref: undefined }],
  'an e-mail that is not verified': ['TOKEN_SUBJECT', { email: 'a@b.example', email_verified: false }],
  'an e-mail verified by a text': ['TOKEN_SUBJECT', { email: 'a@b.example', email_verified: 'true' }],
  'an e-mail and no word about it': ['TOKEN_SUBJECT', { email: 'a@b.example' }],
  'a claim of GitHub that is a number': ['TOKEN_MALFORMED', { run_id: 77 }],
  'another repository': ['TOKEN_IDENTITY', { repository: 'octo/other' }],
  'a repository in other letter case': ['TOKEN_IDENTITY', { repository: 'Octo/demo' }],
  'another repository of the same name': ['TOKEN_IDENTITY', { repository_id: '2' }],
  'another run': ['TOKEN_IDENTITY', { run_id: '78' }],
  'another commit': ['TOKEN_IDENTITY', { sha: 'b'.repeat(40) }],
  'another trigger': ['TOKEN_IDENTITY', { event_name: 'workflow_dispatch' }],
  'another ref': ['TOKEN_IDENTITY', { ref: 'refs/heads/main' }],
  'no repository': ['TOKEN_IDENTITY', { repository: undefined }],
  'no repository id': ['TOKEN_IDENTITY', { repository_id: undefined }],
  'no run': ['TOKEN_IDENTITY', { run_id: undefined }],
  'no commit': ['TOKEN_IDENTITY', { sha: undefined }],
  'no trigger': ['TOKEN_IDENTITY', { event_name: null }],
  'no ref': ['TOKEN_IDENTITY', { ref: undefined }],
}

for (const [why, [code, changes]] of Object.entries(refused)) {
  test(`an ambient token is refused: ${why}`, () => {
    assert.equal(
      codeOf(() => identify(changes)),
      code,
    )
  })
}

test('a refusal shows expected and found', () => {
  assert.throws(() => identify({ repository: 'octo/\u202eother' }), {
    code: 'TOKEN_IDENTITY',
    expected: 'octo/demo',
    found: 'octo/\\u{202e}other',
  })
})

test('what is no token is refused, and no part of it is shown', () => {
  for (const text of ['', 'a.b', 'SECRETSECRET.SECRETSECRET.SECRETSECRET', '.'.repeat(1_000_000)]) {
    assert.throws(
      () => parseIdentityToken(new Secret(text)),
      (error: unknown) =>
        error instanceof ActionError &&
        error.code === 'TOKEN_MALFORMED' &&
        !`${error.message}${error.expected}${error.found}${error.hint}`.includes('SECRET'),
    )
  }
})

test('one audience in a list, an enterprise slug and a clock that is two seconds off are no faults', () => {
  assert.equal(identify({ aud: ['sigstore'] }).subject, CLAIMS.sub)
  assert.equal(identify({ iss: `${CLAIMS.iss}/octo-corp` }).issuer, `${CLAIMS.iss}/octo-corp`)
  assert.equal(identify({ iat: SECONDS + 2 }).subject, CLAIMS.sub)
  assert.equal(identify({ exp: SECONDS + 30 }).subject, CLAIMS.sub)
  assert.equal(
    identify({ sub: 'repo:octo/demo:environment:Üb%3Aung' }).subject,
    'repo:octo/demo:environment:Üb%3Aung',
  )
})

test('a given token is about itself', () => {
  const other = { repository: 'else/where', run_id: '5', ref: 'refs/heads/x', event_name: undefined }
  const identity = identify(other, { ...GITHUB, kind: 'given' })
  assert.equal(identity.github.repository, 'else/where')
  assert.equal(identity.github.eventName, undefined)
})

test('workflows stand under the server whose own issuer made the token', () => {
  const server = 'https://ghe.example'
  const own = { iss: `${server}/_services/token` }
  assert.equal(identify(own, { ...CUSTOM, server }).server, server)
  assert.equal(
    identify(own, { ...CUSTOM, server }).name.value,
    `${server}/octo/shared/.github/workflows/release.yml@refs/tags/v2`,
  )
  assert.equal(identify({ iss: 'http://127.0.0.1:9' }, { ...CUSTOM, server }).server, 'https://github.com')
})

test('a custom instance certifies e-mail addresses and URIs too', () => {
  const bare = { iss: 'https://id.example', job_workflow_ref: undefined }
  const email = identify({ ...bare, email: 'a@b.example', email_verified: true }, CUSTOM)
  assert.deepEqual([email.name, email.subject], [{ type: 'email', value: 'a@b.example' }, 'a@b.example'])
  const uri = identify({ ...bare, sub: 'spiffe://td/ci' }, CUSTOM)
  assert.deepEqual([uri.name, uri.subject], [{ type: 'uri', value: 'spiffe://td/ci' }, 'spiffe://td/ci'])
  const workflow = identify({ iss: 'http://localhost:8910' }, CUSTOM)
  assert.equal(workflow.name.type, 'uri')
})

const refusedByCustom: Record<string, readonly [ErrorCode, object]> = {
  'an issuer over http elsewhere': ['TOKEN_ISSUER', { iss: 'http://id.example' }],
  'an issuer that is no URL': ['TOKEN_ISSUER', { iss: 'id.example' }],
  'an issuer with a query': ['TOKEN_ISSUER', { iss: 'https://id.example?x' }],
  'an issuer with a user': ['TOKEN_ISSUER', { iss: 'https://a@id.example' }],
  'no issuer': ['TOKEN_ISSUER', { iss: undefined }],
  'a subject that is no URI': ['TOKEN_SUBJECT', { job_workflow_ref: undefined }],
  'a workflow without a subject': ['TOKEN_SUBJECT', { sub: undefined }],
}

for (const [why, [code, changes]] of Object.entries(refusedByCustom)) {
  test(`a token for a custom instance is refused: ${why}`, () => {
    assert.equal(
      codeOf(() => identify(changes, CUSTOM)),
      code,
    )
  })
}

const uris: Record<string, readonly [string, string]> = {
  'plain names stay': ['https://h/o/r/.github/workflows/x.yml@refs/tags/v1+2', '='],
  'parentheses alone stay': ['https://h/x.yml@refs/heads/a(1)', '='],
  'percent signs stay': ['https://h/x.yml@refs/heads/100%25', '='],
  'a fragment stays': ['https://h/x.yml@refs/heads/fix#12', '='],
  'other letters are escaped': ['https://h/x.yml@refs/heads/grün', 'https://h/x.yml@refs/heads/gr%C3%BCn'],
  'and then parentheses too': ['https://h/x.yml@refs/heads/ü(1)', 'https://h/x.yml@refs/heads/%C3%BC%281%29'],
  'but not twice': ['https://h/x.yml@refs/heads/ü%25%41', 'https://h/x.yml@refs/heads/%C3%BC%25A'],
  'braces and bars': ['https://h/x.yml@refs/heads/{a|b}', 'https://h/x.yml@refs/heads/%7Ba%7Cb%7D'],
  'in a fragment': ['https://h/x.yml@refs/heads/a#😀', 'https://h/x.yml@refs/heads/a#%F0%9F%98%80'],
}

for (const [why, [text, expected]] of Object.entries(uris)) {
  test(`a name in a certificate: ${why}`, () => {
    assert.equal(encodeCertificateUri(text), expected === '=' ? text : expected)
  })
}

test('each unsafe trigger is refused unless allowed', () => {
  assert.equal(UNSAFE_TRIGGERS.length, 11)
  for (const trigger of UNSAFE_TRIGGERS) {
    assert.equal(
      codeOf(() => verifyTrigger(trigger, { allow: false })),
      'EVENT_UNSAFE',
    )
    verifyTrigger(trigger, { allow: true })
  }
  for (const trigger of ['push', 'release', 'workflow_dispatch', 'pull_request', undefined]) {
    verifyTrigger(trigger, { allow: false })
  }
})

test('only a public repository goes to a public log unasked', () => {
  for (const visibility of ['private', 'internal', 'PUBLIC', '']) {
    assert.equal(
      codeOf(() => verifyVisibility(visibility, { allow: false, publicLog: true })),
      'REPOSITORY_PRIVATE',
    )
    verifyVisibility(visibility, { allow: true, publicLog: true })
    verifyVisibility(visibility, { allow: false, publicLog: false })
  }
  verifyVisibility('public', { allow: false, publicLog: true })
})

test('the ref is the expected one, where one is expected', () => {
  verifyExpectedRef('refs/tags/v1', 'refs/tags/v1')
  verifyExpectedRef('refs/heads/main', undefined)
  for (const ref of ['refs/tags/v10', 'refs/tags/V1', undefined]) {
    assert.throws(() => verifyExpectedRef(ref, 'refs/tags/v1'), {
      code: 'REF_UNEXPECTED',
      expected: 'refs/tags/v1',
      found: ref ?? 'none',
    })
  }
})
