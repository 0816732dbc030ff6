import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeSubject, issueCertificate } from '../../sandbox/certificates.ts'
import { generateRsaKey } from '../../sandbox/keys.ts'
import { createTsa, createTsaSigner } from '../../sandbox/tsa-authority.ts'
import { concatBytes, encodeUtf8, equalBytes, parseHex } from '../../src/core/bytes.ts'
import {
  encodeBoolean,
  encodeDer,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeUtf8String,
} from '../../src/core/der-encode.ts'
import { digest } from '../../src/core/digest.ts'
import { certificateSha1 } from '../../src/core/public-key.ts'
import {
  parseTimestampResponse,
  type TimestampToken,
  verifyTimestampToken,
} from '../../src/core/timestamp-token.ts'
import { type Certificate, parseCertificate } from '../../src/core/x509.ts'
import { ActionError } from '../../src/errors.ts'
import { at, edit, flip } from './der-edit.ts'
import { type RealBytes, realMaterial } from './real-material.ts'
import { withoutSharedData } from './shared-data.ts'

const hex = (text: string): Uint8Array => parseHex(text.replaceAll(' ', ''), 'INTERNAL', 'the test data')
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const options = { curve: 'P-256', notBefore: NOW - 1000, notAfter: NOW + 1000 } as const
const tsa = createTsa(options)
const signer = parseCertificate(tsa.signer.certificate)
const stamped = encodeUtf8('a signature')
const token = tsa.stamp(stamped, { time: NOW, nonce: 0x8001n })

/** Children of a TimeStampResp. */
const STATUS = [0]
const CONTENT_TYPE = [1, 0]
const SIGNED_DATA = [1, 1, 0]
const CMS_VERSION = [...SIGNED_DATA, 0]
const DIGESTS = [...SIGNED_DATA, 1]
const ENCAPSULATED = [...SIGNED_DATA, 2]
const TST_INFO = [...ENCAPSULATED, 1, 0, 0]
const CERTIFICATES = [...SIGNED_DATA, 3]
const SIGNERS = [...SIGNED_DATA, 4]
const SIGNER = [...SIGNERS, 0]
const SIGNER_DIGEST = [...SIGNER, 2]
const ATTRIBUTES = [...SIGNER, 3]
const SIGNATURE_ALGORITHM = [...SIGNER, 4]
const SIGNATURE = [...SIGNER, 5]

const parse = (der: Uint8Array): TimestampToken => parseTimestampResponse(der)

test('each member of a token is where it says', () => {
  const parsed = parse(token)
  assert.deepEqual(parsed.imprint, { hash: 'sha256', digest: digest('sha256', stamped) })
  assert.equal(parsed.genTime, NOW)
  assert.equal(parsed.nonce, 0x8001n)
  assert.equal(parsed.policy, '1.3.6.1.4.1.57264.2')
  assert.equal(parsed.serialNumber, 2n)
  assert.equal(parsed.digestAlgorithm, 'sha256')
  assert.deepEqual(parsed.signatureAlgorithm, { type: 'ecdsa', hash: 'sha256' })
  assert.deepEqual(parsed.tstInfo, at(token, TST_INFO))
  assert.deepEqual(parsed.messageDigest, digest('sha256', parsed.tstInfo))
  assert.equal(parsed.signedAttributes[0], 0x31)
  assert.deepEqual(parsed.signedAttributes.subarray(1), at(token, ATTRIBUTES).subarray(1))
  assert.deepEqual(parsed.signer, { issuer: signer.issuer, serialNumber: signer.serialNumber })
  assert.deepEqual(parsed.essCertificateHash, { hash: 'sha256', digest: digest('sha256', signer.raw) })
  verifyTimestampToken(parsed, signer)
})

test('no nonce is no nonce', () => {
  assert.equal(Object.hasOwn(parse(tsa.stamp(stamped, { time: NOW })), 'nonce'), false)
})

