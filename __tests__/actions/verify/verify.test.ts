import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { buildReport } from '../../../src/actions/report/report.ts'
import { encodeSummary } from '../../../src/actions/report/summary.ts'
import { verify } from '../../../src/actions/verify/verify.ts'
import { launchVerify } from '../../../src/actions/verify/verify-launch.ts'
import { takeSeats } from '../../../src/actions/verify/verify-seats.ts'
import type { Files } from '../../../src/ports.ts'
import type { FakeTree } from '../fake-world.ts'
import { fakeWorld } from '../fake-world.ts'
import {
  BEACON,
  BEACON_COMMIT,
  BEACON_ENV,
  BEACON_RUN,
  BEACON_WORKFLOW,
  bundleOf,
  data,
  lineOf,
  NOW,
  OTHER_ENV,
  runVerify,
  SHIPPED,
  skip,
  type VerifyCase,
} from '../verify-cases.ts'

const A = data('conformance/a.txt')
const GEM = data('wild/conformance/artifacts/77339159c377db36')
const BESIDE: FakeTree = { '/w/a.txt': A, '/w/a.txt.sigstore.json': bundleOf('happy-path-v0.3') }
const THEIRS = { 'subject-path': 'a.txt', repository: BEACON }
const SHA256 = 'a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf'
const GEM_SHA256 = '77339159c377db36b9218521bdd193d21e1b86b3dbcd7af53b904fb5f4d4ab54'
const NPM_SHA512 =
  '76176ffa33808b54602c7c35de5c6e9a4deb96066dba6533f50ac234f4f1f4c6b3527515dc17c06fbe2860030f410eee69ea20079bd3a2c6f3dcf3b329b10751'
const NPM = { 'subject-digest': `sha512:${NPM_SHA512}`, repository: 'sigstore/sigstore-js' }
const DOCKER = {
  'subject-digest': 'sha256:8fe63f8b05556',
  repository: 'docker/github-builder-test',
  'signer-workflow': 'docker/github-builder-experimental/.github/workflows/build.yml',
}
const GOOGLE = {
  'certificate-oidc-issuer': 'https://accounts.google.com',
  'certificate-identity': 'untrusted-sa@sigstore-conformance.iam.gserviceaccount.com',
  repository: 'any',
}
const ENTERPRISE = 'https://token.actions.githubusercontent.com/hammer-time'
const CHECKSUMS = `${SHA256}  a.txt\n${GEM_SHA256}  gone.gem\n`

const dockerDigest = (): string => {
  if (skip !== false) return ''
  const { dsseEnvelope } = JSON.parse(Buffer.from(bundleOf('docker-cosign-v3-image')).toString())
  return JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString()).subject[0].digest.sha256
}

