import assert from 'node:assert/strict'
import test from 'node:test'
import {
  readChoice,
  readDuration,
  readFlag,
  readLine,
  readLines,
  readSecret,
} from '../../../src/actions/inputs/inputs.ts'

const one = (text: string, fallback = '') => ({
  given: new Map([['x', text]]),
  defaults: { x: fallback },
})
const INPUT_VALUE = { name: 'ActionError', code: 'INPUT_VALUE' }

test('a flag is one of the six words of YAML 1.2', () => {
  for (const text of ['true', 'True', 'TRUE']) assert.equal(readFlag(one(text), 'x'), true)
  for (const text of ['false', 'False', 'FALSE']) assert.equal(readFlag(one(text), 'x'), false)
  assert.equal(readFlag(one('', 'true'), 'x'), true)
})

for (const text of ['yes', 'TRUE ', ' true', 'tRUE', '1', 'on', 'true\n']) {
  test(`a flag refuses ${JSON.stringify(text)} and lists what it can be`, () => {
    assert.throws(() => readFlag(one(text), 'x'), { ...INPUT_VALUE, message: /`true` or `false`/ })
  })
}

test('a choice is compared exactly and the message lists the choices', () => {
  assert.equal(readChoice(one('b'), 'x', ['a', 'b']), 'b')
  assert.equal(readChoice(one('', 'a'), 'x', ['a', 'b']), 'a')
  for (const text of ['B', 'b ', 'c', 'a,b']) {
    assert.throws(() => readChoice(one(text), 'x', ['a', 'b']), { ...INPUT_VALUE, message: /`a`, `b`/ })
  }
})

test('a duration is in milliseconds', () => {
  assert.equal(readDuration(one('30s'), 'x'), 30_000)
  assert.equal(readDuration(one('10m'), 'x'), 600_000)
  assert.equal(readDuration(one('24h'), 'x'), 86_400_000)
  assert.equal(readDuration(one('', '2h'), 'x'), 7_200_000)
})

for (const text of [
  '10',
  '0s',
  '-1m',
  '1e3s',
  '0x10s',
  'Infinity',
  '1.5m',
  ' 10m',
  '10M',
  '25h',
  '010s',
  '9999999s',
]) {
  test(`a duration refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => readDuration(one(text), 'x'), INPUT_VALUE)
  })
}

test('lines are trimmed, blank ones fall away, CRLF is a line end', () => {
  assert.deepEqual(readLines(one(' a \r\n\n \t\nb c\n'), 'x'), ['a', 'b c'])
  assert.deepEqual(readLines(one('  \n '), 'x'), [])
})

test('one line is trimmed, and blank is unset', () => {
  assert.equal(readLine(one(' a\n'), 'x'), 'a')
  assert.equal(readLine(one(' \n'), 'x'), undefined)
  assert.throws(() => readLine(one('a\nb'), 'x'), INPUT_VALUE)
})

const unreadable: Record<string, string> = {
  'a NUL': 'a\0b',
  'more than 1 MiB': 'a'.repeat(1024 * 1024 + 1),
  'bytes that are not UTF-8': 'a\ufffdb',
  'half a character': 'a\ud800b',
  'an escape': 'a\u001b[2Jb',
  'a lone carriage return': 'a\rb',
}
for (const [why, text] of Object.entries(unreadable)) {
  test(`every reader of text refuses ${why}`, () => {
    assert.throws(() => readLine(one(text), 'x'), INPUT_VALUE)
    assert.throws(() => readLines(one(text), 'x'), INPUT_VALUE)
    assert.throws(() => readSecret(one(text), 'x'), INPUT_VALUE)
  })
}

test('a secret is never shown, neither whole nor refused', () => {
  const secret = readSecret(one(' canary '), 'x')
  assert.equal(secret?.reveal(), 'canary')
  assert.equal(String(secret), '***')
  for (const text of ['canary\ncanary', 'canary\0', 'canary\ufffd']) {
    assert.throws(
      () => readSecret(one(text), 'x'),
      (error: Error) => !error.message.includes('canary'),
    )
  }
})