test('every curve and every hash, whatever goes with what', () => {
  for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
    for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
      const other = createTsa({ ...options, curve, hash })
      const parsed = parse(other.stamp(stamped, { time: NOW, hash: 'sha512', digestAlgorithm: 'sha384' }))
      verifyTimestampToken(parsed, parseCertificate(other.signer.certificate))
      assert.deepEqual([parsed.signatureAlgorithm.hash, parsed.digestAlgorithm], [hash, 'sha384'])
      assert.equal(parsed.imprint.hash, 'sha512')
    }
  }
})

const changed = (path: readonly number[], replacement: Uint8Array): Uint8Array =>
  edit(token, path, () => replacement)
const after = (path: readonly number[], more: Uint8Array): Uint8Array =>
  edit(token, path, (element) => concatBytes(element, more))
const removed = (path: readonly number[]): Uint8Array => changed(path, new Uint8Array())
const time = (text: string): Uint8Array => tsa.stamp(stamped, { timeText: text })
const status = (...parts: readonly Uint8Array[]): Uint8Array => changed(STATUS, encodeSequence(...parts))
const granted = encodeInteger(0n)
const freeText = encodeSequence(encodeUtf8String('later \u001b[31m::error::'))

for (const [number, why] of [
  [1, 'granted with changes'],
  [2, 'rejected'],
  [3, 'waiting'],
  [5, 'revoked'],
  [255, 'unknown'],
] as const) {
  test(`TSA_REFUSED: status ${number}, ${why}`, () => {
    assert.throws(() => parse(status(encodeInteger(BigInt(number)))), { code: 'TSA_REFUSED' })
  })
}

test('TSA_REFUSED: no token, and the reason is shown so that it does no harm', () => {
  const refusal = encodeSequence(encodeSequence(encodeInteger(2n), freeText, hex('03020520')))
  assert.throws(
    () => parse(refusal),
    (error) => {
      assert.ok(error instanceof ActionError && error.code === 'TSA_REFUSED')
      assert.match(error.message, /status 2: "later \\u\{1b\}\[31m::error::"/)
      return true
    },
  )
})

test('a text beside a granted status is no harm', () => {
  assert.equal(parse(status(granted, freeText)).genTime, NOW)
})

const attribute = (oid: string, ...values: readonly Uint8Array[]): Uint8Array =>
  encodeSequence(encodeOid(oid), encodeSet(...values))
const CONTENT = attribute('1.2.840.113549.1.9.3', encodeOid('1.2.840.113549.1.9.16.1.4'))
const DIGEST = attribute('1.2.840.113549.1.9.4', encodeOctetString(digest('sha256', at(token, TST_INFO))))
const ESS2 = '1.2.840.113549.1.9.16.2.47'
const ESS1 = '1.2.840.113549.1.9.16.2.12'
const sorted = (...attributes: readonly Uint8Array[]): Uint8Array =>
  concatBytes(Uint8Array.of(0xa0), encodeSet(...attributes).subarray(1))
const attributes = (...list: readonly Uint8Array[]): Uint8Array => changed(ATTRIBUTES, sorted(...list))
const ess = (oid: string, ...id: readonly Uint8Array[]): Uint8Array =>
  attribute(oid, encodeSequence(encodeSequence(encodeSequence(...id))))
const sha256Id = encodeSequence(encodeOid('2.16.840.1.101.3.4.2.1'))
const hash32 = encodeOctetString(new Uint8Array(32))
const info = (change: (info: Uint8Array) => Uint8Array): Uint8Array => edit(token, TST_INFO, change)
const infoAt = (index: number, replacement: Uint8Array): Uint8Array =>
  info((one) => edit(one, [index], () => replacement))
/** The TSTInfo ends with accuracy, nonce and the authority's name; this stands instead of all. */
const infoEnding = (...parts: readonly Uint8Array[]): Uint8Array =>
  info((one) => {
    const nothing = (): Uint8Array => new Uint8Array()
    const short = edit(edit(one, [7], nothing), [6], nothing)
    return edit(short, [5], () => concatBytes(...parts))
  })
