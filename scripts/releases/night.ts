import { readFile, writeFile } from 'node:fs/promises'
import { outputsOf, type Run, run, type Variables, writeFiles } from '../../__tests__/dist/program.ts'
import { makeBundle } from '../../sandbox/bundles.ts'
import { githubClaims, type RunFacts } from '../../sandbox/claims.ts'
import { addRelease } from '../../sandbox/github/release-store.ts'
import type { Release } from '../../sandbox/github/state.ts'
import type { Job } from '../../sandbox/job.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'

/** Release nights in a sandbox of their own: what the programs of `dist/` make of them. */

export const TAG = 'v1.0.0'
export const COMMIT = String(githubClaims({ ref: `refs/tags/${TAG}` })['sha'])

export type ReleaseState = 'none' | 'draft' | 'published' | 'immutable'

export interface Night {
  readonly sandbox: Sandbox
  readonly release: Release | undefined
}

/** The tag is there, as it is when a workflow runs on it; the release as asked. */
export async function withNight<T>(
  facts: RunFacts,
  state: ReleaseState,
  use: (night: Night) => Promise<T>,
): Promise<T> {
  const sandbox = await startSandbox({ claims: githubClaims(facts), keepBodies: true })
  try {
    const { state: github, repository } = sandbox.github
    repository.tags.set(TAG, { type: 'commit', sha: COMMIT })
    const given = { tag: TAG, draft: state === 'draft', immutable: state === 'immutable' }
    const release = state === 'none' ? undefined : addRelease(github, repository, given)
    return await use({ sandbox, release })
  } finally {
    await sandbox.close()
  }
}

/** A job with these files; the event's payload names the release. */
export async function jobWith(
  { sandbox, release }: Night,
  files: Readonly<Record<string, string>>,
): Promise<Job> {
  const job = await sandbox.newJob()
  await writeFiles(job, files)
  const path = job.env['GITHUB_EVENT_PATH'] ?? ''
  const event = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, JSON.stringify({ ...event, release: { id: release?.id ?? 999, tag_name: TAG } }))
  return job
}

/** Signs `*.bin` for the release, and uploads the files too. */
export const RELEASE_INPUTS: Variables = {
  'INPUT_SUBJECT-PATH': '*.bin',
  INPUT_RELEASE: TAG,
  'INPUT_RELEASE-FILES': 'true',
  'INPUT_JOB-TOTAL': '1',
}

export const sign = (job: Job, inputs: Variables): Promise<Run> => run('sign', { ...job.env, ...inputs })

export const codeOf = (one: Run): string => (one.code === 0 ? 'ok' : (outputsOf(one)['error-code'] ?? '?'))

/** A bundle that this workflow could have made for that content. */
export const bundleOf = (sandbox: Sandbox, content: string): Uint8Array =>
  makeBundle(sandbox, { artifact: Buffer.from(content) }).bytes

export interface Counts {
  readonly reads: number
  readonly uploads: number
  readonly deletes: number
  readonly publishes: number
  readonly tokens: number
  readonly certificates: number
  readonly entries: number
}

export function countRequests({ requests }: Sandbox): Counts {
  return {
    reads: requests.count('github-api', 'GET') + requests.count('github-storage', 'GET'),
    uploads: requests.count('github-uploads', 'POST'),
    deletes: requests.count('github-api', 'DELETE'),
    publishes: requests.count('github-api', 'PATCH'),
    tokens: requests.count('token'),
    certificates: requests.count('fulcio', 'POST'),
    entries: requests.count('rekor-v2', 'POST') + requests.count('rekor-v1', 'POST'),
  }
}

/** Many at once, each result in its place. */
export async function several<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T)
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return results
}

/** What a measure found: how many cases were right, and a line for each. */
export interface Shown {
  readonly title: string
  readonly right: number
  readonly all: number
  readonly lines: readonly string[]
  readonly faults: readonly string[]
}
