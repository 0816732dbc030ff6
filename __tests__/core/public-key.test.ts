import assert from 'node:assert/strict'
import { constants, createPublicKey, generateKeyPairSync, privateEncrypt, sign } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { generateEcdsaKey, generateEd25519Key, generateRsaKey, type SigningKey } from '../../sandbox/keys.ts'
import { concatBytes, encodeHex, encodeUtf8, parseHex } from '../../src/core/bytes.ts'
import {
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../../src/core/der-encode.ts'
import { digest } from '../../src/core/digest.ts'
import {
  certificateSha1,
  isEcdsaSignature,
  parsePublicKey,
  parsePublicKeyPem,
  signatureMatches,
  signatureMatchesDigest,
  startSignatureCheck,
} from '../../src/core/public-key.ts'
import { edit, flip } from './der-edit.ts'
import { readSharedData, withoutSharedData } from './shared-data.ts'

const hex = (text: string): Uint8Array => parseHex(text, 'INTERNAL', 'the test data')
const message = encodeUtf8('what a workflow built')

const p256 = generateEcdsaKey('P-256')
const p384 = generateEcdsaKey('P-384')
const p521 = generateEcdsaKey('P-521')
const ed25519 = generateEd25519Key()
const rsa = generateRsaKey(2048)
const keys: readonly SigningKey[] = [p256, p384, p521, ed25519, rsa]

const parsed = (key: SigningKey) => parsePublicKey(key.spki, 'CERT_KEY')

test('each kind of key is read and verifies its own signature', () => {
  const types = keys.map((key) => {
    const publicKey = parsed(key)
    assert.ok(signatureMatches(publicKey, key.hash, message, key.sign(message)))
    assert.ok(!signatureMatches(publicKey, key.hash, encodeUtf8('something else'), key.sign(message)))
    return publicKey.type === 'ecdsa' ? publicKey.curve : publicKey.type
  })
  assert.deepEqual(types, ['P-256', 'P-384', 'P-521', 'ed25519', 'rsa'])
  const publicKey = parsed(rsa)
  assert.equal(publicKey.type === 'rsa' && publicKey.bits, 2048)
})

test('a key is read from PEM, and from nothing else', () => {
  assert.deepEqual(parsePublicKeyPem(p256.pem, 'BUNDLE_KEY').spki, p256.spki)
  for (const text of [
    '',
    `${p256.pem}${p256.pem}`,
    `x${p256.pem}`,
    p256.pem.replaceAll('PUBLIC', 'PRIVATE'),
  ]) {
    assert.throws(() => parsePublicKeyPem(text, 'BUNDLE_KEY'), { code: 'BUNDLE_KEY' })
  }
})

test('keys of real logs are read', { skip: withoutSharedData }, () => {
  const { log_ids }: { log_ids: readonly { rawBytes_is_SPKI: boolean; keyDetails: string }[] } = JSON.parse(
    readSharedData('vectors.json'),
  )
  assert.ok(log_ids.length >= 14)
  for (const file of ['prod', 'staging']) {
    const { tlogs, ctlogs } = JSON.parse(readSharedData(`${file}/trusted_root.json`))
    for (const { publicKey } of [...tlogs, ...ctlogs]) {
      const bytes = Uint8Array.from(Buffer.from(publicKey.rawBytes, 'base64'))
      if (publicKey.keyDetails === 'PKCS1_RSA_PKCS1V5') {
        assert.throws(() => parsePublicKey(bytes, 'TRUST_INVALID'), { code: 'TRUST_INVALID' })
        continue
      }
      const type = publicKey.keyDetails === 'PKIX_ED25519' ? 'ed25519' : 'ecdsa'
      assert.equal(parsePublicKey(bytes, 'TRUST_INVALID').type, type)
    }
  }
})

const EC = encodeOid('1.2.840.10045.2.1')
const P256 = encodeOid('1.2.840.10045.3.1.7')
const point = p256.spki.subarray(-65)
const spkiOf = (algorithm: readonly Uint8Array[], key: Uint8Array): Uint8Array =>
  encodeSequence(encodeSequence(...algorithm), encodeBitString(key))
const RSA = [encodeOid('1.2.840.113549.1.1.1'), encodeNull()]
const rsaSpki = (n: bigint, e: bigint): Uint8Array =>
  spkiOf(RSA, encodeSequence(encodeInteger(n), encodeInteger(e)))
const oddOf = (bits: number): bigint => 2n ** BigInt(bits - 1) + 12345n

/** Explicit parameters of P-256, which made OpenSSL's readers loop or take another curve. */
const explicit = generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }).publicKey
const PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const coordinate = (value: bigint): Uint8Array => hex(value.toString(16).padStart(64, '0'))
/** The point of x = 0; its x can be written as p too. */
const rootOfB = 0x66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4n