const accuracy = encodeSequence(encodeInteger(1n))
const nonce = encodeInteger(7n)
const extension = (...parts: readonly Uint8Array[]): Uint8Array =>
  encodeDer(0xa1, encodeSequence(encodeOid('1.2.3'), ...parts))
const octets = encodeOctetString(hex('00'))
const md = (oid: string, length: number): Uint8Array =>
  encodeSequence(encodeSequence(encodeOid(oid), encodeNull()), encodeOctetString(new Uint8Array(length)))

const nested = (levels: number): Uint8Array => {
  let der: Uint8Array = encodeNull()
  for (let level = 0; level < levels; level += 1) der = encodeSequence(der)
  return der
}

const refused: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(),
  text: encodeUtf8('<html>not found</html>'),
  'a byte behind it': concatBytes(token, hex('00')),
  'a byte missing': token.subarray(0, -1),
  'an indefinite length': concatBytes(hex('3080'), token.subarray(4), hex('0000')),
  '1,000 levels': nested(1000),
  'more than 256 KiB': after(SIGNATURE, encodeOctetString(new Uint8Array(256 * 1024))),
  '5 MiB': new Uint8Array(5 * 1024 * 1024),
  'a status that is no number': status(encodeBoolean(true)),
  'no status': status(),
  'granted, and says why not': status(granted, hex('03020520')),
  'granted, and an empty text': status(granted, encodeSequence()),
  'granted, without token': removed([1]),
  'something behind the token': after([1], encodeNull()),
  'plain data (id-data)': changed(CONTENT_TYPE, encodeOid('1.2.840.113549.1.7.1')),
  'two contents': after(SIGNED_DATA, encodeNull()),
  'signed data of version 1': changed(CMS_VERSION, encodeInteger(1n)),
  'signed data of version 4': changed(CMS_VERSION, encodeInteger(4n)),
  'no digest algorithm': changed(DIGESTS, encodeSet()),
  "digest algorithms without the signer's": changed(
    DIGESTS,
    encodeSet(encodeSequence(encodeOid('2.16.840.1.101.3.4.2.3'))),
  ),
  'SHA-1 among the digest algorithms': changed(
    DIGESTS,
    encodeSet(encodeSequence(encodeOid('1.3.14.3.2.26')), sha256Id),
  ),
  'content of another type': changed([...ENCAPSULATED, 0], encodeOid('1.2.840.113549.1.7.1')),
  'detached content': removed([...ENCAPSULATED, 1]),
  'content behind the content': after([...ENCAPSULATED, 1, 0], octets),
  'content in parts': edit(token, [...ENCAPSULATED, 1, 0], (one) => encodeDer(0x24, one)),
  'a member that is not expected': edit(token, SIGNERS, (one) => concatBytes(encodeDer(0xa2), one)),
  'certificates twice': edit(token, CERTIFICATES, (one) => concatBytes(one, one)),
  'no signer': changed(SIGNERS, encodeSet()),
  'two signers': edit(token, SIGNER, (one) => concatBytes(one, one)),
  'a signer of version 3': changed([...SIGNER, 0], encodeInteger(3n)),
  'a signer known by key identifier': changed([...SIGNER, 1], encodeDer(0x80, new Uint8Array(20))),
  'a signer without serial number': removed([...SIGNER, 1, 1]),
  'SHA-1 as digest': changed(SIGNER_DIGEST, encodeSequence(encodeOid('1.3.14.3.2.26'))),
  'MD5 as digest': changed(SIGNER_DIGEST, encodeSequence(encodeOid('1.2.840.113549.2.5'))),
  'a digest with parameters': changed(
    SIGNER_DIGEST,
    encodeSequence(encodeOid('2.16.840.1.101.3.4.2.1'), encodeSequence()),
  ),
  'no signed attributes': removed(ATTRIBUTES),
  'signed attributes tagged otherwise': edit(token, ATTRIBUTES, (one) =>
    concatBytes(hex('a1'), one.subarray(1)),
  ),
  'no attribute': attributes(),
  'no content type': attributes(DIGEST),
  'no message digest': attributes(CONTENT),
  'another content type': attributes(
    DIGEST,
    attribute('1.2.840.113549.1.9.3', encodeOid('1.2.840.113549.1.7.1')),
  ),
  'a content type of two values': attributes(
    DIGEST,
    edit(CONTENT, [1, 0], (one) => concatBytes(one, one)),
  ),
  'a message digest of two values': attributes(CONTENT, attribute('1.2.840.113549.1.9.4', octets, hash32)),
  'a message digest of no value': attributes(CONTENT, attribute('1.2.840.113549.1.9.4')),
  'a message digest that is no OCTET STRING': attributes(
    CONTENT,
    attribute('1.2.840.113549.1.9.4', encodeNull()),
  ),
  'an attribute twice': attributes(CONTENT, DIGEST, DIGEST),
  'a message digest twice': attributes(CONTENT, DIGEST, attribute('1.2.840.113549.1.9.4', hash32)),
  'attributes out of order': changed(ATTRIBUTES, encodeDer(0xa0, DIGEST, CONTENT)),
  'an attribute of three parts': attributes(
    DIGEST,
    concatBytes(CONTENT.subarray(0, 1), hex('1c'), CONTENT.subarray(2), hex('0500')),
  ),
  'a signing certificate of none': attributes(
    CONTENT,
    DIGEST,
    attribute(ESS2, encodeSequence(encodeSequence())),
  ),
  'a signing certificate without hash': attributes(CONTENT, DIGEST, ess(ESS2)),
  'SHA-256 written out for the signing certificate': attributes(CONTENT, DIGEST, ess(ESS2, sha256Id, hash32)),
  'MD5 of the signing certificate': attributes(
    CONTENT,
    DIGEST,
    ess(ESS2, encodeSequence(encodeOid('1.2.840.113549.2.5')), hash32),
  ),
  'a hash of 31 bytes': attributes(CONTENT, DIGEST, ess(ESS2, encodeOctetString(new Uint8Array(31)))),
  'SHA-1 of 32 bytes': attributes(CONTENT, DIGEST, ess(ESS1, hash32)),
  'a malformed old signing certificate beside a new one': attributes(
    CONTENT,
    DIGEST,
    ess(ESS1, hash32),
    ess(ESS2, hash32),
  ),
  'four parts of a signing certificate': attributes(
    CONTENT,
    DIGEST,
    ess(ESS2, hash32, encodeSequence(), encodeNull()),
  ),
  'an unsigned attribute': after(SIGNATURE, encodeDer(0xa1, attribute('1.2.3', encodeNull()))),
  Ed25519: changed(SIGNATURE_ALGORITHM, encodeSequence(encodeOid('1.3.101.112'))),
  'ECDSA with SHA-1': changed(SIGNATURE_ALGORITHM, encodeSequence(encodeOid('1.2.840.10045.4.1'))),
  'ECDSA with parameters': changed(
    SIGNATURE_ALGORITHM,
    encodeSequence(encodeOid('1.2.840.10045.4.3.2'), encodeNull()),
  ),
  'RSA-PSS': changed(SIGNATURE_ALGORITHM, encodeSequence(encodeOid('1.2.840.113549.1.1.10'))),
  'RSA without NULL': changed(SIGNATURE_ALGORITHM, encodeSequence(encodeOid('1.2.840.113549.1.1.1'))),
  'a signature that is a BIT STRING': changed(SIGNATURE, hex('030100')),
  'a TSTInfo of version 2': infoAt(0, encodeInteger(2n)),
  'an imprint of 31 bytes': infoAt(2, md('2.16.840.1.101.3.4.2.1', 31)),
  'an imprint of another length than its hash': infoAt(2, md('2.16.840.1.101.3.4.2.3', 32)),
  'a time that is a UTCTime': infoAt(4, encodeDer(0x17, encodeUtf8('260102030405Z'))),
  'a fraction of a second': time('20260102030405.5Z'),
  'no seconds': time('202601020304Z'),
  'an offset': time('20260102030405+0000'),
  'the 30th of February': time('20260230030405Z'),
  'a leap second': time('20261231235960Z'),
  'two nonces': infoEnding(nonce, nonce),
  'a nonce before the accuracy': infoEnding(nonce, accuracy),
  'a nonce that is not minimal': infoEnding(hex('02020001')),
  'ordering FALSE written out': infoEnding(encodeBoolean(false)),
  'ordering behind the nonce': infoEnding(nonce, encodeBoolean(true)),
  'an accuracy out of order': infoEnding(encodeSequence(encodeDer(0x80, hex('01')), encodeInteger(1n))),
  'an accuracy of something else': infoEnding(encodeSequence(encodeUtf8String('1 s'))),
  'a critical extension': infoEnding(extension(encodeBoolean(true), octets)),
  'an extension of nothing': infoEnding(extension()),
  'an extension of too much': infoEnding(extension(octets, octets)),
  'an unknown member': infoEnding(encodeDer(0xa2, encodeNull())),
  'text behind the nonce': infoEnding(nonce, encodeUtf8String('a')),
  'a TSTInfo with something behind it': edit(token, [...ENCAPSULATED, 1, 0], () =>
    encodeOctetString(concatBytes(at(token, TST_INFO), hex('00'))),
  ),
}
for (const [why, der] of Object.entries(refused)) {
  test(`TSA_PARSE: ${why}`, () => assert.throws(() => parse(der), { code: 'TSA_PARSE' }))
}

