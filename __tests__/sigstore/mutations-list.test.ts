import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BUNDLE_DELETIONS } from '../../scripts/deletions/bundle-deletions.ts'
import { CERTIFICATE_DELETIONS } from '../../scripts/deletions/certificate-deletions.ts'
import { LOG_DELETIONS } from '../../scripts/deletions/log-deletions.ts'

/** P20's list follows the code: `node scripts/check-deletion.ts` takes each check out and expects a failing test. */
test('each check that is to be deleted stands in the source exactly once', () => {
  const all = [...BUNDLE_DELETIONS, ...LOG_DELETIONS, ...CERTIFICATE_DELETIONS]
  assert.ok(all.length >= 260, `${all.length} checks`)
  for (const { file, check, snippet, replacement, tests } of all) {
    const found = readFileSync(join('src', file), 'utf8').split(snippet).length - 1
    assert.equal(found, 1, `${file}: ${check}: found ${found} times`)
    assert.notEqual(snippet, replacement)
    for (const name of tests) assert.ok(existsSync(join('__tests__', name)), name)
  }
})
