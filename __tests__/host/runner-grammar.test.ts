import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRunnerFile, parseRunnerLog } from './runner-grammar.ts'

const carriedOut: Record<string, [text: string, name: string, data: string]> = {
  'a command': ['::set-output name=x::y', 'set-output', 'y'],
  'after white space': ['  \t::debug::y', 'debug', 'y'],
  'capitals in its name': ['::Add-Mask::y', 'add-mask', 'y'],
  'after a lone CR': ['x\r::add-mask::y', 'add-mask', 'y'],
  'the old form in the middle of a line': ['some ##[error]y', 'error', 'y'],
  'escapes in its data': ['::error::a%0Ab%25', 'error', 'a\nb%'],
}
for (const [what, [text, name, data]] of Object.entries(carriedOut)) {
  test(`the runner carries out ${what}`, () => {
    const { commands } = parseRunnerLog(text)
    assert.deepEqual(
      commands.map((command) => [command.name, command.data]),
      [[name, data]],
    )
  })
}

const shown = {
  'an unknown command': '::frobnicate::y',
  'a command after text': 'x ::error::y',
  'a head without end': '::error y',
}
for (const [what, text] of Object.entries(shown)) {
  test(`the runner only shows ${what}`, () => {
    assert.deepEqual(parseRunnerLog(text), { commands: [], lines: [text] })
  })
}

test('the runner stops and resumes commands by a token', () => {
  const { commands, lines } = parseRunnerLog('::stop-commands::t\n::error::a\n::t::\n::error::b\n')
  assert.deepEqual(lines, ['::error::a'])
  assert.deepEqual(
    commands.map(({ data }) => data),
    ['t', 'b'],
  )
})

test('the runner reads both forms of file commands', () => {
  const text = 'a=1=2\n\nb<<END\nx=y\n\nz\nEND\nc=d<<e\n'
  assert.deepEqual(Object.fromEntries(parseRunnerFile(text)), { a: '1=2', b: 'x=y\n\nz', c: 'd<<e' })
})

for (const text of ['a<<END\nx\n', 'nothing\n', '=x\n', '<<END\nEND\n']) {
  test(`the runner fails a step over ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseRunnerFile(text))
  })
}
