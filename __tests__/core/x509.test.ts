import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createHolder, EMPTY_NAME, encodeSubject, issueCertificate } from '../../sandbox/certificates.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  CODE_SIGNING,
  type ExtensionFields,
  extendedKeyUsage,
  fulcioExtension,
  keyUsage,
  subjectAlternativeName,
  subjectKeyIdentifier,
  TIME_STAMPING,
} from '../../sandbox/extensions.ts'
import { generateEcdsaKey, generateEd25519Key, generateRsaKey, type SigningKey } from '../../sandbox/keys.ts'
import { concatBytes, encodeHex, encodeUtf8, parseHex } from '../../src/core/bytes.ts'
import {
  encodeBitString,
  encodeBoolean,
  encodeDer,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeUtcOrGeneralizedTime,
  encodeUtf8String,
} from '../../src/core/der-encode.ts'
import { digest } from '../../src/core/digest.ts'
import {
  type Certificate,
  encodePem,
  encodeTbsWithout,
  parseCertificate,
  parseCertificatePem,
  verifyIssued,
} from '../../src/core/x509.ts'
import { ActionError } from '../../src/errors.ts'
import { at, edit, flip } from './der-edit.ts'
import { leafOf, realMaterial } from './real-material.ts'
import { withoutSharedData } from './shared-data.ts'

const hex = (text: string): Uint8Array => parseHex(text.replaceAll(' ', ''), 'INTERNAL', 'the test data')
const NOT_BEFORE = Date.UTC(2026, 0, 2, 3, 4, 5)
const NOT_AFTER = NOT_BEFORE + 600_000
const SAN = 'https://github.com/o/r/.github/workflows/release.yml@refs/tags/v1'

const root = createHolder(
  {
    subject: encodeSubject('sandbox', 'root'),
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    extensions: [],
  },
  generateEcdsaKey('P-384'),
)
const rootExtensions = [
  keyUsage(['keyCertSign', 'cRLSign']),
  basicConstraints({ ca: true, pathLength: 1 }),
  subjectKeyIdentifier(root.key.spki),
]
const key = generateEcdsaKey('P-256')
const leafExtensions: readonly ExtensionFields[] = [
  keyUsage(['digitalSignature']),
  extendedKeyUsage([CODE_SIGNING], false),
  subjectKeyIdentifier(key.spki),
  authorityKeyIdentifier(root.key.spki),
  subjectAlternativeName([{ type: 'uri', value: SAN }]),
  fulcioExtension(8, 'https://token.actions.githubusercontent.com'),
]

const issue = (
  extensions: readonly ExtensionFields[],
  changes: { issuer?: Uint8Array; by?: SigningKey } = {},
) =>
  issueCertificate(
    {
      issuer: changes.issuer ?? root.name,
      subject: EMPTY_NAME,
      spki: key.spki,
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      extensions,
    },
    changes.by ?? root.key,
  )
const leaf = issue(leafExtensions)

test('each member of a certificate is where it says', () => {
  const certificate = parseCertificate(leaf)
  const node = new X509Certificate(Buffer.from(leaf))
  assert.equal(encodeHex(certificate.serialNumber).toUpperCase(), node.serialNumber)
  assert.deepEqual(certificate.issuer, root.name)
  assert.deepEqual(certificate.subject, EMPTY_NAME)
  assert.deepEqual([certificate.notBefore, certificate.notAfter], [NOT_BEFORE, NOT_AFTER])
  assert.deepEqual(certificate.publicKey.spki, key.spki)
  assert.deepEqual(certificate.signatureAlgorithm, { type: 'ecdsa', hash: 'sha384' })
  assert.deepEqual([...(certificate.keyUsage?.bits ?? [])], ['digitalSignature'])
  assert.equal(certificate.keyUsage?.critical, true)
  assert.deepEqual(certificate.extendedKeyUsage, { critical: false, purposes: [CODE_SIGNING] })
  assert.deepEqual(certificate.subjectAlternativeNames, {
    critical: true,
    names: [{ type: 'uri', value: SAN }],
  })
  assert.equal(certificate.subjectKeyIdentifier?.length, 20)
  assert.equal(certificate.basicConstraints, undefined)
  assert.equal(certificate.extensions.length, leafExtensions.length)
  for (const view of [certificate.raw, certificate.tbs, certificate.signature, certificate.publicKey.spki]) {
    assert.equal(view.buffer, leaf.buffer, 'a view, no copy')
  }
})

