import { after } from 'node:test'
import type { GitHubServer } from '../../sandbox/github/github.ts'
import type { Release, Repository } from '../../sandbox/github/state.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { Secret } from '../../src/core/secret.ts'
import type { GitHub } from '../../src/github/api.ts'
import { parseGitHubHosts } from '../../src/github/hosts.ts'
import type { Release as KnownRelease } from '../../src/github/release.ts'
import { realHttp } from '../../src/host/http.ts'
import type { HttpBody } from '../../src/ports.ts'
import { holdAgainstDescription } from '../sandbox/validated.ts'

/** A sandbox that is gone after the tests, each of its GitHub's answers held against GitHub's own description. */
export async function startGitHub(): Promise<{
  readonly sandbox: Sandbox
  readonly server: GitHubServer
  readonly repository: Repository
  readonly faults: readonly string[]
}> {
  const sandbox = await startSandbox()
  after(() => sandbox.close())
  const server = sandbox.github
  const faults = holdAgainstDescription(server)
  return { sandbox, server, repository: server.repository, faults }
}

const http = realHttp({ allowLoopbackHttp: true })

/** As a job with this token sees it; without a retry. */
export function clientOf(sandbox: Sandbox, token: string | undefined = sandbox.github.jobToken): GitHub {
  const hosts = parseGitHubHosts(sandbox.addresses.githubApi, { allowLoopback: true })
  return { http, hosts, ...(token !== '' && { token: new Secret(token) }) }
}

export const bodyOf = (...chunks: readonly string[]): HttpBody => ({
  size: Buffer.byteLength(chunks.join('')),
  chunks: async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk)
  },
})

/** The release as the API tells of it to one who may write. */
export const known = ({ addresses }: Sandbox, { id, tag, draft, immutable }: Release): KnownRelease => ({
  id,
  tag,
  draft,
  immutable,
  uploadUrl: `${addresses.githubUploads}/repos/octo/demo/releases/${id}/assets{?name,label}`,
  htmlUrl: `https://github.com/octo/demo/releases/tag/${draft ? `untagged-${id}` : encodeURIComponent(tag)}`,
})
