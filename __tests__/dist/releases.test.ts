import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { makeBundle } from '../../sandbox/bundles.ts'
import { githubClaims, type RunFacts } from '../../sandbox/claims.ts'
import { addAsset, addRelease, annotateTag } from '../../sandbox/github/release-store.ts'
import type { Asset } from '../../sandbox/github/state.ts'
import {
  bundleOf,
  codeOf,
  countRequests,
  jobWith,
  type Night,
  RELEASE_INPUTS,
  sign,
  TAG,
  withNight,
} from '../../scripts/releases/night.ts'
import { AT_THE_SAME_TIME } from './own-sandbox.ts'
import { outputsOf, type Run, start, type Variables } from './program.ts'
import { statementOver } from './stored.ts'

const ONE = { 'app.bin': 'content' }
const PUBLISH = { 'INPUT_RELEASE-PUBLISH': 'true' }
/** What is on the release, and nothing from the workspace. */
const ASSETS = (which: 'listed' | 'all-unchecked'): Variables => ({
  ...RELEASE_INPUTS,
  'INPUT_SUBJECT-PATH': '',
  'INPUT_RELEASE-FILES': '',
  'INPUT_RELEASE-ASSETS': which,
})

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')
const assetsOf = ({ release }: Night): readonly Asset[] => [...(release?.assets.values() ?? [])]
const namesOf = (night: Night): readonly string[] => assetsOf(night).map(({ name }) => name)
const put = ({ sandbox, release }: Night, name: string, content: string | Uint8Array): Asset => {
  assert.ok(release !== undefined)
  return addAsset(sandbox.github.state, release, name, content)
}

/** A file and, beside it, its signature by a run of these facts. */
function putSigned(night: Night, name: string, facts: RunFacts): void {
  const { sandbox } = night
  const identity = { iss: sandbox.addresses.issuer, ...githubClaims(facts) }
  put(night, name, name)
  const { bytes } = makeBundle(sandbox, { artifact: Buffer.from(name) }, { leaf: { identity } })
  put(night, `${name}.sigstore.json`, bytes)
}

const onDraft = (use: (night: Night) => Promise<void>): Promise<void> => withNight({}, 'draft', use)

function assertFails(one: Run, code: string, message = /./): void {
  assert.equal(codeOf(one), code, one.text)
  assert.match(one.report?.error?.message ?? '', message)
}

/** Nothing but reading was done. */
function assertUntouched({ sandbox }: Night, tokens = 0): void {
  const { reads: _, ...counts } = countRequests(sandbox)
  const none = { uploads: 0, deletes: 0, publishes: 0, certificates: 0, entries: 0 }
  assert.deepEqual(counts, { ...none, tokens })
}

