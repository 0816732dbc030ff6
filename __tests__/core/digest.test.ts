import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeHex, encodeUtf8 } from '../../src/core/bytes.ts'
import { DIGEST_BYTES, digest, type HashName, startDigest } from '../../src/core/digest.ts'

// FIPS 180-4, the examples for "abc".
const abc: Record<HashName, string> = {
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  sha384: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  sha512:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
}
const NAMES: readonly HashName[] = ['sha256', 'sha384', 'sha512']

for (const name of NAMES) {
  test(`${name}: whole, in parts and streamed alike`, () => {
    assert.equal(encodeHex(digest(name, encodeUtf8('abc'))), abc[name])
    assert.equal(encodeHex(digest(name, encodeUtf8('a'), encodeUtf8(''), encodeUtf8('bc'))), abc[name])
    const stream = startDigest(name)
    for (const part of ['ab', '', 'c']) stream.update(encodeUtf8(part))
    assert.equal(encodeHex(stream.finish()), abc[name])
    assert.equal(digest(name).length, DIGEST_BYTES[name])
  })
}

test('a view into a larger buffer is hashed alone', () => {
  assert.equal(encodeHex(digest('sha256', encodeUtf8('xabcx').subarray(1, 4))), abc.sha256)
})

test('nothing at all has a digest', () => {
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  assert.equal(encodeHex(digest('sha256')), empty)
  assert.equal(encodeHex(startDigest('sha256').finish()), empty)
})