const refusedKeys: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(),
  text: encodeUtf8('ssh-ed25519 AAAA'),
  'a byte behind it': concatBytes(p256.spki, Uint8Array.of(0)),
  'a byte missing': p256.spki.subarray(0, -1),
  'a long-form length': concatBytes(hex('308159'), p256.spki.subarray(2)),
  'explicit curve parameters': new Uint8Array(explicit.export({ type: 'spki', format: 'der' })),
  'a compressed point': spkiOf([EC, P256], concatBytes(Uint8Array.of(2), point.subarray(1, 33))),
  'a hybrid point': spkiOf([EC, P256], concatBytes(Uint8Array.of(6), point.subarray(1))),
  'the point at infinity': spkiOf([EC, P256], Uint8Array.of(0)),
  'a point not on the curve': flip(p256.spki, 90),
  'a point not on P-384': flip(p384.spki, 119),
  'a point not on P-521': flip(p521.spki, 157),
  'the point zero': spkiOf([EC, P256], concatBytes(Uint8Array.of(4), new Uint8Array(64))),
  'a coordinate above p': spkiOf(
    [EC, P256],
    concatBytes(Uint8Array.of(4), coordinate(PRIME), coordinate(rootOfB)),
  ),
  'a point of P-384 said to be of P-256': spkiOf([EC, P256], p384.spki.subarray(-97)),
  'another curve (secp256k1)': spkiOf([EC, encodeOid('1.3.132.0.10')], point),
  'no curve': spkiOf([EC], point),
  'a curve of NULL': spkiOf([EC, encodeNull()], point),
  'ECDH only': spkiOf([encodeOid('1.3.132.1.12'), P256], point),
  'unused bits': edit(p256.spki, [1], () => encodeDer(3, Uint8Array.of(1), point)),
  'a third element': encodeSequence(p256.spki.subarray(2), encodeNull()),
  'Ed25519 with NULL': spkiOf([encodeOid('1.3.101.112'), encodeNull()], ed25519.spki.subarray(-32)),
  'Ed25519 of 31 bytes': spkiOf([encodeOid('1.3.101.112')], new Uint8Array(31).fill(9)),
  'Ed25519 above p': spkiOf([encodeOid('1.3.101.112')], new Uint8Array(32).fill(255)),
  X25519: spkiOf([encodeOid('1.3.101.110')], ed25519.spki.subarray(-32)),
  'RSA without NULL': spkiOf(
    RSA.slice(0, 1),
    encodeSequence(encodeInteger(oddOf(2048)), encodeInteger(65537n)),
  ),
  'RSA-PSS': spkiOf([encodeOid('1.2.840.113549.1.1.10')], rsa.spki.subarray(-270)),
  'RSA of 2047 bits': rsaSpki(oddOf(2047), 65537n),
  'RSA of 512 bits': rsaSpki(oddOf(512), 65537n),
  'RSA of 8193 bits': rsaSpki(oddOf(8193), 65537n),
  'RSA with exponent 1': rsaSpki(oddOf(2048), 1n),
  'RSA with an even exponent': rsaSpki(oddOf(2048), 65536n),
  'RSA with exponent 0': rsaSpki(oddOf(2048), 0n),
  'RSA with an exponent of 65 bits': rsaSpki(oddOf(2048), 2n ** 64n + 1n),
  'RSA with an even modulus': rsaSpki(oddOf(2048) + 1n, 65537n),
  'RSA with a negative modulus': spkiOf(
    RSA,
    encodeSequence(encodeDer(2, new Uint8Array(256).fill(0x81)), encodeInteger(3n)),
  ),
  'RSA with a padded modulus': spkiOf(
    RSA,
    encodeSequence(encodeDer(2, new Uint8Array(2), rsa.spki.subarray(-261, -5)), encodeInteger(3n)),
  ),
  'RSA with a third number': spkiOf(
    RSA,
    encodeSequence(encodeInteger(oddOf(2048)), encodeInteger(3n), encodeInteger(3n)),
  ),
  'a bare PKCS #1 key': rsa.spki.subarray(24),
}
for (const [why, spki] of Object.entries(refusedKeys)) {
  test(`parsePublicKey refuses: ${why}`, () => {
    assert.throws(() => parsePublicKey(spki, 'CERT_KEY'), { code: 'CERT_KEY' })
  })
}