const accepted: Record<string, VerifyCase & { count?: number; statements?: number }> = {
  'a file of another repository, named': { tree: BESIDE, inputs: THEIRS },
  'a file of this very repository, without any policy': {
    tree: BESIDE,
    inputs: { 'subject-path': 'a.txt' },
    env: BEACON_ENV,
  },
  'a file by its exact signer, whatever the repository': {
    tree: BESIDE,
    inputs: {
      'subject-path': 'a.txt',
      repository: 'any',
      'certificate-identity': `https://github.com/${BEACON_WORKFLOW}@refs/heads/main`,
    },
  },
  'every claim at once': {
    tree: BESIDE,
    inputs: {
      ...THEIRS,
      'signer-workflow': `octo/x/.github/workflows/x.yml\n${BEACON_WORKFLOW}@refs/heads/*`,
      'source-ref': 'refs/heads/main',
      'source-digest': BEACON_COMMIT,
      'signer-digest': BEACON_COMMIT,
      'build-workflow': `${BEACON_WORKFLOW}@refs/heads/main`,
      trigger: 'workflow_dispatch',
      'repository-id': '632596897',
      'owner-id': '131804563',
      'deny-self-hosted-runners': 'true',
      'signed-after': '2024-03-19T18:26:26+01:00',
      offline: 'true',
    },
  },
  'the files of this very run': {
    tree: BESIDE,
    inputs: { 'subject-path': 'a.txt', run: 'current', 'source-digest': 'current' },
    env: BEACON_ENV,
  },
  'a digest alone, with the bundle that is given': {
    tree: { '/w/b.json': bundleOf('happy-path-v0.3') },
    inputs: { 'subject-digest': `sha256:${SHA256}`, 'bundle-path': 'b.json', repository: BEACON },
  },
  'a SHA-384 digest alone, by an account of Google': {
    tree: { '/w/b.json': bundleOf('java-p384-sha384') },
    inputs: {
      ...GOOGLE,
      'subject-digest':
        'sha384:3e7f8fa6b7688559095d4a8ca4fe449dcab3f997d900ae01c54ea57737d5e63a8ef3457385947cf199533e665cfea37b',
      'bundle-path': 'b.json',
    },
  },
  'the same bundle with the file': {
    tree: {
      '/w/x': data('wild/conformance/artifacts/a0cfc71271d6e278'),
      '/w/x.sigstore': bundleOf('java-p384-sha384'),
    },
    inputs: { ...GOOGLE, 'subject-path': 'x' },
  },
  'a SHA-512 digest alone, with the provenance in the root of the workspace': {
    tree: { '/w/provenance.sigstore.json': bundleOf('npm-sigstore-1.3.0-provenance') },
    inputs: NPM,
    statements: 1,
  },
  'an attestation that is asked for by its type, of a shared workflow': {
    tree: { '/w/b.json': bundleOf('docker-cosign-v3-image') },
    inputs: {
      ...DOCKER,
      'subject-digest': `sha256:${dockerDigest()}`,
      'bundle-path': 'b.json',
      'predicate-type': 'https://sigstore.dev/cosign/sign/v1',
    },
    statements: 1,
  },
  'two files with one `.jsonl`': {
    tree: {
      '/w/d/a.txt': A,
      '/w/d/gem': GEM,
      '/w/all.jsonl': `${lineOf('ruby-gem')}\r\n\n${lineOf('happy-path-v0.3')}`,
    },
    inputs: { 'subject-path': 'd/*', repository: BEACON, 'bundle-path': 'all.jsonl' },
    count: 2,
  },
  'two files with a folder of bundles': {
    tree: {
      '/w/d/a.txt': A,
      '/w/d/gem': GEM,
      '/w/bundles/1.sigstore.json': bundleOf('ruby-gem'),
      '/w/bundles/2.sigstore': bundleOf('happy-path-v0.1'),
      '/w/bundles/README.md': 'no bundle',
    },
    inputs: { 'subject-path': 'd/*', repository: BEACON, 'bundle-path': 'bundles' },
    count: 2,
  },
  'what the checksums list, a file and one that is not there': {
    tree: {
      '/w/a.txt': A,
      '/w/SHA256SUMS': CHECKSUMS,
      '/w/a.txt.sigstore.json': bundleOf('happy-path-v0.3'),
      '/w/gone.gem.sigstore.json': bundleOf('ruby-gem'),
    },
    inputs: { 'subject-checksums': 'SHA256SUMS', repository: BEACON },
    count: 2,
  },
  'a bundle under a trusted root of its own': {
    tree: {
      '/w/a.txt': A,
      '/w/a.txt.sigstore.json': bundleOf('rekor2-happy-path'),
      '/w/root.json': data('conformance/rekor2-happy-path/trusted_root.json'),
    },
    inputs: { ...THEIRS, 'trusted-root': 'root.json', offline: 'true' },
  },
  'provenance from an enterprise issuer that is named': {
    tree: {
      '/w/x': data('wild/conformance/artifacts/afa27b44d43b02a9'),
      '/w/x.provenance.sigstore.json': bundleOf('github-enterprise-issuer'),
    },
    inputs: { 'subject-path': 'x', repository: 'too-legit/attest', 'certificate-oidc-issuer': ENTERPRISE },
    statements: 1,
  },
}