test('names of an authority are read from its subject', () => {
  const { certificate } = createHolder(
    {
      subject: encodeSubject('GitHub, Inc.', 'Fulcio'),
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      extensions: rootExtensions,
    },
    key,
  )
  const {
    organizations,
    commonNames,
    basicConstraints: constraints,
    keyUsage: usage,
  } = parseCertificate(certificate)
  assert.deepEqual([organizations, commonNames], [['GitHub, Inc.'], ['Fulcio']])
  assert.deepEqual(constraints, { critical: true, ca: true, pathLength: 1 })
  assert.deepEqual([...(usage?.bits ?? [])], ['keyCertSign', 'cRLSign'])
})

test('a key usage of nine bits', () => {
  const all = issue([
    { oid: '2.5.29.15', critical: true, value: hex('0303 07 ff80') },
    ...leafExtensions.slice(1),
  ])
  assert.equal(parseCertificate(all).keyUsage?.bits.size, 9)
})

/** Children of a certificate and of its TBSCertificate. */
const TBS = [0]
const SERIAL = [0, 1]
const ALGORITHM = [0, 2]
const ISSUER = [0, 3]
const VALIDITY = [0, 4]
const SUBJECT = [0, 5]
const KEY = [0, 6]
const OUTER_ALGORITHM = [1]
const changed = (path: readonly number[], replacement: Uint8Array): Uint8Array =>
  edit(leaf, path, () => replacement)
const bothAlgorithms = (algorithm: Uint8Array): Uint8Array =>
  edit(changed(ALGORITHM, algorithm), OUTER_ALGORITHM, () => algorithm)
const after = (path: readonly number[], more: Uint8Array): Uint8Array =>
  edit(leaf, path, (element) => concatBytes(element, more))
const validity = (from: Uint8Array, to: Uint8Array): Uint8Array => changed(VALIDITY, encodeSequence(from, to))
const time = encodeUtcOrGeneralizedTime
const generalized = (text: string): Uint8Array => encodeDer(0x18, encodeUtf8(text))
const ecdsa256 = encodeOid('1.2.840.10045.4.3.2')
const attribute = (oid: string, value: Uint8Array): Uint8Array => encodeSequence(encodeOid(oid), value)

