import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import {
  checksum,
  encodeChunk,
  encodeSnappyBlock,
  encodeSnappyStream,
  encodeVarint,
} from '../../sandbox/snappy.ts'
import { concatBytes, encodeUtf8 } from '../../src/core/bytes.ts'
import { crc32c } from '../../src/core/crc32c.ts'
import { parseSnappyBlock, parseSnappyStream, type SnappyRules } from '../../src/core/snappy.ts'
import { ActionError } from '../../src/errors.ts'

const RULES: SnappyRules = { maxBytes: 1_000_000, malformed: 'GITHUB_RESPONSE', tooLarge: 'BUNDLE_TOO_LARGE' }
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const START = hex('ff060000 734e61507059')
const big = new Uint8Array(300_000).map((_, i) => (i * i) >> 7)

/** Bytes that repeat themselves, as JSON does. */
const repetitive = fc
  .array(
    fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(encodeUtf8('{"a":"b"},'), new Uint8Array(90))),
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)))

suite('CRC-32C: the examples of RFC 3720 B.4', () => {
  for (const [bytes, expected] of [
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [new Uint8Array(32).map((_, i) => i), 0x46dd794e],
    [encodeUtf8('123456789'), 0xe3069283],
  ] as const)
    test(expected.toString(16), () => assert.equal(crc32c(bytes), expected))
})

suite('Snappy blocks', () => {
  const good: readonly (readonly [string, string, string])[] = [
    ['nothing', '00', ''],
    ['a literal', '03 08 616263', 'abc'],
    ['a copy with a short offset', '08 0c 61626364 01 04', 'abcdabcd'],
    ['a copy that overlaps itself', '09 00 61 11 01', 'a'.repeat(9)],
    ['a copy with two bytes of offset', '08 0c 61626364 0e 0400', 'abcdabcd'],
    ['a copy with four bytes of offset', '08 0c 61626364 0f 04000000', 'abcdabcd'],
    ['a literal with one byte of length', '03 f0 02 616263', 'abc'],
    ['a literal with four bytes of length', '03 fc 02000000 616263', 'abc'],
    ['a copy with a short offset over 255', `8402 f0ff ${'61'.repeat(256)} 21 00`, 'a'.repeat(260)],
  ]
  for (const [what, packed, unpacked] of good)
    test(what, () => assert.equal(textOf(parseSnappyBlock(hex(packed), RULES)), unpacked))

  const bad: readonly (readonly [string, string])[] = [
    ['no byte at all', ''],
    ['a length that does not end', '8080'],
    ['a length of six bytes', '80808080 8001'],
    ['a length not in its shortest form', '8300 08 616263'],
    ['more declared than it holds', '04 08 616263'],
    ['less declared than it holds', '02 08 616263'],
    ['more declared than it could hold', 'c0843d 08 616263'],
    ['data declared, none there', '01'],
    ['none declared, data there', '00 00 61'],
    ['a literal cut off', '03 08 6162'],
    ['the length of a literal cut off', '03 fc 020000'],
    ['a literal of four gigabytes', '03 fc ffffffff 616263'],
    ['a copy before the data', '08 0c 61626364 01 05'],
    ['a copy of nothing yet', '04 01 01'],
    ['a copy with offset 0', '08 0c 61626364 01 00'],
    ['an offset cut off', '08 0c 61626364 0e 04'],
    ['a far offset whose highest bit is set', '08 0c 61626364 0f 040000ff'],
    ['a copy beyond the end', '05 0c 61626364 01 04'],
  ]
  for (const [why, packed] of bad)
    test(`refused: ${why}`, () => {
      assert.throws(() => parseSnappyBlock(hex(packed), RULES), { code: 'GITHUB_RESPONSE' })
    })

  test('what unpacks to more than allowed is refused by its length alone', () => {
    const rules = { ...RULES, maxBytes: 1000 }
    assert.equal(parseSnappyBlock(encodeSnappyBlock(new Uint8Array(1000)), rules).length, 1000)
    assert.throws(() => parseSnappyBlock(encodeSnappyBlock(new Uint8Array(1001)), rules), {
      code: 'BUNDLE_TOO_LARGE',
    })
    assert.throws(() => parseSnappyBlock(hex('ffffffff0f'), RULES), { code: 'BUNDLE_TOO_LARGE' })
  })

  test('whatever is packed is unpacked', () => {
    fc.assert(
      fc.property(repetitive, (bytes) => {
        assert.deepEqual(parseSnappyBlock(encodeSnappyBlock(bytes), RULES), bytes)
      }),
      { numRuns: 500 },
    )
    assert.deepEqual(parseSnappyBlock(encodeSnappyBlock(big), RULES), big)
  })

  test('a longer or shorter declared length is never accepted', () => {
    fc.assert(
      fc.property(repetitive, fc.integer({ min: 0, max: 100_000 }), (bytes, declared) => {
        fc.pre(declared !== bytes.length)
        assert.throws(() => parseSnappyBlock(encodeSnappyBlock(bytes, declared), RULES), ActionError)
      }),
    )
  })
})

