import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { base64 } from '../../sandbox/fields.ts'
import { sha256 } from '../../sandbox/keys.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import {
  encodeBoolean,
  encodeDer,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../../src/core/der-encode.ts'
import { parseTimestampResponse, verifyTimestampToken } from '../../src/core/timestamp-token.ts'
import { parseCertificate } from '../../src/core/x509.ts'

let sandbox: Sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

const signature = Buffer.from('a signature')
const SHA256 = '2.16.840.1.101.3.4.2.1'
const SHA1 = '1.3.14.3.2.26'

const query = (oid = SHA256, imprint = sha256(signature), ...more: readonly Uint8Array[]): Uint8Array =>
  encodeSequence(
    encodeInteger(1n),
    encodeSequence(encodeSequence(encodeOid(oid), encodeNull()), encodeOctetString(imprint)),
    ...more,
  )

async function stamp(body: Uint8Array | string, headers: Record<string, string> = {}) {
  const type = typeof body === 'string' ? 'application/json' : 'application/timestamp-query'
  const response = await fetch(`${sandbox.addresses.tsa}/api/v1/timestamp`, {
    method: 'POST',
    body: Buffer.from(body),
    headers: { 'content-type': type, accept: 'application/timestamp-reply', ...headers },
  })
  return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) }
}

const signer = () => parseCertificate(sandbox.authorities.tsa.signer.certificate)

test('a DER request is answered with its nonce, now, by the signer of the trusted root', async () => {
  const { status, bytes } = await stamp(
    query(SHA256, sha256(signature), encodeInteger(12345678901234567890n)),
  )
  assert.equal(status, 200)
  const token = parseTimestampResponse(bytes)
  verifyTimestampToken(token, signer())
  assert.equal(token.nonce, 12345678901234567890n)
  assert.deepEqual(token.imprint, { hash: 'sha256', digest: sha256(signature) })
  assert.ok(Math.abs(token.genTime - Date.now()) < 5000)
})

test('a JSON request gets the same DER answer', async () => {
  const ask = {
    artifactHash: base64(sha256(signature)),
    hashAlgorithm: 'sha256',
    certificates: false,
    nonce: 7312,
  }
  const { status, bytes } = await stamp(JSON.stringify(ask))
  assert.equal(status, 200)
  assert.equal(parseTimestampResponse(bytes).nonce, 7312n)
})

test('the certificate is in the answer when it is asked for', async () => {
  const without = await stamp(query())
  const whole = await stamp(query(SHA256, sha256(signature), encodeBoolean(true)))
  const has = ({ bytes }: { bytes: Uint8Array }) =>
    Buffer.from(bytes).includes(Buffer.from(sandbox.authorities.tsa.signer.certificate))
  assert.deepEqual([has(without), has(whole)], [false, true])
  verifyTimestampToken(parseTimestampResponse(whole.bytes), signer())
})

suite('the authority refuses', () => {
  const REFUSED: readonly (readonly [string, number, string, () => Uint8Array | string])[] = [
    ['SHA-1', 400, 'Weak hash algorithm in timestamp request', () => query(SHA1, new Uint8Array(20))],
    [
      'a digest of another length',
      400,
      'Message digest has incorrect length for specified algorithm',
      () => query(SHA256, new Uint8Array(31)),
    ],
    [
      'extensions',
      400,
      'unaccepted extension: requested extensions are not supported by the TSA',
      () => query(SHA256, sha256(signature), encodeDer(0xa0, encodeSequence())),
    ],
    ['nonsense', 400, 'Error generating timestamp response', () => Buffer.from('nonsense')],
    [
      'JSON of more than 1024 bytes',
      400,
      'timestamp request is too large',
      () => JSON.stringify('x'.repeat(1100)),
    ],
  ]
  for (const [title, status, message, body] of REFUSED) {
    test(title, async () => {
      const answer = await stamp(body())
      assert.equal(answer.status, status)
      assert.deepEqual(JSON.parse(Buffer.from(answer.bytes).toString()), { code: status, message })
    })
  }

  test('another content type, with 415', async () => {
    assert.equal((await stamp(query(), { 'content-type': 'application/octet-stream' })).status, 415)
  })

  test('an answer in JSON, by falling over', async () => {
    assert.equal((await stamp(query(), { accept: 'application/json' })).status, 500)
  })
})
