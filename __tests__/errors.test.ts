import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ActionError } from '../src/errors.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** An error from a function that sees something large. */
function refuse(): { readonly error: ActionError; readonly seen: WeakRef<object> } {
  const large = { bytes: new Uint8Array(1000) }
  const judge = (): ActionError => new ActionError('SIG_INVALID', `${large.bytes.length} bytes`)
  return { error: judge(), seen: new WeakRef(large) }
}

test('an error that is kept keeps nothing else', async () => {
  const { error, seen } = refuse()
  // A weak reference holds on to the end of the job in which it was made or read.
  await new Promise((done) => setImmediate(done))
  collectGarbage()
  assert.equal(seen.deref(), undefined)
  assert.equal(error.code, 'SIG_INVALID')
  assert.match(error.stack ?? '', /judge/)
})
