import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeBase64 } from '../../src/core/base64.ts'
import { encodeHex, encodeUtf8 } from '../../src/core/bytes.ts'
import { digest } from '../../src/core/digest.ts'
import { encodeNote, parseNote } from '../../src/core/note.ts'
import { knownBundles, readBundleParts, withoutSharedData } from './shared-data.ts'

const BLOB = encodeBase64(Uint8Array.of(1, 2, 3, 4, 5))
const LINE = `\u2014 example.com/log ${BLOB}\n`

test('parseNote takes text and signatures apart', () => {
  assert.deepEqual(parseNote(`one\nzwei é\n\n${LINE}\u2014 w1 ${BLOB}\n`), {
    text: 'one\nzwei é\n',
    signatures: ['example.com/log', 'w1'].map((name) => ({
      name,
      keyHint: Uint8Array.of(1, 2, 3, 4),
      signature: Uint8Array.of(5),
    })),
  })
})

test('real notes have the known texts, names, hints and lengths', { skip: withoutSharedData }, () => {
  const known = knownBundles().filter(({ tlog }) => tlog?.checkpoint !== undefined)
  assert.ok(known.length >= 6)
  for (const { bundle, tlog } of known) {
    const [entry] = readBundleParts(bundle).verificationMaterial.tlogEntries ?? []
    const envelope = entry?.inclusionProof?.checkpoint.envelope ?? assert.fail(bundle)
    const note = parseNote(envelope)
    assert.equal(encodeNote(note), envelope)
    assert.equal(encodeHex(digest('sha256', encodeUtf8(note.text))), tlog?.checkpoint?.signed_text_sha256)
    assert.deepEqual(
      note.signatures.map(({ name, keyHint, signature }) => ({
        name,
        hint_hex: encodeHex(keyHint),
        sig_len: signature.length,
      })),
      tlog?.checkpoint?.signature_lines,
    )
  }
})

test('many signatures are accepted, 10,000 are not', () => {
  assert.equal(parseNote(`text\n\n${LINE.repeat(16)}`).signatures.length, 16)
  assert.equal(parseNote(`text\n\n${LINE.repeat(64)}`).signatures.length, 64)
  for (const count of [65, 1000, 10_000]) {
    assert.throws(() => parseNote(`text\n\n${LINE.repeat(count)}`), { code: 'TLOG_CHECKPOINT' })
  }
})

const refused: Record<string, string> = {
  nothing: '',
  'no text': `\n${LINE}`,
  'only an empty line as text': `\n\n${LINE}`,
  'no empty line': `text\n${LINE}`,
  'no signature': 'text\n\n',
  'no signature block': 'text\n',
  'no final newline': `text\n\n${LINE}`.slice(0, -1),
  'a newline too many': `text\n\n${LINE}\n`,
  'an empty line in the text': `text\n\nmore\n\n${LINE}`,
  'two empty lines': `text\n\n\n${LINE}`,
  'an empty line between signatures': `text\n\n${LINE}\n${LINE}`,
  'a second note behind': `text\n\n${LINE}text\n\n${LINE}`,
  'a line that is no signature': `text\n\n${LINE}more\n`,
  'carriage returns': `text\r\n\r\n${LINE}`,
  'a carriage return in the text': `te\rxt\n\n${LINE}`,
  'a carriage return behind a signature': `text\n\n${LINE.slice(0, -1)}\r\n`,
  'a tab in the text': `te\txt\n\n${LINE}`,
  'a NUL in the text': `te\0xt\n\n${LINE}`,
  'half a surrogate pair in the text': `te\ud800xt\n\n${LINE}`,
  'half a surrogate pair in a name': `text\n\n\u2014 lo\ud800g ${BLOB}\n`,
  'a hyphen': `text\n\n- log ${BLOB}\n`,
  'an en dash': `text\n\n\u2013 log ${BLOB}\n`,
  'a space in front': `text\n\n \u2014 log ${BLOB}\n`,
  'two spaces': `text\n\n\u2014  log ${BLOB}\n`,
  'two spaces in front of the signature': `text\n\n\u2014 log  ${BLOB}\n`,
  'a space behind': `text\n\n\u2014 log ${BLOB} \n`,
  'no name': `text\n\n\u2014  ${BLOB}\n`,
  'a space in the name': `text\n\n\u2014 my log ${BLOB}\n`,
  'another kind of space in the name': `text\n\n\u2014 my\u00a0log ${BLOB}\n`,
  'a next line character in the name': `text\n\n\u2014 my\u0085log ${BLOB}\n`,
  'a plus in the name': `text\n\n\u2014 my+log ${BLOB}\n`,
  'an escape character in the name': `text\n\n\u2014 my\x1blog ${BLOB}\n`,
  'no base64': 'text\n\n\u2014 log\n',
  'junk in the base64': `text\n\n\u2014 log ${BLOB}!\n`,
  'missing padding': `text\n\n\u2014 log ${BLOB.slice(0, -1)}\n`,
  'the URL alphabet': 'text\n\n\u2014 log AQIDB-8=\n',
  'a hint alone': `text\n\n\u2014 log ${encodeBase64(Uint8Array.of(1, 2, 3, 4))}\n`,
  'less than a hint': `text\n\n\u2014 log ${encodeBase64(Uint8Array.of(1, 2, 3))}\n`,
  'more than 64 KiB': `${'x'.repeat(64 * 1024)}\n\n${LINE}`,
}

for (const [why, envelope] of Object.entries(refused)) {
  test(`parseNote refuses: ${why}`, () => {
    assert.throws(() => parseNote(envelope), { name: 'ActionError', code: 'TLOG_CHECKPOINT' })
  })
}

test('what is accepted encodes back to itself, whatever was changed', () => {
  const good = `origin\n1\n\n${LINE}\u2014 w1 ${BLOB}\n`
  const junk = fc.constantFrom('', '\n', '\r', ' ', '+', '\u2014', 'x', '=', '\0', '\u00a0')
  let accepted = 0
  fc.assert(
    fc.property(fc.nat(good.length), fc.nat(2), junk, (at, cut, put) => {
      const changed = good.slice(0, at) + put + good.slice(at + cut)
      try {
        assert.equal(encodeNote(parseNote(changed)), changed)
        accepted++
      } catch (error) {
        assert.ok(
          error instanceof Error && 'code' in error && error.code === 'TLOG_CHECKPOINT',
          String(error),
        )
      }
    }),
    { numRuns: 1000 },
  )
  assert.ok(accepted > 0)
})