for (const [what, { count = 1, statements = 0, ...one }] of Object.entries(accepted)) {
  test(`verified: ${what}`, { skip }, async () => {
    const { outcome } = await runVerify(one)
    assert.equal(outcome.error, undefined, outcome.error?.message)
    assert.equal(outcome.result, 'verified')
    assert.equal(outcome.subjects.length, count)
    assert.ok(outcome.subjects.every(({ evidence }) => evidence !== undefined))
    assert.equal(
      outcome.subjects.filter(({ statementPath }) => statementPath !== undefined).length,
      statements,
    )
  })
}

const changed = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte))

interface Refusal extends VerifyCase {
  readonly code: string
  readonly expected?: RegExp
  readonly found?: RegExp
  /** In message or hint. */
  readonly says?: RegExp
}

const refused: Record<string, Refusal> = {
  'a file with one byte changed': {
    tree: { ...BESIDE, '/w/a.txt': changed(A) },
    inputs: THEIRS,
    code: 'SIG_DIGEST',
    says: /changed after signing/,
  },
  'a file with one byte changed, with the bundle that is given': {
    tree: { '/w/a.txt': changed(A), '/w/b.json': bundleOf('happy-path-v0.3') },
    inputs: { ...THEIRS, 'bundle-path': 'b.json' },
    code: 'SIG_DIGEST',
  },
  'a file with one byte changed among others in a `.jsonl`': {
    tree: {
      '/w/d/a.txt': changed(A),
      '/w/d/gem': GEM,
      '/w/all.jsonl': `${lineOf('ruby-gem')}\n${lineOf('happy-path-v0.3')}\n`,
    },
    inputs: { 'subject-path': 'd/*', repository: BEACON, 'bundle-path': 'all.jsonl' },
    code: 'BUNDLE_MISSING',
    expected: /^a bundle for sha256:/,
    found: /2 bundles for other content/,
    says: /changed after signing/,
  },
  'the wrong repository': {
    tree: BESIDE,
    inputs: { 'subject-path': 'a.txt', repository: 'octo/demo' },
    code: 'IDENTITY_MISMATCH',
    expected: /^https:\/\/github\.com\/octo\/demo$/,
    found: /oidc-beacon$/,
    says: new RegExp(`add \`repository: ${BEACON}\``),
  },
  'the wrong workflow': {
    tree: BESIDE,
    inputs: { ...THEIRS, 'signer-workflow': `${BEACON}/.github/workflows/release.yml` },
    code: 'IDENTITY_MISMATCH',
    expected: /release\.yml on a branch or tag/,
    found: /extremely-dangerous-oidc-beacon\.yml@refs\/heads\/main$/,
    says: /add `signer-workflow: .*extremely-dangerous-oidc-beacon\.yml@refs\/heads\/main`/,
  },
  'an unsigned file': {
    tree: { ...BESIDE, '/w/b.txt': 'unsigned' },
    inputs: { ...THEIRS, 'subject-path': '*.txt' },
    code: 'BUNDLE_MISSING',
    says: /no bundle for "b\.txt" beside it or in the root/,
  },
  'a pattern that matches nothing': {
    tree: BESIDE,
    inputs: { ...THEIRS, 'subject-path': 'dist/*' },
    code: 'INPUT_NO_MATCH',
    says: /matches no file.*built or downloaded/s,
  },
  'bundles alone, without a file': {
    tree: { '/w/d/a.txt.sigstore.json': bundleOf('happy-path-v0.3') },
    inputs: { 'subject-path': 'd/*', repository: BEACON },
    code: 'INPUT_NO_MATCH',
  },
  'an unreadable line beside a good one': {
    tree: { '/w/a.txt': A, '/w/all.jsonl': `${lineOf('happy-path-v0.3')}\n{"mediaType":\n` },
    inputs: { ...THEIRS, 'bundle-path': 'all.jsonl' },
    code: 'BUNDLE_PARSE',
    says: /all\.jsonl:2/,
  },
  'a bad line for the same file beside a good one': {
    tree: {
      '/w/a.txt': A,
      '/w/all.jsonl': `${lineOf('happy-path-v0.3')}\n${lineOf('checkpoint-wrong-roothash_fail')}\n`,
    },
    inputs: { ...THEIRS, 'bundle-path': 'all.jsonl' },
    code: 'TLOG_PROOF',
  },
  'a bad bundle beside the file although another one holds': {
    tree: { ...BESIDE, '/w/a.txt.sigstore': bundleOf('invalid-checkpoint-signature_fail') },
    inputs: THEIRS,
    code: 'TLOG_CHECKPOINT',
  },
  'an empty `.jsonl`': {
    tree: { '/w/a.txt': A, '/w/all.jsonl': '\n\n' },
    inputs: { ...THEIRS, 'bundle-path': 'all.jsonl' },
    code: 'BUNDLE_MISSING',
  },
  'a folder without bundles': {
    tree: { '/w/a.txt': A, '/w/b/x.json': '{}' },
    inputs: { ...THEIRS, 'bundle-path': 'b' },
    code: 'BUNDLE_MISSING',
  },
  'a bundle-path that is not there': {
    tree: { '/w/a.txt': A },
    inputs: { ...THEIRS, 'bundle-path': 'b.json' },
    code: 'BUNDLE_MISSING',
  },
  'a provenance in the root that is not about the file': {
    tree: { '/w/a.txt': A, '/w/provenance.sigstore.json': bundleOf('npm-sigstore-1.3.0-provenance') },
    inputs: THEIRS,
    code: 'BUNDLE_MISSING',
    found: /a bundle for other content/,
  },
  'a provenance in the root that cannot be read': {
    tree: { '/w/a.txt': A, '/w/provenance.sigstore.json': '{}' },
    inputs: THEIRS,
    code: 'BUNDLE_VERSION',
  },
  'an attestation of a type that nobody asked for': {
    tree: { '/w/b.json': bundleOf('docker-cosign-v3-image') },
    inputs: { ...DOCKER, 'subject-digest': `sha256:${dockerDigest()}`, 'bundle-path': 'b.json' },
    code: 'PREDICATE_TYPE',
    found: /cosign\/sign\/v1/,
  },
  'a plain signature where an attestation is demanded': {
    tree: BESIDE,
    inputs: { ...THEIRS, 'predicate-type': 'https://slsa.dev/provenance/v1' },
    code: 'PREDICATE_TYPE',
    found: /plain signature/,
  },
  'a signature that is too old': {
    tree: BESIDE,
    inputs: { ...THEIRS, 'signed-after': '30d' },
    code: 'TIME_TOO_OLD',
    expected: /^at or after 2026-08-03/,
    found: /^2024-03-19T17:26:26/,
  },
  'a signature one second too old': {
    tree: BESIDE,
    inputs: { ...THEIRS, 'signed-after': '2024-03-19T17:26:27Z' },
    code: 'TIME_TOO_OLD',
  },
  'another run of this repository': {
    tree: BESIDE,
    inputs: { 'subject-path': 'a.txt', run: 'current' },
    env: { ...BEACON_ENV, GITHUB_RUN_ID: '8347481629' },
    code: 'IDENTITY_MISMATCH',
    found: new RegExp(`/runs/${BEACON_RUN}/attempts/1$`),
  },
  'a repository that was registered again under the old name': {
    tree: BESIDE,
    inputs: { 'subject-path': 'a.txt' },
    env: { ...BEACON_ENV, GITHUB_REPOSITORY_ID: '999' },
    code: 'IDENTITY_MISMATCH',
    expected: /^999$/,
    found: /^632596897$/,
  },
  'a branch build in the run for a tag': {
    tree: BESIDE,
    inputs: { 'subject-path': 'a.txt' },
    env: { ...BEACON_ENV, GITHUB_REF: 'refs/tags/v1' },
    code: 'IDENTITY_MISMATCH',
    expected: /^refs\/tags\/v1$/,
    says: /add `source-ref: refs\/heads\/main`/,
  },
  'an environment that the certificate does not name': {
    tree: BESIDE,
    inputs: { ...THEIRS, 'deployment-environment': 'production' },
    code: 'IDENTITY_MISMATCH',
    found: /absent/,
  },
  'another repository in letter case alone': {
    tree: BESIDE,
    inputs: { ...THEIRS, repository: BEACON.toUpperCase() },
    code: 'IDENTITY_MISMATCH',
    says: /letter case/,
  },
  'an enterprise issuer that was not expected': {
    tree: {
      '/w/x': data('wild/conformance/artifacts/afa27b44d43b02a9'),
      '/w/x.provenance.sigstore.json': bundleOf('github-enterprise-issuer'),
    },
    inputs: { 'subject-path': 'x', repository: 'too-legit/attest' },
    code: 'IDENTITY_MISMATCH',
    says: new RegExp(`add \`certificate-oidc-issuer: ${ENTERPRISE}\``),
  },
  'a file that is not the one in the checksums': {
    tree: { ...BESIDE, '/w/SHA256SUMS': `${'0'.repeat(64)}  a.txt\n` },
    inputs: { 'subject-checksums': 'SHA256SUMS', repository: BEACON },
    code: 'FILE_DIGEST_MISMATCH',
    expected: /^sha256:0{64}$/,
    found: new RegExp(`^sha256:${SHA256}$`),
  },
  'a digest of the wrong kind for the bundle': {
    tree: { '/w/b.json': bundleOf('happy-path-v0.3') },
    inputs: { 'subject-digest': `sha512:${'0'.repeat(128)}`, 'bundle-path': 'b.json', repository: BEACON },
    code: 'SIG_DIGEST',
  },
  'a digest without any bundle': {
    tree: BESIDE,
    inputs: { 'subject-digest': `sha256:${SHA256}`, repository: BEACON },
    code: 'BUNDLE_MISSING',
  },
  'a bundle of another Sigstore instance': {
    tree: BESIDE,
    inputs: { ...THEIRS, sigstore: 'staging' },
    code: 'TLOG_UNKNOWN_LOG',
  },
  'a trusted root that is too old': {
    tree: BESIDE,
    inputs: THEIRS,
    code: 'TRUST_STALE',
    now: Date.UTC(2027, 2, 1),
  },
  'an issuer without anyone who may sign under it': {
    tree: BESIDE,
    inputs: { ...THEIRS, 'certificate-oidc-issuer': 'https://accounts.google.com' },
    code: 'POLICY_REQUIRED',
  },
  'no subject at all': { tree: BESIDE, inputs: { repository: BEACON }, code: 'INPUT_REQUIRED' },
  'a misspelled input': { tree: BESIDE, inputs: { ...THEIRS, sourceref: 'x' }, code: 'INPUT_UNKNOWN' },
  'a job that was cancelled': {
    tree: BESIDE,
    inputs: THEIRS,
    code: 'CANCELLED',
    cancelled: AbortSignal.abort(),
  },
}

