import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { encodeTbs, signCertificate } from '../../sandbox/certificates.ts'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { encodeOid, encodeSequence, encodeSet, encodeUtf8String } from '../../src/core/der-encode.ts'
import type { Certificate } from '../../src/core/x509.ts'
import { parseBundle } from '../../src/sigstore/bundle.ts'
import { parseSigner } from '../../src/sigstore/certificate-profile.ts'
import { parseLeaf } from '../../src/sigstore/leaf.ts'
import { verifyScts } from '../../src/sigstore/sct-verify.ts'
import type { TrustedRoot } from '../../src/sigstore/trusted-root.ts'
import { createInstance, type Instance, make, THEN, verdictOf } from './hostile-bundles.ts'

const HOUR = 3_600_000
const instance = createInstance()

function leafOf(from: Instance): Certificate {
  const { key } = parseBundle(encodeUtf8(JSON.stringify(make(from).bundle)))
  assert.ok(key.kind === 'certificate')
  return key.leaf
}

function withNameOf(length: number): Uint8Array {
  const key = generateEcdsaKey()
  const name = encodeSequence(
    encodeSet(encodeSequence(encodeOid('2.5.4.10'), encodeUtf8String('a'.repeat(length)))),
  )
  const window = { notBefore: THEN, notAfter: THEN + HOUR }
  const extensions = [{ oid: '1.2.3', critical: false, value: encodeSequence() }]
  const fields = { issuer: encodeSequence(), subject: name, spki: key.spki, extensions, ...window }
  return signCertificate(encodeTbs(fields, key.algorithm), key)
}

function issuerOf({ certificateAuthorities }: TrustedRoot): Certificate {
  const [issuer] = certificateAuthorities.flatMap(({ certificates }) => certificates)
  assert.ok(issuer)
  return issuer
}

suite('the certificate that the bundles of a batch share', () => {
  test('is one object, and its bytes alone decide that', () => {
    const { raw } = leafOf(instance)
    assert.equal(parseLeaf(Buffer.from(raw)), parseLeaf(raw))
    const other = Buffer.from(raw)
    other[other.length - 1] = (other.at(-1) ?? 0) ^ 1
    assert.notEqual(parseLeaf(other), parseLeaf(raw))
    assert.deepEqual(parseLeaf(other).raw, new Uint8Array(other))
  })

  test('stays as it was when the memory that it came from is written to', () => {
    const { raw } = leafOf(instance)
    const given = Buffer.from(raw)
    given[given.length - 1] = (given.at(-1) ?? 0) ^ 1
    const kept = new Uint8Array(given)
    const leaf = parseLeaf(given)
    given.fill(0)
    assert.deepEqual(leaf.raw, kept)
    assert.equal(parseLeaf(kept), leaf)
  })

  test('is parsed anew when a hundred others came after it', () => {
    const { raw } = leafOf(instance)
    const leaf = parseLeaf(raw)
    for (let i = 0; i < 99; i += 1) leafOf(instance)
    assert.equal(parseLeaf(raw), leaf)
    leafOf(instance)
    assert.notEqual(parseLeaf(raw), leaf)
  })

  for (const [length, verdict] of [
    [7 * 1024, 'remembered'],
    [9 * 1024, 'not remembered'],
  ] as const)
    test(`is ${verdict} with a name of ${length} bytes`, () => {
      const der = withNameOf(length)
      const [first, second] = [parseLeaf(der), parseLeaf(der)]
      assert.equal(first === second ? 'remembered' : 'not remembered', verdict)
      assert.deepEqual(second.raw, new Uint8Array(der))
    })

  test('is refused each time if it is none', () => {
    for (let i = 0; i < 2; i += 1) assert.throws(() => parseLeaf(Buffer.from('none')), { code: 'CERT_PARSE' })
  })

  test('names its signer once', () => {
    const leaf = leafOf(instance)
    assert.equal(parseSigner(leaf), parseSigner(leaf))
  })
})

suite('promises that held are asked for again, and the verdict is that of a stranger', () => {
  const other = createInstance()
  const usual = { issuer: issuerOf(instance.trust), trust: instance.trust, now: THEN + HOUR }
  for (const [what, given, expected] of [
    ['the same', usual, 'accepted'],
    ['later', { ...usual, now: THEN + 2 * HOUR }, 'accepted'],
    ['before they were given', { ...usual, now: THEN - HOUR }, 'SCT_INVALID'],
    ['under another trusted root', { ...usual, trust: other.trust }, 'SCT_UNKNOWN_LOG'],
    ['of another issuer', { ...usual, issuer: issuerOf(other.trust) }, 'SCT_INVALID'],
  ] as const)
    test(what, () => {
      const leaf = leafOf(instance)
      const verdict = ({ issuer, trust, now }: typeof usual) =>
        verdictOf(() => verifyScts(leaf, issuer, trust, now))
      assert.equal(verdict(usual), 'accepted')
      assert.equal(verdict(given), expected)
      assert.equal(verdict(usual), 'accepted')
    })
})
