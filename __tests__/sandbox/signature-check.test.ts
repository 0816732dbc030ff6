import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { signsDigest } from '../../sandbox/signature-check.ts'

const digestOf = (hash: string, data: Uint8Array): Uint8Array => createHash(hash).update(data).digest()

const CURVES = [
  ['P-256', 'sha256'],
  ['P-256', 'sha512'],
  ['P-384', 'sha256'],
  ['P-384', 'sha384'],
  ['P-521', 'sha512'],
] as const

for (const [namedCurve, hash] of CURVES) {
  test(`${namedCurve} over ${hash}: what node signs is accepted by its digest, anything else is not`, () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
    const stranger = generateKeyPairSync('ec', { namedCurve }).publicKey
    for (let i = 0; i < 10; i += 1) {
      const data = Buffer.from(`message ${i}`)
      const signature = new Uint8Array(sign(hash, data, privateKey))
      const digest = digestOf(hash, data)
      assert.equal(signsDigest(publicKey, digest, signature), true)
      assert.equal(signsDigest(stranger, digest, signature), false)
      assert.equal(signsDigest(publicKey, digestOf(hash, Buffer.from('other')), signature), false)
      const spoilt = signature.with(-1, (signature.at(-1) ?? 0) ^ 1)
      assert.equal(signsDigest(publicKey, digest, spoilt), false)
    }
  })
}

test('RSA: the whole DigestInfo is compared', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signature = sign('sha256', Buffer.from('message'), privateKey)
  assert.equal(signsDigest(publicKey, digestOf('sha256', Buffer.from('message')), signature), true)
  assert.equal(signsDigest(publicKey, digestOf('sha256', Buffer.from('other')), signature), false)
})

test('nonsense in place of a signature is no signature', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const digest = digestOf('sha256', Buffer.from('message'))
  for (const nonsense of ['', '30', '3006020100020100', '300602010102', 'ff'.repeat(70)]) {
    assert.equal(signsDigest(publicKey, digest, Buffer.from(nonsense, 'hex')), false, nonsense)
  }
})
