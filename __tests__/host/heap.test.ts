import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runChild } from './child.ts'

const MIB = 1024 * 1024

/** As much survives in the young generation as with very many requests under way. */
const WORK = `
  let held = []
  for (let turn = 0; turn < 150; turn++) {
    for (let i = 0; i < 20_000; i++) {
      held.push({ turn, i, text: [turn, i] })
      if (held.length > 60_000) held = held.slice(20_000)
    }
    await new Promise((next) => setTimeout(next, 1))
  }
  console.log(youngBytes())
`

test('the young generation stops growing when it is large enough', async () => {
  const [free, bound] = await Promise.all([runChild(WORK), runChild(`boundHeap(); ${WORK}`)])
  assert.deepEqual([free.code, bound.code], [0, 0], free.stderr + bound.stderr)
  // Were it small by itself, nothing would have to be done.
  assert.ok(Number(free.stdout) > 48 * MIB, free.stdout)
  assert.ok(Number(bound.stdout) <= 36 * MIB, bound.stdout)
})
