import assert from 'node:assert/strict'
import { after, before, beforeEach, suite, test } from 'node:test'
import { githubClaims } from '../../sandbox/claims.ts'
import { addAttestation } from '../../sandbox/github/attestations.ts'
import { addRepository, type Permissions } from '../../sandbox/github/state.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { parseSnappyBlock } from '../../src/core/snappy.ts'
import { get, post } from './client.ts'
import { startValidated } from './validated.ts'

const PROVENANCE = 'https://slsa.dev/provenance/v1'
const digestOf = (n: number): string => n.toString(16).padStart(64, '0')
const subjectOf = (n: number) => ({ name: `app-${n}`, digest: { sha256: digestOf(n) } })

const STATEMENT = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [subjectOf(1)],
  predicateType: PROVENANCE,
  predicate: { a: 1 },
}

const bundleOf = (statement: unknown, changes: object = {}) => ({
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: {},
  dsseEnvelope: {
    payloadType: 'application/vnd.in-toto+json',
    payload: Buffer.from(JSON.stringify(statement)).toString('base64'),
    signatures: [],
  },
  ...changes,
})

suite("the sandbox's store of attestations", () => {
  let sandbox: Sandbox
  let api: string
  const own = () => sandbox.github.state
  before(async () => {
    sandbox = await startValidated()
    api = sandbox.addresses.githubApi
  })
  after(() => sandbox.close())
  beforeEach(() => {
    own().attestations.length = 0
    own().withoutAttestations.clear()
    sandbox.github.permissions.attestations = 'write'
  })

  const bearer = () => ({ authorization: `Bearer ${sandbox.github.jobToken}` })
  const store = (bundle: unknown, headers = bearer()) =>
    post(`${api}/repos/octo/demo/attestations`, { bundle }, headers)
  const list = (query = '', place = 'repos/octo/demo', headers: Record<string, string> = bearer()) =>
    get(`${api}/${place}/attestations/sha256:${digestOf(1)}${query}`, headers)

  test('what is stored is listed under each of its subjects, its bundle at an address of its own', async () => {
    const bundle = bundleOf({ ...STATEMENT, subject: [subjectOf(1), subjectOf(2)] })
    const stored = await store(bundle)
    assert.deepEqual([stored.status, stored.text], [201, '{"id":1}'])
    for (const n of [1, 2]) {
      const { status, text } = await get(
        `${api}/repos/octo/demo/attestations/sha256:${digestOf(n)}`,
        bearer(),
      )
      const { attestations } = JSON.parse(text)
      assert.equal(status, 200)
      assert.deepEqual([attestations.length, attestations[0].bundle], [1, null])
      const file = await fetch(attestations[0].bundle_url)
      assert.equal(file.headers.get('content-type'), 'application/x-snappy')
      const rules = { maxBytes: 1e6, malformed: 'GITHUB_RESPONSE', tooLarge: 'BUNDLE_TOO_LARGE' } as const
      const plain = parseSnappyBlock(new Uint8Array(await file.arrayBuffer()), rules)
      assert.deepEqual(JSON.parse(Buffer.from(plain).toString()), bundle)
    }
    assert.deepEqual(JSON.parse((await list('', 'users/octo')).text).attestations.length, 1)
  })

  const subjects = (count: number) => Array.from({ length: count }, (_, i) => subjectOf(i))
  const refused: readonly (readonly [string, unknown])[] = [
    ['no bundle', undefined],
    ['a message signature', bundleOf(STATEMENT, { dsseEnvelope: undefined, messageSignature: {} })],
    ['another media type', bundleOf(STATEMENT, { mediaType: 'x' })],
    [
      'another payload',
      bundleOf(STATEMENT, { dsseEnvelope: { payloadType: 'text/plain', payload: 'AAAA' } }),
    ],
    ['no statement', bundleOf('x')],
    ['a statement of version 0.1', bundleOf({ ...STATEMENT, _type: 'https://in-toto.io/Statement/v0.1' })],
    ['no subject', bundleOf({ ...STATEMENT, subject: [] })],
    ['1,025 subjects', bundleOf({ ...STATEMENT, subject: subjects(1025) })],
    ['a subject twice', bundleOf({ ...STATEMENT, subject: [subjectOf(1), subjectOf(1)] })],
    [
      'a subject without SHA-256',
      bundleOf({ ...STATEMENT, subject: [{ name: 'a', digest: { sha1: 'a' } }] }),
    ],
    ['a predicate over 16 MiB', bundleOf({ ...STATEMENT, predicate: 'a'.repeat(16 * 1024 * 1024) })],
  ]
  for (const [what, bundle] of refused)
    test(`refuses ${what} with 422`, async () => {
      assert.equal((await store(bundle)).status, 422)
      assert.equal(own().attestations.length, 0)
    })

  test('takes 1,024 subjects', async () => {
    assert.equal((await store(bundleOf({ ...STATEMENT, subject: subjects(1024) }))).status, 201)
  })

  test('without the permission it refuses to store with 403, and what is public is still read', async () => {
    sandbox.github.permissions.attestations = 'read'
    assert.equal((await store(bundleOf(STATEMENT))).status, 403)
    assert.equal((await list()).status, 200)
    assert.equal((await list('', 'repos/octo/demo', {})).status, 200)
  })

  test('a private repository is not there for whoever may not read it', async () => {
    addRepository(
      own(),
      githubClaims({ repository: 'octo/hidden', repositoryId: '9', visibility: 'private' }),
    )
    const wide: Permissions = { contents: 'none', attestations: 'read' }
    own().tokens.set('ghp_wide', wide)
    const asked = { authorization: 'Bearer ghp_wide' }
    assert.equal((await list('', 'repos/octo/hidden', asked)).status, 200)
    assert.equal((await list('', 'repos/octo/hidden', {})).status, 404)
    assert.equal((await list('', 'repos/octo/hidden')).status, 404, "a job's token is for its own repository")
    wide.attestations = 'none'
    assert.equal((await list('', 'repos/octo/hidden', asked)).status, 404)
  })

  test('a wrong token, another repository, a feature that is off, a digest that is none', async () => {
    assert.equal((await list('', 'repos/octo/demo', { authorization: 'Bearer x' })).status, 401)
    assert.equal((await list('', 'repos/octo/other')).status, 404)
    assert.equal((await get(`${api}/repos/octo/demo/attestations/sha512:00`, bearer())).status, 404)
    own().withoutAttestations.add('octo/demo')
    assert.equal((await list()).status, 404)
    assert.equal((await store(bundleOf(STATEMENT))).status, 404)
  })

  test('pages lead forward and back, and a type narrows them', async () => {
    for (let n = 0; n < 5; n++) await store(bundleOf({ ...STATEMENT, predicate: n }))
    await store(bundleOf({ ...STATEMENT, predicateType: 'https://spdx.dev/Document/v2.3' }))
    const seen: number[] = []
    let answer = await list('?per_page=4')
    const link = (rel: string): string =>
      new RegExp(`<([^>]+)>; rel="${rel}"`).exec(answer.headers.get('link') ?? '')?.[1] ?? ''
    seen.push(JSON.parse(answer.text).attestations.length)
    assert.equal(link('prev'), '')
    answer = await get(link('next'), bearer())
    seen.push(JSON.parse(answer.text).attestations.length)
    assert.equal(link('next'), '')
    answer = await get(link('prev'), bearer())
    seen.push(JSON.parse(answer.text).attestations.length)
    assert.deepEqual(seen, [4, 2, 4])
    const counts = ['provenance', 'sbom', 'release', PROVENANCE, 'x'].map(async (type) => {
      const { text } = await list(`?predicate_type=${encodeURIComponent(type)}`)
      return JSON.parse(text).attestations.length
    })
    assert.deepEqual(await Promise.all(counts), [5, 1, 0, 5, 0])
  })

  test('the file is given to whoever has its address, and to nobody with a credential, late or with another one', async () => {
    await store(bundleOf(STATEMENT))
    const address = async () => JSON.parse((await list()).text).attestations[0].bundle_url
    assert.equal((await get(await address())).status, 200)
    assert.equal((await get(await address(), bearer())).status, 400)
    assert.equal((await get((await address()).replace('/1.', '/2.'))).status, 403)
    const [one] = own().attestations
    assert.ok(one)
    one.expired = true
    assert.equal((await get(await address())).status, 403)
  })

  test('a test can put anything into the store, and say how it is handed out', async () => {
    const { id: repositoryId } = own().repositories.get('octo/demo') ?? { id: 0 }
    const one = { repositoryId, bundle: { a: 1 }, digests: [`sha256:${digestOf(1)}`], predicateType: 'x' }
    addAttestation(own().attestations, { ...one, form: 'inline', initiator: 'github' })
    addAttestation(own().attestations, { ...one, form: 'json', url: 'https://evil.example/x' })
    const { attestations } = JSON.parse((await list()).text)
    assert.deepEqual(
      attestations.map(({ bundle, initiator }: { bundle: unknown; initiator: string }) => [
        bundle,
        initiator,
      ]),
      [
        [null, 'user'],
        [{ a: 1 }, 'github'],
      ],
    )
    assert.equal(attestations[0].bundle_url, 'https://evil.example/x')
  })
})
