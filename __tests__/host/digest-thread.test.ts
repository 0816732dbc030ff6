import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { digestThread } from '../../src/host/digest-thread.ts'
import { runChild } from './child.ts'

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

test('digests of several files at once, their chunks mixed', async () => {
  const start = digestThread()
  const [left, right, empty] = [start(), start(), start()]
  const [a, b, c] = ['a', 'bb', 'ccc'].map((text) => Buffer.from(text))
  assert.ok(a && b && c)
  await Promise.all([left.update(a), right.update(b), left.update(c)])
  assert.deepEqual(Buffer.from(await left.finish()), sha256(a, c))
  assert.deepEqual(Buffer.from(await right.finish()), sha256(b))
  assert.deepEqual(Buffer.from(await empty.finish()), sha256())
})

test('shared memory is read in place, and is free when the promise resolves', async () => {
  const digest = digestThread()()
  const chunk = Buffer.from(new SharedArrayBuffer(1 << 20)).subarray(3, 1_000_000)
  const expected = createHash('sha256')
  for (let i = 0; i < 20; i++) {
    chunk.fill(i)
    expected.update(chunk)
    await digest.update(chunk)
  }
  assert.deepEqual(Buffer.from(await digest.finish()), expected.digest())
})

test('whoever waits for a thread that dies is told, and so is whoever asks later', async () => {
  const start = digestThread()
  const [one, other] = [start(), start()]
  const notBytes = { length: 3 } as unknown as Uint8Array
  const results = await Promise.allSettled([one.update(notBytes), other.finish()])
  const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'resolved'))
  assert.deepEqual(codes, ['INTERNAL', 'INTERNAL'])
  await assert.rejects(start().finish(), { code: 'INTERNAL' })
})

test('the thread keeps a process alive while it is asked, and no longer', async () => {
  const asked = await runChild(`
    beginFailed()
    const digest = digestThread()()
    await digest.update(new Uint8Array(1 << 20))
    console.log((await digest.finish()).length)
    succeed()
  `)
  assert.deepEqual([asked.code, asked.stdout], [0, '32\n'], asked.stderr)
})
