import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Line, readLines } from '../../../src/actions/bundles/bundle-lines.ts'
import { MAX_BUNDLE_BYTES } from '../../../src/sigstore/bundle.ts'

/** The lines of a file whose content comes in these chunks, each lent for one turn only. */
async function linesOf(
  chunks: readonly Uint8Array[],
): Promise<{ number: number; text: string | undefined }[]> {
  const lent = async function* () {
    for (const chunk of chunks) {
      const copy = chunk.slice()
      yield copy
      copy.fill(0x21)
    }
  }
  const lines: Line[] = []
  for await (const line of readLines({ size: 0, chunks: lent, close: async () => {} })) lines.push(line)
  return lines.map(({ number, bytes }) => ({ number, text: bytes && Buffer.from(bytes).toString() }))
}

test('lines end in LF or CRLF, the last one in nothing; empty ones are passed over and counted', async () => {
  assert.deepEqual(await linesOf([Buffer.from('a\r\n\n\r\nb\n\nc')]), [
    { number: 1, text: 'a' },
    { number: 4, text: 'b' },
    { number: 6, text: 'c' },
  ])
  assert.deepEqual(await linesOf([]), [])
  assert.deepEqual(await linesOf([Buffer.from('\n')]), [])
  assert.deepEqual(await linesOf([Buffer.from('a\r')]), [{ number: 1, text: 'a' }])
})

test('where the chunks end does not matter', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'bc', '\n', '\r\n', '\r', 'ü'), { maxLength: 30 }),
      fc.array(fc.nat(40), { maxLength: 5 }),
      async (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''))
        const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b)
        const chunks = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
        const expected = bytes
          .toString()
          .split('\n')
          .map((text, i) => ({ number: i + 1, text: text.endsWith('\r') ? text.slice(0, -1) : text }))
          .filter(({ text }) => text !== '')
        assert.deepEqual(await linesOf(chunks), expected)
      },
    ),
    { numRuns: 200 },
  )
})

test('of a line that is longer than any bundle nothing is kept, and the next one is read', async () => {
  const half = new Uint8Array(MAX_BUNDLE_BYTES / 2 + 1).fill(0x61)
  const lines = await linesOf([half, half, half, Buffer.from('\nb\n')])
  assert.deepEqual(lines, [
    { number: 1, text: undefined },
    { number: 2, text: 'b' },
  ])
})
