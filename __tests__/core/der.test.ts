import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, parseHex } from '../../src/core/bytes.ts'
import {
  type Der,
  parseBitString,
  parseBoolean,
  parseDer,
  parseElements,
  parseGeneralizedTime,
  parseInside,
  parseInteger,
  parseIntegerBytes,
  parseOid,
  parseTime,
  parseUtf8String,
  TAG,
} from '../../src/core/der.ts'
import {
  encodeBitString,
  encodeBoolean,
  encodeDer,
  encodeGeneralizedTime,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeUtcOrGeneralizedTime,
  encodeUtf8String,
} from '../../src/core/der-encode.ts'
import { ActionError } from '../../src/errors.ts'

const hex = (text: string): Uint8Array => parseHex(text.replaceAll(' ', ''), 'INTERNAL', 'the test data')
const read = (bytes: Uint8Array): Der => parseDer(bytes, 'TSA_PARSE', 'it')

const nested = (levels: number): Uint8Array => {
  let der: Uint8Array = encodeNull()
  for (let level = 0; level < levels; level += 1) der = encodeSequence(der)
  return der
}

/** 100,000 SEQUENCEs, each with an empty rest of the input as content. */
const bottomless = concatBytes(...Array.from({ length: 100_000 }, () => hex('3084ffffffff')))

const refused: Readonly<Record<string, Uint8Array>> = {
  'nothing at all': hex(''),
  'a tag alone': hex('30'),
  'content cut short': hex('30 03 0201'),
  'content cut inside': hex('30 03 02 02 01'),
  'a byte behind it': hex('30 00 00'),
  'two elements': hex('0500 0500'),
  'an indefinite length': hex('30 80 0500 0000'),
  'an indefinite length inside': hex('30 06 30 80 0500 0000'),
  'a long length below 128': hex('30 81 02 0500'),
  'a length with a leading zero': concatBytes(hex('04 82 0080'), new Uint8Array(128)),
  'a length of five octets': hex('04 85 0000000001 00'),
  'the reserved length 255': hex('04 ff 00'),
  'a length of 4 GiB': hex('30 84 ffffffff'),
  'a length whose octets are cut': hex('30 82 01'),
  'a high tag number': hex('1f 81 01 00'),
  'a context tag with a high number': hex('bf 1f 00'),
  'end-of-contents octets': hex('00 00'),
  'a reserved constructed tag': hex('20 00'),
  'an OCTET STRING in parts': hex('24 04 0402 0102'),
  'a UTF8String in parts': hex('2c 03 0c01 61'),
  'a BIT STRING in parts': hex('23 04 0302 0001'),
  'a primitive SEQUENCE': hex('10 00'),
  'a primitive SET': hex('11 00'),
  'a flaw that nobody reads': hex('30 06 a0 04 30 02 02 05'),
  '33 levels': nested(33),
  '100,000 levels': bottomless,
  'more than 1 MiB': encodeOctetString(new Uint8Array(1024 * 1024)),
}
for (const [why, bytes] of Object.entries(refused)) {
  test(`parseDer refuses: ${why}`, () => {
    assert.throws(() => read(bytes), { code: 'TSA_PARSE' })
  })
}

test('parseDer takes 32 levels and a whole MiB', () => {
  assert.equal(read(nested(32)).tag, TAG.sequence)
  assert.equal(read(encodeOctetString(new Uint8Array(1024 * 1024 - 5))).content.length, 1024 * 1024 - 5)
})

test('elements are views of their source', () => {
  const bytes = encodeSequence(encodeOctetString(hex('0102')), encodeBoolean(true))
  const der = read(bytes)
  const [octets, flag, ...rest] = parseElements(der.content, 'TSA_PARSE', 'it')
  assert.equal(rest.length, 0)
  for (const one of [der.raw, der.content, octets?.content, flag?.raw])
    assert.equal(one?.buffer, bytes.buffer)
  assert.deepEqual(octets?.raw, hex('04020102'))
})

test('more than 4096 elements are refused', () => {
  const many = encodeSequence(...Array.from({ length: 4097 }, encodeNull))
  assert.throws(() => parseInside(read(many), TAG.sequence, 'TSA_PARSE', 'it'), { code: 'TSA_PARSE' })
})

type Parse = (der: Der | undefined, code: 'CERT_PARSE', what: string) => unknown