for (const [what, { code, expected, found, says, ...one }] of Object.entries(refused)) {
  test(`not verified: ${what}`, { skip }, async () => {
    const { outcome } = await runVerify(one)
    const error = outcome.error
    assert.equal(error?.code, code, error?.message)
    assert.equal(outcome.result, 'failed')
    if (expected !== undefined) assert.match(error?.expected ?? '', expected)
    if (found !== undefined) assert.match(error?.found ?? '', found)
    if (says !== undefined) assert.match(`${error?.message} ${error?.hint}`, says)
  })
}

test('a line for no subject is listed, and does no harm', { skip }, async () => {
  const tree = { '/w/a.txt': A, '/w/all.jsonl': `${lineOf('ruby-gem')}\n${lineOf('happy-path-v0.3')}\n` }
  const { outcome } = await runVerify({ tree, inputs: { ...THEIRS, 'bundle-path': 'all.jsonl' } })
  assert.equal(outcome.result, 'verified')
  assert.deepEqual(outcome.unused, [{ bundle: 'all.jsonl:1', reason: 'for no subject' }])
})

test('a good bundle of another type is listed and counts as used, whatever lies beside it', {
  skip,
}, async () => {
  const tree = { '/w/x.jsonl': `${lineOf('docker-cosign-v3-image')}\n${lineOf('docker-cosign-v3-image')}` }
  const inputs = { ...DOCKER, 'subject-digest': `sha256:${dockerDigest()}`, 'bundle-path': 'x.jsonl' }
  const { outcome } = await runVerify({ tree, inputs })
  assert.equal(outcome.error?.code, 'PREDICATE_TYPE')
  assert.deepEqual(
    outcome.unused?.map(({ bundle }) => bundle),
    ['x.jsonl:1', 'x.jsonl:2'],
  )
  assert.ok(outcome.unused?.every(({ reason }) => /was not asked for/.test(reason)))
})