suite('Snappy streams', () => {
  const chunk = (type: number, text: string): Uint8Array =>
    encodeChunk(type, concatBytes(checksum(encodeUtf8(text)), encodeUtf8(text)))

  test('whatever is framed is unpacked', () => {
    fc.assert(
      fc.property(repetitive, (bytes) => {
        assert.deepEqual(parseSnappyStream(encodeSnappyStream(bytes), RULES), bytes)
      }),
    )
    assert.deepEqual(parseSnappyStream(encodeSnappyStream(big), RULES), big)
  })

  test('padding, a second start and what may be skipped is passed over', () => {
    const stream = concatBytes(
      START,
      encodeChunk(0xfe, big.subarray(0, 9)),
      chunk(1, 'ab'),
      START,
      encodeChunk(0x80, big),
      chunk(1, 'c'),
    )
    assert.equal(textOf(parseSnappyStream(stream, RULES)), 'abc')
  })

  const bad: readonly (readonly [string, Uint8Array])[] = [
    ['no start', chunk(1, 'a')],
    ['half a start', START.subarray(0, 9)],
    ['another start behind the first', concatBytes(START, encodeChunk(0xff, encodeUtf8('sNaPpy')))],
    ['an unknown chunk that may not be skipped', concatBytes(START, encodeChunk(2, encodeUtf8('x')))],
    ['half a header', concatBytes(START, hex('0104'))],
    ['a chunk cut off', concatBytes(START, chunk(1, 'abc').subarray(0, -1))],
    ['a chunk without checksum', concatBytes(START, encodeChunk(1, hex('000000')))],
    ['a wrong checksum', concatBytes(START, encodeChunk(1, hex('00000000 61')))],
    ['a packed chunk with a wrong checksum', concatBytes(START, encodeChunk(0, hex('00000000 0100 61')))],
    ['a stored chunk over 64 KiB', concatBytes(START, encodeChunk(1, concatBytes(checksum(big), big)))],
  ]
  for (const [why, stream] of bad)
    test(`refused: ${why}`, () => {
      assert.throws(() => parseSnappyStream(stream, RULES), { code: 'GITHUB_RESPONSE' })
    })

  test('a packed chunk that unpacks to more than 64 KiB is refused', () => {
    const block = concatBytes(checksum(big), encodeSnappyBlock(big))
    assert.throws(() => parseSnappyStream(concatBytes(START, encodeChunk(0, block)), RULES), ActionError)
  })

  test('many chunks are summed up before anything is unpacked', () => {
    const one = encodeChunk(0, concatBytes(hex('00000000'), encodeVarint(65_536), new Uint8Array(3000)))
    const many = concatBytes(START, ...Array.from({ length: 20 }, () => one))
    assert.throws(() => parseSnappyStream(many, RULES), { code: 'BUNDLE_TOO_LARGE' })
  })
})

test('hostile bytes end in a refusal or in as many bytes as allowed, and in nothing else', () => {
  const rules = { ...RULES, maxBytes: 5000 }
  const mutated = fc
    .tuple(repetitive, fc.boolean(), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }))
    .map(([bytes, framed, changes]) => {
      const packed = framed ? encodeSnappyStream(bytes) : encodeSnappyBlock(bytes)
      for (const [at, value] of changes) if (at < packed.length) packed[at] = value
      return packed
    })
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      for (const parse of [parseSnappyBlock, parseSnappyStream]) {
        try {
          assert.ok(parse(bytes, rules).length <= rules.maxBytes)
        } catch (error) {
          assert.ok(error instanceof ActionError, String(error))
        }
      }
    }),
    { numRuns: 2000 },
  )
})
