import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import { signFile } from '../../../src/actions/sign/sign-file.ts'
import type { Subject } from '../../../src/actions/subjects/subjects.ts'
import { generateEphemeralKey } from '../../../src/core/ephemeral-key.ts'
import { ActionError } from '../../../src/errors.ts'
import type { DigestElsewhere, Files, World } from '../../../src/ports.ts'

const LARGE = 64 * 1024 * 1024
const subject = { name: 'large.bin', path: '/w/large.bin' } as Subject
const CHUNKS = ['one', 'two', 'three'].map((text) => Buffer.from(text.padEnd(8)))

/** A file that says it is large and hands out one buffer again and again. */
const fileOf = (size: number): Files['open'] => {
  const buffer = new Uint8Array(8)
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const chunk of CHUNKS) {
      buffer.set(chunk)
      yield buffer
    }
    buffer.fill(0)
  }
  return async () => ({ size, chunks, close: async () => undefined })
}

/** Slow: looks at the chunk only some turns later. */
function slowDigest(): DigestElsewhere {
  const hash = createHash('sha256')
  return {
    update: async (chunk) => {
      for (let i = 0; i < 5; i++) await new Promise((next) => setImmediate(next))
      hash.update(chunk)
    },
    finish: async () => new Uint8Array(hash.digest()),
  }
}

const worldOf = (size: number, digestElsewhere: World['digestElsewhere']) => ({
  files: { open: fileOf(size) } as Files,
  cancelled: new AbortController().signal,
  digestElsewhere,
})

const notElsewhere = (): never => {
  throw new Error('on another thread')
}

for (const [what, size, elsewhere] of [
  ['below 64 MiB all is done here', LARGE - 1, notElsewhere],
  ['from 64 MiB on the digest is made elsewhere, of the same bytes', LARGE, slowDigest],
] as const) {
  test(what, async () => {
    const key = generateEphemeralKey()
    const { digest, signature, artifact } = await signFile(worldOf(size, elsewhere), subject, ['/w'], key)
    const content = Buffer.concat(CHUNKS)
    assert.deepEqual(Buffer.from(digest), createHash('sha256').update(content).digest())
    assert.ok(verify('sha256', content, createPublicKey(key.pem), signature))
    assert.ok(artifact.signatureMatches(key.publicKey, 'sha256', signature))
  })
}

test('a digest elsewhere that is of other bytes does not pass the check', async () => {
  const lying = (): DigestElsewhere => ({
    update: async () => undefined,
    finish: async () => new Uint8Array(createHash('sha256').update('other').digest()),
  })
  const key = generateEphemeralKey()
  const { artifact, signature } = await signFile(worldOf(LARGE, lying), subject, ['/w'], key)
  assert.equal(artifact.signatureMatches(key.publicKey, 'sha256', signature), false)
})

test('what goes wrong elsewhere ends the signing', async () => {
  const broken = (): DigestElsewhere => ({
    update: () => Promise.reject(new ActionError('INTERNAL', 'gone')),
    finish: () => Promise.reject(new ActionError('INTERNAL', 'gone')),
  })
  const done = signFile(worldOf(LARGE, broken), subject, ['/w'], generateEphemeralKey())
  await assert.rejects(done, { code: 'INTERNAL' })
})
