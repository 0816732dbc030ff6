import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asActionError, explain, explainPublic } from '../../../src/actions/report/explain.ts'
import { ActionError, HINTS } from '../../../src/errors.ts'

test('an error is told as code, message, comparison and advice', () => {
  const error = new ActionError('TOKEN_AUDIENCE', 'the token is for another audience', {
    expected: 'sigstore',
    found: 'npm',
  })
  assert.deepEqual(explain(error).annotation.split('\n'), [
    'TOKEN_AUDIENCE: the token is for another audience',
    'Expected: sigstore  Found: npm',
    `What to do: ${HINTS.TOKEN_AUDIENCE}`,
  ])
  assert.equal(explain(error).code, 'TOKEN_AUDIENCE')
})

test('without anything to compare there is no comparison', () => {
  const { annotation, comparison } = explain(new ActionError('CANCELLED', 'SIGINT'))
  assert.equal(comparison, undefined)
  assert.equal(annotation.split('\n').length, 2)
})

const thrown: Record<string, unknown> = {
  'a TypeError': new TypeError('Cannot read eyJhbGciOi'),
  'a text': 'eyJhbGciOi',
  nothing: undefined,
  'an object': { token: 'eyJhbGciOi' },
  'an error whose name is a command': Object.assign(new Error('x'), { name: '\n::set-output name=a::b' }),
}
for (const [what, value] of Object.entries(thrown)) {
  test(`a bug is INTERNAL, and its text is for the debug log alone: ${what}`, () => {
    const { code, annotation, debug } = explain(value)
    assert.equal(code, 'INTERNAL')
    assert.match(annotation, /report it/)
    assert.doesNotMatch(annotation, /eyJ|\n::| at /)
    assert.ok(debug.length > 0)
  })
}

test('the causes go to the debug log, innermost last, and a circle of them ends', () => {
  const inner = new TypeError('inner trouble')
  const debug = explain(new ActionError('NET_TLS', 'outer trouble', { cause: inner })).debug.join('\n')
  assert.ok(debug.indexOf('outer trouble') < debug.indexOf('inner trouble'))
  const circle = new Error('round')
  circle.cause = circle
  assert.ok(explain(circle).debug.length < 1000)
})

test('an ActionError is not wrapped', () => {
  const error = new ActionError('CLOCK', 'off by 90 s')
  assert.equal(asActionError(error), error)
})

test('foreign text in an error becomes printable', () => {
  const error = new ActionError('BUNDLE_FIELD', 'a\n::error::b', { expected: '##[x]', found: '\u001b[2J' })
  assert.doesNotMatch(explain(error).headline + (explain(error).comparison ?? ''), /\p{Cc}|##\[/u)
})

test('nothing public, nothing said', () => assert.deepEqual(explainPublic([]), []))

test('each public record is one printable line', () => {
  const lines = explainPublic([
    { kind: 'certificate', identity: 'a\nb', issuer: 'https://issuer.example' },
    { kind: 'entry', log: 'https://rekor.sigstore.dev', index: 7n, subject: 'a\r::x' },
    { kind: 'entry', log: 'https://rekor.sigstore.dev' },
  ])
  assert.deepEqual(lines.slice(0, 4), [
    'Although the run failed, 2 records became public and cannot be taken back, and 1 more may have:',
    'a certificate for a\\nb, issuer https://issuer.example, in the certificate transparency log',
    'entry 7 for "a\\r::x" in the log https://rekor.sigstore.dev',
    'perhaps an entry (its answer was lost) in the log https://rekor.sigstore.dev',
  ])
})
