import assert from 'node:assert/strict'
import test from 'node:test'
import { parseSignInputs } from '../../../src/actions/inputs/sign-inputs.ts'

const parse = (inputs: Record<string, string> = {}) =>
  parseSignInputs(new Map(Object.entries({ 'subject-path': 'a', ...inputs })))

test('with a path alone everything has its default', () => {
  assert.deepEqual(parse(), {
    subjects: { patterns: ['a'] },
    attest: { kind: 'none' },
    attestEach: false,
    bundles: { kind: 'beside' },
    existingBundles: 'keep-valid',
    sigstore: { kind: 'public-good' },
    rekorVersion: 'auto',
    audience: 'sigstore',
    allowPrivateRepository: false,
    allowUnsafeTrigger: false,
    anyRef: false,
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
  const patterns = (text: string) => parse({ 'subject-path': text }).subjects?.patterns
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

test('without any subject input the list of the runner is meant', () => {
  assert.equal(parse({ 'subject-path': ' \n ' }).subjects, undefined)
})

const HEX = 'ab'.repeat(32)
const NAMED = { 'subject-path': '', 'subject-digest': `sha256:${HEX}`, 'subject-name': 'ghcr.io/octo/app' }
const CUSTOM = { attest: 'custom', 'predicate-type': 'https://example.com/scan/v1' }

test('what is attested, and about what', () => {
  assert.deepEqual(parse({ attest: 'provenance' }).attest, { kind: 'provenance' })
  assert.deepEqual(parse({ attest: 'sbom', 'sbom-path': 's.json' }).attest, { kind: 'sbom', path: 's.json' })
  assert.deepEqual(parse({ ...CUSTOM, predicate: ' {"a":\n1} ' }).attest, {
    kind: 'custom',
    type: 'https://example.com/scan/v1',
    predicate: { text: ' {"a":\n1} ' },
  })
  assert.deepEqual(parse({ ...CUSTOM, 'predicate-path': 'p.json' }).attest, {
    kind: 'custom',
    type: 'https://example.com/scan/v1',
    predicate: { path: 'p.json' },
  })
  assert.equal(parse({ attest: 'provenance', 'attest-each': 'true' }).attestEach, true)
  const named = { name: 'ghcr.io/octo/app', hash: 'sha256', hex: HEX }
  assert.deepEqual(parse({ ...NAMED, attest: 'provenance' }).subjects, { patterns: [], named })
  const both = parse({ ...NAMED, 'subject-path': 'a', attest: 'provenance' })
  assert.deepEqual(both.subjects, { patterns: ['a'], named })
})

const refused: readonly [why: string, inputs: Record<string, string>, code: string, message?: RegExp][] = [
  ['exclusions alone', { 'subject-path': '!a' }, 'INPUT_REQUIRED'],
  ['an unknown kind of attestation', { attest: 'slsa' }, 'INPUT_VALUE', /`provenance`/],
  ['a statement each of none', { 'attest-each': 'true' }, 'INPUT_CONFLICT', /attest-each/],
  ['an SBOM without attest', { 'sbom-path': 's' }, 'INPUT_CONFLICT', /`attest: sbom`.*`none`/],
  ['an SBOM in provenance', { attest: 'provenance', 'sbom-path': 's' }, 'INPUT_CONFLICT', /sbom-path/],
  ['an SBOM in a custom one', { ...CUSTOM, predicate: '{}', 'sbom-path': 's' }, 'INPUT_CONFLICT'],
  ['a type without attest', { 'predicate-type': 'x:y' }, 'INPUT_CONFLICT', /predicate-type/],
  ['a type of provenance', { attest: 'provenance', 'predicate-type': 'x:y' }, 'INPUT_CONFLICT'],
  ['a type of an SBOM', { attest: 'sbom', 'sbom-path': 's', 'predicate-type': 'x:y' }, 'INPUT_CONFLICT'],
  ['a predicate without attest', { predicate: '{}' }, 'INPUT_CONFLICT', /`predicate`/],
  ['a predicate of an SBOM', { attest: 'sbom', 'sbom-path': 's', predicate: '{}' }, 'INPUT_CONFLICT'],
  ['a predicate file without attest', { 'predicate-path': 'p' }, 'INPUT_CONFLICT', /predicate-path/],
  ['an SBOM attestation without one', { attest: 'sbom' }, 'INPUT_REQUIRED', /sbom-path/],
  ['a custom one without a type', { attest: 'custom', predicate: '{}' }, 'INPUT_REQUIRED', /predicate-type/],
  ['a custom one without a predicate', CUSTOM, 'INPUT_REQUIRED', /`predicate` or `predicate-path`/],
  ['two predicates', { ...CUSTOM, predicate: '{}', 'predicate-path': 'p' }, 'INPUT_CONFLICT'],
  ['a type that is no URI', { ...CUSTOM, 'predicate-type': 'scan', predicate: '{}' }, 'INPUT_VALUE', /URI/],
  ['a type with a space', { ...CUSTOM, 'predicate-type': 'https://x.y/a b', predicate: '{}' }, 'INPUT_VALUE'],
  ['a digest without attest', NAMED, 'INPUT_REQUIRED', /`subject-digest` needs `attest`/],
  [
    'a digest without a name',
    { ...NAMED, attest: 'provenance', 'subject-name': '' },
    'INPUT_REQUIRED',
    /subject-name/,
  ],
  [
    'a name without a digest',
    { ...NAMED, attest: 'provenance', 'subject-digest': '' },
    'INPUT_REQUIRED',
    /subject-digest/,
  ],
  [
    'a name beside files',
    { attest: 'provenance', 'subject-name': 'x' },
    'INPUT_REQUIRED',
    /`subject-name` needs `subject-digest`/,
  ],
  [
    'another hash',
    { ...NAMED, attest: 'provenance', 'subject-digest': `sha512:${HEX}${HEX}` },
    'INPUT_DIGEST',
    /sha256/,
  ],
  ['half a digest', { ...NAMED, attest: 'provenance', 'subject-digest': 'sha256:ab' }, 'INPUT_DIGEST'],
  [
    'a name that holds a digest',
    { ...NAMED, attest: 'provenance', 'subject-name': `ghcr.io/octo/app@sha256:${HEX}` },
    'INPUT_VALUE',
    /holds a digest/,
  ],
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
