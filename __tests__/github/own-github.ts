import { after } from 'node:test'
import type { GitHubServer } from '../../sandbox/github/github.ts'
import { validateAnswer } from '../../sandbox/github/openapi.ts'
import type { Release, Repository } from '../../sandbox/github/state.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import type { WebAnswer } from '../../sandbox/web.ts'
import { Secret } from '../../src/core/secret.ts'
import type { GitHub } from '../../src/github/api.ts'
import { parseGitHubHosts } from '../../src/github/hosts.ts'
import type { Release as KnownRelease } from '../../src/github/release.ts'
import { realHttp } from '../../src/host/http.ts'
import type { HttpBody } from '../../src/ports.ts'

/** What GitHub's description of its API does not cover: storage is no API, and GraphQL has a description of its own. */
const UNDESCRIBED = ['GET /assets/{asset_id}', 'POST /graphql']

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
  const faults: string[] = []
  server.watch = (route, answer) => {
    if (UNDESCRIBED.includes(route)) return
    try {
      validateAnswer(route, describable(answer))
    } catch (error) {
      faults.push(String(error))
    }
  }
  return { sandbox, server, repository: server.repository, faults }
}

/** The state `starter` is described in words only (docs: "Upload a release asset"). */
function describable(answer: WebAnswer): WebAnswer {
  if (typeof answer.body !== 'string') return answer
  return { ...answer, body: answer.body.replaceAll('"state":"starter"', '"state":"open"') }
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
