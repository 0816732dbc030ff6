import assert from 'node:assert/strict'
import { verify } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { base64, hex } from '../../sandbox/fields.ts'
import { sha256 } from '../../sandbox/keys.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { keyOfPem } from '../../sandbox/signature-check.ts'
import { leafHashOf } from '../../sandbox/tree.ts'
import { encodePae } from '../../src/core/dsse.ts'
import { encodeCanonicalJson } from '../../src/core/json.ts'
import { verifyConsistency, verifyInclusion } from '../../src/core/merkle.ts'
import { get, hashedRekordV1, post, signedBytes } from './client.ts'

let sandbox: Sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

const entries = (): string => `${sandbox.addresses.rekorV1}/api/v1/log/entries`
const some = (text: string) => signedBytes(sandbox, Buffer.from(text))
const parseHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

/** The one entry of an answer, its promise and its proof verified. */
async function verified(text: string) {
  const [[uuid, entry] = ['', undefined]] = Object.entries<Record<string, never>>(JSON.parse(text))
  assert.ok(entry)
  const { body, integratedTime, logID, logIndex, verification } = JSON.parse(JSON.stringify(entry))
  const { inclusionProof: proof, signedEntryTimestamp } = verification
  const pem = (await get(`${sandbox.addresses.rekorV1}/api/v1/log/publicKey`)).text
  const key = keyOfPem(pem)
  assert.ok(key)
  const promised = encodeCanonicalJson({ body, integratedTime, logID, logIndex })
  assert.equal(verify('sha256', promised, key, Buffer.from(signedEntryTimestamp, 'base64')), true)
  const leafHash = leafHashOf(Buffer.from(body, 'base64'))
  assert.equal(uuid.slice(16), hex(leafHash))
  verifyInclusion({
    leafHash,
    index: BigInt(proof.logIndex),
    size: BigInt(proof.treeSize),
    hashes: proof.hashes.map(parseHex),
    root: parseHex(proof.rootHash),
  })
  const [origin, size, root] = proof.checkpoint.split('\n')
  assert.match(origin, /^127\.0\.0\.1 - [0-9]+$/)
  assert.deepEqual([size, root], [String(proof.treeSize), base64(parseHex(proof.rootHash))])
  return { uuid, logIndex, proof, body: Buffer.from(body, 'base64').toString() }
}

test('a signature by digest is logged as it was sent, with promise and proof', async () => {
  const proposed = hashedRekordV1(some('one'))
  const answer = await post(entries(), proposed)
  assert.equal(answer.status, 201)
  const entry = await verified(answer.text)
  assert.equal(answer.headers.get('location'), `/api/v1/log/entries/${entry.uuid}`)
  assert.equal(answer.headers.get('etag'), entry.uuid)
  assert.equal(entry.body, Buffer.from(encodeCanonicalJson(proposed)).toString())
  assert.notEqual(entry.logIndex, entry.proof.logIndex)
})

test('an envelope is logged by its hashes', async () => {
  const payload = Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}')
  const payloadType = 'application/vnd.in-toto+json'
  const signed = signedBytes(sandbox, encodePae(payloadType, payload))
  const signatures = [{ sig: base64(signed.signature), keyid: '' }]
  const envelope = JSON.stringify({ payload: base64(payload), payloadType, signatures })
  const verifier = base64(Buffer.from(signed.leaf.pem))
  const proposed = (text: string) => ({
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: { proposedContent: { envelope: text, verifiers: [verifier] } },
  })
  const { body } = await verified((await post(entries(), proposed(envelope))).text)
  assert.deepEqual(JSON.parse(body).spec, {
    envelopeHash: { algorithm: 'sha256', value: hex(sha256(Buffer.from(envelope))) },
    payloadHash: { algorithm: 'sha256', value: hex(sha256(payload)) },
    signatures: [{ signature: base64(signed.signature), verifier }],
  })
  const other = await post(entries(), proposed(envelope.replace(base64(payload), base64(Buffer.from('{}')))))
  assert.deepEqual(JSON.parse(other.text), {
    code: 400,
    message:
      'error processing entry: could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1',
  })
})

