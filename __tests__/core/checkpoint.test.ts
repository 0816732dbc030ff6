import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeBase64 } from '../../src/core/base64.ts'
import { encodeHex } from '../../src/core/bytes.ts'
import { encodeCheckpoint, parseCheckpoint } from '../../src/core/checkpoint.ts'
import { parseNote } from '../../src/core/note.ts'
import { knownBundles, readBundleParts, withoutSharedData } from './shared-data.ts'

const ROOT = new Uint8Array(32).fill(7)
const HASH = encodeBase64(ROOT)

const accepted: Record<string, string> = {
  'the three lines': `o\n1\n${HASH}\n`,
  'an empty tree': `o\n0\n${HASH}\n`,
  'the largest tree': `o\n9223372036854775807\n${HASH}\n`,
  'an origin with spaces': `rekor.example - 1193050959916656506\n5\n${HASH}\n`,
  'further lines': `o\n5\n${HASH}\nTimestamp: 1689748607742585419\nx y\n`,
}

for (const [why, text] of Object.entries(accepted)) {
  test(`parseCheckpoint accepts: ${why}`, () => {
    const checkpoint = parseCheckpoint(text)
    assert.equal(encodeCheckpoint(checkpoint), text)
    assert.deepEqual(checkpoint.root, ROOT)
  })
}

test('the parts are where they belong', () => {
  assert.deepEqual(parseCheckpoint(`o - 1\n12\n${HASH}\na\nb\n`), {
    origin: 'o - 1',
    size: 12n,
    root: ROOT,
    extensions: ['a', 'b'],
  })
})

test('real tree heads', { skip: withoutSharedData }, () => {
  const known = knownBundles().filter(({ tlog }) => tlog?.checkpoint !== undefined)
  assert.ok(known.length >= 6)
  for (const { bundle, tlog } of known) {
    const [entry] = readBundleParts(bundle).verificationMaterial.tlogEntries ?? []
    const { text } = parseNote(entry?.inclusionProof?.checkpoint.envelope ?? assert.fail(bundle))
    const { origin, size, root } = parseCheckpoint(text)
    assert.equal(origin, tlog?.checkpoint?.origin)
    assert.equal(size, BigInt(tlog?.checkpoint?.size ?? -1))
    assert.equal(encodeHex(root), tlog?.checkpoint?.root_hex)
    assert.equal(encodeCheckpoint(parseCheckpoint(text)), text)
  }
})

const sizes: Record<string, string> = {
  no: '',
  hexadecimal: '0x10',
  'a trailing letter in the': '1x',
  negative: '-1',
  'a plus in front of the': '+1',
  'a leading zero in the': '01',
  'two zeros as': '00',
  'a space in front of the': ' 1',
  'a space behind the': '1 ',
  'an exponent in the': '1e3',
  'a fraction as': '1.0',
  'an underscore in the': '1_0',
  'an n behind the': '1n',
  'digits of another script in the': '\u0661',
  'a carriage return behind the': '1\r',
  '2^63 as': '9223372036854775808',
  '20 digits in the': '10000000000000000000',
  'a million digits in the': '1'.repeat(1_000_000),
}

const refused: Record<string, string> = {
  ...Object.fromEntries(Object.entries(sizes).map(([why, size]) => [`${why} size`, `o\n${size}\n${HASH}\n`])),
  nothing: '',
  'newlines only': '\n\n\n',
  'no final newline': `o\n1\n${HASH}`,
  'no origin line': `1\n${HASH}\n`,
  'an empty origin': `\n1\n${HASH}\n`,
  'no root hash': 'o\n1\n',
  'an empty root hash': 'o\n1\n\n',
  'a root hash of 31 bytes': `o\n1\n${encodeBase64(ROOT.subarray(1))}\n`,
  'a root hash of 33 bytes': `o\n1\n${encodeBase64(Uint8Array.of(...ROOT, 1))}\n`,
  'a hexadecimal root hash': `o\n1\n${encodeHex(ROOT)}\n`,
  'a root hash without padding': `o\n1\n${HASH.slice(0, -1)}\n`,
  'a root hash with bits behind its end': `o\n1\n${HASH.slice(0, -2)}d=\n`,
  'a space behind the root hash': `o\n1\n${HASH} \n`,
  'an empty line behind': `o\n1\n${HASH}\n\n`,
  'an empty line between further ones': `o\n1\n${HASH}\na\n\nb\n`,
  'carriage returns': `o\r\n1\r\n${HASH}\r\n`,
  'a NUL in the origin': `o\0\n1\n${HASH}\n`,
  'an escape character in a further line': `o\n1\n${HASH}\n\x1b[2J\n`,
  'half a surrogate pair': `\ud800\n1\n${HASH}\n`,
  'more than 64 KiB': `${'o'.repeat(65_536)}\n1\n${HASH}\n`,
}

for (const [why, text] of Object.entries(refused)) {
  test(`parseCheckpoint refuses: ${why}`, () => {
    assert.throws(() => parseCheckpoint(text), { name: 'ActionError', code: 'TLOG_CHECKPOINT' })
  })
}

test('a refusal shows foreign text escaped and cut', () => {
  assert.throws(
    () => parseCheckpoint(`o\n${'\u202e9'.repeat(1000)}\n${HASH}\n`),
    (error: unknown) => {
      assert.ok(error instanceof Error)
      assert.ok(!error.message.includes('\u202e'))
      return error.message.length < 2000
    },
  )
})

test('whatever is encoded is parsed again', () => {
  const line = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((text) => !/\p{Cc}/u.test(text))
  fc.assert(
    fc.property(
      line,
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.array(line, { maxLength: 3 }),
      (origin, size, root, extensions) => {
        const checkpoint = { origin, size, root, extensions }
        assert.deepEqual(parseCheckpoint(encodeCheckpoint(checkpoint)), checkpoint)
      },
    ),
  )
})