suite('preflight: what cannot work fails before a token is asked for', AT_THE_SAME_TIME, () => {
  test('two drafts with one tag', () =>
    onDraft(async (night) => {
      addRelease(night.sandbox.github.state, night.sandbox.github.repository, { tag: TAG, draft: true })
      assertFails(await sign(await jobWith(night, ONE), RELEASE_INPUTS), 'RELEASE_NOT_FOUND', /2 drafts bear/)
      assertUntouched(night)
    }))

  test('names that are one name for GitHub', () =>
    onDraft(async (night) => {
      const job = await jobWith(night, { 'a b.bin': '1', 'a~b.bin': '2' })
      assertFails(await sign(job, RELEASE_INPUTS), 'RELEASE_ASSET_NAME', /both be "a\.b\.bin/)
      assertUntouched(night)
    }))

  test('a name of which GitHub leaves nothing', () =>
    onDraft(async (night) => {
      const job = await jobWith(night, { 日本: '1' })
      const done = await sign(job, { ...RELEASE_INPUTS, 'INPUT_SUBJECT-PATH': '日本' })
      assertFails(done, 'RELEASE_ASSET_NAME')
    }))

  test('an attestation for a file that GitHub would rename', () =>
    onDraft(async (night) => {
      const done = await sign(await jobWith(night, { 'my app.bin': 'x' }), {
        ...RELEASE_INPUTS,
        INPUT_ATTEST: 'provenance',
      })
      assertFails(
        done,
        'RELEASE_ASSET_NAME',
        /would name "my app\.bin", which is "my\.app\.bin" on the release/,
      )
      assertUntouched(night)
    }))

  test('more than a thousand assets', () =>
    onDraft(async (night) => {
      for (let i = 0; i < 999; i++) put(night, `file-${i}`, '')
      assertFails(await sign(await jobWith(night, ONE), RELEASE_INPUTS), 'RELEASE_FULL', /1001 assets/)
      assertUntouched(night)
    }))

  test('a tag that was moved', () =>
    onDraft(async (night) => {
      annotateTag(night.sandbox.github.repository, TAG, 'c0'.repeat(20))
      assertFails(
        await sign(await jobWith(night, ONE), { ...RELEASE_INPUTS, ...PUBLISH }),
        'REF_UNEXPECTED',
        /any more/,
      )
      assertUntouched(night)
    }))

  test('an upload address that is not of GitHub', () =>
    onDraft(async (night) => {
      const change = (answer: { readonly body?: unknown; readonly status: number }) => ({
        status: answer.status,
        body: String(answer.body).replaceAll(night.sandbox.addresses.githubUploads, 'https://evil.example'),
      })
      night.sandbox.faults.add({ path: /releases$/, fault: { kind: 'change', change } })
      assertFails(await sign(await jobWith(night, ONE), RELEASE_INPUTS), 'GITHUB_HOST', /evil\.example/)
      assertUntouched(night)
    }))

  for (const existing of ['replace', 'fail'])
    test(`a bundle that is there, with existing-bundles: ${existing}`, () =>
      onDraft(async (night) => {
        put(night, 'app.bin.sigstore.json', bundleOf(night.sandbox, ONE['app.bin']))
        const done = await sign(await jobWith(night, ONE), {
          ...RELEASE_INPUTS,
          'INPUT_EXISTING-BUNDLES': existing,
        })
        assertFails(done, 'RELEASE_EXISTS', /has "app\.bin\.sigstore\.json" already/)
        assertUntouched(night)
      }))

  test('something under the name of a bundle that is none', () =>
    onDraft(async (night) => {
      put(night, 'app.bin.sigstore.json', '{}')
      assertFails(
        await sign(await jobWith(night, ONE), RELEASE_INPUTS),
        'RELEASE_EXISTS',
        /no Sigstore bundle/,
      )
      assertUntouched(night)
    }))

  test('a draft that the token may not see', () =>
    onDraft(async (night) => {
      night.sandbox.github.permissions.contents = 'read'
      const done = await sign(await jobWith(night, ONE), RELEASE_INPUTS)
      assertFails(done, 'RELEASE_NOT_FOUND')
      assert.match(done.report?.error?.hint ?? '', /contents: write/)
      assertUntouched(night)
    }))

  test('no token', () =>
    onDraft(async (night) => {
      const done = await sign(await jobWith(night, ONE), { ...RELEASE_INPUTS, 'INPUT_GITHUB-TOKEN': '' })
      assertFails(done, 'INPUT_REQUIRED', /github-token/)
    }))

  test('a dry run looks and touches nothing', () =>
    onDraft(async (night) => {
      const done = await sign(await jobWith(night, ONE), { ...RELEASE_INPUTS, 'INPUT_DRY-RUN': 'true' })
      assert.equal(done.code, 0, done.text)
      assert.equal(done.report?.result, 'dry-run')
      assertUntouched(night)
    }))
})

suite('attaching', AT_THE_SAME_TIME, () => {
  test('names, labels, outputs, report and summary', () =>
    onDraft(async (night) => {
      const job = await jobWith(night, { 'my app.bin': 'content' })
      const done = await sign(job, RELEASE_INPUTS)
      assert.equal(done.code, 0, done.text)
      assert.deepEqual(
        assetsOf(night).map(({ name, label }) => [name, label]),
        [
          ['my.app.bin.sigstore.json', 'my app.bin.sigstore.json'],
          ['my.app.bin', 'my app.bin'],
        ],
      )
      assert.match(
        outputsOf(done)['release-url'] ?? '',
        /^https:\/\/github\.com\/octo\/demo\/releases\/tag\/untagged-/,
      )
      assert.deepEqual(
        done.report?.published.map((one) => one.kind === 'release-asset' && [one.name, one.digest]),
        assetsOf(night).map(({ name, digest }) => [name, digest]),
      )
      assert.match(done.summary, /2 assets of ours on the release/)
      const told = done.text.split('\n').filter((line) => !line.startsWith('::add-mask::'))
      assert.ok(!told.join().includes(night.sandbox.github.jobToken), 'the token is told nowhere')
    }))

  test('a token that may only read is found out by one upload', () =>
    withNight({}, 'published', async (night) => {
      night.sandbox.github.permissions.contents = 'read'
      const done = await sign(await jobWith(night, ONE), RELEASE_INPUTS)
      assertFails(done, 'RELEASE_PERMISSION', /of 2 files 0 are on the release/)
      assert.equal(countRequests(night.sandbox).uploads, 1)
      assert.ok((done.report?.public.length ?? 0) > 0, 'and what became public is told')
    }))

  test('published and immutable in the middle', () =>
    onDraft(async (night) => {
      night.sandbox.faults.add({
        service: 'github-uploads',
        from: 2,
        count: 1,
        fault: { kind: 'delay', milliseconds: 1 },
        onStrike: () => Object.assign(night.release ?? {}, { draft: false, immutable: true }),
      })
      const done = await sign(await jobWith(night, ONE), RELEASE_INPUTS)
      assertFails(done, 'RELEASE_IMMUTABLE', /of 2 files 1 are on/)
      assert.equal(done.report?.published.length, 1)
    }))

  test('what the place lacks it gets: from the disk to the release, and back', () =>
    onDraft(async (night) => {
      const job = await jobWith(night, ONE)
      const plain = await sign(job, { 'INPUT_SUBJECT-PATH': '*.bin' })
      assert.equal(plain.code, 0, plain.text)
      const { entries } = countRequests(night.sandbox)
      const up = await sign(job, RELEASE_INPUTS)
      assert.equal(up.code, 0, up.text)
      const other = await jobWith(night, ONE)
      const down = await sign(other, RELEASE_INPUTS)
      assert.equal(down.code, 0, down.text)
      const path = 'app.bin.sigstore.json'
      assert.deepEqual(readFileSync(join(other.workspace, path)), readFileSync(join(job.workspace, path)))
      assert.equal(countRequests(night.sandbox).entries, entries, 'and nothing is logged again')
    }))

  test('the same bytes, signed at another commit', () =>
    onDraft(async (night) => {
      const { sandbox } = night
      const claims = githubClaims({ sha: 'c0'.repeat(20) })
      const leaf = { identity: { iss: sandbox.addresses.issuer, ...claims } }
      const made = makeBundle(sandbox, { artifact: Buffer.from(ONE['app.bin']) }, { leaf })
      put(night, 'app.bin.sigstore.json', made.bytes)
      const done = await sign(await jobWith(night, ONE), RELEASE_INPUTS)
      assertFails(done, 'RELEASE_EXISTS', /source commit/)
      assert.equal(done.report?.error?.found, 'c0'.repeat(20))
      assertUntouched(night, 1)
    }))

  test('one `.jsonl`: kept as a whole, and never extended', () =>
    onDraft(async (night) => {
      const inputs = { ...RELEASE_INPUTS, 'INPUT_BUNDLE-PATH': 'all.jsonl' }
      const two = { ...ONE, 'b.bin': 'b' }
      assert.equal(codeOf(await sign(await jobWith(night, two), inputs)), 'ok')
      assert.deepEqual(namesOf(night), ['all.jsonl', 'app.bin', 'b.bin'])
      const { entries } = countRequests(night.sandbox)
      const again = await jobWith(night, two)
      assert.equal(codeOf(await sign(again, inputs)), 'ok')
      assert.equal(sha256(readFileSync(join(again.workspace, 'all.jsonl'))), assetsOf(night)[0]?.digest)
      const more = await sign(await jobWith(night, { ...two, 'c.bin': 'c' }), inputs)
      assertFails(more, 'RELEASE_EXISTS')
      assert.equal(countRequests(night.sandbox).entries, entries)
    }))

  for (const [title, bundlePath, path, evil] of [
    ['replaced', '', 'b.bin.sigstore.json', () => '{"mediaType":"evil"}'],
    ['extended', 'all.jsonl', 'all.jsonl', (text: string) => `${text}{"mediaType":"evil"}\n`],
  ] as const)
    test(`a bundle that is ${title} on the disk before its upload is not handed out`, () =>
      onDraft(async (night) => {
        const job = await jobWith(night, { ...ONE, 'b.bin': 'b' })
        const at = join(job.workspace, path)
        // Of the listings the second comes when the bundles are verified and nothing is uploaded; a file is looked at again.
        night.sandbox.faults.add({
          ...(bundlePath === ''
            ? { service: 'github-uploads' }
            : { path: /assets$/, method: 'GET', from: 2 }),
          count: 1,
          fault: { kind: 'delay', milliseconds: 1 },
          onStrike: () => writeFileSync(at, evil(readFileSync(at, 'utf8'))),
        })
        const done = await sign(job, { ...RELEASE_INPUTS, ...PUBLISH, 'INPUT_BUNDLE-PATH': bundlePath })
        assertFails(done, 'FILE_CHANGED', /is not what was written/)
        assert.ok(!namesOf(night).includes(path))
        assert.equal(night.release?.draft, true)
      }))

  test('nor does it become part of a workflow artifact', () =>
    onDraft(async (night) => {
      const job = await jobWith(night, ONE)
      const at = join(job.workspace, 'app.bin.sigstore.json')
      // The third listing reads back what was uploaded; the artifact comes behind it.
      night.sandbox.faults.add({
        path: /assets$/,
        method: 'GET',
        from: 3,
        count: 1,
        fault: { kind: 'delay', milliseconds: 1 },
        onStrike: () => writeFileSync(at, '{"mediaType":"evil"}'),
      })
      const done = await sign(job, { ...RELEASE_INPUTS, 'INPUT_UPLOAD-ARTIFACT': 'bundles' })
      assertFails(done, 'FILE_CHANGED', /app\.bin\.sigstore\.json/)
      assert.deepEqual(night.sandbox.artifacts.state.artifacts, [])
    }))

  const someLine = (sandbox: Night['sandbox'], facts: RunFacts): Buffer => {
    const identity = { iss: sandbox.addresses.issuer, ...githubClaims(facts) }
    return Buffer.from(makeBundle(sandbox, { artifact: Buffer.from('z') }, { leaf: { identity } }).bytes)
  }
  const damaged = (sandbox: Night['sandbox']): Buffer => {
    const bundle = JSON.parse(someLine(sandbox, {}).toString())
    bundle.messageSignature.messageDigest.digest = Buffer.from(sha256('y'), 'hex').toString('base64')
    return Buffer.from(JSON.stringify(bundle))
  }
  for (const [title, line, code] of [
    ['does not hold', damaged, 'OUTPUT_EXISTS'],
    ['comes from another commit', (sandbox) => someLine(sandbox, { sha: 'c0'.repeat(20) }), 'OUTPUT_EXISTS'],
    ['holds', (sandbox) => someLine(sandbox, { workflow: 'other.yml' }), 'ok'],
  ] as const satisfies readonly (readonly [string, (sandbox: Night['sandbox']) => Buffer, string])[])
    for (const [place, publishing] of [
      ['a release', RELEASE_INPUTS],
      ['an artifact', { 'INPUT_SUBJECT-PATH': '*.bin', 'INPUT_UPLOAD-ARTIFACT': 'bundles' }],
    ] as const)
      test(`a line for another file that ${title}, in a \`.jsonl\` for ${place}`, () =>
        onDraft(async (night) => {
          const job = await jobWith(night, ONE)
          const at = join(job.workspace, 'all.jsonl')
          const before = Buffer.concat([line(night.sandbox), Buffer.from('\n')])
          writeFileSync(at, before)
          const done = await sign(job, { ...publishing, 'INPUT_BUNDLE-PATH': 'all.jsonl' })
          assert.equal(codeOf(done), code, done.text)
          if (code === 'ok') {
            assert.ok(readFileSync(at).subarray(0, before.length).equals(before), 'it stays')
            return
          }
          assert.match(done.report?.error?.message ?? '', /in ".*all\.jsonl" already is not valid here/)
          assertUntouched(night, 1)
          assert.deepEqual(readFileSync(at), before)
        }))

  test('a run that breaks off writes the line of each public signature, whatever is there', () =>
    onDraft(async (night) => {
      const job = await jobWith(night, { 'a.bin': 'a', 'b.bin': 'b' })
      const at = join(job.workspace, 'all.jsonl')
      const identity = { iss: night.sandbox.addresses.issuer, ...githubClaims({ sha: 'c0'.repeat(20) }) }
      const old = ['a', 'b'].map((text) =>
        String(makeBundle(night.sandbox, { artifact: Buffer.from(text) }, { leaf: { identity } }).bytes),
      )
      writeFileSync(at, `${old.join('\n')}\n`)
      night.sandbox.faults.add({
        service: 'tsa',
        from: 2,
        fault: { kind: 'answer', answer: { status: 400, body: 'no' } },
      })
      const inputs = { 'INPUT_BUNDLE-PATH': 'all.jsonl', 'INPUT_EXISTING-BUNDLES': 'replace' }
      const done = await sign(job, {
        'INPUT_SUBJECT-PATH': '*.bin',
        'INPUT_UPLOAD-ARTIFACT': 'bundles',
        ...inputs,
      })
      assert.match(codeOf(done), /^TSA_/, done.text)
      const lines = readFileSync(at, 'utf8').trim().split('\n')
      assert.equal(lines.length, 2)
      assert.equal(lines.filter((line) => old.includes(line)).length, 1, 'one is new')
    }))

  test('a line that somebody adds while the run signs stops it, and the new signature is there', () =>
    onDraft(async (night) => {
      const job = await jobWith(night, ONE)
      const at = join(job.workspace, 'all.jsonl')
      night.sandbox.faults.add({
        service: 'tsa',
        count: 1,
        fault: { kind: 'delay', milliseconds: 1 },
        onStrike: () => writeFileSync(at, Buffer.concat([damaged(night.sandbox), Buffer.from('\n')])),
      })
      const done = await sign(job, { ...RELEASE_INPUTS, 'INPUT_BUNDLE-PATH': 'all.jsonl' })
      assertFails(done, 'OUTPUT_EXISTS', /already is not valid here/)
      assert.equal(readFileSync(at, 'utf8').trim().split('\n').length, 2)
      assert.deepEqual(namesOf(night), [])
      assert.equal(countRequests(night.sandbox).entries, 1)
    }))

  test('a line that does not hold in the `.jsonl` on the release', () =>
    onDraft(async (night) => {
      const lines = [Buffer.from(bundleOf(night.sandbox, ONE['app.bin'])), damaged(night.sandbox)]
      put(night, 'all.jsonl', lines.map(String).join('\n'))
      const done = await sign(await jobWith(night, ONE), {
        ...RELEASE_INPUTS,
        'INPUT_BUNDLE-PATH': 'all.jsonl',
      })
      assertFails(done, 'RELEASE_EXISTS', /is not valid here/)
      assertUntouched(night, 1)
    }))

  test('where nothing is handed on, the lines of others stay as they are', () =>
    onDraft(async (night) => {
      const job = await jobWith(night, ONE)
      const at = join(job.workspace, 'all.jsonl')
      const before = Buffer.concat([damaged(night.sandbox), Buffer.from('\n')])
      writeFileSync(at, before)
      const done = await sign(job, { 'INPUT_SUBJECT-PATH': '*.bin', 'INPUT_BUNDLE-PATH': 'all.jsonl' })
      assert.equal(done.code, 0, done.text)
      assert.ok(readFileSync(at).subarray(0, before.length).equals(before))
    }))

  test('an attestation is kept like a signature', () =>
    onDraft(async (night) => {
      const inputs = { ...RELEASE_INPUTS, INPUT_ATTEST: 'provenance' }
      assert.equal(codeOf(await sign(await jobWith(night, ONE), inputs)), 'ok')
      assert.deepEqual(namesOf(night), ['app.bin.provenance.sigstore.json', 'app.bin'])
      const { entries } = countRequests(night.sandbox)
      assert.equal(codeOf(await sign(await jobWith(night, ONE), inputs)), 'ok')
      assert.equal(countRequests(night.sandbox).entries, entries)
    }))

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    test(`${signal} in the middle: it says how far it got, and the next run completes it`, () =>
      onDraft(async (night) => {
        const job = await jobWith(night, ONE)
        const program = start('sign', { ...job.env, ...RELEASE_INPUTS })
        const undo = night.sandbox.faults.add({
          service: 'github-uploads',
          from: 2,
          fault: { kind: 'silence' },
          onStrike: () => program.kill(signal),
        })
        const done = await program.ended
        undo()
        assertFails(done, 'CANCELLED', /of 2 files 1 are on the draft/)
        assert.match(done.text, /the upload of "app\.bin" was broken off/)
        assert.equal(done.report?.published.length, 1)
        const next = await sign(await jobWith(night, ONE), RELEASE_INPUTS)
        assert.equal(next.code, 0, next.text)
        assert.equal(countRequests(night.sandbox).entries, 1)
        assert.equal(assetsOf(night).length, 2)
      }))
})

suite('signing what is on the release', AT_THE_SAME_TIME, () => {
  const checksums = (files: Readonly<Record<string, string>>): string =>
    Object.entries(files)
      .map(([name, content]) => `${sha256(content)}  ${name}\n`)
      .join('')
  const listed = { ...ASSETS('listed'), 'INPUT_SUBJECT-CHECKSUMS': 'sums.txt' }

  test('all of it but bundles, whatever they are called, in one go', () =>
    onDraft(async (night) => {
      for (let i = 0; i < 12; i++) put(night, `file-${i}.json`, `{"n":${i}}`)
      put(night, 'SHA256SUMS', 'sums')
      put(night, 'old.json', bundleOf(night.sandbox, 'something'))
      const done = await sign(await jobWith(night, {}), ASSETS('all-unchecked'))
      assert.equal(done.code, 0, done.text)
      assert.equal(outputsOf(done)['subject-count'], '13')
      assert.match(done.text, /"old\.json" is a Sigstore bundle and was left out/)
      const names = namesOf(night)
      assert.ok(names.includes('file-11.json.sigstore.json') && names.includes('SHA256SUMS.sigstore.json'))
      assert.ok(!names.includes('old.json.sigstore.json'))
      const { tokens, certificates } = countRequests(night.sandbox)
      assert.deepEqual([tokens, certificates], [1, 1])
    }))

  test('what the checksums name, and no more', () =>
    onDraft(async (night) => {
      for (const name of ['a.bin', 'b.bin', 'my app.bin']) put(night, name, name)
      const sums = checksums({ 'out/a.bin': 'a.bin', 'my app.bin': 'my app.bin' })
      const done = await sign(await jobWith(night, { 'sums.txt': sums }), listed)
      assert.equal(done.code, 0, done.text)
      assert.deepEqual(namesOf(night).slice(3), ['a.bin.sigstore.json', 'my.app.bin.sigstore.json'])
    }))

  for (const [title, sums, code] of [
    ['another digest', { 'a.bin': 'x' }, 'FILE_DIGEST_MISMATCH'],
    ['an asset that is not there', { 'c.bin': 'c' }, 'INPUT_NO_MATCH'],
  ] as const)
    test(`${title} than the checksums say`, () =>
      onDraft(async (night) => {
        put(night, 'a.bin', 'a')
        assertFails(await sign(await jobWith(night, { 'sums.txt': checksums(sums) }), listed), code)
        assertUntouched(night)
      }))

  test('of an asset without a digest, other bytes the second time', () =>
    onDraft(async (night) => {
      Object.assign(put(night, 'a.bin', 'good'), { digest: undefined })
      const change = ({ status }: { readonly status: number }) => ({ status, body: 'evil' })
      night.sandbox.faults.add({ service: 'github-storage', from: 2, fault: { kind: 'change', change } })
      const job = await jobWith(night, { 'sums.txt': checksums({ 'a.bin': 'good' }) })
      assertFails(await sign(job, listed), 'RELEASE_ASSET_MISMATCH')
      assertUntouched(night)
    }))

  test('a bundle is not signed because a list names it', () =>
    onDraft(async (night) => {
      const bytes = bundleOf(night.sandbox, 'a')
      put(night, 'a.sigstore.json', bytes)
      const sums = `${sha256(bytes)}  a.sigstore.json\n`
      assertFails(await sign(await jobWith(night, { 'sums.txt': sums }), listed), 'FILE_IS_BUNDLE')
      assertUntouched(night)
    }))

  test('an asset that begins like a signed attestation', () =>
    onDraft(async (night) => {
      put(night, 'a.bin', 'DSSEv1 ')
      assertFails(await sign(await jobWith(night, {}), ASSETS('all-unchecked')), 'FILE_LOOKS_SIGNED')
      assertUntouched(night)
    }))

  test('a download that is not what GitHub says', () =>
    onDraft(async (night) => {
      const asset = put(night, 'a.bin', 'abc')
      asset.digest = sha256('abd')
      assertFails(await sign(await jobWith(night, {}), ASSETS('all-unchecked')), 'RELEASE_ASSET_MISMATCH')
      assertUntouched(night)
    }))

  test('an upload of somebody else that is not complete', () =>
    onDraft(async (night) => {
      Object.assign(put(night, 'a.bin', ''), { state: 'starter', digest: undefined })
      assertFails(await sign(await jobWith(night, {}), ASSETS('all-unchecked')), 'RELEASE_ASSET_STATE')
    }))

  test('nothing to sign', () =>
    onDraft(async (night) => {
      put(night, 'old.json', bundleOf(night.sandbox, 'something'))
      assertFails(await sign(await jobWith(night, {}), ASSETS('all-unchecked')), 'INPUT_NO_MATCH')
    }))
})

suite('publishing', AT_THE_SAME_TIME, () => {
  const inputs = { ...RELEASE_INPUTS, ...PUBLISH }

  test('an asset without a bundle keeps it a draft', () =>
    onDraft(async (night) => {
      put(night, 'bare.bin', 'x')
      const done = await sign(await jobWith(night, ONE), inputs)
      assertFails(done, 'RELEASE_INCOMPLETE', /"bare\.bin"/)
      assert.equal(night.release?.draft, true)
      assert.equal(countRequests(night.sandbox).publishes, 0)
    }))

  test('so does one with a bundle by somebody else, or at another commit', () =>
    onDraft(async (night) => {
      putSigned(night, 'other.bin', { workflow: 'other.yml' })
      putSigned(night, 'older.bin', { sha: 'c0'.repeat(20) })
      const done = await sign(await jobWith(night, ONE), inputs)
      assertFails(
        done,
        'RELEASE_INCOMPLETE',
        /"older\.bin\.sigstore\.json" does not hold.*; no valid bundle .* for "other\.bin", "older\.bin"$/,
      )
      assert.equal(night.release?.draft, true)
    }))

  const liar = (sandbox: Night['sandbox']): Uint8Array => {
    const bundle = JSON.parse(Buffer.from(bundleOf(sandbox, 'other')).toString())
    bundle.messageSignature.messageDigest.digest = Buffer.from(sha256(ONE['app.bin']), 'hex').toString(
      'base64',
    )
    return Buffer.from(JSON.stringify(bundle))
  }
  const byOthers = ({ addresses }: Night['sandbox']) => ({
    leaf: { identity: { iss: addresses.issuer, ...githubClaims({ repository: 'evil/fork' }) } },
  })
  for (const [title, name, text] of [
    ['is about another file than it says', 'planted.sigstore.json', liar],
    [
      'comes from another repository',
      'planted.json',
      (sandbox) => makeBundle(sandbox, { artifact: Buffer.from(ONE['app.bin']) }, byOthers(sandbox)).bytes,
    ],
    [
      'is in a `.jsonl` behind a good one',
      'planted.jsonl',
      (sandbox) => Buffer.concat([bundleOf(sandbox, ONE['app.bin']), Buffer.from('\n'), liar(sandbox)]),
    ],
    [
      'is an attestation for another name',
      'planted.sigstore',
      (sandbox) => makeBundle(sandbox, { statement: statementOver([ONE['app.bin']]) }).bytes,
    ],
    [
      'says it by a hash that GitHub does not tell',
      'planted.bundle.json',
      (sandbox) => {
        const sha512 = createHash('sha512').update(ONE['app.bin']).digest('hex')
        const statement = { ...statementOver([]), subject: [{ name: 'pkg:npm/app', digest: { sha512 } }] }
        return makeBundle(sandbox, { statement }).bytes
      },
    ],
    ['is called like anything else', 'planted.txt', liar],
    [
      'comes from the same commit, by a workflow of another repository that was called',
      'planted.json',
      (sandbox) => {
        const called = githubClaims({
          calledWorkflow: 'org/shared/.github/workflows/attest.yml@refs/tags/v1',
        })
        const identity = { iss: sandbox.addresses.issuer, ...called }
        return makeBundle(sandbox, { artifact: Buffer.from(ONE['app.bin']) }, { leaf: { identity } }).bytes
      },
    ],
  ] as const satisfies readonly (readonly [string, string, (sandbox: Night['sandbox']) => Uint8Array])[])
    test(`a bundle on it that ${title} keeps it a draft`, () =>
      onDraft(async (night) => {
        put(night, name, text(night.sandbox))
        const done = await sign(await jobWith(night, ONE), inputs)
        assertFails(done, 'RELEASE_INCOMPLETE', new RegExp(`a bundle in "${name}" does not hold here`))
        assert.equal(night.release?.draft, true)
        assert.equal(countRequests(night.sandbox).publishes, 0)
      }))

  test('a file of this run that is itself a bundle for another one, and does not hold', () =>
    onDraft(async (night) => {
      const job = await jobWith(night, { ...ONE, 'odd.bin': Buffer.from(liar(night.sandbox)).toString() })
      const done = await sign(job, inputs)
      assertFails(done, 'RELEASE_INCOMPLETE', /a bundle in "odd\.bin" does not hold here/)
      assert.equal(night.release?.draft, true)
    }))

  test('a bundle behind so much white space that nobody takes it for one needs one itself', () =>
    onDraft(async (night) => {
      const bundle = Buffer.from(bundleOf(night.sandbox, ONE['app.bin']))
      put(night, 'late.json', Buffer.concat([Buffer.alloc(512 * 1024, ' '), bundle]))
      const done = await sign(await jobWith(night, ONE), inputs)
      assertFails(done, 'RELEASE_INCOMPLETE', /no valid bundle .* for "late\.json"$/)
    }))

  test('a good bundle under any name counts', () =>
    onDraft(async (night) => {
      put(night, 'x.bin', 'x')
      put(night, 'x.cosign', bundleOf(night.sandbox, 'x'))
      const done = await sign(await jobWith(night, ONE), inputs)
      assert.equal(done.code, 0, done.text)
      assert.equal(night.release?.draft, false)
    }))

  test('a further bundle by another workflow at this commit may be there', () =>
    onDraft(async (night) => {
      const identity = { iss: night.sandbox.addresses.issuer, ...githubClaims({ workflow: 'other.yml' }) }
      const content = { artifact: Buffer.from(ONE['app.bin']) }
      put(night, 'further.json', makeBundle(night.sandbox, content, { leaf: { identity } }).bytes)
      const done = await sign(await jobWith(night, ONE), inputs)
      assert.equal(done.code, 0, done.text)
      assert.equal(night.release?.draft, false)
    }))

  test('bundles of other jobs of the workflow count, in a `.jsonl` too', () =>
    onDraft(async (night) => {
      for (const name of ['x.bin', 'y.bin']) put(night, name, name)
      const lines = ['x.bin', 'y.bin'].map((name) => Buffer.from(bundleOf(night.sandbox, name)).toString())
      put(night, 'all.jsonl', lines.join('\n'))
      const done = await sign(await jobWith(night, ONE), inputs)
      assert.equal(done.code, 0, done.text)
      assert.equal(night.release?.draft, false)
      assert.deepEqual(done.report?.published.at(-1), {
        kind: 'release',
        release: TAG,
        url: `https://github.com/octo/demo/releases/tag/${TAG}`,
      })
    }))

  // Listings: two looks before anything is written, what was read back, right before publishing, right after.
  for (const [when, listing, message, isDraft] of [
    ['before', 4, /was not published/, true],
    ['while', 5, /is published/, false],
  ] as const)
    test(`an asset that changes ${when} it is published`, () =>
      onDraft(async (night) => {
        night.sandbox.faults.add({
          path: /releases\/\d+\/assets$/,
          method: 'GET',
          from: listing,
          count: 1,
          fault: { kind: 'delay', milliseconds: 1 },
          onStrike: () => Object.assign(assetsOf(night)[0] ?? {}, { size: 1 }),
        })
        const done = await sign(await jobWith(night, ONE), inputs)
        assertFails(done, 'RELEASE_CHANGED', message)
        assert.equal(night.release?.draft, isDraft)
      }))

  test('the tag is the one that was looked at, whatever the draft bears when it is published', () =>
    onDraft(async (night) => {
      night.sandbox.faults.add({
        method: 'PATCH',
        fault: { kind: 'delay', milliseconds: 1 },
        onStrike: () => Object.assign(night.release ?? {}, { tag: 'v0.0.1' }),
      })
      const done = await sign(await jobWith(night, ONE), inputs)
      assert.equal(done.code, 0, done.text)
      assert.equal(night.release?.tag, TAG)
    }))

  test('published under another tag is no success', () =>
    onDraft(async (night) => {
      const change = (answer: { readonly body?: unknown; readonly status: number }) => ({
        status: answer.status,
        body: JSON.stringify({ ...JSON.parse(String(answer.body)), tag_name: 'v0.0.1' }),
      })
      night.sandbox.faults.add({ method: 'PATCH', fault: { kind: 'change', change } })
      const done = await sign(await jobWith(night, ONE), inputs)
      assertFails(done, 'RELEASE_CHANGED', /published under another tag/)
      assert.equal(done.report?.error?.found, 'v0.0.1')
    }))

  test('in a matrix it is refused', () =>
    onDraft(async (night) => {
      const done = await sign(await jobWith(night, ONE), { ...inputs, 'INPUT_JOB-TOTAL': '3' })
      assertFails(done, 'INPUT_CONFLICT', /one of "3" jobs/)
    }))
})
