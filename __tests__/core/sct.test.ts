import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import { encodeSct, encodeSctList as encodeTlsList, vector } from '../../sandbox/sct.ts'
import { concatBytes, encodeHex, parseHex } from '../../src/core/bytes.ts'
import { encodeOctetString, encodeUtf8String } from '../../src/core/der-encode.ts'
import { digest } from '../../src/core/digest.ts'
import { parsePublicKey, signatureMatches } from '../../src/core/public-key.ts'
import {
  encodeSctList,
  encodeSctSignedData,
  POISON_OID,
  parseSctList,
  SCT_LIST_OID,
  type Sct,
} from '../../src/core/sct.ts'
import { encodeTbsWithout, parseCertificate, verifyIssued } from '../../src/core/x509.ts'
import { ActionError } from '../../src/errors.ts'
import { flip } from './der-edit.ts'
import { leafOf, realMaterial } from './real-material.ts'
import { readSharedData, withoutSharedData } from './shared-data.ts'

const hex = (text: string): Uint8Array => parseHex(text.replaceAll(' ', ''), 'INTERNAL', 'the test data')

interface KnownSct {
  readonly count: number
  readonly log_id_hex: string
  readonly timestamp_ms: number
  readonly extensions_hex: string
  readonly issuer_key_hash: string
  readonly tbs_without_sct_sha256: string
  readonly tbs_without_sct_len: number
  readonly signed_data_sha256: string
}

interface KnownLog {
  readonly logId: { readonly keyId: string }
  readonly publicKey: { readonly rawBytes: string; readonly keyDetails: string }
}

const known: readonly { readonly bundle: string; readonly sct: KnownSct }[] =
  withoutSharedData === false
    ? JSON.parse(readSharedData('vectors.json')).bundles.filter(
        ({ bundle }: { bundle: string }) => realMaterial(bundle).certificates.length > 0,
      )
    : []

const base64Bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))

/** Log id in hexadecimal digits to key, of all instances. */
function logKeys(): ReadonlyMap<string, Uint8Array> {
  const roots = ['prod', 'staging', 'wild/prod', 'wild/staging'].map((name) => `${name}/trusted_root.json`)
  const files = [
    ...roots,
    'conformance/bundle-with-sct-with-extensions/trusted_root.json',
    'extra/staging-two-intermediates-same-name/trusted_root.json',
  ]
  const logs: readonly KnownLog[] = files.flatMap((file) => JSON.parse(readSharedData(file)).ctlogs)
  return new Map(
    logs.map(({ logId, publicKey }) => [
      encodeHex(base64Bytes(logId.keyId)),
      base64Bytes(publicKey.rawBytes),
    ]),
  )
}

const sctOf = (bundle: string) => {
  const certificate = parseCertificate(leafOf(bundle))
  const extension = certificate.extensions.find(({ oid }) => oid === SCT_LIST_OID)
  const value = extension?.value ?? new Uint8Array()
  const [sct, ...rest] = parseSctList(value)
  assert.ok(sct)
  return { certificate, value, sct, rest }
}

test('known answers: TBSCertificate, signed data and every member', { skip: withoutSharedData }, () => {
  assert.ok(known.length >= 8, `${known.length} bundles`)
  for (const { bundle, sct: answer } of known) {
    const { certificate, value, sct, rest } = sctOf(bundle)
    assert.equal(rest.length + 1, answer.count, bundle)
    assert.equal(encodeHex(sct.logId), answer.log_id_hex)
    assert.equal(sct.timestamp, answer.timestamp_ms)
    assert.equal(encodeHex(sct.extensions), answer.extensions_hex)
    assert.deepEqual([sct.hash, sct.signatureType], ['sha256', 'ecdsa'])
    const tbs = encodeTbsWithout(certificate, SCT_LIST_OID)
    assert.equal(tbs.length, answer.tbs_without_sct_len, bundle)
    assert.equal(encodeHex(digest('sha256', tbs)), answer.tbs_without_sct_sha256, bundle)
    const signed = encodeSctSignedData(sct, hex(answer.issuer_key_hash), tbs)
    assert.equal(encodeHex(digest('sha256', signed)), answer.signed_data_sha256, bundle)
    assert.deepEqual(encodeSctList([sct]), value, 'written back the same')
  }
})

test('the logs really signed them', { skip: withoutSharedData }, () => {
  const keys = logKeys()
  for (const { bundle, sct: answer } of known) {
    const { certificate, sct } = sctOf(bundle)
    const key = parsePublicKey(keys.get(encodeHex(sct.logId)) ?? new Uint8Array(), 'SCT_UNKNOWN_LOG')
    const tbs = encodeTbsWithout(certificate, SCT_LIST_OID)
    const signed = encodeSctSignedData(sct, hex(answer.issuer_key_hash), tbs)
    assert.ok(signatureMatches(key, sct.hash, signed, sct.signature), bundle)
    for (const index of [0, 1, 5, 11, 12, 50, signed.length - 1]) {
      assert.ok(
        !signatureMatches(key, sct.hash, flip(signed, index), sct.signature),
        `${bundle}, byte ${index}`,
      )
    }
    assert.ok(
      !signatureMatches(
        key,
        sct.hash,
        encodeSctSignedData(sct, hex(answer.issuer_key_hash), certificate.tbs),
        sct.signature,
      ),
    )
  }
})

