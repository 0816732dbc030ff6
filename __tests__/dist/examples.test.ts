import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { githubClaims } from '../../sandbox/claims.ts'
import { addRelease } from '../../sandbox/github/release-store.ts'
import { addRepository } from '../../sandbox/github/state.ts'
import type { Job } from '../../sandbox/job.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { AT_THE_SAME_TIME, withSandbox } from './own-sandbox.ts'
import { writeFiles } from './program.ts'
import { makeRelease } from './released.ts'
import { COMMIT, readWorkflow, runWorkflow, type WorkflowOptions } from './workflow.ts'

/** What `make dist` makes. */
const build = {
  'make dist': (job: Job) => writeFiles(job, { 'dist/app.tgz': 'app', 'dist/tool.bin': 'tool' }),
}

const RUN: string[] = [
  'artifact.yml',
  'call-signer.yml',
  'matrix-attach.yml',
  'matrix.yml',
  'release.yml',
  'signer.yml',
  'verify-release.yml',
]

suite('the workflows of docs/examples', AT_THE_SAME_TIME, () => {
  test('each one is run here', async () => {
    assert.deepEqual((await readdir('docs/examples')).sort(), RUN.sort())
  })

  test('each one gives no permission by default, and to each job only what it says', async () => {
    for (const name of RUN) {
      const { permissions, jobs } = await readWorkflow(name)
      assert.deepEqual(permissions, {})
      for (const job of Object.values(jobs)) assert.ok(job.permissions !== undefined)
    }
  })

  test('artifact.yml: built, signed and verified in three jobs', () =>
    withSandbox(async (sandbox) => {
      const results = await runWorkflow(sandbox, await readWorkflow('artifact.yml'), { commands: build })
      assert.deepEqual(
        [...results].map(([place, { code }]) => [place, code]),
        [
          ['sign/1', 0],
          ['publish/2', 0],
        ],
      )
      assert.equal(results.get('publish/2')?.outputs.get('subject-count'), '2')
    }))

  test('artifact.yml, run again: the second attempt finds its own bundles', () =>
    withSandbox(async (sandbox) => {
      const workflow = await readWorkflow('artifact.yml')
      await runWorkflow(sandbox, workflow, { commands: build })
      sandbox.claims['run_attempt'] = '2'
      const { build: _, ...others } = workflow.jobs
      const again = {
        ...workflow,
        jobs: Object.fromEntries(
          Object.entries(others).map(([name, job]) => [name, name === 'sign' ? { ...job, needs: [] } : job]),
        ),
      }
      const results = await runWorkflow(sandbox, again)
      assert.equal(results.get('sign/1')?.outputs.get('artifact-name'), 'bundles-attempt-2')
      assert.equal(results.get('publish/2')?.code, 0, results.get('publish/2')?.text)
    }))

  test('artifact.yml: a file that is exchanged between the jobs stops it', () =>
    withSandbox(async (sandbox) => {
      const results = await runWorkflow(sandbox, await readWorkflow('artifact.yml'), {
        commands: build,
        beforeAction: async (name, { workspace }) => {
          if (name === 'publish') await writeFile(join(workspace, 'dist/app.tgz'), 'App')
        },
      })
      assert.equal(results.get('publish/2')?.outputs.get('error-code'), 'SIG_DIGEST')
    }))

  /** What the example uses: a release of another repository, signed there. */
  const releaseTool = (sandbox: Sandbox) => {
    const claims = githubClaims({ repository: 'other/tool', repositoryId: '77', ownerId: '78' })
    const released = makeRelease(sandbox, { repository: addRepository(sandbox.github.state, claims) })
    released.putSigned('tool-linux', 'tool')
    return released
  }

  for (const event of ['push', 'pull_request']) {
    test(`verify-release.yml, on ${event}: another repository's release`, () =>
      withSandbox(async (sandbox) => {
        releaseTool(sandbox)
        Object.assign(
          sandbox.claims,
          githubClaims({ ref: event === 'push' ? 'refs/heads/main' : 'refs/pull/7/merge', event }),
        )
        const results = await runWorkflow(sandbox, await readWorkflow('verify-release.yml'))
        const done = results.get('build/1')
        assert.equal(done?.code, 0, done?.text)
        assert.match(done?.outputs.get('download-path') ?? '', /\/tool$/)
      }))
  }

  test('verify-release.yml: what another workflow signed stops it', () =>
    withSandbox(async (sandbox) => {
      releaseTool(sandbox).putSigned('tool-macos', 'tool', { workflow: 'other.yml' })
      const results = await runWorkflow(sandbox, await readWorkflow('verify-release.yml'))
      assert.equal(results.get('build/1')?.outputs.get('error-code'), 'VERIFY_FAILED')
    }))

  /** What a release of this tag came to. */
  const stateOf = ({ github }: Sandbox) => {
    const [release] = github.repository.releases.values()
    return {
      draft: release?.draft,
      immutable: release?.immutable,
      assets: [...(release?.assets.values() ?? [])].map(({ name }) => name).sort(),
    }
  }

  /** With immutable releases, and, unless the workflow makes it, the draft. */
  async function runRelease(sandbox: Sandbox, name: string, files?: WorkflowOptions['commands']) {
    const { state, repository } = sandbox.github
    repository.immutableReleases = true
    repository.tags.set('v1.0.0', { type: 'commit', sha: String(sandbox.claims['sha']) })
    const makeDraft = async (): Promise<void> => void addRelease(state, repository, { draft: true })
    const [create = ''] = (await readWorkflow(name)).jobs['release']?.steps?.flatMap((step) =>
      step.run?.startsWith('gh release') ? [step.run] : [],
    ) ?? ['']
    if (create === '') await makeDraft()
    const commands = { ...build, ...files, ...(create !== '' && { [create]: makeDraft }) }
    return runWorkflow(sandbox, await readWorkflow(name), { commands })
  }

  const two = ['app.tgz', 'app.tgz.sigstore.json', 'tool.bin', 'tool.bin.sigstore.json']

  test('release.yml: a draft, then all of it public at once', () =>
    withSandbox(async (sandbox) => {
      const results = await runRelease(sandbox, 'release.yml')
      assert.equal(results.get('release/2')?.code, 0, results.get('release/2')?.text)
      assert.deepEqual(stateOf(sandbox), { draft: false, immutable: true, assets: two })
    }))

  test('call-signer.yml: the called workflow signs, and the caller verifies that it did', () =>
    withSandbox(async (sandbox) => {
      const results = await runRelease(sandbox, 'call-signer.yml')
      assert.equal(results.get('sign/sign/1')?.code, 0, results.get('sign/sign/1')?.text)
      assert.equal(results.get('verify/0')?.code, 0, results.get('verify/0')?.text)
      const identity = `https://github.com/octo/signer/.github/workflows/signer.yml@${COMMIT}`
      assert.equal(results.get('sign/sign/1')?.outputs.get('certificate-identity'), identity)
      assert.deepEqual(stateOf(sandbox), { draft: false, immutable: true, assets: two })
    }))

  /** A file of its own on each system. */
  const onEach = (): WorkflowOptions['commands'] => {
    let count = 0
    return {
      'make dist': (job) => {
        const name = `app-${++count}.tgz`
        return writeFiles(job, { [`dist/${name}`]: name })
      },
    }
  }

  for (const [name, steps] of [
    ['matrix.yml', ['release/3']],
    ['matrix-attach.yml', ['build ubuntu/2', 'build macos/2', 'build windows/2', 'publish/0']],
  ] as const)
    test(`${name}: three systems, one release`, () =>
      withSandbox(async (sandbox) => {
        const results = await runRelease(sandbox, name, onEach())
        assert.deepEqual([...results.keys()].sort(), steps.toSorted())
        for (const [place, one] of results) assert.equal(one.code, 0, `${place}: ${one.text}`)
        const assets = [1, 2, 3].flatMap((n) => [`app-${n}.tgz`, `app-${n}.tgz.sigstore.json`])
        assert.deepEqual(stateOf(sandbox), { draft: false, immutable: true, assets })
        assert.equal(sandbox.requests.count('rekor-v2', 'POST'), 3, 'each file is logged once')
      }))
})
