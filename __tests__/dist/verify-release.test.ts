import assert from 'node:assert/strict'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { githubClaims } from '../../sandbox/claims.ts'
import type { FaultRule } from '../../sandbox/faults.ts'
import { breakAsset } from '../../sandbox/github/release-store.ts'
import { addRepository } from '../../sandbox/github/state.ts'
import type { Job } from '../../sandbox/job.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { json } from '../../sandbox/web.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { AT_THE_SAME_TIME, withSandbox } from './own-sandbox.ts'
import { dataOf, type Run, run, start, treeOf, type Variables } from './program.ts'
import { makeRelease, type Released } from './released.ts'
import { SBOM, storeAttestation } from './stored.ts'

const COMMIT = String(githubClaims()['sha'])
const OTHER = 'b'.repeat(40)
const INPUTS = { INPUT_RELEASE: 'v1.0.0', 'INPUT_DOWNLOAD-PATH': 'got' }

const verify = (job: Job, inputs: Variables = {}): Promise<Run> =>
  run('verify', { ...job.env, ...INPUTS, ...inputs })

/** What lies below the workspace but the file that is in it from the beginning. */
const found = async ({ workspace }: Job): Promise<readonly string[]> =>
  (await treeOf(workspace)).filter((name) => name !== 'app.bin')

async function assertVerified(job: Job, done: Run, names: readonly string[]): Promise<void> {
  assert.equal(done.code, 0, done.text)
  assert.equal(done.outputs.get('verified'), 'true')
  assert.equal(done.outputs.get('download-path'), join(job.workspace, 'got'))
  assert.deepEqual(await found(job), names.map((name) => `got/${name}`).sort())
}

/** Nothing came to where it was asked for, and no path of what was downloaded is told. */
async function assertNotVerified(job: Job, done: Run, code: ErrorCode): Promise<void> {
  assert.equal(done.code, 1, done.text)
  assert.equal(done.outputs.get('error-code'), code, done.text)
  assert.equal(done.outputs.get('download-path'), '')
  assert.equal(done.outputs.get('verified'), '')
  assert.deepEqual(await found(job), [])
  assert.doesNotMatch(JSON.stringify(done.report?.subjects ?? []), /keyless-unverified/)
}

interface Good {
  readonly title: string
  readonly prepare: (released: Released, sandbox: Sandbox) => void
  readonly inputs?: (released: Released) => Variables
  readonly draft?: boolean
  /** All that is there afterwards. */
  readonly names: readonly string[]
  readonly subjects: number
  readonly unused?: readonly RegExp[]
}

