import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseBase64 } from '../../src/core/base64.ts'
import { encodeHex, encodeUtf8 } from '../../src/core/bytes.ts'
import { digest } from '../../src/core/digest.ts'
import { encodePae, startsLikePae } from '../../src/core/dsse.ts'
import { knownBundles, readBundleParts, withoutSharedData } from './shared-data.ts'

test('the example of the DSSE protocol', () => {
  const pae = encodePae('http://example.com/HelloWorld', encodeUtf8('hello world'))
  assert.deepEqual(pae, encodeUtf8('DSSEv1 29 http://example.com/HelloWorld 11 hello world'))
})

test('lengths count bytes, not characters', () => {
  assert.deepEqual(encodePae('é', encodeUtf8('€')), encodeUtf8('DSSEv1 2 é 3 €'))
  assert.deepEqual(encodePae('', new Uint8Array()), encodeUtf8('DSSEv1 0  0 '))
})

test('real envelopes have the known encodings', { skip: withoutSharedData }, () => {
  const known = knownBundles().filter((one) => one.pae_sha256 !== undefined)
  assert.ok(known.length >= 2)
  for (const { bundle, pae_prefix = '', pae_len, pae_sha256, payload_sha256 } of known) {
    const { dsseEnvelope } = readBundleParts(bundle)
    assert.ok(dsseEnvelope)
    const payload = parseBase64(dsseEnvelope.payload, 'BUNDLE_BASE64', 'the payload')
    const pae = encodePae(dsseEnvelope.payloadType, payload)
    assert.equal(encodeHex(digest('sha256', payload)), payload_sha256)
    assert.equal(pae.length, pae_len)
    assert.deepEqual(pae.subarray(0, pae_prefix.length), encodeUtf8(pae_prefix))
    assert.equal(encodeHex(digest('sha256', pae)), pae_sha256)
  }
})

test('two different pairs never have one encoding', () => {
  const pair = fc.tuple(fc.string({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }))
  fc.assert(
    fc.property(pair, pair, ([typeA, a], [typeB, b]) => {
      const same = typeA === typeB && Buffer.compare(a, b) === 0
      assert.equal(Buffer.compare(encodePae(typeA, a), encodePae(typeB, b)) === 0, same)
    }),
  )
})

test('a file that begins like an envelope is told from others', () => {
  assert.ok(startsLikePae(encodePae('x', encodeUtf8('y'))))
  assert.ok(startsLikePae(encodeUtf8('DSSEv1 ')))
  for (const other of ['', 'DSSEv1', 'DSSEv1\n', 'DSSEv2 ', 'dssev1 ', ' DSSEv1 ']) {
    assert.ok(!startsLikePae(encodeUtf8(other)), other)
  }
})
