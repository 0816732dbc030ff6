import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  byteLength,
  codeBlock,
  codeSpan,
  cutLines,
  prose,
  tableHead,
  tableRow,
} from '../../../src/actions/report/markdown.ts'
import { hostile } from '../hostile.ts'
import { cellsOf, outsideBlocks, outsideSpans } from '../rendered.ts'

const spans: Record<string, [text: string, span: string]> = {
  'a name': ['dist/app.tgz', '`dist/app.tgz`'],
  'a back-tick inside': ['a`b', '``a`b``'],
  'a longer run': ['a```b', '````a```b````'],
  'back-ticks at the ends': ['`a`', '`` `a` ``'],
  'spaces at the ends': [' a ', '`  a  `'],
  'a pipe': ['a|b', '`a\\u{7c}b`'],
  'an escaped pipe': ['a\\|b', '`a\\\\u{7c}b`'],
  HTML: ['<b>&amp;', '`\\u{3c}b\\u{3e}\\u{26}amp;`'],
  'line ends': ['a\r\nb', '`a\\r\\nb`'],
  'a right-to-left override': ['a\u202eb', '`a\\u{202e}b`'],
  'a legacy command': ['##[group]', '`##\\[group]`'],
  nothing: ['', '(empty)'],
}
for (const [what, [text, span]] of Object.entries(spans)) {
  test(`a code span shows: ${what}`, () => assert.equal(codeSpan(text), span))
}

test('a code span is cut', () => {
  assert.equal(codeSpan('a'.repeat(400)), `\`${'a'.repeat(300)}…\``)
})

const sentences: Record<string, [text: string, markdown: string]> = {
  'plain words': ["The runner's clock is 3 s off, isn't it?", "The runner's clock is 3 s off, isn't it?"],
  'quoted code': ['Set `dry-run: true` there.', 'Set `dry-run: true` there.'],
  'a link becomes code': ['see https://evil.example/x.', 'see `https://evil.example/x`.'],
  'a mention becomes code': ['by @octo (admin)', 'by `@octo` (admin)'],
  'a Markdown link becomes code': ['[click](https://evil.example)', '`[click](https://evil.example`)'],
  'HTML becomes code': ['<img src=x>', '`\\u{3c}img` `src=x\\u{3e}`'],
  'emphasis becomes code': ['a *b* __c__', 'a `*b*` `__c__`'],
  'an open back-tick becomes code': ['it`s', '``it`s``'],
  'spans that touch are kept apart': ['x=`y`', '`x=` `y`'],
}
for (const [what, [text, markdown]] of Object.entries(sentences)) {
  test(`prose: ${what}`, () => assert.equal(prose(text), markdown))
}

/** Letters and digits that Markdown leaves alone, and the mark of a span. */
const TAME = /^[A-Za-z0-9 '"(),.;:?!…§-]*$/

test('outside of code spans prose is letters, digits and harmless punctuation, whatever came in', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const outside = outsideSpans(`x ${prose(text)}`)
      assert.match(outside, TAME)
      assert.doesNotMatch(outside, /[A-Za-z0-9][.:@][A-Za-z0-9]/)
    }),
    { numRuns: 2000 },
  )
})

test('a hostile cell stays one cell, one line and one span', () => {
  fc.assert(
    fc.property(hostile, hostile, (first, second) => {
      const row = tableRow([codeSpan(first), prose(second)])
      assert.doesNotMatch(row, /[\n\r<>&]/)
      assert.equal(cellsOf(row).length, 2)
      const [cell = ''] = cellsOf(row)
      assert.match(outsideSpans(cell), first === '' ? /^ \(empty\) $/ : /^ § $/)
    }),
    { numRuns: 2000 },
  )
})

test('nothing gets out of a fenced block', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (lines) => {
      assert.deepEqual(outsideBlocks(`a\n${codeBlock('sh', lines.join('\n'))}\nb`), ['a', 'b'])
    }),
    { numRuns: 1000 },
  )
})

test('a table has as many marks as titles', () => {
  assert.equal(tableHead(['a', 'b']), '| a | b |\n| --- | --- |')
})

test('lines are cut by bytes, not by characters', () => {
  assert.equal(byteLength('é…'), 5)
  assert.deepEqual(cutLines(['éé', 'b', 'c'], 7), { lines: ['éé', 'b'], more: 1 })
  assert.deepEqual(cutLines(['éé', 'b', 'c'], 6), { lines: ['éé'], more: 2 })
  assert.deepEqual(cutLines(['a'], -1), { lines: [], more: 1 })
})
