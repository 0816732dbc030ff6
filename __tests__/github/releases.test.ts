import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { suite, test } from 'node:test'
import { halfUpload, primaryLimit, secondaryLimit } from '../../sandbox/github/limits.ts'
import { addAsset, addRelease, annotateTag } from '../../sandbox/github/release-store.ts'
import { addRepository } from '../../sandbox/github/state.ts'
import { requestDownload } from '../../src/github/asset-download.ts'
import { parseUpload, requestUpload, uploadUrl } from '../../src/github/asset-upload.ts'
import { compareAsset, parseAsset, parseRelease, parseRepositoryName } from '../../src/github/release.ts'
import {
  requestAssetDeletion,
  requestAssets,
  requestPublication,
  requestRelease,
} from '../../src/github/releases.ts'
import { requestTagCommit } from '../../src/github/tags.ts'
import { requestViewer } from '../../src/github/viewer.ts'
import { bodyOf, clientOf, known, startGitHub } from './own-github.ts'

const { sandbox, server, repository, faults } = await startGitHub()
const { state } = server
const github = clientOf(sandbox)
const demo = parseRepositoryName('octo/demo')
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const tagged = (tag: string) => ({ kind: 'tag', tag }) as const
const reader = 'ghs_reader'
state.tokens.set(reader, { contents: 'read', attestations: 'none', repository: 'octo/demo' })

async function gather(asset: Parameters<typeof requestDownload>[2], from = github) {
  let text = ''
  const digest = await requestDownload(from, demo, asset, () => {
    text = ''
    return async (chunk) => {
      text += Buffer.from(chunk).toString()
    }
  })
  return { text, digest }
}

async function upload(release: ReturnType<typeof known>, name: string, text: string, from = github) {
  const answer = await requestUpload(from, release, {
    name,
    contentType: 'application/json',
    body: bodyOf(text.slice(0, 2), text.slice(2)),
  })
  return parseUpload(answer, name, Date.now())
}

suite('finding a release', () => {
  test('a published one by its tag, slashes and all', async () => {
    const release = addRelease(state, repository, { tag: 'app/v1+x y' })
    assert.deepEqual(await requestRelease(github, demo, tagged('app/v1+x y')), known(sandbox, release))
  })

  test('a draft by its tag, among more than a page of others, and by its id', async () => {
    const draft = addRelease(state, repository, { tag: 'v2', draft: true })
    for (let i = 0; i < 130; i++) addRelease(state, repository, { tag: `nightly-${i}` })
    assert.deepEqual(await requestRelease(github, demo, tagged('v2')), known(sandbox, draft))
    assert.equal((await requestRelease(github, demo, { kind: 'id', id: draft.id })).draft, true)
  })

  test('a published one comes before a draft with its tag', async () => {
    addRelease(state, repository, { tag: 'v3', draft: true })
    const release = addRelease(state, repository, { tag: 'v3' })
    assert.equal((await requestRelease(github, demo, tagged('v3'))).id, release.id)
  })

  test('two drafts with one tag are refused by their ids', async () => {
    const ids = [1, 2].map(() => addRelease(state, repository, { tag: 'v4', draft: true }).id)
    await assert.rejects(requestRelease(github, demo, tagged('v4')), {
      code: 'RELEASE_NOT_FOUND',
      message: `2 drafts bear the tag "v4": ${ids.join(', ')}`,
      hint: new RegExp(`id:${ids[0]}`),
    })
  })

  test('a draft does not exist for a token that may only read', async () => {
    const draft = addRelease(state, repository, { tag: 'v5', draft: true })
    for (const token of [reader, ''])
      for (const named of [tagged('v5'), { kind: 'id', id: draft.id } as const])
        await assert.rejects(requestRelease(clientOf(sandbox, token), demo, named), {
          code: 'RELEASE_NOT_FOUND',
          hint: /contents: write/,
        })
  })

  test('a token is for its own repository', async () => {
    const other = addRepository(state, {
      ...sandbox.claims,
      repository: 'octo/other',
      repository_visibility: 'private',
    })
    addRelease(state, other, { tag: 'v1' })
    await assert.rejects(requestRelease(github, parseRepositoryName('octo/other'), tagged('v1')), {
      code: 'GITHUB_NOT_FOUND',
    })
  })

  test('a token that GitHub does not know', async () => {
    await assert.rejects(requestRelease(clientOf(sandbox, 'ghs_no'), demo, tagged('v3')), {
      code: 'GITHUB_TOKEN',
    })
  })

  for (const name of ['', 'octo', 'octo/', '/demo', 'octo/..', 'o/r/x', 'o/r\n', 'ö/r'])
    test(`${JSON.stringify(name)} is no repository`, () => {
      assert.throws(() => parseRepositoryName(name), { code: 'INPUT_VALUE' })
    })
})