test('a signature beside the file that does not count makes room for the one in the root', {
  skip,
}, async () => {
  const tree = {
    '/w/a.txt': A,
    '/w/a.txt.sigstore.json': bundleOf('rekor2-happy-path'),
    '/w/attestation.sigstore.json': bundleOf('rekor2-dsse-happy-path'),
    '/w/sbom.sigstore.json': bundleOf('npm-sigstore-1.3.0-provenance'),
    '/w/root.json': data('conformance/rekor2-dsse-happy-path/trusted_root.json'),
  }
  const inputs = { ...THEIRS, 'trusted-root': 'root.json' }
  const asked = { ...inputs, 'predicate-type': 'https://slsa.dev/provenance/v1' }
  const demanded = await runVerify({ tree, inputs: asked })
  assert.equal(demanded.outcome.error, undefined, demanded.outcome.error?.message)
  assert.deepEqual(
    demanded.outcome.subjects.map(({ bundlePath }) => bundlePath),
    ['/w/attestation.sigstore.json'],
  )
  assert.deepEqual(demanded.outcome.unused, [
    {
      bundle: '/w/a.txt.sigstore.json',
      reason: 'a plain signature was not asked for, but an attestation',
    },
    { bundle: '/w/sbom.sigstore.json', reason: 'no subject needed it' },
  ])
  const plain = await runVerify({ tree, inputs })
  assert.deepEqual(
    plain.outcome.subjects.map(({ bundlePath }) => bundlePath),
    ['/w/a.txt.sigstore.json'],
  )
})

