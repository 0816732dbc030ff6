import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { suite, test } from 'node:test'
import type { FaultRule } from '../../../sandbox/faults.ts'
import { halfUpload, primaryLimit, secondaryLimit } from '../../../sandbox/github/limits.ts'
import { addAsset, addRelease, publishRelease } from '../../../sandbox/github/release-store.ts'
import type { Asset, Release } from '../../../sandbox/github/state.ts'
import { patientHttp } from '../../../src/actions/job/patience.ts'
import { attach, openShelf, type WantedAsset } from '../../../src/actions/publish/release-attach.ts'
import { verifyAttached } from '../../../src/actions/publish/release-look.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import { parseRepositoryName } from '../../../src/github/release.ts'
import { bodyOf, clientOf, known, startGitHub } from '../../github/own-github.ts'

const { sandbox, server, repository, faults } = await startGitHub()
const { state } = server
const MINUTE = 60_000
const TEXT = '{"bundle":1}'

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const wantedOf = (name: string, text = TEXT, isBundle = true): WantedAsset => ({
  name,
  contentType: 'application/json',
  size: Buffer.byteLength(text),
  sha256: digestOf(text),
  chunks: bodyOf(text).chunks,
  isBundle,
})

/** Time that passes only when somebody sleeps, and as it is. */
function quickClock() {
  let slept = 0
  return {
    now: () => Date.now() + slept,
    monotonic: () => performance.now() + slept,
    sleep: async (milliseconds: number) => {
      slept += milliseconds
      await new Promise((done) => setTimeout(done, Math.min(milliseconds, 5)))
    },
    slept: () => slept,
  }
}

let count = 0
const draft = (): Release => addRelease(state, repository, { tag: `t${++count}`, draft: true })

async function shelfOf(release: Release, budget = 10 * MINUTE) {
  const clock = quickClock()
  const world = {
    clock,
    random: (bytes: number) => new Uint8Array(bytes),
    cancelled: new AbortController().signal,
  }
  const client = clientOf(sandbox)
  const http = patientHttp({ http: client.http, world, budget, onTrouble: () => undefined })
  const view = {
    github: { ...client, http },
    repository: parseRepositoryName('octo/demo'),
    release: known(sandbox, release),
    assets: [],
  }
  const doubts: string[] = []
  const shelf = await openShelf({ world, view, budget, now: clock.now, onDoubt: (name) => doubts.push(name) })
  return { shelf, clock, doubts, view }
}

const starter = (release: Release, changes: Partial<Asset> = {}, name = 'a.json'): Asset =>
  addAsset(state, release, name, '', { state: 'starter', digest: undefined, ...changes })

interface Row {
  readonly title: string
  readonly before?: (release: Release) => void
  readonly rules?: readonly Omit<FaultRule, 'service'>[]
  readonly apiRules?: readonly FaultRule[]
  readonly budget?: number
  readonly isBundle?: boolean
  readonly fails?: ErrorCode
  readonly uploads: number
  readonly deletes?: number
  readonly kept?: boolean
}

const old = { createdAt: Date.now() - 11 * MINUTE }
const fault = (rule: FaultRule['fault'], count = 1) => [{ fault: rule, count }]
const changed = (changes: Readonly<Record<string, unknown>>): FaultRule['fault'] => ({
  kind: 'change',
  change: (answer) => ({
    ...answer,
    body: JSON.stringify({ ...JSON.parse(String(answer.body)), ...changes }),
  }),
})
const has = (text: string, changes: Partial<Asset> = {}) => ({
  before: (release: Release) => void addAsset(state, release, 'a.json', text, changes),
})
const half = { before: (release: Release) => void starter(release) }

