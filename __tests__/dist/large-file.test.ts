import assert from 'node:assert/strict'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { verifyBySigstoreJs } from '../sandbox/client.ts'
import { run, writeFiles } from './program.ts'

const MIB = 1024 * 1024

test('a file so large that two threads read it is signed, and its bundle is of every byte', async () => {
  const sandbox = await startSandbox()
  try {
    const job = await sandbox.newJob()
    await writeFiles(job, { 'large.bin': '' })
    const path = join(job.workspace, 'large.bin')
    const file = await open(path, 'r+')
    try {
      // No two chunks alike, and the last one is not full.
      for (let i = 0; i < 80; i++) await file.write(`part ${i}`, i * MIB)
      await file.truncate(80 * MIB + 7)
      const inputs = { 'INPUT_SUBJECT-PATH': 'large.bin' }
      const signed = await run('sign', { ...job.env, ...inputs })
      assert.equal(signed.code, 0, signed.text)
      const bundle: unknown = JSON.parse(await readFile(`${path}.sigstore.json`, 'utf8'))
      verifyBySigstoreJs(bundle, sandbox.trustedRoot, await readFile(path))
      await file.write('x', 79 * MIB + 5)
      const content = await readFile(path)
      assert.throws(() => verifyBySigstoreJs(bundle, sandbox.trustedRoot, content))
    } finally {
      await file.close()
    }
  } finally {
    await sandbox.close()
  }
})