const badValues: readonly (readonly [string, Parse, string])[] = [
  ['INTEGER: no octet', parseInteger, '0200'],
  ['INTEGER: a zero too many', parseInteger, '02020001'],
  ['INTEGER: a sign octet too many', parseInteger, '0202ff80'],
  ['INTEGER: zero in two octets', parseIntegerBytes, '02020000'],
  ['INTEGER: another type', parseInteger, '0a0101'],
  ['INTEGER: 129 octets', parseInteger, `02818101${'00'.repeat(128)}`],
  ['BOOLEAN: 01', parseBoolean, '010101'],
  ['BOOLEAN: two octets', parseBoolean, '0102ffff'],
  ['BOOLEAN: no octet', parseBoolean, '0100'],
  ['OID: no octet', parseOid, '0600'],
  ['OID: a padded arc', parseOid, '06032a8001'],
  ['OID: a padded first arc', parseOid, '0602802a'],
  ['OID: a cut arc', parseOid, '06022a86'],
  ['OID: an arc of 2^63', parseOid, '060b2a81808080808080808000'],
  ['OID: 65 octets', parseOid, `0641${'2a'.repeat(65)}`],
  ['BIT STRING: no octet', parseBitString, '0300'],
  ['BIT STRING: unused bits', parseBitString, '03020780'],
  ['UTF8String: a surrogate', parseUtf8String, '0c03eda080'],
  ['UTF8String: overlong', parseUtf8String, '0c02c0af'],
  ['UTF8String: another type', parseUtf8String, '130161'],
]
for (const [why, parse, text] of badValues) {
  test(`refused ${why}`, () => {
    assert.throws(() => parse(read(hex(text)), 'CERT_PARSE', 'it'), { code: 'CERT_PARSE' })
  })
}

const utc = (text: string): Der => read(encodeDer(TAG.utcTime, Buffer.from(text, 'latin1')))
const general = (text: string): Der => read(encodeDer(TAG.generalizedTime, Buffer.from(text, 'latin1')))

const badTimes: Readonly<Record<string, Der>> = {
  'no seconds': utc('2601020304Z'),
  'no Z': utc('260102030405'),
  'a lower-case z': utc('260102030405z'),
  'an offset': utc('260102030405+0000'),
  'the 31st of April': utc('260431000000Z'),
  'the 29th of February of 2027': utc('270229000000Z'),
  'month 0': utc('260001000000Z'),
  'month 13': utc('261301000000Z'),
  'day 0': utc('260100000000Z'),
  'hour 24': utc('260101240000Z'),
  'minute 60': utc('260101006000Z'),
  'second 60': utc('261231235960Z'),
  'a blank for a digit': utc('26010203040 Z'),
  'a sign': utc('-60102030405Z'),
  'the eighth bit': utc('26010203040\xb5Z'),
  'a line end behind it': utc('260102030405Z\n'),
  'GeneralizedTime before 2050': general('20491231235959Z'),
  'a fraction': general('20500101000000.5Z'),
  'a fraction of zero': general('20500101000000.0Z'),
  'no seconds in GeneralizedTime': general('205001010000Z'),
  'the 30th of February of 2052': general('20520230000000Z'),
}
for (const [why, der] of Object.entries(badTimes)) {
  test(`parseTime refuses: ${why}`, () => {
    assert.throws(() => parseTime(der, 'CERT_PARSE', 'it'), { code: 'CERT_PARSE' })
  })
}

test('times at the edges', () => {
  const iso = (der: Der): string => new Date(parseTime(der, 'CERT_PARSE', 'it')).toISOString()
  assert.equal(iso(utc('500101000000Z')), '1950-01-01T00:00:00.000Z')
  assert.equal(iso(utc('491231235959Z')), '2049-12-31T23:59:59.000Z')
  assert.equal(iso(utc('000229000000Z')), '2000-02-29T00:00:00.000Z')
  assert.equal(iso(general('20500101000000Z')), '2050-01-01T00:00:00.000Z')
  assert.equal(iso(general('99991231235959Z')), '9999-12-31T23:59:59.000Z')
  const stamp = parseGeneralizedTime(general('20260102030405Z'), 'TSA_PARSE', 'it')
  assert.equal(stamp, Date.UTC(2026, 0, 2, 3, 4, 5))
})

