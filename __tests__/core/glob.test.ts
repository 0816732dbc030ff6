import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  globBase,
  literalPath,
  matchGlob,
  mayContain,
  parseExclusion,
  parseGlob,
} from '../../src/core/glob.ts'

const matches = (pattern: string, path: string): boolean => matchGlob(parseGlob(pattern), path)

/** pattern: paths that fit, paths that do not. */
const table: Record<string, readonly [readonly string[], readonly string[]]> = {
  'dist/a.js': [
    ['dist/a.js', './dist/a.js', 'dist//a.js'],
    ['dist/a.jsx', 'a.js', 'dist/A.js', 'dist', '/dist/a.js', 'x/dist/a.js'],
  ],
  './dist/./a.js': [['dist/a.js'], ['./dist']],
  'dist/': [['dist'], ['dist/a']],
  'x/../dist//a': [['dist/a'], ['x/dist/a']],
  '../out/*': [['../out/a'], ['out/a', '../out']],
  '/abs/*': [['/abs/a'], ['abs/a', '/abs', '/abs/a/b']],
  '/../abs': [['/abs'], []],
  '*': [
    ['a', 'a.b', 'é'],
    ['', 'a/b', '.a', '..'],
  ],
  '*.js': [
    ['a.js', 'a.b.js', ' .js'],
    ['.js', '.a.js', 'a.ts', 'a/b.js', 'a.js/b'],
  ],
  'a*': [
    ['a', 'ab', 'a*'],
    ['ba', 'a/b'],
  ],
  '*a*b*': [
    ['ab', 'xaxbx', 'abab'],
    ['ba', 'a', 'b'],
  ],
  'a*a': [
    ['aa', 'aba', 'aaa'],
    ['a', 'ab'],
  ],
  '?': [
    ['a', 'é', '\u{1f600}'],
    ['', 'ab', '.', 'a/b'],
  ],
  'a?c': [
    ['abc', 'a.c', 'a?c'],
    ['ac', 'abbc', 'a/c'],
  ],
  '[a-c]': [
    ['a', 'b', 'c'],
    ['d', 'A', '-', '', 'ab', '[a-c]'],
  ],
  '[!a-c]': [
    ['d', '-', '!'],
    ['a', 'b', '.', '/', ''],
  ],
  '[^a]': [['b', '^'], ['a']],
  '[a^]': [['a', '^'], ['b']],
  '[]]': [[']'], ['[', '[]]', 'a']],
  '[!]]': [['a'], [']']],
  '[-a]': [['-', 'a'], ['b']],
  '[a-]': [['-', 'a'], ['b']],
  '[[]': [['['], [']', '[[]']],
  '[*?]': [['*', '?'], ['a']],
  '[α-ω\u{1f600}]': [['λ', '\u{1f600}'], ['a']],
  'a[1].b': [['a1.b'], ['a[1].b']],
  'a]b': [['a]b'], ['ab']],
  '{a,b}': [['{a,b}'], ['a', 'b']],
  '\\*': [
    ['\\', '\\a'],
    ['*', 'a'],
  ],
  'a\\b': [['a\\b'], ['a/b', 'ab']],
  '**': [
    ['a', 'a/b', 'a/b/c'],
    ['', '.a', 'a/.b', '.a/b', 'a/.b/c'],
  ],
  'a/**': [
    ['a/b', 'a/b/c'],
    ['a', 'b', 'a/.b', 'a/.b/c', 'ab'],
  ],
  '**/a': [
    ['a', 'x/a', 'x/y/a'],
    ['a/x', '.x/a', 'xa'],
  ],
  '**/*.js': [
    ['a.js', 'x/a.js', 'x/y/a.js'],
    ['x/.js', '.x/a.js'],
  ],
  'a/**/b': [
    ['a/b', 'a/x/b', 'a/x/y/b', 'a/b/b'],
    ['ab', 'a/b/c', 'a/.x/b'],
  ],
  'a/**/**/b': [['a/b', 'a/x/b', 'a/x/y/b'], ['a/.x/b']],
  '**/a/**/b/**/c': [
    ['a/b/c', 'x/a/x/b/x/c', 'a/a/b/b/c/c'],
    ['b/a/c', 'a/c'],
  ],
  '**/x/*/y': [['x/x/a/y', 'x/a/y', 'q/x/x/y'], ['x/y']],
  '.*': [
    ['.a', '..a'],
    ['a', 'a/.b'],
  ],
  '.a/**': [['.a/b'], ['.a/.b', 'a/b']],
  '**/.a': [
    ['.a', 'x/.a'],
    ['.x/.a', 'a'],
  ],
  '**/.*/**': [
    ['.a/b', 'x/.a/b', '.a/b/c'],
    ['.a', 'a/b', '.a/.b'],
  ],
  '[.]a': [[], ['.a', 'a']],
  '[!x]a': [['ya'], ['.a', 'xa']],
  '?a': [['xa'], ['.a']],
  '!a': [['!a'], ['a', 'b']],
  '#a': [['#a'], ['a']],
  ' a ': [[' a '], ['a']],
}

