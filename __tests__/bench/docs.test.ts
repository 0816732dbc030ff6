import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderDocs } from '../../bench/docs.ts'
import type { Measure, Row } from '../../bench/measure.ts'
import { type BenchReport, countBars } from '../../bench/report.ts'

const measureOf = (name: string): Measure => ({
  name,
  title: `Title of ${name}`,
  how: 'So.',
  run: () => Promise.reject(new Error('is not run')),
})

const rowOf = (what: string, more: Partial<Row> = {}): Row => ({
  what,
  found: '1 ms',
  bar: 'at most 2 ms',
  numbers: {},
  ...more,
})

const reportOf = (rows: readonly Row[]): BenchReport => ({
  at: '2026-11-26T12:00:00.000Z',
  machine: '2 processors (AMD EPYC), Linux, Node 24.21.0',
  size: 'usual',
  seconds: 600,
  results: [{ name: 'speed', rows }],
  broken: [],
})

const lineOf = (row: Row): string =>
  renderDocs(reportOf([row]), [measureOf('speed')])
    .split('\n')
    .find((line) => line.startsWith(`| ${row.what} `)) ?? ''

const LINES: readonly (readonly [string, Row, string])[] = [
  ['a bar that was reached', rowOf('a', { met: true }), '| a | 1 ms |  | at most 2 ms | yes |'],
  [
    'a bar that was not reached',
    rowOf('b', { met: false, ratio: 0.5 }),
    '| b | 1 ms | 0.50 | at most 2 ms | **not reached** |',
  ],
  [
    'a goal that was not reached',
    rowOf('c', { met: true, goal: '1 ms', goalMet: false }),
    '| c | 1 ms |  | at most 2 ms; goal: 1 ms | yes; **the goal not** |',
  ],
  [
    'a goal that was reached',
    rowOf('d', { met: true, goal: '1 ms', goalMet: true }),
    '| d | 1 ms |  | at most 2 ms; goal: 1 ms | yes, and the goal |',
  ],
  ['no bar', rowOf('e', { bar: '' }), '| e | 1 ms |  |  |  |'],
]

for (const [what, row, expected] of LINES)
  test(`a line says: ${what}`, () => assert.equal(lineOf(row), expected))

test('how many bars were reached is said at the top, and lines without a bar do not count', () => {
  const report = reportOf([rowOf('a', { met: true }), rowOf('b', { met: false }), rowOf('c', { bar: '' })])
  assert.deepEqual(countBars(report), { met: 1, all: 2 })
  assert.match(renderDocs(report, [measureOf('speed')]), /^\*\*1 of 2 bars are reached\.\*\*$/m)
})

test('each section has the command that repeats it; what was not measured is said', () => {
  const text = renderDocs(reportOf([]), [measureOf('speed'), measureOf('other')])
  assert.match(text, /## Title of speed\n\nRepeat with `npm run bench -- speed`\. So\./)
  assert.match(text, /## Title of other\n\n[^#]*\*\*Not measured in this run\.\*\*/)
  const quick = renderDocs({ ...reportOf([]), size: 'quick' }, [measureOf('speed')])
  assert.match(quick, /`npm run bench -- speed --quick`/)
})