test('TSA_IMPRINT: an imprint by SHA-1, or by nothing known', () => {
  for (const oid of ['1.3.14.3.2.26', '1.2.3']) {
    assert.throws(() => parse(infoAt(2, md(oid, 20))), { code: 'TSA_IMPRINT' })
  }
})

test('what may stand there is read', () => {
  const ending = infoEnding(
    encodeSequence(encodeInteger(1n), encodeDer(0x80, hex('05')), encodeDer(0x81, hex('05'))),
    encodeBoolean(true),
    nonce,
    encodeDer(0xa0, encodeDer(0xa4, encodeSequence())),
    extension(octets),
  )
  assert.equal(parse(ending).nonce, 7n)
  assert.equal(parse(infoEnding()).nonce, undefined)
  const certificates = changed(CERTIFICATES, encodeDer(0xa0, encodeSequence(encodeNull())))
  verifyTimestampToken(parse(certificates), signer)
  verifyTimestampToken(parse(removed(CERTIFICATES)), signer)
  const id = ess(
    ESS2,
    encodeSequence(encodeOid('2.16.840.1.101.3.4.2.3')),
    encodeOctetString(new Uint8Array(64)),
    encodeSequence(),
  )
  assert.equal(parse(attributes(CONTENT, DIGEST, id)).essCertificateHash?.hash, 'sha512')
  assert.equal(parse(attributes(CONTENT, DIGEST)).essCertificateHash, undefined)
})