test('the same numbers with nothing wrong about them are taken', () => {
  assert.equal(parsePublicKey(rsaSpki(oddOf(2048), 3n), 'CERT_KEY').type, 'rsa')
  assert.equal(parsePublicKey(rsaSpki(oddOf(8192), 65537n), 'CERT_KEY').type, 'rsa')
  const origin = concatBytes(Uint8Array.of(4), coordinate(0n), coordinate(rootOfB))
  assert.equal(parsePublicKey(spkiOf([EC, P256], origin), 'CERT_KEY').type, 'ecdsa')
})

test('the curves are those of OpenSSL: 60 random keys of each, and each with a flipped bit', () => {
  for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
    for (let round = 0; round < 60; round += 1) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve })
      const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
      assert.deepEqual(parsePublicKey(spki, 'CERT_KEY').spki, spki)
      const spoilt = flip(spki, spki.length - 1 - round, 0x10)
      assert.throws(() => createPublicKey({ key: Buffer.from(spoilt), format: 'der', type: 'spki' }))
      assert.throws(() => parsePublicKey(spoilt, 'CERT_KEY'), { code: 'CERT_KEY' })
    }
  }
})

test('no Ed25519 key whose one signature fits any message', () => {
  const y = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n
  const p = 2n ** 255n - 19n
  const little = (value: bigint): Uint8Array => hex(value.toString(16).padStart(64, '0')).reverse()
  for (const weak of [0n, 1n, p - 1n, y, p - y, p, p + 1n, 2n ** 255n - 1n]) {
    for (const top of [0n, 2n ** 255n]) {
      const spki = spkiOf([encodeOid('1.3.101.112')], little(weak + top))
      assert.throws(() => parsePublicKey(spki, 'CERT_KEY'), { code: 'CERT_KEY' })
    }
  }
})

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const numbersOf = (signature: Uint8Array): readonly [bigint, bigint] => {
  const r = signature.subarray(4, 4 + (signature[3] ?? 0))
  const s = signature.subarray(6 + r.length)
  return [BigInt(`0x${encodeHex(r)}`), BigInt(`0x${encodeHex(s)}`)]
}
const signatureOf = (r: bigint, s: bigint): Uint8Array => encodeSequence(encodeInteger(r), encodeInteger(s))

const shapes: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(),
  'r and s of 32 bytes each (P1363)': new Uint8Array(64).fill(7),
  'one number': encodeSequence(encodeInteger(7n)),
  'three numbers': encodeSequence(encodeInteger(7n), encodeInteger(7n), encodeInteger(7n)),
  'a byte behind it': concatBytes(signatureOf(7n, 7n), Uint8Array.of(0)),
  'a byte behind the numbers': hex('3007020107020107 00'.replace(' ', '')),
  'r = 0': signatureOf(0n, 7n),
  's = 0': signatureOf(7n, 0n),
  'a negative r': hex('3006020187020107'),
  'a negative s': hex('3006020107020187'),
  'a padded r': hex('300702020007020107'),
  'a long-form length': hex('308106020107020107'),
  'a SET': hex('3106020107020107'),
  'an indefinite length': hex('30800201070201070000'),
}
for (const [why, signature] of Object.entries(shapes)) {
  test(`no ECDSA signature: ${why}`, () => {
    assert.equal(isEcdsaSignature(signature), false)
    assert.equal(signatureMatches(parsed(p256), 'sha256', message, signature), false)
    assert.equal(signatureMatchesDigest(parsed(p256), 'sha256', digest('sha256', message), signature), false)
  })
}

/** All three ways to ask, which must agree. */
function matches(key: SigningKey, data: Uint8Array, signature: Uint8Array, hash = key.hash): boolean {
  const publicKey = parsed(key)
  const whole = signatureMatches(publicKey, hash, data, signature)
  const check = startSignatureCheck(hash)
  check.update(data.subarray(0, 3))
  check.update(data.subarray(3))
  assert.equal(check.matches(publicKey, signature), whole, 'streamed')
  assert.equal(signatureMatchesDigest(publicKey, hash, digest(hash, data), signature), whole, 'by digest')
  return whole
}