const malformed: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(),
  text: encodeUtf8('-----BEGIN CERTIFICATE-----'),
  'a byte behind it': concatBytes(leaf, Uint8Array.of(0)),
  'a byte missing': leaf.subarray(0, -1),
  'a fourth element': after([2], encodeNull()),
  'no signature': edit(leaf, [2], () => new Uint8Array()),
  'more than 64 KiB': edit(leaf, [2], () => encodeBitString(new Uint8Array(65536))),
  'version 1': changed([0, 0], new Uint8Array()),
  'version 2': changed([0, 0], encodeDer(0xa0, encodeInteger(1n))),
  'version 4': changed([0, 0], encodeDer(0xa0, encodeInteger(3n))),
  'serial number 0': changed(SERIAL, encodeInteger(0n)),
  'a negative serial number': changed(SERIAL, hex('0201ff')),
  'a serial number of 21 octets': changed(SERIAL, encodeInteger(2n ** 160n)),
  'a padded serial number': changed(SERIAL, hex('02020001')),
  'two signature algorithms': changed(OUTER_ALGORITHM, encodeSequence(ecdsa256)),
  'NULL behind an ECDSA algorithm': bothAlgorithms(encodeSequence(ecdsa256, encodeNull())),
  'no NULL behind an RSA algorithm': bothAlgorithms(encodeSequence(encodeOid('1.2.840.113549.1.1.11'))),
  'a NULL that is none': bothAlgorithms(encodeSequence(encodeOid('1.2.840.113549.1.1.11'), hex('050100'))),
  'SHA-1': bothAlgorithms(encodeSequence(encodeOid('1.2.840.113549.1.1.5'), encodeNull())),
  'RSA-PSS': bothAlgorithms(encodeSequence(encodeOid('1.2.840.113549.1.1.10'))),
  'an end before its beginning': validity(time(NOT_AFTER), time(NOT_BEFORE)),
  'a time without seconds': validity(encodeDer(0x17, encodeUtf8('2601020304Z')), time(NOT_AFTER)),
  'GeneralizedTime before 2050': validity(generalized('20260102030405Z'), time(NOT_AFTER)),
  'a third time': validity(time(NOT_BEFORE), concatBytes(time(NOT_AFTER), time(NOT_AFTER))),
  'the 30th of February': validity(time(NOT_BEFORE), encodeDer(0x17, encodeUtf8('270230000000Z'))),
  'an empty set in the subject': changed(SUBJECT, encodeSequence(encodeSet())),
  'an unsorted set in the subject': changed(
    SUBJECT,
    encodeSequence(
      encodeDer(
        0x31,
        attribute('2.5.4.10', encodeUtf8String('b')),
        attribute('2.5.4.10', encodeUtf8String('a')),
      ),
    ),
  ),
  'a name that is not UTF-8': changed(
    ISSUER,
    encodeSequence(encodeSet(attribute('2.5.4.3', hex('0c02c328')))),
  ),
  'a name attribute of three parts': changed(
    SUBJECT,
    encodeSequence(encodeSet(encodeSequence(encodeOid('2.5.4.3'), encodeUtf8String('a'), encodeNull()))),
  ),
  'an issuer unique identifier': after(KEY, encodeDer(0x81, hex('00ff'))),
  'a subject unique identifier': after(KEY, encodeDer(0x82, hex('00ff'))),
  'no extensions': edit(leaf, [0, 7], () => new Uint8Array()),
  'something behind the extensions': after([0, 7], encodeNull()),
  'unused bits in the signature': edit(leaf, [2], () => hex('03020780')),
  'a TBSCertificate that is a SET': edit(leaf, TBS, (tbs) =>
    concatBytes(Uint8Array.of(0x31), tbs.subarray(1)),
  ),
}
for (const [why, der] of Object.entries(malformed)) {
  test(`CERT_PARSE: ${why}`, () => assert.throws(() => parseCertificate(der), { code: 'CERT_PARSE' }))
}

test('CERT_KEY: a key that is not accepted', () => {
  for (const index of [-1, -20, -64]) {
    const spki = flip(key.spki, key.spki.length + index)
    assert.throws(() => parseCertificate(changed(KEY, spki)), { code: 'CERT_KEY' })
  }
})

const USAGE = '2.5.29.15'
const NAMES = '2.5.29.17'
const CONSTRAINTS = '2.5.29.19'
const AUTHORITY = '2.5.29.35'
const PURPOSES = '2.5.29.37'
/** The leaf with this extension instead of its own one of that kind. */
const having = (oid: string, value: Uint8Array, critical = false): Uint8Array =>
  issue([...leafExtensions.filter((one) => one.oid !== oid), { oid, critical, value }])
const names = (...elements: readonly Uint8Array[]): Uint8Array =>
  having(NAMES, encodeSequence(...elements), true)
const uri = (text: string): Uint8Array => encodeDer(0x86, Buffer.from(text, 'latin1'))
const rawExtension = (...parts: readonly Uint8Array[]): Uint8Array =>
  edit(leaf, [0, 7, 0, 1], () => encodeSequence(...parts))
const purpose = encodeOid(CODE_SIGNING)