const verify = (der: Uint8Array, by: Certificate = signer): void => verifyTimestampToken(parse(der), by)
const other = createTsaSigner(tsa.root, options)

const notSigned: Readonly<Record<string, () => void>> = {
  'by another authority': () => verify(createTsa(options).stamp(stamped, { time: NOW })),
  'by another certificate of the authority': () => verify(tsa.stamp(stamped, { time: NOW, signer: other })),
  'by the root': () => verify(token, parseCertificate(tsa.root.certificate)),
  'by another key under the same name and number': () =>
    verify(
      token,
      parseCertificate(
        issueCertificate(
          {
            issuer: tsa.root.name,
            subject: tsa.signer.name,
            serialNumber: signer.serialNumber,
            spki: other.key.spki,
            notBefore: NOW,
            notAfter: NOW,
            extensions: [{ oid: '1.2.3', critical: false, value: hex('0500') }],
          },
          tsa.root.key,
        ),
      ),
    ),
  'for another certificate of its signer': () =>
    verify(tsa.stamp(stamped, { time: NOW, essCertificate: other.certificate })),
  'with a spoilt signature': () =>
    verify(tsa.stamp(stamped, { time: NOW, change: (signature) => flip(signature, 20) })),
  'with a signature of two numbers side by side': () =>
    verify(tsa.stamp(stamped, { time: NOW, change: () => new Uint8Array(64).fill(7) })),
  'with an empty signature': () => verify(changed(SIGNATURE, encodeOctetString(new Uint8Array()))),
  'by RSA, with a key that is ECDSA': () =>
    verify(changed(SIGNATURE_ALGORITHM, encodeSequence(encodeOid('1.2.840.113549.1.1.11'), encodeNull()))),
  'with another hash': () =>
    verify(changed(SIGNATURE_ALGORITHM, encodeSequence(encodeOid('1.2.840.10045.4.3.3')))),
}
for (const [why, attempt] of Object.entries(notSigned)) {
  test(`TSA_SIGNER: ${why}`, () => assert.throws(attempt, { code: 'TSA_SIGNER' }))
}