test('a signature is good with s and with n - s, high or low, and with no other', () => {
  const high = { true: 0, false: 0 }
  for (let round = 0; round < 40; round += 1) {
    const signature = p256.sign(message)
    const [r, s] = numbersOf(signature)
    high[`${s > ORDER / 2n}`] += 1
    assert.ok(matches(p256, message, signature))
    assert.ok(matches(p256, message, signatureOf(r, ORDER - s)))
    assert.ok(!matches(p256, message, signatureOf(s, r)))
    assert.ok(!matches(p256, message, signatureOf(r, s + ORDER)))
    assert.ok(!matches(p256, message, signatureOf(r + ORDER, s)))
  }
  assert.ok(high.true > 0 && high.false > 0)
})

test('r or s of the order or beyond', () => {
  for (const value of [ORDER, ORDER + 1n, 2n ** 256n, 2n ** 2000n]) {
    assert.ok(!matches(p256, message, signatureOf(value, 7n)))
    assert.ok(!matches(p256, message, signatureOf(7n, value)))
  }
})

/** About 4 ms each; `npm run properties` compares 100,000. */
const rounds = Number(process.env['AGREEMENT_ROUNDS'] ?? 500)

test(`node:crypto and @noble/curves agree on ${rounds} random signatures, half of them spoilt`, () => {
  const key = p256
  const publicKey = parsed(key)
  for (let round = 0; round < rounds; round += 1) {
    const data = encodeUtf8(`message ${round} ${Math.random()}`)
    const signature = new Uint8Array(sign('sha256', data, key.privateKey))
    const isSpoilt = round % 2 === 1
    const given = isSpoilt ? flip(signature, round % signature.length, 1 << (round % 8)) : signature
    const whole = signatureMatches(publicKey, 'sha256', data, given)
    assert.equal(whole, !isSpoilt)
    assert.equal(signatureMatchesDigest(publicKey, 'sha256', digest('sha256', data), given), whole)
  }
})

test('they agree on every curve with every hash, longer and shorter than the order', () => {
  for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
    for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
      const key = generateEcdsaKey(curve, hash)
      assert.ok(matches(key, message, key.sign(message)), `${curve} ${hash}`)
      assert.ok(!matches(key, encodeUtf8('something else'), key.sign(message)), `${curve} ${hash}`)
    }
  }
})

test('hashes with many leading zeros are no trap', () => {
  let data = message
  for (let i = 0; digest('sha256', data)[0] !== 0 || (digest('sha256', data)[1] ?? 9) > 15; i += 1) {
    data = encodeUtf8(`message ${i}`)
  }
  assert.ok(matches(p256, data, p256.sign(data)))
})

test('RSA with each hash, whole, streamed and by digest', () => {
  for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
    const signature = new Uint8Array(sign(hash, message, rsa.privateKey))
    assert.ok(matches(rsa, message, signature, hash))
    assert.ok(!matches(rsa, encodeUtf8('something else'), signature, hash))
    for (const index of [0, 1, 128, 255]) assert.ok(!matches(rsa, message, flip(signature, index), hash))
  }
  assert.ok(!matches(rsa, message, rsa.sign(message), 'sha384'))
})

const SHA256 = '2.16.840.1.101.3.4.2.1'
const sealed = (content: Uint8Array): Uint8Array =>
  new Uint8Array(privateEncrypt({ key: rsa.privateKey, padding: constants.RSA_PKCS1_PADDING }, content))
const hashed = digest('sha256', message)

