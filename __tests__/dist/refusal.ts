import assert from 'node:assert/strict'
import type { Job } from '../../sandbox/job.ts'
import { SIGN_OUTPUTS } from '../../src/actions/inputs/known-outputs.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { dataOf, outputsOf, type Run, run, treeOf, type Variables } from './program.ts'

/** Starts `dist/sign.js`, which must refuse with this code and leave nothing behind. */
export async function assertRefused(job: Job, inputs: Variables, code: ErrorCode): Promise<Run> {
  const before = await treeOf(job.workspace)
  const done = await run('sign', { ...job.env, ...inputs })
  assertFailed(done, code)
  assert.deepEqual(await treeOf(job.workspace), before, 'nothing came into the workspace')
  return done
}

/** What every failure has in common, whatever was written before it. */
export function assertFailed(done: Run, code: ErrorCode): void {
  assert.equal(done.code, 1, done.text)
  const errors = dataOf(done, 'error')
  assert.equal(errors.length, 1, done.text)
  assert.equal(errors[0]?.split(':')[0], code, done.text)
  assert.match(errors[0] ?? '', /\nWhat to do: /)
  assert.equal(done.stderr, '')
  const { 'error-code': found, 'report-path': reportPath, ...others } = outputsOf(done)
  assert.equal(found, code)
  assert.deepEqual([...new Set(Object.values(others))], [''], 'all other outputs are there and empty')
  assert.deepEqual([...done.outputs.keys()].sort(), [...SIGN_OUTPUTS].sort())
  assert.notEqual(reportPath, '')
  assert.equal(done.report?.result, 'failed')
  assert.equal(done.report?.error?.code, code)
  assert.match(done.summary, new RegExp(code))
}