test('TSA_PARSE: a message digest of something else', () => {
  const wrong = tsa.stamp(stamped, { time: NOW, messageDigest: new Uint8Array(32) })
  assert.throws(() => verify(wrong), { code: 'TSA_PARSE' })
  assert.throws(() => verify(infoAt(3, encodeInteger(99n))), { code: 'TSA_PARSE' })
})

/** A token of an authority with an RSA key, whose AlgorithmIdentifier and ESSCertID are as given. */
function rsaToken(
  algorithmOid: string,
  id: (certificate: Uint8Array) => Uint8Array,
): { der: Uint8Array; by: Certificate } {
  const key = generateRsaKey(2048, 'sha512')
  const by = parseCertificate(
    issueCertificate(
      {
        issuer: tsa.root.name,
        subject: encodeSubject('sandbox', 'rsa'),
        serialNumber: signer.serialNumber,
        spki: key.spki,
        notBefore: NOW,
        notAfter: NOW,
        extensions: [{ oid: '1.2.3', critical: false, value: hex('0500') }],
      },
      tsa.root.key,
    ),
  )
  const message = attribute('1.2.840.113549.1.9.4', encodeOctetString(digest('sha512', at(token, TST_INFO))))
  const signed = sorted(CONTENT, message, id(by.raw))
  const sha512 = encodeSequence(encodeOid('2.16.840.1.101.3.4.2.3'), encodeNull())
  const signature = key.sign(concatBytes(Uint8Array.of(0x31), signed.subarray(1)))
  const parts: readonly (readonly [readonly number[], Uint8Array])[] = [
    [DIGESTS, encodeSet(sha512)],
    [SIGNER_DIGEST, sha512],
    [ATTRIBUTES, signed],
    [SIGNATURE_ALGORITHM, encodeSequence(encodeOid(algorithmOid), encodeNull())],
    [SIGNATURE, encodeOctetString(signature)],
  ]
  return { der: parts.reduce((der, [path, part]) => edit(der, path, () => part), token), by }
}

test('RSA, named with its hash and without, and certificates known by SHA-1', () => {
  for (const oid of ['1.2.840.113549.1.1.1', '1.2.840.113549.1.1.13']) {
    const { der, by } = rsaToken(oid, (raw) => ess(ESS1, encodeOctetString(certificateSha1(raw))))
    assert.deepEqual(parse(der).signatureAlgorithm, { type: 'rsa', hash: 'sha512' })
    assert.equal(parse(der).essCertificateHash?.hash, 'sha1')
    verify(der, by)
    assert.throws(
      () =>
        verify(
          edit(der, SIGNATURE, (one) => flip(one, 100)),
          by,
        ),
      { code: 'TSA_SIGNER' },
    )
  }
  const wrong = rsaToken('1.2.840.113549.1.1.1', () => ess(ESS1, encodeOctetString(new Uint8Array(20))))
  assert.throws(() => verify(wrong.der, wrong.by), { code: 'TSA_SIGNER' })
})