const ROWS: readonly Row[] = [
  { title: 'nothing there', uploads: 1 },
  { title: 'the same there', ...has(TEXT), uploads: 0, kept: true },
  { title: 'the same, without a digest', ...has(TEXT, { digest: undefined }), uploads: 0, kept: true },
  { title: 'another there', ...has('x'), uploads: 0, fails: 'RELEASE_EXISTS' },
  {
    title: 'another of the same size, without a digest',
    ...has('{"bundle":2}', { digest: undefined }),
    uploads: 0,
    fails: 'RELEASE_EXISTS',
  },
  { title: 'an answer that is lost', rules: fault({ kind: 'lose' }), uploads: 1 },
  { title: 'a connection that breaks', rules: fault({ kind: 'drop' }, 3), uploads: 4 },
  {
    title: '502, and nothing was stored',
    rules: fault({ kind: 'answer', answer: { status: 502 } }),
    uploads: 2,
  },
  { title: '502, and half was stored', rules: fault(halfUpload(state)), uploads: 2, deletes: 1 },
  {
    title: '502 for ever',
    rules: fault({ kind: 'answer', answer: { status: 502 } }, 999),
    budget: MINUTE,
    uploads: 10,
    fails: 'NET_UNREACHABLE',
  },
  {
    title: 'half of a file that is no bundle',
    rules: fault(halfUpload(state)),
    isBundle: false,
    uploads: 1,
    fails: 'RELEASE_ASSET_STATE',
  },
  {
    title: 'a leftover over ten minutes old',
    before: (release) => void starter(release, old),
    uploads: 1,
    deletes: 1,
  },
  {
    title: 'a leftover of somebody else',
    before: (release) => void starter(release, { ...old, uploader: 'octocat' }),
    budget: MINUTE,
    uploads: 0,
    fails: 'RELEASE_ASSET_STATE',
  },
  {
    title: 'a leftover, and GitHub does not say who we are',
    before: (release) => void starter(release, old),
    apiRules: [{ path: /graphql/, fault: { kind: 'answer', answer: { status: 403, body: '{}' } } }],
    budget: MINUTE,
    uploads: 0,
    fails: 'RELEASE_ASSET_STATE',
  },
  {
    title: 'a fresh leftover that is not of this run',
    ...half,
    budget: MINUTE,
    uploads: 0,
    fails: 'RELEASE_ASSET_STATE',
  },
  { title: 'the same, until it is ten minutes old', ...half, budget: 15 * MINUTE, uploads: 1, deletes: 1 },
  {
    title: 'a secondary limit with its time',
    rules: fault({ kind: 'answer', answer: secondaryLimit(30) }),
    uploads: 2,
  },
  {
    title: 'a secondary limit without',
    rules: fault({ kind: 'answer', answer: secondaryLimit(undefined, 429) }),
    uploads: 2,
  },
  {
    title: 'a primary limit',
    get rules() {
      return fault({ kind: 'answer', answer: primaryLimit(Math.ceil(Date.now() / 1000) + 90) })
    },
    uploads: 2,
  },
  {
    title: 'a limit that outlasts the budget',
    rules: fault({ kind: 'answer', answer: secondaryLimit(3600) }),
    uploads: 1,
    fails: 'NET_OVERLOADED',
  },
  {
    title: 'no permission',
    rules: fault({
      kind: 'answer',
      answer: { status: 403, body: '{"message":"Resource not accessible by integration"}' },
    }),
    uploads: 1,
    fails: 'RELEASE_PERMISSION',
  },
  {
    title: 'a workflow change',
    rules: fault({ kind: 'answer', answer: { status: 404, body: '{}' } }),
    uploads: 1,
    fails: 'RELEASE_PERMISSION',
  },
  {
    title: 'another thing stored than was sent',
    rules: fault(changed({ digest: `sha256:${digestOf('y')}` })),
    uploads: 1,
    deletes: 1,
    fails: 'RELEASE_ASSET_MISMATCH',
  },
  {
    title: 'the very bytes under another name than was sent',
    rules: fault(changed({ name: 'a-1.json' })),
    uploads: 1,
    deletes: 1,
    fails: 'RELEASE_ASSET_NAME',
  },
  {
    title: 'a redirect',
    rules: fault({ kind: 'redirect', location: 'http://127.0.0.1:1' }),
    uploads: 1,
    fails: 'NET_REDIRECT',
  },
  {
    title: 'no JSON',
    rules: fault({ kind: 'answer', answer: { status: 201, body: '<html>' } }),
    uploads: 1,
    fails: 'GITHUB_RESPONSE',
  },
]