test('the same entry again: 409 that leads to the first one', async () => {
  const proposed = hashedRekordV1(some('two'))
  const first = await verified((await post(entries(), proposed)).text)
  const second = await post(entries(), proposed)
  const message = `an equivalent entry already exists in the transparency log with UUID ${first.uuid}`
  assert.equal(second.status, 409)
  assert.deepEqual(JSON.parse(second.text), { code: 409, message })
  const location = second.headers.get('location')
  const found = await verified((await get(new URL(location ?? '', sandbox.addresses.rekorV1).href)).text)
  assert.deepEqual([found.uuid, found.logIndex], [first.uuid, first.logIndex])
})

test('an entry is found by its ids, by its index and by retrieve', async () => {
  const first = await verified((await post(entries(), hashedRekordV1(some('three')))).text)
  const byLeaf = await verified((await get(`${entries()}/${first.uuid.slice(16)}`)).text)
  const byIndex = await verified((await get(`${entries()}?logIndex=${first.logIndex}`)).text)
  const asked = { logIndexes: [first.logIndex, 1_000_000], entryUUIDs: [first.uuid] }
  const retrieved = JSON.parse((await post(`${entries()}/retrieve`, asked)).text)
  assert.deepEqual([byLeaf.uuid, byIndex.uuid], [first.uuid, first.uuid])
  assert.deepEqual(retrieved.flatMap(Object.keys), [first.uuid, first.uuid])
  const tooMany = await post(`${entries()}/retrieve`, { logIndexes: Array(11).fill(0) })
  assert.equal(tooMany.status, 422)
  assert.equal((await get(`${entries()}?logIndex=1000000`)).status, 404)
  assert.equal((await get(`${entries()}/${'0'.repeat(64)}`)).status, 404)
})

test('entries of the frozen tree have a proof in that tree', async () => {
  const { logIndex, proof } = await verified((await get(`${entries()}?logIndex=3`)).text)
  assert.deepEqual([logIndex, proof.logIndex, proof.treeSize], [3, 3, 37])
})

test('the log only grew', async () => {
  const info = async () => JSON.parse((await get(`${sandbox.addresses.rekorV1}/api/v1/log`)).text)
  const before = await info()
  await post(entries(), hashedRekordV1(some('four')))
  const now = await info()
  const query = `firstSize=${before.treeSize}&lastSize=${now.treeSize}&treeID=${now.treeID}`
  const proof = JSON.parse((await get(`${sandbox.addresses.rekorV1}/api/v1/log/proof?${query}`)).text)
  verifyConsistency({
    size1: BigInt(before.treeSize),
    root1: parseHex(before.rootHash),
    size2: BigInt(now.treeSize),
    root2: parseHex(proof.rootHash),
    hashes: proof.hashes.map(parseHex),
  })
  assert.equal(proof.rootHash, now.rootHash)
  assert.equal(now.inactiveShards[0].treeSize, 37)
})

const DIGEST = /("value":")../
/** What lacks a member has a code of its own in the body. */
const MISSING = 602
const REFUSED: readonly (readonly [string, number, RegExp, (text: string) => string, number?])[] = [
  [
    'another digest',
    400,
    /error processing entry: verifying signature/,
    (text) => text.replace(DIGEST, '$100'),
  ],
  ['a digest that is too short', 400, /invalid value for hash/, (text) => text.replace(DIGEST, '$1')],
  ['no JSON', 500, /unexpected EOF/, () => '{'],
  ['no kind', 422, /kind in body is required/, (text) => text.replace('"kind"', '"other"'), MISSING],
  ['no spec', 422, /spec in body is required/, (text) => text.replace('"spec"', '"other"'), MISSING],
  ['a kind it does not know', 422, /invalid kind value/, (text) => text.replace('hashedrekord', 'rpm')],
  ['a version it does not know', 400, /0\.0\.9/, (text) => text.replace('0.0.1', '0.0.9')],
  ['no key', 400, /public key/, (text) => text.replace('"publicKey"', '"other"')],
]

suite('Rekor v1 refuses', () => {
  for (const [title, status, message, change, code = status] of REFUSED) {
    test(title, async () => {
      const answer = await post(entries(), change(JSON.stringify(hashedRekordV1(some(title)))))
      assert.equal(answer.status, status)
      assert.equal(JSON.parse(answer.text).code, code)
      assert.match(JSON.parse(answer.text).message, message)
    })
  }

  test('another content type', async () => {
    const answer = await post(entries(), {}, { 'content-type': 'text/plain' })
    assert.equal(answer.status, 415)
  })
})