suite('assets', () => {
  test('all pages are read', async () => {
    const release = addRelease(state, repository, { tag: 'many' })
    for (let i = 0; i < 230; i++) addAsset(state, release, `file-${i}`, `${i}`)
    const assets = await requestAssets(github, demo, release)
    assert.equal(assets.length, 230)
    assert.equal(assets[229]?.name, 'file-229')
    assert.equal(assets[229]?.digest, sha256('229'))
  })

  test('go up as they are and come down from another host, without a credential', async () => {
    const release = addRelease(state, repository, { tag: 'up', draft: true })
    const result = await upload(known(sandbox, release), 'a+b.json', 'content')
    assert.ok(result.kind === 'stored')
    assert.equal(result.asset.name, 'a+b.json')
    assert.equal(compareAsset(result.asset, { size: 7, sha256: sha256('content') }), 'same')
    assert.equal(result.asset.uploader, await requestViewer(github))
    assert.deepEqual(await gather(result.asset), { text: 'content', digest: sha256('content') })
    const [asked] = sandbox.requests.all().filter(({ service }) => service === 'github-storage')
    assert.ok(asked !== undefined)
    const denied = await fetch(`${sandbox.addresses.githubStorage}${asked.path}`, {
      headers: { authorization: `Bearer ${server.jobToken}` },
    })
    assert.equal(denied.status, 400, 'the storage takes no credential')
    await requestAssetDeletion(github, demo, result.asset)
    assert.equal(release.assets.size, 0)
    await requestAssetDeletion(github, demo, result.asset)
  })

  test('a taken name, a full release, an immutable one', async () => {
    const release = addRelease(state, repository, { tag: 'full', draft: true })
    addAsset(state, release, 'a b', 'x')
    assert.equal((await upload(known(sandbox, release), 'a b', 'y')).kind, 'exists')
    for (let i = 0; i < 999; i++) addAsset(state, release, `file-${i}`, '')
    await assert.rejects(upload(known(sandbox, release), 'c', 'y'), { code: 'RELEASE_FULL' })
    const done = addRelease(state, repository, { tag: 'done', immutable: true })
    await assert.rejects(upload(known(sandbox, done), 'c', 'y'), { code: 'RELEASE_IMMUTABLE' })
  })

  test('without the permission', async () => {
    const release = known(sandbox, addRelease(state, repository, { tag: 'closed' }))
    await assert.rejects(upload(release, 'c', 'y', clientOf(sandbox, reader)), { code: 'RELEASE_PERMISSION' })
    await assert.rejects(upload(release, 'c', 'y', clientOf(sandbox, '')), { code: 'GITHUB_TOKEN' })
  })

  test('an upload that breaks off blocks its name', async () => {
    const release = addRelease(state, repository, { tag: 'half', draft: true })
    sandbox.faults.add({ service: 'github-uploads', count: 1, fault: halfUpload(state) })
    assert.equal((await upload(known(sandbox, release), 'c', 'y')).kind, 'failed')
    const [left] = await requestAssets(github, demo, release)
    assert.equal(left?.state, 'starter')
    assert.ok(left !== undefined)
    assert.equal(compareAsset(left, { size: 0, sha256: sha256('') }), 'different')
    await assert.rejects(gather(left), { code: 'RELEASE_ASSET_STATE' })
    assert.equal((await upload(known(sandbox, release), 'c', 'y')).kind, 'exists')
  })

  for (const [title, answer, wait] of [
    ['primary', () => primaryLimit(Math.ceil(Date.now() / 1000) + 40), /^(?:3|4)\d{4}$/],
    ['secondary with its time', () => secondaryLimit(7), /^undefined/],
    ['secondary without', () => secondaryLimit(undefined, 429), /^60000/],
  ] as const)
    test(`a limit is waited out: ${title}`, async () => {
      const release = known(sandbox, addRelease(state, repository, { tag: `limit-${title}`, draft: true }))
      sandbox.faults.add({ service: 'github-uploads', count: 1, fault: { kind: 'answer', answer: answer() } })
      const result = await upload(release, 'c', 'y')
      assert.ok(result.kind === 'failed' && result.error.code === 'NET_OVERLOADED')
      assert.match(String(result.wait), wait)
    })

  test('downloads that are not what GitHub says', async () => {
    const release = addRelease(state, repository, { tag: 'lies' })
    const asset = addAsset(state, release, 'a', 'content')
    const [as] = await requestAssets(github, demo, release)
    assert.ok(as !== undefined)
    for (const [changed, code] of [
      [{ ...as, size: 6 }, 'RELEASE_ASSET_MISMATCH'],
      [{ ...as, size: 8 }, 'RELEASE_ASSET_MISMATCH'],
      [{ ...as, digest: sha256('x') }, 'RELEASE_ASSET_MISMATCH'],
      [{ ...as, id: asset.id + 1 }, 'GITHUB_NOT_FOUND'],
    ] as const)
      await assert.rejects(gather(changed), { code })
    for (const location of ['https://evil.example/x', 'http://evil.example/x', '/x', '']) {
      const answer = { status: 302, headers: { location } }
      sandbox.faults.add({ path: /assets\/\d+$/, count: 1, fault: { kind: 'answer', answer } })
      await assert.rejects(gather(as), { code: 'GITHUB_HOST' }, location)
    }
    sandbox.faults.add({
      service: 'github-storage',
      count: 1,
      fault: { kind: 'redirect', location: 'http://127.0.0.1:1' },
    })
    await assert.rejects(gather(as))
    sandbox.faults.add({ service: 'github-storage', count: 1, fault: { kind: 'cut', bytes: 3 } })
    await assert.rejects(gather(as), { code: 'NET_BAD_RESPONSE' })
  })

  for (const address of [
    'https://evil.example/x{?name,label}',
    'https://uploads.github.com/x{?name}',
    'x',
    '',
  ])
    test(`nothing is uploaded to ${JSON.stringify(address)}`, () => {
      assert.throws(() => uploadUrl({ uploadUrl: address }, github.hosts), { code: 'GITHUB_HOST' })
    })
})