const unfit: Readonly<Record<string, Uint8Array>> = {
  'an empty list of extensions': edit(leaf, [0, 7, 0], () => encodeSequence()),
  'two lists of extensions': after([0, 7, 0], encodeSequence()),
  '65 extensions': issue(
    Array.from({ length: 65 }, (_, i) => ({ oid: `1.2.3.${i}`, critical: false, value: hex('0500') })),
  ),
  'an extension twice': issue([...leafExtensions, fulcioExtension(8, 'https://other.example')]),
  'two subject alternative names': issue([
    ...leafExtensions,
    subjectAlternativeName([{ type: 'uri', value: SAN }]),
  ]),
  'an unknown critical extension': having('1.2.3.4', hex('0500'), true),
  'critical name constraints': having('2.5.29.30', encodeSequence(encodeDer(0xa0)), true),
  'critical policies': having('2.5.29.32', encodeSequence(encodeSequence(encodeOid('1.2.3'))), true),
  'a critical list of SCTs': having('1.3.6.1.4.1.11129.2.4.2', hex('040404020000'), true),
  'the poison of a precertificate': having('1.3.6.1.4.1.11129.2.4.3', hex('0500'), true),
  'critical FALSE written out': rawExtension(
    encodeOid(PURPOSES),
    encodeBoolean(false),
    encodeOctetString(encodeSequence(purpose)),
  ),
  'critical of 01': rawExtension(
    encodeOid(PURPOSES),
    hex('010101'),
    encodeOctetString(encodeSequence(purpose)),
  ),
  'critical twice': rawExtension(
    encodeOid(PURPOSES),
    encodeBoolean(true),
    encodeBoolean(true),
    encodeOctetString(encodeSequence(purpose)),
  ),
  'an extension without value': rawExtension(encodeOid(PURPOSES)),
  'an extension that is no OCTET STRING': rawExtension(encodeOid(PURPOSES), encodeSequence(purpose)),
  'no key usage bit': having(USAGE, hex('030100'), true),
  'key usage with a zero too many': having(USAGE, hex('0303000080'), true),
  'key usage with unused bits uncounted': having(USAGE, hex('03020080'), true),
  'key usage with unused bits set': having(USAGE, hex('03020781'), true),
  'key usage of three octets': having(USAGE, hex('030400808001'), true),
  'nine unused bits': having(USAGE, hex('03020980'), true),
  'no purpose': having(PURPOSES, encodeSequence()),
  'a purpose twice': having(PURPOSES, encodeSequence(purpose, purpose)),
  'something behind the purposes': having(PURPOSES, concatBytes(encodeSequence(purpose), hex('00'))),
  'CA FALSE written out': having(CONSTRAINTS, encodeSequence(encodeBoolean(false)), true),
  'a path length without CA': having(CONSTRAINTS, encodeSequence(encodeInteger(1n)), true),
  'a negative path length': having(CONSTRAINTS, encodeSequence(encodeBoolean(true), hex('0201ff')), true),
  'a path length of 256': having(CONSTRAINTS, encodeSequence(encodeBoolean(true), encodeInteger(256n)), true),
  'a third basic constraint': having(
    CONSTRAINTS,
    encodeSequence(encodeBoolean(true), encodeInteger(1n), encodeNull()),
    true,
  ),
  'an empty key identifier': having('2.5.29.14', encodeOctetString(new Uint8Array())),
  'an authority key identifier twice': having(
    AUTHORITY,
    encodeSequence(encodeDer(0x80, hex('01')), encodeDer(0x80, hex('02'))),
  ),
  'an authority serial number without issuer': having(AUTHORITY, encodeSequence(encodeDer(0x82, hex('01')))),
  'an unknown part of an authority key identifier': having(
    AUTHORITY,
    encodeSequence(encodeDer(0x83, hex('01'))),
  ),
  'no name': names(),
  'an empty URI': names(uri('')),
  'a URI that is not ASCII': names(uri('https://github.com/\xe1/r')),
  'a URI in UTF-8': names(encodeDer(0x86, encodeUtf8('https://github.com/é'))),
  'a line end in a URI': names(uri('https://github.com/o\n')),
  'a NUL in a URI': names(uri('https://github.com/o\0.evil.example')),
  'an e-mail address that is not ASCII': names(encodeDer(0x81, encodeUtf8('jö@example.com'))),
  'a name of no known kind': names(encodeDer(0x89, encodeUtf8('a'))),
  'a constructed URI': names(encodeDer(0xa6, encodeUtf8String('https://github.com/o'))),
  'an otherName without value': names(encodeDer(0xa0, encodeOid('1.2.3'))),
  'an otherName of two values': names(
    encodeDer(0xa0, encodeOid('1.2.3'), encodeDer(0xa0, encodeUtf8String('a'), encodeUtf8String('b'))),
  ),
}
for (const [why, der] of Object.entries(unfit)) {
  test(`CERT_PROFILE: ${why}`, () => assert.throws(() => parseCertificate(der), { code: 'CERT_PROFILE' }))
}

