import assert from 'node:assert/strict'
import test from 'node:test'
import { assertFacts, parseJob, parseSignJob } from '../../../src/actions/job/job.ts'

const RUNNER: Readonly<Record<string, string>> = {
  GITHUB_WORKSPACE: '/w',
  RUNNER_TEMP: '/t',
  GITHUB_REPOSITORY: 'o/r',
  GITHUB_REPOSITORY_ID: '1',
  GITHUB_REPOSITORY_OWNER: 'o',
  GITHUB_REPOSITORY_OWNER_ID: '2',
  GITHUB_RUN_ID: '3',
  GITHUB_RUN_ATTEMPT: '4',
  GITHUB_SHA: 'a'.repeat(40),
  GITHUB_REF: 'refs/heads/main',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_WORKFLOW_REF: 'o/r/.github/workflows/x.yml@refs/heads/main',
  GITHUB_EVENT_PATH: '/t/event.json',
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x.example/?a=b',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'canary',
}

const runner = (changes: Record<string, string | undefined> = {}) => {
  const all: Record<string, string | undefined> = { ...RUNNER, ...changes }
  return { platform: 'linux' as const, env: (name: string) => all[name] }
}

test('the runner’s values become a job', () => {
  const { tokenEndpoint, ...job } = parseSignJob(runner())
  assert.deepEqual(job, {
    platform: 'linux',
    workspace: '/w',
    temp: '/t',
    serverUrl: 'https://github.com',
    repository: 'o/r',
    repositoryId: '1',
    repositoryOwner: 'o',
    repositoryOwnerId: '2',
    runId: '3',
    runAttempt: '4',
    sha: 'a'.repeat(40),
    ref: 'refs/heads/main',
    eventName: 'push',
    workflowRef: 'o/r/.github/workflows/x.yml@refs/heads/main',
    eventPath: '/t/event.json',
  })
  assert.equal(tokenEndpoint.kind === 'offered' && tokenEndpoint.bearer.reveal(), 'canary')
  assert.ok(!JSON.stringify(tokenEndpoint).includes('canary'))
})

test('a token endpoint that is half there names what is missing', () => {
  const { tokenEndpoint } = parseJob(runner({ ACTIONS_ID_TOKEN_REQUEST_TOKEN: undefined }))
  assert.deepEqual(tokenEndpoint, { kind: 'missing', names: ['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] })
})

test('what nobody asks for may be missing', () => {
  const job = parseJob(runner({ GITHUB_REPOSITORY_ID: undefined, GITHUB_SHA: undefined }))
  assert.equal(job.sha, undefined)
  assert.throws(() => assertFacts(job, ['repository', 'repositoryId', 'sha']), {
    code: 'ENVIRONMENT',
    message: /GITHUB_REPOSITORY_ID, GITHUB_SHA/,
  })
})

test('all missing places are named at once', () => {
  assert.throws(() => parseJob(runner({ GITHUB_WORKSPACE: undefined, RUNNER_TEMP: undefined })), {
    code: 'ENVIRONMENT',
    message: /GITHUB_WORKSPACE, RUNNER_TEMP/,
  })
})

test('the server may be another one, without its final slash', () => {
  assert.equal(
    parseJob(runner({ GITHUB_SERVER_URL: 'https://ghe.example/' })).serverUrl,
    'https://ghe.example',
  )
  assert.equal(
    parseJob(runner({ GITHUB_SERVER_URL: 'http://127.0.0.1:81' })).serverUrl,
    'http://127.0.0.1:81',
  )
})

const refused: readonly [name: string, value: string][] = [
  ['GITHUB_WORKSPACE', 'relative'],
  ['RUNNER_TEMP', 'relative'],
  ['GITHUB_REPOSITORY', 'o'],
  ['GITHUB_REPOSITORY', 'o/r/x'],
  ['GITHUB_REPOSITORY_ID', '01'],
  ['GITHUB_RUN_ID', '1e3'],
  ['GITHUB_SHA', 'A'.repeat(40)],
  ['GITHUB_REF', 'main'],
  ['GITHUB_REF', 'refs/heads/a\nb'],
  ['GITHUB_EVENT_NAME', 'push '],
  ['GITHUB_SERVER_URL', 'http://github.com'],
  ['GITHUB_SERVER_URL', 'https://github.com/path'],
  ['GITHUB_SERVER_URL', 'https://u@github.com'],
]
for (const [name, value] of refused) {
  test(`no runner sets ${name} to ${JSON.stringify(value)}`, () => {
    assert.throws(() => parseJob(runner({ [name]: value })), {
      code: 'ENVIRONMENT',
      message: new RegExp(`^${name} is `),
    })
  })
}