test('of two authorities of one name the one that signed gives the key hash', {
  skip: withoutSharedData,
}, () => {
  const folder = 'extra/staging-two-intermediates-same-name'
  const answer = known.find(({ bundle }) => bundle.startsWith(folder))?.sct
  const { certificate } = sctOf(`${folder}/bundle.sigstore.json`)
  const named = realMaterial(`${folder}/trusted_root.json`)
    .certificates.map(({ bytes }) => parseCertificate(bytes))
    .filter(({ subject }) => Buffer.compare(subject, certificate.issuer) === 0)
  assert.ok(named.length >= 2)
  const issuers = named.filter((one) => {
    try {
      verifyIssued(certificate, one)
      return true
    } catch {
      return false
    }
  })
  assert.deepEqual(
    issuers.map(({ publicKey }) => encodeHex(digest('sha256', publicKey.spki))),
    [answer?.issuer_key_hash],
  )
})

const logId = new Uint8Array(32).fill(7)
const signature = generateEcdsaKey().sign(logId)
const sct: Sct = {
  logId,
  timestamp: 1_710_869_186_470,
  extensions: hex('00000500000dde14'),
  hash: 'sha256',
  signatureType: 'ecdsa',
  signature,
}
const one = encodeSct(sct)
const listOf = (...scts: readonly Uint8Array[]): Uint8Array => encodeOctetString(encodeTlsList(scts))
/** The SCT with these bytes put in at `from`, in place of `drop` others. */
const put = (from: number, bytes: Uint8Array, drop = bytes.length): Uint8Array =>
  listOf(concatBytes(one.subarray(0, from), bytes, one.subarray(from + drop)))

const VERSION = 0
const TIMESTAMP = 33
const EXTENSIONS = 41
const HASH = 51
const ALGORITHM = 52
const SIGNATURE = 53

const refused: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(),
  'no OCTET STRING inside': encodeTlsList([one]),
  'another string inside': encodeUtf8String('a'),
  'a byte behind the OCTET STRING': concatBytes(listOf(one), hex('00')),
  'an empty OCTET STRING': encodeOctetString(new Uint8Array()),
  'half a length': encodeOctetString(hex('00')),
  'a list length too long': encodeOctetString(concatBytes(hex('ffff'), vector(2, one))),
  'a list length too short': encodeOctetString(concatBytes(hex('0001'), vector(2, one))),
  'a byte behind the list': encodeOctetString(concatBytes(encodeTlsList([one]), hex('00'))),
  'an empty SCT': listOf(new Uint8Array()),
  'an SCT length too long': encodeOctetString(vector(2, concatBytes(hex('ffff'), one))),
  'a byte behind the SCT': listOf(concatBytes(one, hex('00'))),
  'version 2': put(VERSION, hex('01')),
  'a time beyond 2^48 ms': put(TIMESTAMP, hex('0001000000000000')),
  'a negative time': put(TIMESTAMP, hex('ffffffffffffffff')),
  'extensions longer than the SCT': put(EXTENSIONS, hex('ffff')),
  'no hash (0)': put(HASH, hex('00')),
  'SHA-1': put(HASH, hex('02')),
  'an unknown hash': put(HASH, hex('08')),
  'an anonymous signature': put(ALGORITHM, hex('00')),
  DSA: put(ALGORITHM, hex('02')),
  'a signature longer than the SCT': put(SIGNATURE, hex('ffff')),
  'a signature shorter than it says': listOf(one.subarray(0, -1)),
  '17 SCTs': listOf(...Array.from({ length: 17 }, () => one)),
}
for (const [why, value] of Object.entries(refused)) {
  test(`parseSctList refuses: ${why}`, () => {
    assert.throws(() => parseSctList(value), { code: 'SCT_INVALID' })
  })
}

test('a list of none, of one, of three', () => {
  assert.deepEqual(parseSctList(listOf()), [])
  assert.deepEqual(parseSctList(listOf(one)), [sct])
  const others: readonly Sct[] = [
    sct,
    { ...sct, timestamp: 0, extensions: new Uint8Array(), hash: 'sha512', signatureType: 'rsa' },
    { ...sct, timestamp: 2 ** 48 - 1, hash: 'sha384' },
  ]
  assert.deepEqual(parseSctList(encodeSctList(others)), others)
})

test('each bit of an SCT is in what is read', () => {
  const value = listOf(one)
  for (let index = 0; index < value.length; index += 1) {
    const changed = flip(value, index)
    try {
      const scts = parseSctList(changed)
      assert.notDeepEqual(scts, [sct], `byte ${index}`)
      assert.deepEqual(encodeSctList(scts), changed)
    } catch (error) {
      assert.ok(error instanceof ActionError && error.code === 'SCT_INVALID', `byte ${index}: ${error}`)
    }
  }
})

test('whatever is read is written back the same', () => {
  fc.assert(
    fc.property(fc.nat(one.length - 1), fc.uint8Array({ maxLength: 3 }), fc.nat(3), (from, bytes, drop) => {
      const value = put(from, bytes, drop)
      try {
        assert.deepEqual(encodeSctList(parseSctList(value)), value)
      } catch (error) {
        assert.ok(error instanceof ActionError && error.code === 'SCT_INVALID', String(error))
      }
    }),
    { numRuns: 3000 },
  )
})

test('signed data as RFC 6962 3.2 has them', () => {
  const signed = encodeSctSignedData(
    { timestamp: 0x0102030405, extensions: hex('aabb') },
    logId,
    hex('300100'),
  )
  assert.equal(encodeHex(signed), `0000${'0000000102030405'}0001${encodeHex(logId)}000003300100${'0002aabb'}`)
})

test('the OIDs are those of RFC 6962', () => {
  assert.deepEqual([SCT_LIST_OID, POISON_OID], ['1.3.6.1.4.1.11129.2.4.2', '1.3.6.1.4.1.11129.2.4.3'])
})
