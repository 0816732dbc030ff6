import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync, KeyObject, verify } from 'node:crypto'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { digest } from '../../src/core/digest.ts'
import { generateEphemeralKey } from '../../src/core/ephemeral-key.ts'
import { parsePublicKeyPem, signatureMatches } from '../../src/core/public-key.ts'

const message = encodeUtf8('what a workflow built')

test('signs with P-256 and SHA-256, in DER', () => {
  const key = generateEphemeralKey()
  assert.equal(key.publicKey.type === 'ecdsa' && key.publicKey.curve, 'P-256')
  assert.ok(verify('sha256', message, key.pem, key.sign(message)))
  assert.ok(signatureMatches(key.publicKey, 'sha256', message, key.sign(message)))
  assert.deepEqual(parsePublicKeyPem(key.pem, 'CERT_KEY').spki, key.publicKey.spki)
})

test('the same chunks give digest and signature', () => {
  const key = generateEphemeralKey()
  const signing = key.startSigning()
  for (const octet of message) signing.update(Uint8Array.of(octet))
  const { digest: found, signature } = signing.finish()
  assert.deepEqual(found, digest('sha256', message))
  assert.ok(signatureMatches(key.publicKey, 'sha256', message, signature))
})

test('an empty file has a digest and a signature', () => {
  const key = generateEphemeralKey()
  const { digest: found, signature } = key.startSigning().finish()
  assert.deepEqual(found, digest('sha256', new Uint8Array()))
  assert.ok(signatureMatches(key.publicKey, 'sha256', new Uint8Array(), signature))
})

test('signs nothing after it was dropped, not even what it had begun', () => {
  const key = generateEphemeralKey()
  const signing = key.startSigning()
  signing.update(message)
  key.drop()
  key.drop()
  assert.throws(() => key.sign(message), { code: 'INTERNAL' })
  assert.throws(() => signing.finish(), { code: 'INTERNAL' })
  assert.throws(() => key.startSigning().finish(), { code: 'INTERNAL' })
  assert.equal(key.publicKey.type, 'ecdsa')
})

test('no two keys and no two signatures are the same', () => {
  const pems = new Set<string>()
  const firstNumbers = new Set<string>()
  for (let round = 0; round < 50; round += 1) {
    const key = generateEphemeralKey()
    pems.add(key.pem)
    for (let again = 0; again < 4; again += 1) {
      firstNumbers.add(Buffer.from(key.sign(message).subarray(4, 36)).toString('hex'))
    }
  }
  assert.equal(pems.size, 50)
  assert.equal(firstNumbers.size, 200)
})

test('nothing that can be reached is the private key', () => {
  const key = generateEphemeralKey()
  const reached = new Set<unknown>()
  const reach = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || reached.has(value)) return
    reached.add(value)
    for (const name of Reflect.ownKeys(value)) reach(Reflect.get(value, name))
  }
  reach(key)
  assert.ok(reached.size >= 2)
  assert.ok([...reached].every((value) => !(value instanceof KeyObject)))
  for (const shown of [JSON.stringify(key), inspect(key, { depth: 9, showHidden: true }), String(key)]) {
    assert.doesNotMatch(shown, /PRIVATE|PrivateKeyObject/)
  }
})

test('the private key is never exported', (context) => {
  const prototype = Object.getPrototypeOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  const calls = context.mock.method(prototype, 'export')
  createPrivateKey(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }),
  )
  assert.equal(calls.mock.callCount(), 1, 'the trap works')
  const key = generateEphemeralKey()
  key.sign(message)
  key.startSigning().finish()
  key.drop()
  assert.equal(calls.mock.callCount(), 1)
})
