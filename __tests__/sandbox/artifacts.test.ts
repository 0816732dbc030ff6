import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { writeFiles } from '../dist/program.ts'
import { toolkit } from '../dist/toolkit.ts'

interface Listed {
  readonly name: string
  readonly id: number
  readonly size: number
  readonly digest?: string
}

suite("the sandbox's artifacts, asked by the toolkit's own client", () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())

  test('upload in blocks, list, download in another job, delete', async () => {
    const big = randomBytes(9 * 1024 * 1024)
    await writeFiles(sandbox, { 'dist/big.bin': big, 'dist/sub/small.txt': 'small' })
    const paths = ['dist/big.bin', 'dist/sub/small.txt'].map((name) => join(sandbox.workspace, name))
    const made = await toolkit<Omit<Listed, 'name'>>(
      sandbox.env,
      'upload',
      'built',
      sandbox.workspace,
      ...paths,
    )
    const blocks = sandbox.requests
      .all()
      .filter(({ service, method }) => service === 'github-artifacts' && method === 'PUT')
    assert.equal(blocks.length, 3, 'two blocks of at most 8 MiB and their list')

    const next = await sandbox.newJob()
    assert.deepEqual(
      (await toolkit<Listed[]>(next.env, 'list')).map(({ name, id, size, digest }) => ({
        name,
        id,
        size,
        digest,
      })),
      [{ name: 'built', id: made.id, size: made.size, digest: `sha256:${made.digest}` }],
    )
    const got = await toolkit<{ digestMismatch: boolean }>(next.env, 'download', 'built', next.workspace)
    assert.equal(got.digestMismatch, false)
    assert.ok(big.equals(await readFile(join(next.workspace, 'dist/big.bin'))))
    assert.equal(await readFile(join(next.workspace, 'dist/sub/small.txt'), 'utf8'), 'small')

    const [stored] = sandbox.artifacts.state.artifacts
    assert.equal(
      createHash('sha256')
        .update(stored?.content ?? '')
        .digest('hex'),
      made.digest,
    )
    await toolkit(next.env, 'delete', 'built')
    assert.deepEqual(await toolkit<Listed[]>(next.env, 'list'), [])
  })

  const refusals: readonly [title: string, prepare: () => void, says: RegExp][] = [
    ['a name that is taken', () => undefined, /\(409\) Conflict: an artifact with this name already exists/],
    [
      'a quota that is used up',
      () => {
        sandbox.artifacts.state.quota = 0
      },
      /storage quota has been hit/,
    ],
    ['a token that is not known', () => sandbox.artifacts.state.jobs.clear(), /\(401\)/],
  ]
  for (const [title, prepare, says] of refusals) {
    test(`the client is refused: ${title}`, async () => {
      const job = await sandbox.newJob()
      await writeFiles(job, { a: 'a' })
      const upload = (name: string) =>
        toolkit(job.env, 'upload', name, job.workspace, join(job.workspace, 'a'))
      const taken = title === 'a name that is taken'
      if (taken) await upload('taken')
      prepare()
      await assert.rejects(upload(taken ? 'taken' : title.replaceAll(' ', '-')), says)
    })
  }
})
