import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseBundle } from '../../src/sigstore/bundle.ts'
import { parseSigner } from '../../src/sigstore/certificate-profile.ts'
import type { Claims } from '../../src/sigstore/evidence.ts'
import {
  encodeProvenance,
  provenanceOfCertificate,
  provenanceOfToken,
  verifyProvenance,
} from '../../src/sigstore/provenance.ts'
import { parseStatement } from '../../src/sigstore/statement.ts'
import { encodeStatement } from '../../src/sigstore/statement-write.ts'
import type { GitHubClaims } from '../../src/sigstore/token-claims.ts'
import { readSharedData, withoutSharedData } from '../core/shared-data.ts'

const REAL = 'github/private-provenance.sigstore.json'

const SHA = 'a'.repeat(40)
const GITHUB: GitHubClaims = {
  ref: 'refs/tags/v1',
  repository: 'octo/demo',
  workflowRef: 'octo/demo/.github/workflows/release.yml@refs/tags/v1',
  jobWorkflowRef: 'octo/tools/.github/workflows/build.yaml@refs/heads/x@refs/heads/main',
  eventName: 'push',
  repositoryId: '1',
  repositoryOwnerId: '2',
  runnerEnvironment: 'self-hosted',
  sha: SHA,
  runId: '42',
  runAttempt: '3',
}
const SERVER = 'https://github.com'
const CLAIMS: Claims = {
  sourceRepositoryRef: 'refs/tags/v1',
  sourceRepositoryUri: `${SERVER}/octo/demo`,
  buildConfigUri: `${SERVER}/octo/demo/.github/workflows/release.yml@refs/tags/v1`,
  buildSignerUri: `${SERVER}/octo/tools/.github/workflows/build.yaml@refs/heads/x@refs/heads/main`,
  buildTrigger: 'push',
  sourceRepositoryIdentifier: '1',
  sourceRepositoryOwnerIdentifier: '2',
  runnerEnvironment: 'self-hosted',
  sourceRepositoryDigest: SHA,
  runInvocationUri: `${SERVER}/octo/demo/actions/runs/42/attempts/3`,
}

/** Every member with its path, in the order of the text. */
function membersOf(value: unknown, path = ''): readonly (readonly [path: string, value: unknown])[] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([name, one]) => membersOf(one, `${path}/${name}`))
}

const without = (claims: object, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name))

suite('provenance', () => {
  test('is, member by member and byte by byte, what GitHub made of the same certificate', {
    skip: withoutSharedData,
  }, (t) => {
    const bundle = parseBundle(readSharedData(REAL))
    assert.ok(bundle.content.kind === 'envelope' && bundle.key.kind === 'certificate')
    const statement = parseStatement(bundle.content)
    const facts = provenanceOfCertificate(parseSigner(bundle.key.leaf).claims)
    const ours = encodeStatement(statement.subjects, encodeProvenance(facts))
    const [made, real] = [ours, statement.payload].map((payload) =>
      membersOf(JSON.parse(Buffer.from(payload).toString())),
    )
    const differing = real?.filter(([path, value], i) => made?.[i]?.[0] !== path || made?.[i]?.[1] !== value)
    t.diagnostic(`${real?.length} of ${made?.length} members compared, ${differing?.length} differ`)
    assert.deepEqual(made, real)
    assert.equal(Buffer.from(ours).toString(), Buffer.from(statement.payload).toString())
    assert.ok((real?.length ?? 0) >= 14 + 2 * statement.subjects.length)
  })

  test('is the same whether told by the certificate or by the token', () => {
    const certified = provenanceOfCertificate(CLAIMS)
    const claimed = provenanceOfToken({ github: GITHUB, server: SERVER })
    assert.deepEqual(certified, claimed)
    assert.doesNotThrow(() => verifyProvenance(certified, claimed))
    assert.equal(certified.path, '.github/workflows/release.yml')
  })

  test('a path ends at the first @ behind .yml, whatever the branch is called', () => {
    const ref = '@refs/heads/x.yml@refs/heads/main'
    const buildConfigUri = `${SERVER}/octo/demo/.github/workflows/a.yaml${ref}`
    assert.equal(provenanceOfCertificate({ ...CLAIMS, buildConfigUri }).path, '.github/workflows/a.yaml')
  })

  for (const name of Object.keys(CLAIMS)) {
    test(`a certificate without ${name} makes none`, () => {
      for (const claims of [without(CLAIMS, name), { ...CLAIMS, [name]: '' }]) {
        assert.throws(() => provenanceOfCertificate(claims), { name: 'ActionError', code: 'CERT_IDENTITY' })
      }
    })
  }

  for (const name of Object.keys(GITHUB)) {
    test(`a token without ${name} makes none`, () => {
      const github = without(GITHUB, name)
      assert.throws(() => provenanceOfToken({ github, server: SERVER }), {
        name: 'ActionError',
        code: 'TOKEN_PROVENANCE',
      })
    })
  }

  test('a workflow of another repository has no path in this one', () => {
    const buildConfigUri = `${SERVER}/octo/other/.github/workflows/release.yml@refs/tags/v1`
    assert.throws(() => provenanceOfCertificate({ ...CLAIMS, buildConfigUri }), {
      code: 'CERT_IDENTITY',
      message: /path of the workflow/,
    })
  })

  const OTHERS: readonly (readonly [keyof Claims, string])[] = [
    ['sourceRepositoryRef', 'refs/tags/v2'],
    ['buildConfigUri', `${SERVER}/octo/demo/.github/workflows/other.yml@refs/tags/v1`],
    ['buildSignerUri', `${SERVER}/octo/tools/.github/workflows/build.yaml@refs/heads/main`],
    ['buildTrigger', 'schedule'],
    ['sourceRepositoryIdentifier', '9'],
    ['sourceRepositoryOwnerIdentifier', '9'],
    ['runnerEnvironment', 'github-hosted'],
    ['sourceRepositoryDigest', 'b'.repeat(40)],
    ['runInvocationUri', `${SERVER}/octo/demo/actions/runs/42/attempts/4`],
  ]
  for (const [name, value] of OTHERS) {
    test(`a certificate of another ${name} than the token's is refused`, () => {
      const certified = provenanceOfCertificate({ ...CLAIMS, [name]: value })
      const claimed = provenanceOfToken({ github: GITHUB, server: SERVER })
      assert.throws(() => verifyProvenance(certified, claimed), { code: 'CERT_IDENTITY' })
    })
  }
})