for (const [pattern, [fitting, others]] of Object.entries(table)) {
  test(`matchGlob: ${JSON.stringify(pattern)}`, () => {
    for (const path of fitting) assert.ok(matches(pattern, path), `${JSON.stringify(path)} should fit`)
    for (const path of others) assert.ok(!matches(pattern, path), `${JSON.stringify(path)} should not fit`)
  })
}

/** why: pattern, the place told. */
const refused: Record<string, readonly [string, number]> = {
  'a class without end': ['[a-', 1],
  'a class without end, further in': ['dist/x[a', 7],
  'an empty class': ['a[]', 2],
  'an empty negated class': ['a[!]', 2],
  'a slash in a class': ['[a/b]', 1],
  'a range that ends before it begins': ['a/[z-a]', 3],
  'two stars in front of a name': ['dist/**.js', 7],
  'two stars behind a name': ['a/b**', 5],
  'three stars': ['a/***', 4],
  '.. behind a star': ['*/../a', 3],
  '.. behind two stars': ['a/**/../b', 6],
  '.. behind a class': ['[ab]/..', 6],
  'a NUL': ['a\0', 2],
  'a newline': ['a\nb', 2],
}

for (const [why, [pattern, place]] of Object.entries(refused)) {
  test(`parseGlob refuses: ${why}, and tells the place`, () => {
    assert.throws(
      () => parseGlob(pattern),
      (error: unknown) => {
        assert.ok(error instanceof Error && 'code' in error)
        assert.equal(error.code, 'INPUT_GLOB')
        assert.match(error.message, new RegExp(`at character ${place}$`))
        return true
      },
    )
  })
}

test('parseGlob refuses: an empty pattern, and one of more than 4096 characters', () => {
  assert.throws(() => parseGlob(''), { code: 'INPUT_GLOB' })
  assert.throws(() => parseGlob('a'.repeat(4097)), { code: 'INPUT_GLOB' })
  assert.doesNotThrow(() => parseGlob('a'.repeat(4096)))
})

test('globBase and literalPath', () => {
  const expected: Record<string, readonly [string, string | undefined]> = {
    'dist/*.js': ['dist', undefined],
    'dist/x/**': ['dist/x', undefined],
    '*.js': ['', undefined],
    '**': ['', undefined],
    'a/*/b/c': ['a', undefined],
    'a/b': ['a', 'a/b'],
    './a': ['', 'a'],
    '.': ['', ''],
    '../x/*': ['../x', undefined],
    'a/../../b': ['..', '../b'],
    '/a/b/*': ['/a/b', undefined],
    '/*': ['/', undefined],
    '/a': ['/', '/a'],
    '/': ['/', '/'],
  }
  for (const [pattern, [base, literal]] of Object.entries(expected)) {
    assert.equal(globBase(parseGlob(pattern)), base, pattern)
    assert.equal(literalPath(parseGlob(pattern)), literal, pattern)
  }
})

test('mayContain', () => {
  const expected: Record<string, readonly [readonly string[], readonly string[]]> = {
    'a/*/c': [
      ['', '.', 'a', 'a/x'],
      ['b', 'a/x/c', 'a/.x', '/a'],
    ],
    'a/**': [
      ['', 'a', 'a/x/y'],
      ['b', 'a/.x', 'a/x/.y'],
    ],
    '**/.x/*': [
      ['', 'a', '.x', 'a/.x'],
      ['.y', '.x/y'],
    ],
    '*': [[''], ['a']],
    a: [[''], ['a']],
    '.': [[], ['', 'a']],
    '/a/*': [
      ['/', '/a'],
      ['', 'a', '/b'],
    ],
  }
  for (const [pattern, [worth, others]] of Object.entries(expected)) {
    const glob = parseGlob(pattern)
    for (const directory of worth) assert.ok(mayContain(glob, directory), `${pattern} below ${directory}`)
    for (const directory of others)
      assert.ok(!mayContain(glob, directory), `${pattern} not below ${directory}`)
  }
})

