import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import type { SubjectOutcome } from '../../../src/actions/report/outcome.ts'
import type { RecipeContext } from '../../../src/actions/report/recipe-facts.ts'
import { encodeRecipes } from '../../../src/actions/report/recipes.ts'
import { encodeSummary } from '../../../src/actions/report/summary.ts'
import type { Claims } from '../../../src/sigstore/evidence.ts'
import { type GhBundle, ghRefusal } from '../gh-rules.ts'
import {
  CLAIMS,
  COMMIT,
  evidence,
  FIRST_EXTENSIONS,
  IDENTITY,
  ISSUER,
  signed,
  signer,
  subject,
  TRUST,
} from '../outcomes.ts'

const PROVENANCE = 'https://slsa.dev/provenance/v1'
const CUSTOM_TRUST = { source: 'file', name: 'trusted_root.json', digest: TRUST.digest } as const

const context = (changes: Partial<RecipeContext> = {}): RecipeContext => ({
  workspace: '/ws',
  uses: 'octo/keyless/verify@v1',
  count: 1,
  trust: TRUST,
  ...changes,
})

interface Attested {
  readonly type?: string
  readonly claims?: Claims
  readonly name?: string
  readonly bundlePath?: string
}

const attested = ({
  type = PROVENANCE,
  claims = CLAIMS,
  name = IDENTITY,
  bundlePath,
}: Attested): SubjectOutcome =>
  subject('dist/app.tgz', {
    bundlePath: bundlePath ?? '/ws/dist/app.tgz.provenance.sigstore.json',
    evidence: evidence({
      signer: signer(claims, { type: 'uri', value: name }, FIRST_EXTENSIONS),
      statement: {
        type: 'https://in-toto.io/Statement/v1',
        predicateType: type,
        subjects: [],
        payload: new Uint8Array(),
      },
    }),
  })

/** The arguments of every command by its program, as a POSIX shell takes them apart. */
function commandsOf(script: string): ReadonlyMap<string, readonly string[]> {
  const stubs = ['cosign', 'python', 'gh'].map((name) => `${name}() { show ${name} "$@"; }\n`).join('')
  const show = `show() { printf '%s\\0' "$@"; printf '\\n\\0'; }\n`
  const { status, stdout, stderr } = spawnSync('sh', ['-eu', '-c', show + stubs + script], {
    encoding: 'utf8',
  })
  assert.deepEqual([status, stderr], [0, ''])
  const commands = stdout.split('\n\0').slice(0, -1)
  return new Map(commands.map((one) => [one.split('\0')[0] ?? '', one.split('\0').slice(0, -1)]))
}

function inputsOf(script: string): Record<string, string> {
  const pairs = [...script.matchAll(/^# {7}([a-z-]+): '(.*)'$/gm)]
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value.replaceAll("''", "'")]))
}

test('an attestation of one file: four ways, each exact', () => {
  const script = encodeRecipes(attested({}), context())
  assert.deepEqual(inputsOf(script), {
    'subject-path': 'dist/app.tgz',
    repository: 'octo/demo',
    'signer-workflow': 'octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0',
    'source-ref': 'refs/tags/v1.0.0',
    'source-digest': COMMIT,
  })
  const bundle = './dist/app.tgz.provenance.sigstore.json'
  const commands = commandsOf(script)
  assert.deepEqual(commands.get('cosign'), [
    ...['cosign', 'verify-blob-attestation', '--type', PROVENANCE],
    ...['--certificate-identity', IDENTITY, '--certificate-oidc-issuer', ISSUER],
    ...['--certificate-github-workflow-repository', 'octo/demo'],
    ...['--certificate-github-workflow-ref', 'refs/tags/v1.0.0'],
    ...['--certificate-github-workflow-sha', COMMIT],
    ...['--bundle', bundle, './dist/app.tgz'],
  ])
  assert.deepEqual(commands.get('python'), [
    ...['python', '-m', 'sigstore', 'verify', 'github', '--cert-identity', IDENTITY],
    ...['--repository', 'octo/demo', '--ref', 'refs/tags/v1.0.0', '--sha', COMMIT],
    ...['--bundle', bundle, './dist/app.tgz'],
  ])
  assert.deepEqual(commands.get('gh'), [
    ...['gh', 'attestation', 'verify', './dist/app.tgz', '--bundle', bundle, '--repo', 'octo/demo'],
    ...['--cert-identity', IDENTITY, '--source-ref', 'refs/tags/v1.0.0', '--source-digest', COMMIT],
    ...['--signer-digest', COMMIT, '--deny-self-hosted-runners'],
  ])
})