test('known encodings', () => {
  assert.deepEqual(encodeOid('1.2.840.113549'), hex('06 06 2a864886f70d'))
  assert.deepEqual(encodeOid('2.999.3'), hex('06 03 883703'))
  assert.deepEqual(encodeInteger(0n), hex('02 01 00'))
  assert.deepEqual(encodeInteger(128n), hex('02 02 0080'))
  assert.deepEqual(encodeInteger(hex('0000ff')), hex('02 02 00ff'))
  assert.deepEqual(encodeInteger(hex('')), hex('02 01 00'))
  assert.deepEqual(encodeBitString(hex('6e5dc0')), hex('03 04 006e5dc0'))
  assert.deepEqual(
    encodeSet(hex('0202 0100'), hex('0201 02'), hex('0201 01')),
    hex('310a 020101 020102 02020100'),
  )
  assert.deepEqual(encodeUtf8String('é'), hex('0c 02 c3a9'))
  assert.deepEqual(encodeUtcOrGeneralizedTime(Date.UTC(2049, 11, 31)), hex('170d 3439313233313030303030305a'))
  assert.equal(encodeUtcOrGeneralizedTime(Date.UTC(2050, 0, 1))[0], TAG.generalizedTime)
  assert.equal(encodeUtcOrGeneralizedTime(Date.UTC(1949, 11, 31))[0], TAG.generalizedTime)
})

test('what is no value is not written', () => {
  for (const oid of ['', '1', '3.1', '1.40', '1.2.', '1.02', '1.-2', '1.2.x', '1.2.1e3']) {
    assert.throws(() => encodeOid(oid), { code: 'INTERNAL' }, oid)
  }
  assert.throws(() => encodeInteger(-1n), { code: 'INTERNAL' })
})

const small = { numRuns: 300 }

test('what is written is read back the same', () => {
  const code = 'INTERNAL'
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 1000n }), (value) => {
      assert.equal(parseInteger(read(encodeInteger(value)), code, 'it'), value)
    }),
    small,
  )
  const arcs = fc.array(fc.integer({ min: 0, max: 2 ** 45 - 100 }), { maxLength: 6 })
  const root = fc.oneof(
    fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 39 })),
    fc.tuple(fc.constant(2), fc.integer({ min: 0, max: 2 ** 40 })),
  )
  fc.assert(
    fc.property(root, arcs, (first, rest) => {
      const oid = [...first, ...rest].join('.')
      assert.equal(parseOid(read(encodeOid(oid)), code, 'it'), oid)
    }),
    small,
  )
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(9999, 11) / 1000 }), (seconds) => {
      assert.equal(parseTime(read(encodeUtcOrGeneralizedTime(seconds * 1000)), code, 'it'), seconds * 1000)
      assert.equal(
        parseGeneralizedTime(read(encodeGeneralizedTime(seconds * 1000)), code, 'it'),
        seconds * 1000,
      )
    }),
    small,
  )
})

test('negative integers are read as such', () => {
  const values = ['0201ff', '020180', '0202ff7f', '0202fedd'].map((text) =>
    parseInteger(read(hex(text)), 'INTERNAL', 'it'),
  )
  assert.deepEqual(values, [-1n, -128n, -129n, -291n])
})

/** Everything that parseDer takes, written again. */
function encodeAgain({ tag, content }: Der): Uint8Array {
  if ((tag & 0x20) === 0) return encodeDer(tag, content)
  return encodeDer(tag, ...parseElements(content, 'INTERNAL', 'it').map(encodeAgain))
}

test('whatever is accepted encodes back to itself, and nothing but an ActionError is thrown', () => {
  let accepted = 0
  const tags = fc.constantFrom(0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x30, 0x31, 0xa0, 0x80, 0x24, 0x1f)
  const length = fc.constantFrom(0, 1, 2, 3, 4, 5, 0x80, 0x81, 0x82)
  const octets = fc.array(fc.oneof(tags, length, fc.integer({ min: 0, max: 255 })), { maxLength: 12 })
  fc.assert(
    fc.property(octets, (values) => {
      const bytes = Uint8Array.from(values)
      try {
        const der = read(bytes)
        accepted += 1
        assert.deepEqual(encodeAgain(der), bytes)
      } catch (error) {
        assert.ok(error instanceof ActionError, String(error))
      }
    }),
    { numRuns: 20_000 },
  )
  assert.ok(accepted > 100, `${accepted} accepted`)
})