test('several failures are counted, and the first of them named', { skip }, async () => {
  const tree = {
    '/w/a.txt': changed(A),
    '/w/b.txt': 'b',
    '/w/a.txt.sigstore.json': bundleOf('happy-path-v0.3'),
  }
  const { outcome } = await runVerify({ tree, inputs: { ...THEIRS, 'subject-path': '*.txt' } })
  assert.equal(outcome.error?.code, 'VERIFY_FAILED')
  assert.match(
    outcome.error?.message ?? '',
    /^2 of 2 subjects failed: "a\.txt" SIG_DIGEST, "b\.txt" BUNDLE_MISSING$/,
  )
})

test('the report of a stranger’s signature says whose it is', { skip }, async () => {
  const { outcome } = await runVerify({ tree: BESIDE, inputs: { 'subject-path': 'a.txt' } })
  const [row] = buildReport(outcome).subjects
  assert.equal(row?.error?.code, 'IDENTITY_MISMATCH')
  assert.equal(row?.signer?.name, `https://github.com/${BEACON_WORKFLOW}@refs/heads/main`)
  assert.equal(buildReport(outcome).identity, undefined)
})

test('the statements that were verified are handed out, each once, and only then', { skip }, async () => {
  const tree: FakeTree = { '/w/provenance.sigstore.json': bundleOf('npm-sigstore-1.3.0-provenance') }
  const start = async (inputs: Record<string, string>) => {
    const fake = fakeWorld({ tree, inputs, env: OTHER_ENV, now: NOW })
    return { ok: await launchVerify(fake.world, SHIPPED), outputs: fake.outputs }
  }
  const good = await start(NPM)
  assert.ok(good.ok)
  const path = good.outputs['statement-paths'] ?? ''
  assert.match(path, /^\/t\/keyless-statements-\d+\/[0-9a-f]{64}\.json$/)
  const written = tree[path]
  assert.ok(written instanceof Uint8Array)
  const statement = JSON.parse(Buffer.from(written).toString())
  assert.equal(statement.subject[0].digest.sha512, NPM_SHA512)
  assert.deepEqual([good.outputs['verified'], good.outputs['subject-count']], ['true', '1'])
  const bad = await start({ ...NPM, repository: 'octo/demo' })
  assert.ok(!bad.ok)
  assert.deepEqual(
    [bad.outputs['statement-paths'], bad.outputs['verified'], bad.outputs['error-code']],
    ['', '', 'IDENTITY_MISMATCH'],
  )
})

