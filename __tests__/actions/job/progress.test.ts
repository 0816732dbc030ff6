import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationText, startProgress, stepProgress } from '../../../src/actions/job/progress.ts'

/** The lines of a batch in which one subject is done every `pace` milliseconds. */
function linesOf(total: number, pace: number): string[] {
  let progress = startProgress('signed', total, 1000)
  const lines: string[] = []
  for (let done = 1; done <= total; done++) {
    const step = stepProgress(progress, done, 1000 + done * pace)
    progress = step.progress
    if (step.line !== undefined) lines.push(step.line)
  }
  return lines
}

test('a short batch prints nothing', () => assert.deepEqual(linesOf(100, 99), []))

test('a long batch prints a line every ten seconds, and none when it is done', () => {
  assert.deepEqual(linesOf(3000, 10), [
    '1,000 of 3,000 files signed in 10 s, about 20 s left',
    '2,000 of 3,000 files signed in 20 s, about 10 s left',
  ])
})

test('a slow batch prints at most one line a step', () => {
  assert.equal(linesOf(4, 60_000).length, 3)
})

test('a batch in which nothing is done yet promises nothing', () => {
  const { line } = stepProgress(startProgress('verified', 5, 0), 0, 10_000)
  assert.equal(line, '0 of 5 files verified in 10 s')
})

const durations: Record<string, [milliseconds: number, text: string]> = {
  'under a second': [10, '1 s'],
  seconds: [45_400, '45 s'],
  minutes: [180_000, '3 min'],
  hours: [7_500_000, '2 h 5 min'],
}
for (const [what, [milliseconds, text]] of Object.entries(durations)) {
  test(`a duration in ${what}`, () => assert.equal(durationText(milliseconds), text))
}