const GOOD: readonly Good[] = [
  {
    title: 'each asset with its bundle beside it',
    prepare: ({ putSigned }) => {
      putSigned('app.tgz', 'app')
      putSigned('empty.txt', '')
    },
    names: ['app.tgz', 'app.tgz.sigstore.json', 'empty.txt', 'empty.txt.sigstore.json'],
    subjects: 2,
  },
  {
    title: 'a tag that is annotated is peeled',
    prepare: ({ putSigned, moveTag }) => {
      putSigned('app.tgz', 'app')
      moveTag(COMMIT, true)
    },
    names: ['app.tgz', 'app.tgz.sigstore.json'],
    subjects: 1,
  },
  {
    title: 'bundles of any name, found by their content',
    prepare: ({ put, sign }) => {
      put('app.tgz', 'app')
      put('notes', sign('app'))
      put('data.json', '{"a":1}')
      put('x.txt', ` \n${JSON.stringify(JSON.parse(sign('{"a":1}')), null, 2)}\n`)
    },
    names: ['app.tgz', 'data.json', 'notes', 'x.txt'],
    subjects: 2,
  },
  {
    title: 'one combined file, with a line that is for nothing on the release',
    prepare: ({ put, sign }) => {
      put('a', 'a')
      put('b', 'b')
      put('all.jsonl', `${sign('a')}\n\n${sign('elsewhere')}\r\n${sign('b')}`)
    },
    names: ['a', 'all.jsonl', 'b'],
    subjects: 2,
    unused: [/^all\.jsonl:3 for no asset of the release$/],
  },
  {
    title: 'a single line in a combined file, whatever it is called',
    prepare: ({ put, sign }) => {
      put('a', 'a')
      put('combined', `${sign('a')}\n${sign('a')}\n`)
    },
    names: ['a', 'combined'],
    subjects: 1,
  },
  {
    title: 'one attestation over several assets, and another kind beside it',
    prepare: ({ put, attest }) => {
      put('a', 'a')
      put('b', 'b')
      put('provenance.sigstore.json', attest({ a: 'a', b: 'b', gone: 'gone' }))
      put('sbom.json', attest({ a: 'a' }, SBOM))
    },
    names: ['a', 'b', 'provenance.sigstore.json', 'sbom.json'],
    subjects: 2,
    unused: [/^sbom\.json predicate type .* was not asked for$/],
  },
  {
    title: 'two assets with the same bytes, each with an attestation that names it',
    prepare: ({ put, attest }) => {
      for (const name of ['a', 'b']) {
        put(name, 'same')
        put(`${name}.provenance.sigstore.json`, attest({ [name]: 'same' }))
      }
    },
    names: ['a', 'a.provenance.sigstore.json', 'b', 'b.provenance.sigstore.json'],
    subjects: 2,
  },
  {
    title: 'a bundle that is signed itself needs no file of its own',
    prepare: ({ put, sign }) => {
      put('a', 'a')
      put('a.sigstore.json', sign('a'))
      const orphan = sign('gone')
      put('orphan.json', orphan)
      put('orphan.json.sigstore.json', sign(orphan))
    },
    names: ['a', 'a.sigstore.json', 'orphan.json', 'orphan.json.sigstore.json'],
    subjects: 2,
    unused: [/^orphan\.json for no asset/],
  },
  {
    title: "an asset whose attestation is in GitHub's store alone",
    prepare: ({ put, putSigned }, sandbox) => {
      putSigned('a', 'a')
      put('file-0', 'content')
      storeAttestation(sandbox)
    },
    names: ['a', 'a.sigstore.json', 'file-0'],
    subjects: 2,
  },
  {
    title: 'a draft whose tag does not exist, with the commit given',
    draft: true,
    prepare: ({ putSigned }) => putSigned('app.tgz', 'app'),
    inputs: () => ({ 'INPUT_SOURCE-DIGEST': COMMIT }),
    names: ['app.tgz', 'app.tgz.sigstore.json'],
    subjects: 1,
  },
  {
    title: 'by its id, built on a branch, as asked for',
    draft: true,
    prepare: ({ putSigned }) => putSigned('app.tgz', 'app', { ref: 'refs/heads/main', sha: OTHER }),
    inputs: ({ release }) => ({
      INPUT_RELEASE: `id:${release.id}`,
      'INPUT_SOURCE-DIGEST': OTHER,
      'INPUT_SOURCE-REF': 'refs/heads/main',
    }),
    names: ['app.tgz', 'app.tgz.sigstore.json'],
    subjects: 1,
  },
  {
    title: 'assets from before GitHub knew digests',
    prepare: ({ putSigned, release }) => {
      putSigned('app.tgz', 'app')
      for (const asset of release.assets.values()) asset.digest = undefined
    },
    names: ['app.tgz', 'app.tgz.sigstore.json'],
    subjects: 1,
  },
]