suite('one asset', () => {
  for (const row of ROWS)
    test(row.title, async () => {
      const release = draft()
      row.before?.(release)
      sandbox.requests.clear()
      const rules = [
        ...(row.rules ?? []).map((rule) => ({ ...rule, service: 'github-uploads' as const })),
        ...(row.apiRules ?? []),
      ].map((rule) => sandbox.faults.add(rule))
      const { shelf } = await shelfOf(release, row.budget)
      const done = attach(shelf, wantedOf('a.json', TEXT, row.isBundle ?? true))
      if (row.fails !== undefined) await assert.rejects(done, { code: row.fails })
      else assert.equal((await done).kept, row.kept ?? false)
      for (const undo of rules) undo()
      const uploads = sandbox.requests.count('github-uploads', 'POST')
      if (row.uploads < 10) assert.equal(uploads, row.uploads, 'uploads')
      else assert.ok(uploads >= row.uploads / 2 && uploads <= row.uploads * 2, `${uploads} uploads`)
      assert.equal(sandbox.requests.count('github-api', 'DELETE'), row.deletes ?? 0, 'deletions')
      if (row.fails !== undefined) return
      assert.deepEqual(
        [...release.assets.values()].map(({ name, state: is, size }) => [name, is, size]),
        [['a.json', 'uploaded', TEXT.length]],
      )
    })

  test('published meanwhile, and immutable', async () => {
    const release = draft()
    const { shelf } = await shelfOf(release)
    repository.immutableReleases = true
    publishRelease(repository, release)
    repository.immutableReleases = false
    await assert.rejects(attach(shelf, wantedOf('a.json')), { code: 'RELEASE_IMMUTABLE' })
  })

  test('put there by another job between the look and the upload', async () => {
    const release = draft()
    const { shelf } = await shelfOf(release)
    addAsset(state, release, 'a.json', TEXT)
    await attach(shelf, wantedOf('a.json'))
    assert.equal(release.assets.size, 1)
    const other = await shelfOf(release)
    addAsset(state, release, 'b.json', 'other')
    await assert.rejects(attach(other.shelf, wantedOf('b.json')), { code: 'RELEASE_EXISTS' })
  })

  test('another job is uploading it: waited for', async () => {
    const release = draft()
    const asset = starter(release)
    const { shelf, clock } = await shelfOf(release)
    const sleep = clock.sleep
    let sleeps = 0
    clock.sleep = async (milliseconds) => {
      if (++sleeps === 3) {
        release.assets.delete(asset.id)
        addAsset(state, release, 'a.json', TEXT)
      }
      await sleep(milliseconds)
    }
    assert.equal((await attach(shelf, wantedOf('a.json'))).kept, true)
    assert.equal(release.assets.size, 1)
  })

  for (const kept of [true, false])
    test(`a name that is taken while it is sent: the other upload is ${kept ? 'waited for' : 'never removed'}`, async () => {
      const release = draft()
      const { shelf, clock } = await shelfOf(release, MINUTE)
      sandbox.requests.clear()
      const undo = sandbox.faults.add({
        service: 'github-uploads',
        count: 1,
        fault: { kind: 'delay', milliseconds: 1 },
        // By the same account, as each job of a workflow is, and refused to us: nothing of it can be ours.
        onStrike: () => void starter(release, { createdAt: clock.now() }),
      })
      const sleep = clock.sleep
      clock.sleep = async (milliseconds) => {
        const [other] = release.assets.values()
        if (kept && other !== undefined) {
          release.assets.delete(other.id)
          addAsset(state, release, 'a.json', TEXT)
        }
        await sleep(milliseconds)
      }
      const done = attach(shelf, wantedOf('a.json'))
      if (kept) await done
      else await assert.rejects(done, { code: 'RELEASE_ASSET_STATE' })
      undo()
      assert.equal(sandbox.requests.count('github-api', 'DELETE'), 0)
      assert.equal(release.assets.size, 1)
    })

  test('what was there before is never taken for the answer to an upload', async () => {
    const release = draft()
    const other = addAsset(state, release, 'other', 'x')
    const { shelf } = await shelfOf(release)
    const undo = sandbox.faults.add({ service: 'github-uploads', fault: changed({ id: other.id }) })
    await assert.rejects(attach(shelf, wantedOf('a.json')), { code: 'GITHUB_RESPONSE' })
    undo()
    assert.ok(release.assets.has(other.id), 'and nothing was removed')
  })
})