test('an exclusion takes hidden names and all that is in a folder', () => {
  const expected: Record<string, readonly [readonly string[], readonly string[]]> = {
    vendor: [
      ['vendor', 'vendor/a', 'vendor/.a/b'],
      ['vendors', 'x/vendor'],
    ],
    '**/*.map': [['a.map', '.a.map', 'x/.y/a.map', '.map', 'd.map/a'], ['a.maps']],
    'a/**': [
      ['a/b', 'a/.b/c'],
      ['a', 'b'],
    ],
    '*': [['a', '.a', 'a/b'], ['/a']],
  }
  for (const [pattern, [out, others]] of Object.entries(expected)) {
    const glob = parseExclusion(pattern)
    for (const path of out) assert.ok(matchGlob(glob, path), `${pattern} should take ${path}`)
    for (const path of others) assert.ok(!matchGlob(glob, path), `${pattern} should not take ${path}`)
  }
})

test('no pattern is slow: the time grows with the product of the lengths at most', () => {
  const started = performance.now()
  assert.ok(!matches(`${'a*'.repeat(2000)}b`, 'a'.repeat(20_000)))
  assert.ok(!matches(`${'*?'.repeat(1000)}[b]`, 'a'.repeat(2000)))
  assert.ok(!matches('**/**/**/**/*a*a*a*a*b', `${'aaaaaaaa/'.repeat(1000)}${'a'.repeat(200)}`))
  assert.ok(!matches(`${'**/a/'.repeat(500)}b`, 'a/'.repeat(1000)))
  assert.ok(performance.now() - started < 5000)
})

/** The meaning written down, with every choice tried. */
function naive(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = pattern
  const [name, ...others] = path
  if (first === undefined) return path.length === 0
  if (first === '**') {
    if (rest.length === 0) return path.length > 0 && path.every((one) => !one.startsWith('.'))
    return naive(rest, path) || (name !== undefined && !name.startsWith('.') && naive(pattern, others))
  }
  return name !== undefined && naiveName(first, name, true) && naive(rest, others)
}

function naiveName(pattern: string, name: string, atStart: boolean): boolean {
  const [first, rest] = [pattern[0], pattern.slice(1)]
  if (first === undefined) return name === ''
  if (first !== '.' && atStart && name.startsWith('.')) return false
  if (first === '*')
    return naiveName(rest, name, false) || (name !== '' && naiveName(pattern, name.slice(1), false))
  if (name === '') return false
  return (first === '?' || first === name[0]) && naiveName(rest, name.slice(1), false)
}

const patternName = fc
  .string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), minLength: 1, maxLength: 5 })
  .filter((text) => !text.includes('**') && text !== '.' && text !== '..')
const patternNames = fc.array(fc.oneof(patternName, fc.constant('**')), { minLength: 1, maxLength: 5 })
const pathNames = fc.array(
  fc
    .string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 4 })
    .filter((text) => text !== '.' && text !== '..'),
  { minLength: 1, maxLength: 5 },
)

test('matchGlob agrees with a matcher that tries everything', () => {
  let fitting = 0
  fc.assert(
    fc.property(patternNames, pathNames, (pattern, path) => {
      const expected = naive(pattern, path)
      fitting += expected ? 1 : 0
      assert.equal(matches(pattern.join('/'), path.join('/')), expected)
    }),
    { numRuns: 5000 },
  )
  assert.ok(fitting > 100, 'too few of the random paths fit to mean anything')
})

test('whatever fits lies below the base and is found by a walk that mayContain guides', () => {
  fc.assert(
    fc.property(patternNames, pathNames, (pattern, path) => {
      const glob = parseGlob(pattern.join('/'))
      if (!matchGlob(glob, path.join('/'))) return
      const base = globBase(glob)
      assert.ok(base === '' || path.join('/').startsWith(`${base}/`))
      for (let depth = 0; depth < path.length; depth++) {
        assert.ok(mayContain(glob, path.slice(0, depth).join('/')))
      }
    }),
    { numRuns: 3000 },
  )
})

test('any text is a pattern or refused with INPUT_GLOB', () => {
  const text = fc.string({
    unit: fc.constantFrom('[', ']', '!', '-', '*', '/', '.', 'a', '\ud800', 'é'),
    maxLength: 12,
  })
  fc.assert(
    fc.property(text, text, (pattern, path) => {
      try {
        matches(pattern, path)
      } catch (error) {
        assert.ok(error instanceof Error && 'code' in error && error.code === 'INPUT_GLOB', String(error))
      }
    }),
    { numRuns: 2000 },
  )
})