test('a person reads who signed what, from where, when, and under which trusted root', { skip }, async () => {
  const { outcome } = await runVerify(
    accepted['a SHA-512 digest alone, with the provenance in the root of the workspace'] ?? { tree: {} },
  )
  const summary = encodeSummary(outcome)
  for (const fact of [
    'https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main',
    'dae8bd8eb433a4147b4655c00fe73e0f22bc0fb1',
    'github-hosted',
    'rekor.sigstore.dev entry ',
    'https://slsa.dev/provenance/v0.2',
    'dated 2026-08-21 (12 days old)',
    'statement names this artifact',
    'source repository as the policy asks',
  ])
    assert.ok(summary.includes(fact) || summary.includes(fact.replace('entry ', '')), fact)
})

/** A `.jsonl` as a disk would hand it out, never whole. */
function longLines(line: string, count: number, last: string): Files['open'] {
  return async () => ({
    size: count * line.length,
    close: async () => {},
    chunks: async function* () {
      for (let i = 0; i < count; i++) yield Buffer.from(`${line}\n`)
      yield Buffer.from(last)
    },
  })
}

test('a `.jsonl` is read line by line: what lines there are takes no memory', {
  skip,
  timeout: 60_000,
}, async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const used = (): number => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const line = lineOf('ruby-gem')
  const verifyLines = (count: number): ReturnType<typeof verify> => {
    const { world } = fakeWorld({
      tree: { '/w/a.txt': A, '/w/all.jsonl': '' },
      inputs: { ...THEIRS, 'bundle-path': 'all.jsonl' },
      env: OTHER_ENV,
      now: NOW,
    })
    const open = longLines(line, count, lineOf('happy-path-v0.3'))
    const files: Files = {
      ...world.files,
      open: (path, roots) => (path.endsWith('.jsonl') ? open(path, roots) : world.files.open(path, roots)),
      read: async () => assert.fail('nothing is read whole'),
    }
    return verify({ ...world, files }, SHIPPED)
  }
  const count = 1200
  // What the code itself takes when it is first used is not counted.
  await verifyLines(50)
  const before = used()
  const outcome = await verifyLines(count)
  const most = count * line.length * 0.2
  // Threads of V8's free the memory of what was collected, when they get to it; what is held stays, however long one waits.
  for (let i = 0; i < 20 && used() - before >= most; i++) await sleep(100)
  const kept = used() - before
  assert.equal(outcome.result, 'verified')
  assert.equal(outcome.unused?.length, count)
  assert.ok(kept < most, `${kept} bytes for ${count} lines of ${line.length}`)
})

test('a file that is read again must be the same', { skip }, async () => {
  const tree: FakeTree = { '/w/a.txt': A }
  const { world, opened } = fakeWorld({ tree })
  const subject = { kind: 'file', name: 'a.txt', path: '/w/a.txt' } as const
  const seats = (most: number) => takeSeats([subject], new Set(), { world, roots: ['/w', '/t'] }, most)
  const [kept] = await seats(A.length)
  assert.equal((await kept?.load())?.row.digest, SHA256)
  assert.equal(opened.get('/w/a.txt'), 1)
  const [again] = await seats(0)
  assert.equal((await again?.load())?.row.digest, SHA256)
  assert.equal(opened.get('/w/a.txt'), 3)
  const [late] = await seats(0)
  tree['/w/a.txt'] = changed(A)
  await assert.rejects(async () => late?.load(), { code: 'FILE_CHANGED' })
})

test('each file is opened once, whatever the number of its bundles', { skip }, async () => {
  const tree = { ...BESIDE, '/w/a.txt.sigstore': bundleOf('happy-path-v0.1') }
  const { outcome, opened } = await runVerify({ tree, inputs: THEIRS })
  assert.equal(outcome.subjects.length, 2)
  assert.equal(opened.get('/w/a.txt'), 1)
})