const badRsa: Readonly<Record<string, Uint8Array>> = {
  'the digest alone': sealed(hashed),
  'a DigestInfo without NULL': sealed(
    encodeSequence(encodeSequence(encodeOid(SHA256)), encodeOctetString(hashed)),
  ),
  'a DigestInfo of another hash': sealed(
    encodeSequence(
      encodeSequence(encodeOid('2.16.840.1.101.3.4.2.2'), encodeNull()),
      encodeOctetString(hashed),
    ),
  ),
  'a byte behind the DigestInfo': sealed(
    concatBytes(
      encodeSequence(encodeSequence(encodeOid(SHA256), encodeNull()), encodeOctetString(hashed)),
      Uint8Array.of(0),
    ),
  ),
  'garbage in the parameters': sealed(
    encodeSequence(
      encodeSequence(encodeOid(SHA256), encodeDer(5, new Uint8Array(20))),
      encodeOctetString(hashed),
    ),
  ),
  'PSS padding': new Uint8Array(
    sign('sha256', message, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING }),
  ),
  'no padding': new Uint8Array(
    privateEncrypt(
      { key: rsa.privateKey, padding: constants.RSA_NO_PADDING },
      concatBytes(new Uint8Array(224), hashed),
    ),
  ),
  'a zero in front': concatBytes(Uint8Array.of(0), rsa.sign(message)),
  'a byte behind': concatBytes(rsa.sign(message), Uint8Array.of(0)),
  nothing: new Uint8Array(),
  zero: new Uint8Array(256),
  'the modulus': rsa.spki.subarray(-261, -5),
}
for (const [why, signature] of Object.entries(badRsa)) {
  test(`no RSA signature: ${why}`, () => assert.equal(matches(rsa, message, signature), false))
}

test('an RSA signature that begins with a zero keeps it', () => {
  let data = message
  let signature = rsa.sign(data)
  for (let i = 0; signature[0] !== 0; i += 1) {
    data = encodeUtf8(`message ${i}`)
    signature = rsa.sign(data)
  }
  assert.ok(matches(rsa, data, signature))
  assert.ok(!matches(rsa, data, signature.subarray(1)))
})

test('a digest of another length than its hash matches nothing', () => {
  const short = digest('sha256', message).subarray(1)
  for (const key of [p256, rsa]) {
    assert.equal(signatureMatchesDigest(parsed(key), 'sha256', short, key.sign(message)), false)
    assert.equal(
      signatureMatchesDigest(parsed(key), 'sha512', digest('sha256', message), key.sign(message)),
      false,
    )
  }
})

test('Ed25519 cannot be asked with a digest, and has no streamed answer', () => {
  const signature = ed25519.sign(message)
  assert.throws(() => signatureMatchesDigest(parsed(ed25519), 'sha256', hashed, signature), {
    code: 'SIG_DIGEST_ONLY',
  })
  const check = startSignatureCheck('sha256')
  check.update(message)
  assert.equal(check.matches(parsed(ed25519), signature), false)
  for (let i = 0; i < signature.length; i += 1) {
    assert.ok(!signatureMatches(parsed(ed25519), 'sha512', message, flip(signature, i)))
  }
  assert.ok(!signatureMatches(parsed(ed25519), 'sha512', message, concatBytes(signature, Uint8Array.of(0))))
})

test('a streamed check can be asked once', () => {
  const check = startSignatureCheck('sha256')
  check.update(message)
  assert.ok(check.matches(parsed(p256), p256.sign(message)))
  assert.equal(check.matches(parsed(p256), p256.sign(message)), false)
})

test('a signature of one key is none of another, of any kind', () => {
  for (const key of keys) {
    for (const other of keys.filter((one) => one !== key)) {
      assert.equal(signatureMatches(parsed(other), other.hash, message, key.sign(message)), false)
    }
  }
})

test('no bytes make a signature check throw', () => {
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.bigInt({ min: 0n, max: 2n ** 600n }), fc.bigInt({ min: 0n, max: 2n ** 600n }))
      .map(([r, s]) => signatureOf(r, s)),
    fc.uint8Array({ minLength: 256, maxLength: 256 }),
  )
  fc.assert(
    fc.property(fc.constantFrom(...keys), junk, (key, signature) => {
      assert.equal(signatureMatches(parsed(key), key.hash, message, signature), false)
      if (key !== ed25519) assert.equal(matches(key, message, signature), false)
    }),
    { numRuns: 300 },
  )
})

test('no bytes make the key parser throw anything but its code', () => {
  const source = fc.constantFrom(...keys.map(({ spki }) => spki))
  fc.assert(
    fc.property(source, fc.nat(), fc.integer({ min: 1, max: 255 }), (spki, index, mask) => {
      try {
        assert.ok(parsePublicKey(flip(spki, index % spki.length, mask), 'CERT_KEY'))
      } catch (error) {
        assert.ok(error instanceof Error && 'code' in error && error.code === 'CERT_KEY', String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

test('SHA-1 as the world knows it', () => {
  assert.equal(encodeHex(certificateSha1(encodeUtf8('abc'))), 'a9993e364706816aba3e25717850c26c9cd0d89d')
})
