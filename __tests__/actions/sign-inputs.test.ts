import assert from 'node:assert/strict'
import test from 'node:test'
import { parseSignInputs } from '../../src/actions/sign-inputs.ts'

const parse = (inputs: Record<string, string> = {}) =>
  parseSignInputs(new Map(Object.entries({ 'subject-path': 'a', ...inputs })))

test('with a path alone everything has its default', () => {
  assert.deepEqual(parse(), {
    subjects: { patterns: ['a'] },
    bundles: { kind: 'beside' },
    existingBundles: 'keep-valid',
    sigstore: { kind: 'public-good' },
    rekorVersion: 'auto',
    audience: 'sigstore',
    allowPrivateRepository: false,
    allowUnsafeTrigger: false,
    dryRun: false,
    ifNoFilesFound: 'error',
    showSummary: true,
    timeBudget: 600_000,
  })
})

test('an empty value is an unset one', () => {
  const empty = Object.fromEntries(
    ['sigstore', 'dry-run', 'time-budget', 'bundle-path', 'oidc-audience', 'show-summary'].map((name) => [
      name,
      '',
    ]),
  )
  assert.deepEqual(parse(empty), parse())
})

test('a single line may use commas, several lines may not', () => {
  const patterns = (text: string) => parse({ 'subject-path': text }).subjects.patterns
  assert.deepEqual(patterns('a, dist/*.tgz ,,!b'), ['a', 'dist/*.tgz', '!b'])
  assert.deepEqual(patterns('a,b\nc'), ['a,b', 'c'])
  assert.deepEqual(patterns('a[,]b,c'), ['a[,]b', 'c'])
})

test('where bundles go is told by the end of the path', () => {
  const bundles = (path: string) => parse({ 'bundle-path': path }).bundles
  assert.deepEqual(bundles('out/'), { kind: 'folder', path: 'out/' })
  assert.deepEqual(bundles('out\\'), { kind: 'folder', path: 'out\\' })
  assert.deepEqual(bundles('a.sigstore.json'), { kind: 'file', path: 'a.sigstore.json' })
  assert.deepEqual(bundles('all.jsonl'), { kind: 'lines', path: 'all.jsonl' })
})

test('custom brings its own root and configuration', () => {
  assert.deepEqual(
    parse({ sigstore: 'custom', 'trusted-root': 'r.json', 'signing-config': 'c.json' }).sigstore,
    { kind: 'custom', trustedRoot: 'r.json', signingConfig: 'c.json' },
  )
})

test('rekor-version, expected-ref and identity-token become values', () => {
  const inputs = parse({ 'rekor-version': '2', 'expected-ref': 'refs/tags/v1', 'identity-token': 'canary' })
  assert.equal(inputs.rekorVersion, 2)
  assert.equal(inputs.expectedRef, 'refs/tags/v1')
  assert.equal(inputs.identityToken?.reveal(), 'canary')
  assert.ok(!JSON.stringify(inputs).includes('canary'))
  assert.equal(parse({ 'expected-ref': 'any' }).expectedRef, undefined)
})

const refused: readonly [why: string, inputs: Record<string, string>, code: string, message?: RegExp][] = [
  ['nothing to sign', { 'subject-path': ' \n ' }, 'INPUT_REQUIRED', /subject-path/],
  ['exclusions alone', { 'subject-path': '!a' }, 'INPUT_REQUIRED'],
  ['a bundle path of another form', { 'bundle-path': 'out' }, 'OUTPUT_PATH', /\.jsonl/],
  ['an unknown instance', { sigstore: 'gitlab' }, 'INPUT_VALUE', /`custom`/],
  ['a root beside public-good', { 'trusted-root': 'r' }, 'INPUT_CONFLICT', /trusted-root/],
  [
    'a config beside staging',
    { sigstore: 'staging', 'signing-config': 'c' },
    'INPUT_CONFLICT',
    /signing-config/,
  ],
  [
    'custom without a config',
    { sigstore: 'custom', 'trusted-root': 'r' },
    'INPUT_REQUIRED',
    /signing-config/,
  ],
  ['custom without a root', { sigstore: 'custom', 'signing-config': 'r' }, 'INPUT_REQUIRED', /trusted-root/],
  ['a third log', { 'rekor-version': '3' }, 'INPUT_VALUE'],
  ['a number that is no version', { 'rekor-version': '1.0' }, 'INPUT_VALUE'],
  ['a short ref', { 'expected-ref': 'v1' }, 'INPUT_VALUE', /refs\/tags\/v1/],
  ['a ref with a wildcard', { 'expected-ref': 'refs/tags/*' }, 'INPUT_VALUE'],
  ['an unknown mode', { 'existing-bundles': 'keep' }, 'INPUT_VALUE'],
  ['yes', { 'dry-run': 'yes' }, 'INPUT_VALUE'],
  ['a bare number of minutes', { 'time-budget': '10' }, 'INPUT_VALUE'],
]
for (const [why, inputs, code, message = /./] of refused) {
  test(`parseSignInputs refuses: ${why}`, () => {
    assert.throws(() => parse(inputs), { name: 'ActionError', code, message })
  })
}
