import assert from 'node:assert/strict'
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readInputs, realRunner } from '../../src/host/runner.ts'
import { cutSummary, encodeOutputs, MOST_SUMMARY } from '../../src/host/runner-files.ts'
import { runChild } from './child.ts'
import { parseRunnerFile, parseRunnerLog } from './runner-grammar.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const OUTPUT = join(folder, 'output')
const SUMMARY = join(folder, 'summary')
const variables: NodeJS.ProcessEnv = { GITHUB_OUTPUT: OUTPUT, GITHUB_STEP_SUMMARY: SUMMARY, EMPTY: '' }
const runner = realRunner(variables)

test('inputs are the variables that the runner sets', () => {
  const inputs = readInputs({
    'INPUT_SUBJECT-PATH': 'a\nb',
    INPUT_TWO_WORDS: '',
    'INPUT_subject-path': 'planted',
    input_other: 'planted',
    INPUT: 'x',
    OTHER: 'x',
  })
  assert.deepEqual(Object.fromEntries(inputs), { 'subject-path': 'a\nb', two_words: '' })
})

test('an empty variable is an unset one', () => {
  assert.equal(runner.env('EMPTY'), undefined)
  assert.equal(runner.env('NEVER_SET'), undefined)
  assert.equal(runner.env('GITHUB_OUTPUT'), OUTPUT)
})

const values: Record<string, string> = {
  plain: 'x',
  empty: '',
  lines: 'a\n\nb\n',
  'command-like': '::set-output name=a::b',
  'file-command-like': 'evil=1\nevil<<EOF\n1\nEOF\n',
  'own-delimiter-like': 'keyless_00\nplain=stolen',
  'carriage-return': 'a\r\nb\rc',
  unicode: 'ü\u{1F511}\u2028',
}

test('outputs read back by the grammar of the runner are exactly ours', async () => {
  writeFileSync(OUTPUT, '')
  await runner.setOutputs(values)
  assert.deepEqual(Object.fromEntries(parseRunnerFile(readFileSync(OUTPUT, 'utf8'))), values)
})

test('a value that holds the delimiter and a name that is not ours are refused', () => {
  assert.throws(() => encodeOutputs({ a: 'x D y' }, 'D'), { code: 'INTERNAL' })
  assert.throws(() => encodeOutputs({ 'a=b': '' }, 'D'), { code: 'INTERNAL' })
})

const unwritable: Record<string, () => void> = {
  'is missing': () => rmSync(OUTPUT, { force: true }),
  'is a link': () => {
    writeFileSync(join(folder, 'elsewhere'), '')
    symlinkSync(join(folder, 'elsewhere'), OUTPUT)
  },
}
for (const [why, prepare] of Object.entries(unwritable)) {
  test(`setOutputs refuses a file that ${why}`, async () => {
    rmSync(OUTPUT, { force: true })
    prepare()
    await assert.rejects(runner.setOutputs(values), { code: 'OUTPUT_WRITE', message: /GITHUB_OUTPUT/ })
  })
}

test('a summary is added to what is there and cut at a line with a note', async () => {
  writeFileSync(SUMMARY, 'before\n')
  await runner.addSummary('one\n')
  await runner.addSummary('ü line of a table\n'.repeat(100_000))
  await runner.addSummary('more\n'.repeat(1000))
  const text = readFileSync(SUMMARY, 'utf8')
  assert.ok(text.startsWith('before\none\nü line'))
  assert.ok(Buffer.byteLength(text) <= MOST_SUMMARY + 200)
  assert.equal(text.split('… cut here').length - 1, 2)
  assert.doesNotMatch(text, /\uFFFD/)
  assert.deepEqual(Buffer.from(cutSummary('short', 0)).toString(), 'short')
})

test('without the files of a runner nothing is written or printed', async () => {
  const { code, stdout } = await runChild(`
    const runner = realRunner({})
    await runner.setOutputs({ a: 'b' })
    await runner.addSummary('x')
  `)
  assert.deepEqual([code, stdout], [0, ''])
})

const hostile = [
  'x\n::set-output name=verified::true',
  'x\r::add-mask::a',
  'a ##[add-matcher]x',
  '::stop-commands::t',
  ' \t::error::x',
  '%0A::error::z',
  '\u001B[31m red \u009B2J \u202Eabc \u2028 \u2066',
  'y'.repeat(100_000),
]

test('hostile text reaches the runner as lines and annotations only', async () => {
  const { stdout } = await runChild(`
    const runner = realRunner()
    const hostile = ${JSON.stringify(hostile)}
    for (const text of hostile) runner.info(text)
    for (const text of hostile) runner.debug(text)
    for (const text of hostile) runner.warning(text)
    for (const text of hostile) runner.error(text, text)
  `)
  const { commands, lines } = parseRunnerLog(stdout)
  const names = [...new Set(commands.map(({ name }) => name))]
  assert.deepEqual(names, ['debug', 'warning', 'error'])
  assert.equal(commands.length, 3 * hostile.length)
  assert.equal(lines.length, hostile.length)
  assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\u2028]/u)
  assert.ok(stdout.split('\n').every((line) => line.length < 4400))
})

test('eight annotations of a kind are followed by plain lines and one count', async () => {
  const { stdout } = await runChild(`
    const runner = realRunner()
    for (let i = 1; i <= 15; i++) runner.error('broken ' + i, 'Sign')
    for (let i = 1; i <= 8; i++) runner.notice('note ' + i)
  `)
  const { commands, lines } = parseRunnerLog(stdout)
  const errors = commands.filter(({ name }) => name === 'error')
  assert.equal(errors.length, 9)
  assert.deepEqual(errors[0], { name: 'error', properties: { title: 'Sign' }, data: 'broken 1' })
  assert.match(errors[8]?.data ?? '', /and 7 more/)
  assert.equal(commands.length, 17)
  assert.equal(lines[0], 'error: broken 9')
  assert.equal(lines.length, 7)
})

test('a mask is told as it is, an empty one never', async () => {
  const { stdout } = await runChild(`
    const runner = realRunner()
    runner.mask('')
    runner.mask('se%cr\\net')
  `)
  const expected = [{ name: 'add-mask', properties: {}, data: 'se%cr\net' }]
  assert.deepEqual(parseRunnerLog(stdout).commands, expected)
})