suite('verify `release`', AT_THE_SAME_TIME, () => {
  for (const { title, prepare, inputs, draft, names, subjects, unused = [] } of GOOD) {
    test(title, () =>
      withSandbox(async (sandbox, job) => {
        const released = makeRelease(sandbox, { draft: draft ?? false })
        prepare(released, sandbox)
        const done = await verify(job, inputs?.(released))
        await assertVerified(job, done, names)
        assert.equal(done.outputs.get('subject-count'), String(subjects))
        const listed = done.report?.unused.map(({ bundle, reason }) => `${bundle} ${reason}`) ?? []
        assert.equal(listed.length, unused.length, listed.join())
        for (const [i, pattern] of unused.entries()) assert.match(listed[i] ?? '', pattern)
      }),
    )
  }

  test('bytes, paths in the report and the tag in the summary are what was verified', () =>
    withSandbox(async (sandbox, job) => {
      makeRelease(sandbox).putSigned('app.tgz', 'the app')
      const done = await verify(job)
      assert.equal(await readFile(join(job.workspace, 'got/app.tgz'), 'utf8'), 'the app')
      const [subject] = done.report?.subjects ?? []
      assert.equal(subject?.name, 'app.tgz')
      assert.equal(subject?.bundle, join(job.workspace, 'got/app.tgz.sigstore.json'))
      assert.match(
        dataOf(done, 'notice').join(),
        new RegExp(`"v1.0.0" of octo/demo, whose tag points to ${COMMIT}`),
      )
      assert.match(done.summary, /refs\/tags\/v1\.0\.0/)
    }))

  test('without `download-path` they are in a private folder', () =>
    withSandbox(async (sandbox, job) => {
      makeRelease(sandbox).putSigned('app.tgz', 'app')
      const done = await verify(job, { 'INPUT_DOWNLOAD-PATH': '' })
      assert.equal(done.code, 0, done.text)
      const path = done.outputs.get('download-path') ?? ''
      assert.ok(path.startsWith(job.temp))
      assert.deepEqual(await treeOf(path), ['app.tgz', 'app.tgz.sigstore.json'])
      assert.deepEqual(await found(job), [])
    }))

  test('a release of another repository, without a token', () =>
    withSandbox(async (sandbox, job) => {
      const claims = githubClaims({ repository: 'other/tool', repositoryId: '77', ownerId: '78' })
      const repository = addRepository(sandbox.github.state, claims)
      makeRelease(sandbox, { repository }).putSigned('tool', 'tool')
      const inputs = { INPUT_REPOSITORY: 'other/tool', 'INPUT_GITHUB-TOKEN': '' }
      await assertVerified(job, await verify(job, inputs), ['tool', 'tool.sigstore.json'])
      const own = await verify(await sandbox.newJob(), { INPUT_REPOSITORY: '' })
      assert.equal(own.outputs.get('error-code'), 'RELEASE_NOT_FOUND')
    }))

  test('what the sign action wrote beside the files holds on the release', () =>
    withSandbox(async (sandbox, job) => {
      const signed = await run('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'app.bin' })
      assert.equal(signed.code, 0, signed.text)
      const { put } = makeRelease(sandbox)
      for (const name of ['app.bin', 'app.bin.sigstore.json'])
        put(name, await readFile(join(job.workspace, name)))
      const next = await sandbox.newJob()
      await assertVerified(next, await verify(next), ['app.bin', 'app.bin.sigstore.json'])
    }))
})

interface Bad {
  readonly title: string
  readonly prepare: (released: Released, sandbox: Sandbox) => void
  readonly inputs?: (released: Released) => Variables
  readonly draft?: boolean
  readonly code: ErrorCode
  readonly says?: RegExp
}

const BAD: readonly Bad[] = [
  {
    title: 'one byte of an asset is another',
    prepare: ({ put, sign }) => {
      put('app.tgz', 'aPp')
      put('app.tgz.sigstore.json', sign('app'))
    },
    code: 'VERIFY_FAILED',
    says: /"app\.tgz" BUNDLE_MISSING, "app\.tgz\.sigstore\.json" BUNDLE_MISSING/,
  },
  {
    title: 'a bundle is missing',
    prepare: ({ put, putSigned }) => {
      putSigned('a', 'a')
      put('b', 'b')
    },
    code: 'BUNDLE_MISSING',
    says: /no bundle on the release is about "b"/,
  },
  {
    title: 'no bundle at all',
    prepare: ({ put }) => void put('a', 'a'),
    code: 'BUNDLE_MISSING',
    says: /there is no bundle for "a" on the release/,
  },
  {
    title: 'a bundle that no asset used',
    prepare: ({ put, putSigned, sign }) => {
      putSigned('a', 'a')
      put('gone.sigstore.json', sign('gone'))
    },
    code: 'BUNDLE_MISSING',
    says: /"gone\.sigstore\.json" is a bundle that no asset used/,
  },
  {
    title: 'a file that only looks like a bundle',
    prepare: ({ put, putSigned, sign }) => {
      putSigned('a', 'a')
      put('b.sigstore.json', sign('a').replace('"mediaType"', '"mediatype"'))
    },
    code: 'BUNDLE_MISSING',
    says: /"b\.sigstore\.json" has no bundle and is none: /,
  },
  {
    title: 'a combined file with a line that cannot be read',
    prepare: ({ put, sign }) => {
      put('a', 'a')
      put('all.jsonl', `${sign('a')}\n{}\n`)
    },
    code: 'VERIFY_FAILED',
    says: /"a" BUNDLE_MISSING, "all\.jsonl" BUNDLE_MISSING/,
  },
  { title: 'nothing on it', prepare: () => undefined, code: 'INPUT_NO_MATCH' },
  {
    title: 'the tag points to another commit',
    prepare: ({ putSigned, moveTag }) => {
      putSigned('a', 'a')
      moveTag(OTHER)
    },
    code: 'IDENTITY_MISMATCH',
    says: /source commit/,
  },
  {
    title: 'an annotated tag points to another commit',
    prepare: ({ putSigned, moveTag }) => {
      putSigned('a', 'a')
      moveTag(OTHER, true)
    },
    code: 'IDENTITY_MISMATCH',
  },
  {
    title: 'signed on a branch with the same commit',
    prepare: ({ putSigned }) => putSigned('a', 'a', { ref: 'refs/heads/main', sha: COMMIT }),
    code: 'IDENTITY_MISMATCH',
    says: /source ref/,
  },
  {
    title: 'an old file under a new name, with its old signature',
    prepare: ({ putSigned }) => putSigned('app-1.0.0.tgz', 'app 0.9', { ref: 'refs/tags/v0.9.0' }),
    code: 'IDENTITY_MISMATCH',
  },
  {
    title: 'two attested files with their names exchanged',
    prepare: ({ put, attest }) => {
      put('server', 'client')
      put('client', 'server')
      put('provenance.sigstore.json', attest({ server: 'server', client: 'client' }))
    },
    code: 'VERIFY_FAILED',
    says: /SUBJECT_NAME/,
  },
  {
    title: 'an attestation that gives the file no name',
    prepare: ({ put }, sandbox) => {
      put('a', 'content')
      storeAttestation(sandbox)
    },
    code: 'SUBJECT_NAME',
  },
  {
    title: 'an attestation of a type that nobody asked for is no bundle',
    prepare: ({ put, attest }) => {
      put('a', 'a')
      put('sbom.json', attest({ a: 'a' }, SBOM))
    },
    code: 'PREDICATE_TYPE',
  },
  {
    title: 'by a workflow of another repository',
    prepare: ({ putSigned }) => putSigned('a', 'a', { repository: 'octo/evil', sha: COMMIT }),
    code: 'IDENTITY_MISMATCH',
  },
  {
    title: 'a second bundle of an asset does not hold',
    prepare: ({ putSigned, put, sign }) => {
      putSigned('a', 'a')
      put('a.more.json', sign('a', { sha: OTHER }))
    },
    code: 'IDENTITY_MISMATCH',
  },
  {
    title: 'a draft whose tag does not exist, and no commit given',
    draft: true,
    prepare: ({ putSigned }) => putSigned('a', 'a'),
    code: 'POLICY_REQUIRED',
    says: /no tag "v1\.0\.0" yet/,
  },
  {
    title: 'an upload that broke off',
    prepare: ({ put, putSigned }) => {
      putSigned('a', 'a')
      breakAsset(put('b', 'b'))
    },
    code: 'RELEASE_ASSET_STATE',
  },
  {
    title: 'GitHub tells another digest than it gives out',
    prepare: ({ putSigned, release }) => {
      putSigned('a', 'a')
      for (const asset of release.assets.values()) asset.digest = '0'.repeat(64)
    },
    code: 'RELEASE_ASSET_MISMATCH',
  },
  {
    title: 'a name that leads out of the folder',
    prepare: ({ putSigned, release }) => {
      putSigned('a', 'a')
      for (const asset of release.assets.values()) asset.name = `../${asset.name}`
    },
    code: 'RELEASE_ASSET_NAME',
  },
  {
    title: 'a draft, without the right to see it',
    draft: true,
    prepare: ({ putSigned }, { github }) => {
      putSigned('a', 'a')
      github.permissions.contents = 'read'
    },
    code: 'RELEASE_NOT_FOUND',
  },
  {
    title: 'no such release',
    prepare: () => undefined,
    inputs: () => ({ INPUT_RELEASE: 'v2.0.0' }),
    code: 'RELEASE_NOT_FOUND',
  },
  {
    title: 'two drafts of one tag',
    draft: true,
    prepare: (_, sandbox) => void makeRelease(sandbox, { draft: true }),
    code: 'RELEASE_NOT_FOUND',
    says: /2 drafts/,
  },
]

suite('verify a large `release`', () => {
  test('three hundred assets and one combined file', () =>
    withSandbox(async (sandbox, job) => {
      const { put, sign } = makeRelease(sandbox)
      const names = Array.from({ length: 300 }, (_, i) => `asset-${i}.bin`)
      for (const name of names) put(name, name)
      put('all.sigstore.jsonl', names.map((name) => sign(name)).join('\n'))
      const done = await verify(job)
      await assertVerified(job, done, [...names, 'all.sigstore.jsonl'])
      assert.equal(done.outputs.get('subject-count'), '300')
      // The release, its tag, four pages of assets; each asset once from the API and once from its store.
      assert.equal(sandbox.requests.count('github-api'), 2 + 4 + 301)
      assert.equal(sandbox.requests.count('github-storage'), 301)
    }))
})

suite('verify `release` refuses', AT_THE_SAME_TIME, () => {
  for (const { title, prepare, inputs, draft, code, says = /./ } of BAD) {
    test(title, () =>
      withSandbox(async (sandbox, job) => {
        const released = makeRelease(sandbox, { draft: draft ?? false })
        prepare(released, sandbox)
        const done = await verify(job, inputs?.(released))
        await assertNotVerified(job, done, code)
        const { message, expected, found: shown } = done.report?.error ?? {}
        assert.match(`${message} ${expected} ${shown}`, says)
      }),
    )
  }

  const inputs: readonly (readonly [title: string, inputs: Variables, code: ErrorCode])[] = [
    ['files beside it', { 'INPUT_SUBJECT-PATH': '*' }, 'INPUT_CONFLICT'],
    ['a digest beside it', { 'INPUT_SUBJECT-DIGEST': `sha256:${'0'.repeat(64)}` }, 'INPUT_CONFLICT'],
    ['bundles from elsewhere', { 'INPUT_BUNDLE-PATH': 'x.json' }, 'INPUT_CONFLICT'],
    ['the store alone', { 'INPUT_BUNDLE-SOURCE': 'github' }, 'INPUT_CONFLICT'],
    ['offline', { INPUT_OFFLINE: 'true' }, 'INPUT_CONFLICT'],
    ['latest', { INPUT_RELEASE: 'latest' }, 'INPUT_VALUE'],
    ['a full ref', { INPUT_RELEASE: 'refs/tags/v1' }, 'INPUT_VALUE'],
    ['no number', { INPUT_RELEASE: 'id:0' }, 'INPUT_VALUE'],
    ['what is no tag', { INPUT_RELEASE: 'v1..2' }, 'INPUT_VALUE'],
    ['a place without a release', { INPUT_RELEASE: '', 'INPUT_SUBJECT-PATH': '*' }, 'INPUT_CONFLICT'],
    ['a place outside', { 'INPUT_DOWNLOAD-PATH': '/' }, 'FILE_OUTSIDE'],
    ['a place above', { 'INPUT_DOWNLOAD-PATH': '../../../..' }, 'FILE_OUTSIDE'],
    ['a place that is a file', { 'INPUT_DOWNLOAD-PATH': 'app.bin' }, 'OUTPUT_EXISTS'],
    ['a place that is not empty', { 'INPUT_DOWNLOAD-PATH': '.' }, 'OUTPUT_EXISTS'],
    [
      'any repository',
      {
        INPUT_REPOSITORY: 'any',
        'INPUT_CERTIFICATE-IDENTITY':
          'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0',
      },
      'INPUT_CONFLICT',
    ],
  ]
  for (const [title, given, code] of inputs) {
    test(`before anything is asked: ${title}`, () =>
      withSandbox(async (sandbox, job) => {
        makeRelease(sandbox).putSigned('a', 'a')
        await assertNotVerified(job, await verify(job, given), code)
        assert.equal(sandbox.requests.all().length, 0)
      }))
  }

  test('a folder of that name that is a link out of the workspace', () =>
    withSandbox(async (sandbox, job) => {
      makeRelease(sandbox).putSigned('a', 'a')
      const outside = join(job.workspace, '../../../tools')
      await symlink(outside, join(job.workspace, 'got'))
      const done = await verify(job)
      assert.equal(done.outputs.get('error-code'), 'OUTPUT_EXISTS')
      assert.deepEqual(await treeOf(outside), [])
    }))

  test('a folder that something is put into while the release is verified', () =>
    withSandbox(async (sandbox, job) => {
      makeRelease(sandbox).putSigned('b', 'b')
      sandbox.faults.add({ service: 'github-storage', fault: { kind: 'delay', milliseconds: 500 } })
      const started = start('verify', { ...job.env, ...INPUTS })
      while (sandbox.requests.count('github-storage') === 0) await new Promise((go) => setTimeout(go, 20))
      await mkdir(join(job.workspace, 'got'))
      await writeFile(join(job.workspace, 'got/b.sigstore.json'), 'mine')
      const done = await started.ended
      assert.equal(done.outputs.get('error-code'), 'OUTPUT_WRITE', done.text)
      assert.equal(done.outputs.get('download-path'), '')
      assert.deepEqual(await found(job), ['got/b.sigstore.json'])
      assert.equal(await readFile(join(job.workspace, 'got/b.sigstore.json'), 'utf8'), 'mine')
    }))
})

suite('verify `release` on a bad night', AT_THE_SAME_TIME, () => {
  const storage = (fault: FaultRule['fault'], count?: number): FaultRule => ({
    service: 'github-storage',
    fault,
    ...(count !== undefined && { count }),
  })
  const api = (fault: FaultRule['fault'], count?: number): FaultRule => ({
    ...storage(fault, count),
    service: 'github-api',
  })
  const busy = (headers: Record<string, string>) =>
    ({
      kind: 'answer',
      answer: json(403, { message: 'You have exceeded a secondary rate limit' }, headers),
    }) as const
  const survived: readonly (readonly [title: string, rule: FaultRule])[] = [
    ['downloads are cut short', storage({ kind: 'cut', bytes: 3 }, 2)],
    ['the store drops connections', storage({ kind: 'drop' }, 2)],
    ['the store answers 503', storage({ kind: 'answer', answer: { status: 503 } }, 2)],
    ['the API answers 502', api({ kind: 'answer', answer: { status: 502 } }, 2)],
    ['the API asks to slow down', api(busy({ 'retry-after': '1' }), 1)],
  ]
  for (const [title, rule] of survived) {
    test(`${title}: verified all the same`, () =>
      withSandbox(async (sandbox, job) => {
        makeRelease(sandbox).putSigned('app.tgz', 'some content')
        sandbox.faults.add(rule)
        await assertVerified(job, await verify(job), ['app.tgz', 'app.tgz.sigstore.json'])
      }))
  }

  const failed: readonly (readonly [title: string, rule: FaultRule, code: ErrorCode])[] = [
    ['downloads that never end well', storage({ kind: 'cut', bytes: 3 }), 'NET_UNREACHABLE'],
    ['the store is silent', storage({ kind: 'silence' }), 'NET_TIMEOUT'],
    ['the store does not stop', storage({ kind: 'endless' }), 'RELEASE_ASSET_MISMATCH'],
    [
      'the store sends other bytes',
      storage({
        kind: 'change',
        change: (answer) => ({ ...answer, file: undefined as never, body: 'same content' }),
      }),
      'RELEASE_ASSET_MISMATCH',
    ],
    [
      'the API sends the download to a stranger',
      api({
        kind: 'change',
        change: (answer) =>
          answer.status === 302 ? { ...answer, headers: { location: 'https://evil.example/x' } } : answer,
      }),
      'GITHUB_HOST',
    ],
    ['the API is down', api({ kind: 'answer', answer: { status: 503 } }), 'NET_OVERLOADED'],
  ]
  for (const [title, rule, code] of failed) {
    test(`${title}: an error, and nothing is there`, () =>
      withSandbox(async (sandbox, job) => {
        makeRelease(sandbox).putSigned('app.tgz', 'some content')
        sandbox.faults.add(rule)
        await assertNotVerified(job, await verify(job, { 'INPUT_TIME-BUDGET': '3s' }), code)
      }))
  }

  test('cancelled during a download', () =>
    withSandbox(async (sandbox, job) => {
      makeRelease(sandbox).putSigned('app.tgz', 'some content')
      sandbox.faults.add(storage({ kind: 'stall', bytes: 3 }))
      const started = start('verify', { ...job.env, ...INPUTS })
      while (sandbox.requests.count('github-storage') === 0) await new Promise((go) => setTimeout(go, 20))
      started.kill('SIGTERM')
      await assertNotVerified(job, await started.ended, 'CANCELLED')
    }))

  test('the token goes to the API and nowhere else', () =>
    withSandbox(async (sandbox, job) => {
      makeRelease(sandbox).putSigned('app.tgz', 'some content')
      let seen = 0
      sandbox.faults.add(
        storage({
          kind: 'change',
          change: (answer, request) => {
            seen += request.headers.authorization === undefined ? 1 : 1000
            return answer
          },
        }),
      )
      await assertVerified(job, await verify(job), ['app.tgz', 'app.tgz.sigstore.json'])
      assert.equal(seen, 2)
    }))
})