test('what is not critical may be unknown', () => {
  const { extensions } = parseCertificate(having('1.2.3.4', encodeUtf8('not even DER')))
  assert.deepEqual(extensions.at(-1)?.value, encodeUtf8('not even DER'))
})

test('a name is what its bytes are, never a list in a text (CVE-2021-44532)', () => {
  const value = `${SAN}, URI:https://github.com/evil/r`
  assert.deepEqual(parseCertificate(names(uri(value))).subjectAlternativeNames?.names, [
    { type: 'uri', value },
  ])
})

test('every kind of name is told apart', () => {
  const other = encodeDer(0xa0, encodeOid('1.3.6.1.4.1.57264.1.7'), encodeDer(0xa0, encodeUtf8String('é')))
  const { subjectAlternativeNames } = parseCertificate(
    names(
      uri(SAN),
      encodeDer(0x81, encodeUtf8('a@b.c')),
      encodeDer(0x82, encodeUtf8('b.c')),
      encodeDer(0x87, hex('7f000001')),
      encodeDer(0xa4, EMPTY_NAME),
      encodeDer(0x88, hex('2a03')),
      other,
    ),
  )
  assert.deepEqual(subjectAlternativeNames?.names, [
    { type: 'uri', value: SAN },
    { type: 'email', value: 'a@b.c' },
    { type: 'dns', value: 'b.c' },
    { type: 'ip', value: '' },
    { type: 'directory', value: '' },
    { type: 'unknown', value: '' },
    { type: 'other', value: 'é', oid: '1.3.6.1.4.1.57264.1.7' },
  ])
})

test('PEM is read back, one block and no more', () => {
  const pem = encodePem('CERTIFICATE', leaf)
  assert.deepEqual(parseCertificatePem(pem).raw, leaf)
  assert.deepEqual(new X509Certificate(pem).raw, Buffer.from(leaf))
  for (const text of [
    '',
    'garbage',
    pem + pem,
    `x\n${pem}`,
    `${pem}x`,
    encodePem('PUBLIC KEY', leaf),
    pem.slice(0, -9),
  ]) {
    assert.throws(() => parseCertificatePem(text), { code: 'CERT_PARSE' })
  }
})

const parsedRoot = (
  by: SigningKey,
  subject = root.name,
  extensions: readonly ExtensionFields[] = [keyUsage(['keyCertSign'])],
): Certificate =>
  parseCertificate(
    issueCertificate(
      { issuer: subject, subject, spki: by.spki, notBefore: NOT_BEFORE, notAfter: NOT_AFTER, extensions },
      by,
    ),
  )

test('a certificate is issued by its issuer and by nobody else', () => {
  const issuer = parsedRoot(root.key)
  verifyIssued(parseCertificate(leaf), issuer)
  verifyIssued(issuer, issuer)
  const others: Readonly<Record<string, Certificate>> = {
    'another key under the same name': parsedRoot(generateEcdsaKey('P-384')),
    'another name with the same key': parsedRoot(root.key, encodeSubject('sandbox', 'Root')),
    'another kind of key': parsedRoot(generateEd25519Key()),
    'another key identifier': parsedRoot(root.key, root.name, [subjectKeyIdentifier(key.spki)]),
  }
  for (const [why, other] of Object.entries(others)) {
    assert.throws(() => verifyIssued(parseCertificate(leaf), other), { code: 'CERT_CHAIN' }, why)
  }
})

test('every kind of issuer is known', () => {
  for (const by of [
    generateEcdsaKey('P-256', 'sha384'),
    generateEcdsaKey('P-521'),
    generateEd25519Key(),
    generateRsaKey(2048, 'sha512'),
  ]) {
    const child = parseCertificate(issue(leafExtensions.slice(0, 3), { by }))
    verifyIssued(child, parsedRoot(by))
    assert.equal(child.signatureAlgorithm.type, by.kind)
  }
})

test('one flipped bit anywhere in a certificate is noticed', () => {
  const issuer = parsedRoot(root.key)
  for (let index = 0; index < leaf.length; index += 1) {
    assert.throws(
      () => verifyIssued(parseCertificate(flip(leaf, index, 1 << (index % 8))), issuer),
      ActionError,
      `byte ${index}`,
    )
  }
})

