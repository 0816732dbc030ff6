import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import type { SubjectOutcome } from '../../../src/actions/report/outcome.ts'
import { placeOf, type RecipeContext, verifyUses } from '../../../src/actions/report/recipe-facts.ts'
import { quoteShell } from '../../../src/actions/report/recipe-shell.ts'
import { encodeRecipes, quoteYaml } from '../../../src/actions/report/recipes.ts'
import { matchGlob, parseGlob } from '../../../src/core/glob.ts'
import type { Evidence } from '../../../src/sigstore/evidence.ts'
import {
  CLAIMS,
  COMMIT,
  evidence,
  FIRST_EXTENSIONS,
  IDENTITY,
  ISSUER,
  NOON,
  signer,
  subject,
  TRUST,
  unproven,
} from '../outcomes.ts'

const context = (changes: Partial<RecipeContext> = {}): RecipeContext => ({
  workspace: '/ws',
  uses: 'octo/keyless/verify@v1',
  count: 1,
  trust: TRUST,
  ...changes,
})

const recipe = (changes: Partial<Evidence> = {}, of: Partial<RecipeContext> = {}): string =>
  encodeRecipes(subject('dist/app.tgz', { evidence: evidence(changes) }), context(of))

/** The arguments of every cosign and python command, as a POSIX shell takes them apart. */
function run(script: string): string[][] {
  const stubs = `show() { printf '%s\\0' "$@"; printf '\\n\\0'; }\ncosign() { show cosign "$@"; }\npython() { show python "$@"; }\n`
  const { status, stdout, stderr } = spawnSync('sh', ['-eu', '-c', stubs + script], { encoding: 'utf8' })
  assert.deepEqual([status, stderr], [0, ''])
  return stdout
    .split('\n\0')
    .slice(0, -1)
    .map((command) => command.split('\0').slice(0, -1))
}

const option = (argv: readonly string[] | undefined, name: string): string | undefined =>
  argv?.[argv.indexOf(name) + 1]

/** The inputs under `with:`. */
function inputsOf(script: string): Record<string, string> {
  const pairs = [...script.matchAll(/^# {7}([a-z-]+): '(.*)'$/gm)]
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value.replaceAll("''", "'")]))
}