/** First certificates of the timestamp authorities of all instances. */
const authorities = (): readonly Certificate[] =>
  realMaterial('**/trusted_root.json').certificates.map(({ bytes }) => parseCertificate(bytes))

const signerOf = (parsed: TimestampToken, among: readonly Certificate[]): Certificate | undefined =>
  among.find(
    ({ issuer, serialNumber }) =>
      equalBytes(issuer, parsed.signer.issuer) && equalBytes(serialNumber, parsed.signer.serialNumber),
  )

test('real tokens are read, and verified where their authority is known', { skip: withoutSharedData }, () => {
  const { timestamps } = realMaterial('**/*.json')
  const known = authorities()
  const verified = timestamps.filter(({ bytes, file }) => {
    const parsed = parse(bytes)
    assert.ok(parsed.genTime > Date.UTC(2023, 0) && parsed.genTime < Date.UTC(2027, 0), file)
    const by = signerOf(parsed, known)
    if (by !== undefined) verifyTimestampToken(parsed, by)
    return by !== undefined
  })
  assert.ok(timestamps.length >= 60, `${timestamps.length} tokens`)
  assert.ok(verified.length >= 30, `${verified.length} of them verified`)
})

const REAL = [
  'conformance/rekor2-happy-path/bundle.sigstore.json',
  'conformance/rekor2-timestamp-with-embedded-cert/bundle.sigstore.json',
  'extra/cosign-v3-blob/bundle.sigstore.json',
  'github/private-provenance.sigstore.json',
]

/** Where the bytes of the view begin in the token. */
const offsetOf = (whole: Uint8Array, view: Uint8Array): number => Buffer.from(whole).indexOf(view)

/** Every byte of the three parts that are bound to each other, flipped; in a P-384 signature it costs a millisecond each. */
function flips({ bytes }: RealBytes): readonly number[] {
  const parsed = parse(bytes)
  const attributesContent = parsed.signedAttributes.subarray(2)
  return [parsed.tstInfo, attributesContent, parsed.signature].flatMap((part) => {
    const start = offsetOf(bytes, part)
    assert.ok(start > 0)
    return Array.from({ length: part.length }, (_, i) => start + i)
  })
}

for (const file of REAL) {
  test(`one flipped byte anywhere is refused: ${file}`, { skip: withoutSharedData }, () => {
    const [real] = realMaterial(file).timestamps
    assert.ok(real)
    const by = signerOf(parse(real.bytes), authorities())
    assert.ok(by)
    verify(real.bytes, by)
    const indexes = flips(real)
    assert.ok(indexes.length > 300)
    for (const index of indexes) {
      assert.throws(() => verify(flip(real.bytes, index, 1 << (index % 8)), by), ActionError, `byte ${index}`)
    }
  })
}

test('a token is accepted in one form only: no byte outside the certificates may change', () => {
  const accepted: number[] = []
  const certificates = token.length - at(token, SIGNERS).length - at(token, CERTIFICATES).length
  for (let index = 0; index < token.length; index += 1) {
    // An empty list of certificates and one of revocations differ in this bit, and neither is used.
    if (index === certificates) continue
    try {
      verify(flip(token, index))
      accepted.push(index)
    } catch (error) {
      assert.ok(error instanceof ActionError, `byte ${index}: ${error}`)
    }
  }
  assert.deepEqual(accepted, [])
})

test('random bytes in a token throw nothing but an ActionError', () => {
  fc.assert(
    fc.property(
      fc.nat(token.length - 1),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      fc.nat(4),
      (index, put, drop) => {
        const der = concatBytes(token.subarray(0, index), put, token.subarray(index + drop))
        try {
          parse(der)
        } catch (error) {
          assert.ok(error instanceof ActionError, String(error))
        }
      },
    ),
    { numRuns: 3000 },
  )
})
