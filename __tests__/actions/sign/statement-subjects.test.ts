import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import {
  describeTwins,
  type KnownSubject,
  statementSubjects,
} from '../../../src/actions/sign/statement-subjects.ts'
import { parseStatement } from '../../../src/sigstore/statement.ts'
import { encodeStatement } from '../../../src/sigstore/statement-write.ts'

/** 64 digits that end in this one. */
const hex = (digit: string): string => digit.padStart(64, '0')
const file = (name: string, digit: string): KnownSubject => {
  return { name, isNamed: false, hash: 'sha256', hex: hex(digit) }
}
const named = (name: string, digit: string): KnownSubject => ({ ...file(name, digit), isNamed: true })

/** `name digit` of each. */
const names = (...known: readonly KnownSubject[]): readonly string[] =>
  statementSubjects(known).map(({ name, digest }) => `${name} ${digest['sha256']?.at(-1)}`)

suite('how a statement names its subjects', () => {
  const ROWS: readonly (readonly [
    title: string,
    known: readonly KnownSubject[],
    expected: readonly string[],
  ])[] = [
    ['by base name', [file('dist/app.tgz', '1')], ['app.tgz 1']],
    ['sorted by name', [file('b', '1'), file('x/a', '2')], ['a 2', 'b 1']],
    [
      'by the bytes of UTF-8, not by UTF-16',
      [file('\u{1f600}', '1'), file('\uff5e', '2')],
      ['\uff5e 2', '\u{1f600} 1'],
    ],
    ['the same name and digest once', [file('x/a', '1'), file('y/a', '1')], ['a 1']],
    ['by path where two digests share a base name', [file('x/a', '1'), file('y/a', '2')], ['x/a 1', 'y/a 2']],
    [
      'all of that base name by path, equal ones too',
      [file('x/a', '1'), file('y/a', '1'), file('z/a', '2'), file('z/b', '3')],
      ['b 3', 'x/a 1', 'y/a 1', 'z/a 2'],
    ],
    ['a file in the root among them', [file('a', '1'), file('x/a', '2')], ['a 1', 'x/a 2']],
    ['a file in RUNNER_TEMP among them', [file('a', '1'), file('/t/a', '2')], ['/t/a 2', 'a 1']],
    ['one content under two names', [file('a', '1'), file('b', '1')], ['a 1', 'b 1']],
    ['a given name whole', [named('ghcr.io/octo/app', '1')], ['ghcr.io/octo/app 1']],
    ['a given name that a file has too', [named('a', '1'), file('x/a', '2')], ['a 1', 'x/a 2']],
    ['a file under the name that was given for it', [named('a', '1'), file('x/a', '1')], ['a 1']],
    ['letter case', [file('x/A', '1'), file('y/a', '2')], ['A 1', 'a 2']],
    ['Unicode form', [file('\u00e9', '1'), file('e\u0301', '2')], ['e\u0301 2', '\u00e9 1']],
  ]
  for (const [title, known, expected] of ROWS) test(title, () => assert.deepEqual(names(...known), expected))

  test('two contents under one name are refused', () => {
    assert.throws(() => names(named('a', '1'), file('a', '2')), { code: 'INPUT_CONFLICT', message: /"a"/ })
    assert.throws(() => names(named('a', '1'), named('a', '2')), { code: 'INPUT_CONFLICT' })
  })

  test('1,024 are the most, counted after equal ones fell together', () => {
    const many = Array.from({ length: 1024 }, (_, i) => file(`d/${i}`, '1'))
    assert.equal(statementSubjects([...many, ...many]).length, 1024)
    assert.throws(() => statementSubjects([...many, file('d/x', '1')]), {
      code: 'INPUT_TOO_MANY',
      message: /1,024 subjects, and there are 1,025/,
    })
  })

  test('names that some systems take for one are told', () => {
    const subjects = statementSubjects([
      file('A', '1'),
      file('x/a', '2'),
      file('\u00e9', '3'),
      file('e\u0301', '4'),
    ])
    assert.match(describeTwins(subjects)[0] ?? '', /^"A" and "a" .*1 more pair/)
    assert.deepEqual(describeTwins(statementSubjects([file('a', '1'), file('b', '2')])), [])
  })

  test('whatever comes in, in whatever order: sorted, no two alike, every digest there', () => {
    const one = fc.record({
      name: fc.constantFrom('a', 'x/a', 'y/a', 'b', 'x/b', 'A', '\u00e9', 'e\u0301', '/t/a'),
      digit: fc.constantFrom('1', '2', '3'),
    })
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ({ name }) => name, minLength: 1 }), (found) => {
        const known = found.map(({ name, digit }) => file(name, digit))
        const subjects = statementSubjects(known)
        assert.deepEqual(statementSubjects([...known].reverse()), subjects)
        const texts = subjects.map(({ name = '' }) => Buffer.from(name))
        assert.deepEqual([...texts].sort(Buffer.compare), texts)
        assert.equal(new Set(subjects.map(({ name }) => name)).size, subjects.length)
        const digests = new Set(subjects.map(({ digest }) => digest['sha256']))
        assert.deepEqual(digests, new Set(known.map((subject) => subject.hex)))
      }),
    )
  })
})

test('a statement is the bytes that were meant, and our own parser reads it', () => {
  const text = '{ "n": 12345678901234567890, "b":1.10,\n"a":"\u00e9" }'
  const subjects = statementSubjects([file('x/"a"', '1')])
  const payload = encodeStatement(subjects, { type: 'https://example.com/x', text })
  assert.equal(
    Buffer.from(payload).toString(),
    `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"\\"a\\"","digest":{"sha256":"${hex('1')}"}}],"predicateType":"https://example.com/x","predicate":${text}}`,
  )
  const parsed = parseStatement({
    kind: 'envelope',
    payloadType: 'application/vnd.in-toto+json',
    payload,
    keyid: '',
    signature: new Uint8Array(),
  })
  assert.deepEqual(parsed.subjects, subjects)
  assert.equal(parsed.predicateType, 'https://example.com/x')
})
