import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { base64 } from '../../sandbox/fields.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { createTree, leafHashOf } from '../../sandbox/tree.ts'
import { verifyInclusion } from '../../src/core/merkle.ts'
import { get, hashedRekordV2, post, signedBytes } from './client.ts'

let sandbox: Sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

const base = (): string => `${sandbox.addresses.rekorV2}/api/v2`
const entries = (): string => `${base()}/log/entries`
const some = (text: string) => signedBytes(sandbox, Buffer.from(text))
const parseBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))

async function tile(path: string): Promise<{ status: number; bytes: Uint8Array }> {
  const response = await fetch(`${base()}${path}`)
  return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) }
}

/** Signed by the log's key under its name. */
function assertSigned(envelope: string): void {
  const [, text = '', name, signature = ''] = /^((?:.+\n)+)\n— (\S+) (\S+)\n$/.exec(envelope) ?? []
  const { key, logId } = sandbox.authorities.rekorV2
  const spki = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' })
  const blob = Buffer.from(signature, 'base64')
  assert.equal(name, '127.0.0.1')
  assert.deepEqual(new Uint8Array(blob.subarray(0, 4)), logId.slice(0, 4))
  assert.equal(verify(null, Buffer.from(text), spki, blob.subarray(4)), true)
}

test('an entry comes back complete: canonical body, proof, signed checkpoint, zeros written out', async () => {
  const signed = some('one')
  const answer = await post(entries(), hashedRekordV2(signed))
  assert.equal(answer.status, 201)
  const entry = JSON.parse(answer.text)
  const { inclusionProof: proof } = entry
  assert.deepEqual(
    [entry.integratedTime, entry.inclusionPromise, entry.kindVersion],
    ['0', null, { kind: 'hashedrekord', version: '0.0.2' }],
  )
  const body = parseBase64(entry.canonicalizedBody)
  const stored = `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"${base64(signed.digest)}"},"signature":{"content":"${base64(signed.signature)}","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","x509Certificate":{"rawBytes":"${base64(signed.leaf.certificate)}"}}}}}}`
  assert.equal(Buffer.from(body).toString(), stored)
  verifyInclusion({
    leafHash: leafHashOf(body),
    index: BigInt(proof.logIndex),
    size: BigInt(proof.treeSize),
    hashes: proof.hashes.map(parseBase64),
    root: parseBase64(proof.rootHash),
  })
  const [origin, size, root] = proof.checkpoint.envelope.split('\n')
  assert.deepEqual([origin, size, root], ['127.0.0.1', proof.treeSize, proof.rootHash])
  assertSigned(proof.checkpoint.envelope)
})

test('the same entry again: 409 with its index and no proof', async () => {
  const request = hashedRekordV2(some('two'))
  const first = JSON.parse((await post(entries(), request)).text)
  const second = await post(entries(), request)
  assert.equal(second.status, 409)
  assert.equal(second.headers.get('x-log-index'), first.logIndex)
  assert.deepEqual(JSON.parse(second.text), {
    code: 6,
    message: `an equivalent entry already exists in the transparency log with index ${first.logIndex}`,
    details: [],
  })
})