suite('several', () => {
  test('ten jobs at once, each with its own: none is lost and none is there twice', async () => {
    const release = draft()
    // First, while no job has slept: what a job that is ahead of GitHub's time finds there is too old to be its own.
    const broken = sandbox.faults.add({ service: 'github-uploads', count: 3, fault: halfUpload(state) })
    const limits = sandbox.faults.add({
      service: 'github-uploads',
      from: 5,
      count: 8,
      fault: { kind: 'answer', answer: secondaryLimit(1) },
    })
    const lost = sandbox.faults.add({
      service: 'github-uploads',
      from: 30,
      count: 3,
      fault: { kind: 'lose' },
    })
    await Promise.all(
      Array.from({ length: 10 }, async (_, job) => {
        const { shelf, view } = await shelfOf(release)
        const done = []
        for (let i = 0; i < 5; i++)
          done.push(await attach(shelf, wantedOf(`job${job}-${i}.json`, `${job} ${i}`)))
        await verifyAttached(view, shelf.world, done)
      }),
    )
    for (const undo of [limits, broken, lost]) undo()
    const assets = [...release.assets.values()]
    assert.equal(assets.length, 50)
    assert.equal(new Set(assets.map(({ name }) => name)).size, 50)
    assert.ok(assets.every((asset) => asset.state === 'uploaded'))
  })

  test('writes are at most about eighty in a minute', async () => {
    const { shelf, clock } = await shelfOf(draft())
    for (let i = 0; i < 80; i++) await shelf.pace()
    assert.ok(clock.slept() > 55_000, `${clock.slept()} ms for 80`)
  })

  for (const [title, body] of [
    ['is a moment behind', () => '[]'],
    ['names an asset on two pages', (text: string) => `[${text.slice(1, -1)},${text.slice(1, -1)}]`],
  ] as const)
    test(`a list that ${title} is looked at again`, async () => {
      const release = draft()
      const { shelf, view } = await shelfOf(release)
      const done = [await attach(shelf, wantedOf('a.json'))]
      const change = (answer: { readonly status: number; readonly body?: unknown }) => ({
        status: answer.status,
        body: body(String(answer.body)),
      })
      const path = /releases\/\d+\/assets$/
      const undo = sandbox.faults.add({
        service: 'github-api',
        path,
        count: 2,
        fault: { kind: 'change', change },
      })
      await verifyAttached(view, shelf.world, done)
      undo()
    })

  test('what was read back must be as it was', async () => {
    for (const change of [
      (asset: Asset) => Object.assign(asset, { size: 1 }),
      (asset: Asset) => Object.assign(asset, { digest: digestOf('x') }),
      (asset: Asset) => Object.assign(asset, { state: 'starter' }),
      (asset: Asset) => Object.assign(asset, { name: 'b.json' }),
    ]) {
      const release = draft()
      const { shelf, view } = await shelfOf(release)
      const done = [await attach(shelf, wantedOf('a.json'))]
      await verifyAttached(view, shelf.world, done)
      const [asset] = release.assets.values()
      assert.ok(asset)
      change(asset)
      await assert.rejects(verifyAttached(view, shelf.world, done), { code: 'RELEASE_CHANGED' })
      release.assets.clear()
      await assert.rejects(verifyAttached(view, shelf.world, done), { code: 'RELEASE_CHANGED' })
    }
  })
})

test("each answer above was one that GitHub's own description allows", () => assert.deepEqual(faults, []))