test('another type than provenance is named to every tool that compares it', () => {
  const type = 'https://spdx.dev/Document/v2.3'
  const bundlePath = '/ws/sbom.sigstore.json'
  const script = encodeRecipes(attested({ type, bundlePath }), context({ count: 3 }))
  assert.equal(inputsOf(script)['predicate-type'], type)
  assert.equal(inputsOf(script)['bundle-path'], undefined, 'verify looks in the root by itself')
  const commands = commandsOf(script)
  const after = (program: string, name: string) => {
    const argv = commands.get(program) ?? []
    return argv[argv.indexOf(name) + 1]
  }
  assert.equal(after('cosign', '--type'), type)
  assert.equal(after('gh', '--predicate-type'), type)
  assert.match(script, /# It does not compare the type/)
  assert.match(script, /one of 3 attested subjects/)
  assert.doesNotMatch(script, /for bundle in/)
})

test('a statement each: loops over the folder, under the name of the kind', () => {
  const script = encodeRecipes(attested({}), context({ count: 3 }))
  assert.match(script, /^\(for bundle in \.\/dist\/\*\.provenance\.sigstore\.json; do$/m)
  assert.match(script, /"\$\{bundle%\.provenance\.sigstore\.json\}" \|\| exit 1$/m)
})

test('a digest alone: for our action, cosign and sigstore-python; gh wants a file', () => {
  const { path: _, ...image } = attested({ bundlePath: '/ws/provenance.sigstore.json' })
  const script = encodeRecipes({ ...image, name: 'ghcr.io/octo/app' }, context())
  assert.match(script, /^# How to verify ghcr\.io\/octo\/app\./)
  assert.equal(inputsOf(script)['subject-digest'], `sha256:${image.digest}`)
  const commands = commandsOf(script)
  assert.deepEqual(commands.get('cosign')?.slice(-6), [
    ...['--bundle', './provenance.sigstore.json', '--digest', image.digest, '--digestAlg', 'sha256'],
  ])
  assert.equal(commands.get('python')?.at(-1), `sha256:${image.digest}`)
  assert.equal(commands.has('gh'), false)
})

const { path: _, ...image } = attested({ bundlePath: '/ws/provenance.sigstore.json' })
const shown: Record<string, SubjectOutcome> = {
  'a signature': subject('dist/app.tgz'),
  'a signature in a combined file': subject('dist/app.tgz', { bundlePath: '/ws/all.jsonl' }),
  'an attestation': attested({}),
  'an attestation of an image': image,
  'an attestation without a log': {
    ...attested({}),
    evidence: evidence({ ...attested({}).evidence, entries: [] }),
  },
}
for (const [what, one] of Object.entries(shown)) {
  test(`with a plain name the summary shows the recipe, of one and of many: ${what}`, () => {
    for (const trust of [TRUST, { ...TRUST, name: 'staging' }, { ...TRUST, name: 'my root.json' }]) {
      for (const count of [1, 3]) {
        const script = encodeRecipes(one, context({ count, trust }))
        assert.ok(
          encodeSummary(signed({ subjects: [one] }), script).includes(`\n\`\`\`sh\n${script}\`\`\`\n`),
        )
      }
    }
  })
}

test("GitHub's own instance: gh and our action, for the others there is no log", () => {
  const made = attested({})
  const own = { ...made, evidence: evidence({ ...made.evidence, entries: [] }) }
  const script = encodeRecipes(own, context({ trust: { ...TRUST, name: 'github' } }))
  assert.deepEqual([...commandsOf(script).keys()], ['gh'])
  assert.equal(inputsOf(script)['sigstore'], 'github')
})

suite("gh attestation verify, against a table of gh's rules (gh itself cannot run here)", () => {
  const reusable = 'https://github.com/octo-tools/ci/.github/workflows/build.yml@refs/heads/main'
  const called = { ...CLAIMS, buildSignerUri: reusable, buildSignerDigest: 'd'.repeat(40) }
  const ROWS: readonly (readonly [
    title: string,
    of: Attested,
    trust: RecipeContext['trust'],
    flags: Readonly<Record<string, boolean>>,
  ])[] = [
    ['a workflow of the repository', {}, TRUST, { '--deny-self-hosted-runners': true }],
    [
      'a called workflow of another owner',
      { claims: called, name: reusable },
      TRUST,
      { '--cert-identity': true },
    ],
    [
      'a self-hosted runner',
      { claims: { ...CLAIMS, runnerEnvironment: 'self-hosted' } },
      TRUST,
      { '--deny-self-hosted-runners': false },
    ],
    [
      "an enterprise's issuer",
      { claims: { ...CLAIMS, issuer: `${ISSUER}/acme` } },
      TRUST,
      { '--cert-oidc-issuer': true },
    ],
    ['an SBOM', { type: 'https://cyclonedx.org/bom' }, TRUST, { '--predicate-type': true }],
    ['a combined file', { bundlePath: '/ws/all.jsonl' }, TRUST, { '--predicate-type': false }],
    ["GitHub's own instance", {}, { ...TRUST, name: 'github' }, { '--custom-trusted-root': false }],
    ['an instance of one’s own', {}, CUSTOM_TRUST, { '--custom-trusted-root': true }],
    ['a release on a branch', { claims: { ...CLAIMS, sourceRepositoryRef: 'refs/heads/main' } }, TRUST, {}],
  ]
  for (const [title, of, trust, flags] of ROWS) {
    test(`${title}: accepted as it is, refused with any one fact changed`, () => {
      const { claims = CLAIMS, name = IDENTITY, type = PROVENANCE } = of
      const argv = commandsOf(encodeRecipes(attested(of), context({ trust }))).get('gh') ?? []
      const good: GhBundle = { name, claims, predicateType: type }
      assert.equal(ghRefusal(argv, good), undefined)
      for (const [flag, expected] of Object.entries(flags)) assert.equal(argv.includes(flag), expected, flag)
      const others: readonly (readonly [string, Partial<GhBundle>])[] = [
        ['predicate type', { predicateType: 'https://slsa.dev/provenance/v0.2' }],
        ['source', { claims: { ...claims, sourceRepositoryUri: 'https://github.com/octo/other' } }],
        ['owner', { claims: { ...claims, sourceRepositoryOwnerUri: 'https://github.com/evil' } }],
        ['issuer', { claims: { ...claims, issuer: 'https://issuer.example' } }],
        ['signer', { name: name.replace('.yml', '.yml2') }],
        ['signer', { name: `${name}0` }],
        ['source ref', { claims: { ...claims, sourceRepositoryRef: 'refs/heads/other' } }],
        ['source digest', { claims: { ...claims, sourceRepositoryDigest: 'f'.repeat(40) } }],
        ['signer digest', { claims: { ...claims, buildSignerDigest: 'f'.repeat(40) } }],
      ]
      for (const [what, change] of others) assert.equal(ghRefusal(argv, { ...good, ...change }), what)
      const elsewhere = { ...good, claims: { ...claims, runnerEnvironment: 'self-hosted' } }
      const hosted = claims.runnerEnvironment === 'github-hosted'
      assert.equal(ghRefusal(argv, elsewhere), hosted ? 'runner' : undefined)
    })
  }

  test('without the name of the signer a called workflow would be refused', () => {
    const argv =
      commandsOf(encodeRecipes(attested({ claims: called, name: reusable }), context())).get('gh') ?? []
    const at = argv.indexOf('--cert-identity')
    const bare = argv.filter((_, i) => i !== at && i !== at + 1)
    assert.equal(ghRefusal(bare, { name: reusable, claims: called, predicateType: PROVENANCE }), 'signer')
  })

  const ghes = 'https://ghes.example/octo/demo'
  const NONE: readonly (readonly [title: string, of: SubjectOutcome, trust?: RecipeContext['trust']])[] = [
    ['a signature', subject('dist/app.tgz')],
    ['staging', attested({}), { ...TRUST, name: 'staging' }],
    [
      'another server',
      attested({
        claims: { ...CLAIMS, sourceRepositoryUri: ghes },
        name: `${ghes}/.github/workflows/a.yml@refs/heads/main`,
      }),
    ],
    ['a repository that the certificate does not name', attested({ claims: { issuer: ISSUER } })],
    ['a signer that is no workflow', attested({ name: 'https://github.com/octo' })],
  ]
  for (const [title, of, trust = TRUST] of NONE) {
    test(`no command for ${title}`, () => {
      assert.doesNotMatch(encodeRecipes(of, context({ trust })), /gh attestation/)
    })
  }
})