suite('publishing', () => {
  test('makes a draft public, and its tag', async () => {
    repository.immutableReleases = true
    const draft = addRelease(state, repository, { tag: 'v9', draft: true })
    assert.equal(await requestTagCommit(github, demo, 'v9'), undefined)
    const published = await requestPublication(github, demo, draft)
    assert.deepEqual([published.draft, published.immutable], [false, true])
    assert.match((await requestTagCommit(github, demo, 'v9')) ?? '', /^[0-9a-f]{40}$/)
    repository.immutableReleases = false
  })

  test('needs the permission', async () => {
    const release = addRelease(state, repository, { tag: 'v10' })
    await assert.rejects(requestPublication(clientOf(sandbox, reader), demo, release), {
      code: 'RELEASE_PERMISSION',
    })
  })
})

suite('tags', () => {
  const commit = 'c0'.repeat(20)
  test('annotated ones are peeled', async () => {
    annotateTag(repository, 'a/b', commit)
    assert.equal(await requestTagCommit(github, demo, 'a/b'), commit)
  })

  test('one that leads to no commit', async () => {
    repository.tags.set('tree', { type: 'tree', sha: commit })
    repository.tags.set('loop', { type: 'tag', sha: commit })
    repository.tagObjects.set(commit, { tag: 'loop', object: { type: 'tag', sha: commit } })
    for (const tag of ['tree', 'loop'])
      await assert.rejects(requestTagCommit(github, demo, tag), { code: 'GITHUB_RESPONSE' }, tag)
  })
})

suite('hostile answers', () => {
  const release = {
    id: 1,
    tag_name: 'v1',
    draft: false,
    immutable: true,
    upload_url: 'https://uploads.github.com/x{?name,label}',
    html_url: 'https://github.com/x',
  }
  const asset = {
    id: 1,
    name: 'a',
    label: null,
    state: 'uploaded',
    size: 1,
    digest: null,
    created_at: '2026-01-01T00:00:00Z',
    uploader: null,
    browser_download_url: 'https://github.com/a',
  }

  test('what is as it should be is taken', () => {
    assert.equal(parseRelease(release).immutable, true)
    assert.equal(parseRelease({ ...release, draft: true }).immutable, false)
    assert.equal(compareAsset(parseAsset(asset), { size: 1, sha256: sha256('x') }), 'unknown')
    assert.equal(parseAsset({ ...asset, digest: 'sha512:00' }).digest, undefined)
  })

  for (const change of [
    { id: 0 },
    { id: '1x' },
    { id: 2 ** 60 },
    { tag_name: '' },
    { tag_name: 'x'.repeat(1025) },
    { draft: 'false' },
    { immutable: 1 },
    { upload_url: 'javascript:x' },
    { html_url: 'https://' },
  ])
    test(`a release with ${JSON.stringify(change).slice(0, 40)}`, () => {
      assert.throws(() => parseRelease({ ...release, ...change }), { code: 'GITHUB_RESPONSE' })
    })

  for (const name of ['..', '.', 'a/b', 'a\\b', 'c:d', 'a\nb', 'x'.repeat(256), '\u202e', ''])
    test(`an asset named ${JSON.stringify(name.slice(0, 10))}`, () => {
      assert.throws(() => parseAsset({ ...asset, name }), { code: 'RELEASE_ASSET_NAME' })
    })

  for (const change of [
    { state: 'new' },
    { size: -1 },
    { created_at: 'today' },
    { digest: 7 },
    { uploader: [] },
  ])
    test(`an asset with ${JSON.stringify(change)}`, () => {
      assert.throws(() => parseAsset({ ...asset, ...change }), { code: 'GITHUB_RESPONSE' })
    })
})

test("each answer above was one that GitHub's own description allows", () => assert.deepEqual(faults, []))