test('a recipe pins identity, issuer, repository, ref and commit for each of the three tools', () => {
  const script = recipe()
  assert.deepEqual(inputsOf(script), {
    'subject-path': 'dist/app.tgz',
    repository: 'octo/demo',
    'signer-workflow': 'octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0',
    'source-ref': 'refs/tags/v1.0.0',
    'source-digest': COMMIT,
  })
  assert.match(script, /^# {3}- uses: 'octo\/keyless\/verify@v1'$/m)
  assert.deepEqual(run(script), [
    [
      ...['cosign', 'verify-blob', '--certificate-identity', IDENTITY, '--certificate-oidc-issuer', ISSUER],
      ...['--certificate-github-workflow-repository', 'octo/demo'],
      ...[
        '--certificate-github-workflow-ref',
        'refs/tags/v1.0.0',
        '--certificate-github-workflow-sha',
        COMMIT,
      ],
      ...['--bundle', './dist/app.tgz.sigstore.json', './dist/app.tgz'],
    ],
    [
      ...['python', '-m', 'sigstore', 'verify', 'github', '--cert-identity', IDENTITY],
      ...['--repository', 'octo/demo', '--ref', 'refs/tags/v1.0.0', '--sha', COMMIT],
      ...['--bundle', './dist/app.tgz.sigstore.json', './dist/app.tgz'],
    ],
  ])
})

test('an option for an extension that the certificate lacks, or that says something else, is not given', () => {
  const [cosign, python] = run(recipe({ signer: signer(CLAIMS, undefined, []) }))
  assert.ok(!cosign?.some((word) => word.startsWith('--certificate-github')))
  assert.deepEqual(python?.slice(0, 5), ['python', '-m', 'sigstore', 'verify', 'identity'])
  assert.equal(option(python, '--cert-oidc-issuer'), ISSUER)
  const other = { ...CLAIMS, sourceRepositoryDigest: 'f'.repeat(40) }
  const [withRef] = run(recipe({ signer: signer(other, undefined, FIRST_EXTENSIONS) }))
  assert.ok(withRef?.includes('--certificate-github-workflow-ref'))
  assert.ok(!withRef?.includes('--certificate-github-workflow-sha'))
})

test('cosign is told to take the time from the authority where the log gives none', () => {
  const stamped = { source: 'timestamp authority', at: NOON, by: 'tsa' } as const
  const logged = { source: 'transparency log', at: NOON, by: 'log' } as const
  assert.ok(run(recipe({ times: [stamped] }))[0]?.includes('--use-signed-timestamps'))
  assert.ok(!run(recipe({ times: [logged, stamped] }))[0]?.includes('--use-signed-timestamps'))
})

test('a custom instance brings its trusted root to every tool', () => {
  const claims = { ...CLAIMS, issuer: 'http://localhost:8910' }
  const trust = { source: 'file', name: 'trusted_root.json', digest: TRUST.digest } as const
  const script = recipe({ signer: signer(claims) }, { trust })
  const [cosign, python] = run(script)
  assert.equal(option(cosign, '--trusted-root'), './trusted_root.json')
  assert.equal(option(cosign, '--certificate-oidc-issuer'), 'http://localhost:8910')
  assert.deepEqual(python?.slice(3, 7), ['--trust-config', './trust_config.json', 'verify', 'identity'])
  assert.deepEqual(inputsOf(script), {
    'subject-path': 'dist/app.tgz',
    'certificate-identity': IDENTITY,
    'certificate-oidc-issuer': 'http://localhost:8910',
    repository: 'octo/demo',
    'source-ref': 'refs/tags/v1.0.0',
    'source-digest': COMMIT,
    sigstore: 'custom',
    'trusted-root': 'trusted_root.json',
  })
})

test('staging is named to every tool', () => {
  const script = recipe({}, { trust: { ...TRUST, name: 'staging' } })
  assert.match(script, /cosign initialize --staging/)
  assert.ok(run(script)[1]?.includes('--staging'))
  assert.equal(inputsOf(script)['sigstore'], 'staging')
})

test('an enterprise issuer and a rare trigger are named to the verify action', () => {
  const claims = { ...CLAIMS, issuer: `${ISSUER}/acme`, buildTrigger: 'pull_request' }
  const inputs = inputsOf(recipe({ signer: signer(claims) }))
  assert.equal(inputs['certificate-oidc-issuer'], `${ISSUER}/acme`)
  assert.equal(inputs['trigger'], 'pull_request')
})

test('a signer that is no workflow is named exactly', () => {
  const person = signer({ issuer: 'https://accounts.example' }, { type: 'email', value: 'a@b.example' }, [])
  const inputs = inputsOf(recipe({ signer: person }))
  assert.equal(inputs['certificate-identity'], 'a@b.example')
  assert.equal(inputs['repository'], 'any')
})

const names: Record<string, string> = {
  'a quote': "it's",
  'a command substitution': '$(touch owned)`id`',
  'a dash in front': '-rf',
  'an exclamation mark in front': '!x',
  spaces: '  two  spaces ',
  'a glob': '*.[tar]?',
  'a comma': 'a,b',
  'a back-slash': 'a\\b',
  'quotes of all kinds': `"'"'`,
  'a variable': '$HOME $(pwd)',
  'an ampersand and a semicolon': 'a&b;c|d>e',
  'a tilde': '~root',
  'letters of the world': 'größe-名前',
}
for (const [what, name] of Object.entries(names)) {
  test(`a recipe quotes a name with ${what}`, () => {
    const script = encodeRecipes(subject(name), context())
    for (const argv of run(script)) {
      assert.equal(argv.at(-1), `./${name}`)
      assert.equal(option(argv, '--bundle'), `./${name}.sigstore.json`)
    }
    const pattern = inputsOf(script)['subject-path'] ?? ''
    assert.equal(pattern, pattern.trim())
    assert.ok(!pattern.startsWith('!'))
    assert.ok(matchGlob(parseGlob(pattern), name))
    assert.ok(!matchGlob(parseGlob(pattern), `${name}x`))
  })
}

test('for many files there is a loop, which ends with the failure of one', () => {
  const script = encodeRecipes(subject("my dist/it's"), context({ count: 3 }))
  assert.match(script, /one of 3 signed files/)
  assert.match(script, /^\(for bundle in '\.\/my dist'\/\*\.sigstore\.json; do$/m)
  assert.match(script, /"\$\{bundle%\.sigstore\.json\}" \|\| exit 1$/m)
  const fails = spawnSync('sh', [
    '-c',
    `cosign() { false; }\npython() { :; }\n${script.split('\n# With sigstore-python')[0]}`,
  ])
  assert.equal(fails.status, 1)
})

test('bundles that do not lie beside the files have no loop and are named', () => {
  const script = encodeRecipes(
    subject('a', { bundlePath: '/ws/bundles/a.sigstore.json' }),
    context({ count: 3 }),
  )
  assert.doesNotMatch(script, /for bundle in/)
  assert.equal(inputsOf(script)['bundle-path'], 'bundles/a.sigstore.json')
})

test('a combined file is for our action alone', () => {
  const script = encodeRecipes(subject('a', { bundlePath: '/ws/all.jsonl' }), context({ count: 3 }))
  assert.deepEqual(run(script), [])
  assert.equal(inputsOf(script)['bundle-path'], 'all.jsonl')
})

const without: Record<string, SubjectOutcome> = {
  'nothing proven': unproven('a'),
  'a long-lived key': subject('a', { evidence: evidence({ signer: { kind: 'key', hint: 'x' } }) }),
  'no issuer': subject('a', { evidence: evidence({ signer: signer({}) }) }),
}
for (const [what, of] of Object.entries(without)) {
  test(`no recipe for ${what}`, () => assert.equal(encodeRecipes(of, context()), ''))
}

const places: Record<string, [path: string, workspace: string, place: string]> = {
  'in the workspace': ['/ws/dist/a', '/ws', './dist/a'],
  'in a workspace with a final slash': ['/ws/a', '/ws/', './a'],
  'beside the workspace': ['/workshop/a', '/ws', './a'],
  'in the temporary folder': ['/tmp/x/a', '/ws', './a'],
  'on Windows': ['D:\\a\\dist\\b', 'D:\\a', './dist/b'],
  'with a back-slash in a POSIX name': ['/ws/a\\b', '/ws', './a\\b'],
}
for (const [what, [path, workspace, place]] of Object.entries(places)) {
  test(`the place of a file ${what}`, () => assert.equal(placeOf(path, workspace), place))
}

test('quotes', () => {
  assert.equal(quoteShell('refs/tags/v1.0'), 'refs/tags/v1.0')
  assert.equal(quoteShell(''), "''")
  assert.equal(quoteShell('-a'), "'-a'")
  assert.equal(quoteYaml("it's: #1"), "'it''s: #1'")
})

test('`uses` is the action that runs, at its ref', () => {
  assert.equal(verifyUses('octo/keyless', 'v1'), 'octo/keyless/verify@v1')
  assert.equal(verifyUses(undefined, undefined), './verify')
})