suite('the tiles hold the log', () => {
  before(() => {
    for (let i = sandbox.authorities.rekorV2.log.tree.size(); i < 600; i += 1) {
      sandbox.authorities.rekorV2.append(Buffer.from(`entry ${i}`))
    }
  })

  test('leaf hashes and entries, full and partial, give the root of the checkpoint', async () => {
    const checkpoint = await get(`${base()}/checkpoint`)
    assertSigned(checkpoint.text)
    const [, size, root] = checkpoint.text.split('\n')
    assert.equal(size, '600')
    const byHashes = createTree()
    const byEntries = createTree()
    for (const path of ['000', '001', '002.p/88']) {
      const hashes = await tile(`/tile/0/${path}`)
      for (let at = 0; at < hashes.bytes.length; at += 32) byHashes.append(hashes.bytes.slice(at, at + 32))
      const bodies = Buffer.from((await tile(`/tile/entries/${path}`)).bytes)
      for (let at = 0; at < bodies.length; at += 2 + bodies.readUInt16BE(at)) {
        byEntries.append(leafHashOf(bodies.subarray(at + 2, at + 2 + bodies.readUInt16BE(at))))
      }
    }
    assert.equal(base64(byHashes.root()), root)
    assert.equal(base64(byEntries.root()), root)
    const upper = await tile('/tile/1/000.p/2')
    assert.equal(base64(upper.bytes), base64(Buffer.concat(byHashes.hashes(8, 0, 2) ?? [])))
  })

  for (const [title, path] of [
    ['one beyond the tree', '/tile/0/003'],
    ['a full one that is not full', '/tile/0/002'],
    ['one wider than the tree', '/tile/0/002.p/89'],
    ['a partial one that has become full', '/tile/0/000.p/5'],
    ['a name with needless groups', '/tile/0/x000/000'],
    ['a width of zero', '/tile/0/002.p/0'],
    ['a level without tiles', '/tile/2/000'],
  ]) {
    test(`there is no tile: ${title}`, async () => {
      assert.equal((await tile(path ?? '')).status, 404)
    })
  }
})

type Request = ReturnType<typeof hashedRekordV2>
const INVALID = 'invalid hashedrekord request'
const edited = (request: Request, from: RegExp | string, to: string): unknown =>
  JSON.parse(JSON.stringify(request).replace(from, to))

const REFUSED: readonly (readonly [string, string, (request: Request) => unknown])[] = [
  ['an attestation of the old form', 'invalid type, must be hashedrekord', () => ({ dsseRequestV002: {} })],
  ['an empty request', 'invalid type, must be hashedrekord', () => ({})],
  [
    'a member that it does not know',
    'proto: (line 1:2): unknown field "hint"',
    (request) => edited(request, '"keyDetails"', '"hint":1,"keyDetails"'),
  ],
  ['another digest', INVALID, (request) => edited(request, /"digest":"..../, '"digest":"AAAA')],
  [
    'a hash that the key does not sign',
    INVALID,
    (request) => edited(request, 'P256_SHA_256', 'P384_SHA_384'),
  ],
  [
    'an algorithm that is gone',
    INVALID,
    (request) => edited(request, 'PKIX_ECDSA_P256_SHA_256', 'PKIX_ED25519'),
  ],
  ['no verifier', INVALID, (request) => edited(request, /"x509Certificate":{[^}]*},/, '')],
]

suite('Rekor v2 refuses with 400 and code 3', () => {
  for (const [title, message, change] of REFUSED) {
    test(title, async () => {
      const answer = await post(entries(), change(hashedRekordV2(some(title))))
      assert.equal(answer.status, 400)
      assert.deepEqual(JSON.parse(answer.text), { code: 3, message, details: [] })
    })
  }
})

test('answers wait for the checkpoint that covers them, together', async () => {
  const slow = await startSandbox({ checkpointInterval: 150 })
  const started = performance.now()
  const url = `${slow.addresses.rekorV2}/api/v2/log/entries`
  const requests = ['a', 'b', 'c'].map((text) => hashedRekordV2(signedBytes(slow, Buffer.from(text))))
  const answers = await Promise.all(requests.map((request) => post(url, request)))
  const sizes = answers.map(({ text }) => JSON.parse(text).inclusionProof.treeSize)
  const took = performance.now() - started
  await slow.close()
  assert.ok(took >= 140, `${took} ms`)
  assert.equal(new Set(sizes).size, 1)
})

test('a frozen log answers 405 in plain text and can still be read', async () => {
  const frozen = await startSandbox()
  frozen.freezeRekorV2()
  const url = `${frozen.addresses.rekorV2}/api/v2`
  const answer = await post(`${url}/log/entries`, hashedRekordV2(signedBytes(frozen, Buffer.from('late'))))
  const checkpoint = await get(`${url}/checkpoint`)
  await frozen.close()
  assert.equal(answer.status, 405)
  assert.equal(answer.text, 'This log has been frozen, please switch to the latest log.\n')
  assert.equal(checkpoint.status, 200)
})