test('random bytes in a certificate throw nothing but an ActionError', () => {
  fc.assert(
    fc.property(
      fc.nat(leaf.length - 1),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      fc.nat(4),
      (index, put, drop) => {
        const bytes = concatBytes(leaf.subarray(0, index), put, leaf.subarray(index + drop))
        try {
          parseCertificate(bytes)
        } catch (error) {
          assert.ok(error instanceof ActionError, String(error))
        }
      },
    ),
    { numRuns: 3000 },
  )
})

test('a TBSCertificate without one extension keeps every other byte', () => {
  const certificate = parseCertificate(leaf)
  const without = encodeTbsWithout(certificate, '1.3.6.1.4.1.57264.1.8')
  assert.deepEqual(
    without,
    edit(at(leaf, TBS), [7, 0, 5], () => new Uint8Array()),
  )
  assert.deepEqual(encodeTbsWithout(certificate, '1.2.3.4'), certificate.tbs)
})

test('all certificates of the trusted roots and of real bundles are read', {
  skip: withoutSharedData,
}, () => {
  const { certificates } = realMaterial('**/*.json')
  assert.ok(certificates.length >= 300, `${certificates.length} certificates`)
  for (const { file, bytes } of certificates) {
    const { serialNumber, notBefore, notAfter, publicKey, raw } = parseCertificate(bytes)
    const node = new X509Certificate(bytes)
    assert.equal(encodeHex(serialNumber).replace(/^00/, '').toUpperCase(), node.serialNumber, file)
    assert.deepEqual([notBefore, notAfter], [node.validFromDate.getTime(), node.validToDate.getTime()], file)
    assert.deepEqual(
      Buffer.from(publicKey.spki),
      node.publicKey.export({ type: 'spki', format: 'der' }),
      file,
    )
    assert.deepEqual(raw, bytes, file)
  }
})

test('real authorities issued each other', { skip: withoutSharedData }, () => {
  for (const instance of ['prod', 'staging', 'github']) {
    const parsed = realMaterial(`${instance}/trusted_root.json`).certificates.map(({ bytes }) =>
      parseCertificate(bytes),
    )
    const issuersOf = (child: Certificate): readonly Certificate[] =>
      parsed.filter((one) => {
        try {
          verifyIssued(child, one)
          return true
        } catch (error) {
          assert.ok(error instanceof ActionError && error.code === 'CERT_CHAIN')
          return false
        }
      })
    assert.ok(parsed.length >= 4)
    for (const child of parsed) assert.ok(issuersOf(child).length > 0, `${instance} ${child.commonNames}`)
  }
})

test('leaves of real bundles have the names that are known', { skip: withoutSharedData }, () => {
  const nameOf = (bundle: string) => parseCertificate(leafOf(bundle)).subjectAlternativeNames
  const other = nameOf('extra/san-othername/bundle.sigstore.json')?.names[0]
  assert.equal(other?.type, 'other')
  assert.equal(other?.oid, '1.3.6.1.4.1.57264.1.7')
  const provenance = nameOf('github/private-provenance.sigstore.json')
  assert.equal(provenance?.critical, true)
  assert.match(provenance?.names[0]?.value ?? '', /^https:\/\/github\.com\/.*@[0-9a-f]{40}$/)
})

test('the leaf of a known bundle', { skip: withoutSharedData }, () => {
  const bytes = leafOf('conformance/happy-path-v0.3/bundle.sigstore.json')
  const certificate = parseCertificate(bytes)
  assert.equal(
    encodeHex(digest('sha256', bytes)),
    '1d14e1e52767b3ddff7895038b50e680a06f6bc61a50634f51612dba9d5f27b8',
  )
  assert.equal(new Date(certificate.notBefore).toISOString(), '2024-03-19T17:26:26.000Z')
  assert.equal(certificate.notAfter - certificate.notBefore, 600_000)
  assert.deepEqual(certificate.extendedKeyUsage?.purposes, [CODE_SIGNING])
  assert.ok(!certificate.extendedKeyUsage?.purposes.includes(TIME_STAMPING))
})
