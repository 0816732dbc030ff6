import { randomBytes } from 'node:crypto'
import type { Claims } from '../claims.ts'
import type { Handler, WebAnswer, WebRequest } from '../web.ts'
import { tokenOf } from './access.ts'
import { assetRoutes, storageRoutes, uploadRoutes } from './asset-routes.ts'
import { attestationFiles, attestationRoutes } from './attestations.ts'
import { releaseRoutes } from './release-routes.ts'
import { apiError, findRoute, notFound, type Routes } from './router.ts'
import {
  type Asset,
  addRepository,
  createState,
  type GitHubState,
  type Permissions,
  type Repository,
} from './state.ts'

/**
 * GitHub as far as a job talks to it: the REST API, the host that takes uploads, and the hosts that keep files, each on
 * an address of its own as with the real one. Answers have the shape of GitHub's OpenAPI description, which
 * `validateAnswer` of openapi.ts holds against them in tests.
 */
export interface GitHubServer {
  readonly state: GitHubState
  /** The one that the job runs in. */
  readonly repository: Repository
  /** What the runner gives a job as `github.token`. */
  readonly jobToken: string
  readonly permissions: Permissions
  readonly serveApi: Handler
  readonly serveUploads: Handler
  readonly serveStorage: Handler
  /** Is told of each answer with the route that gave it. */
  watch: ((route: string, answer: WebAnswer) => void) | undefined
}

export interface GitHubAddresses {
  readonly api: string
  readonly uploads: string
  readonly storage: string
}

/** Everything that an endpoint needs. */
export interface Endpoints {
  readonly state: GitHubState
  readonly addresses: GitHubAddresses
  /** Assets by the signature of an address that gives them out. */
  readonly signed: Map<string, Asset>
}

/** `folder`: where files are kept. */
export function createGitHub(addresses: GitHubAddresses, claims: Claims, folder: string): GitHubServer {
  const state = createState(folder)
  const repository = addRepository(state, claims)
  const jobToken = `ghs_${randomBytes(18).toString('hex')}`
  const permissions: Permissions = {
    contents: 'write',
    attestations: 'write',
    repository: `${repository.owner}/${repository.name}`,
  }
  state.tokens.set(jobToken, permissions)
  const endpoints = { state, addresses, signed: new Map() }
  const server: GitHubServer = {
    state,
    repository,
    jobToken,
    permissions,
    serveApi: (request) => serve(apiRoutes(endpoints), request, server),
    serveUploads: (request) => serve(uploadRoutes(endpoints), request, server),
    serveStorage: (request) =>
      serve({ ...storageRoutes(endpoints), ...attestationFiles(endpoints) }, request, server),
    watch: undefined,
  }
  return server
}

async function serve(routes: Routes, request: WebRequest, server: GitHubServer): Promise<WebAnswer> {
  const token = tokenOf(request)
  if (token !== undefined && !server.state.tokens.has(token)) return apiError(401, 'Bad credentials')
  const found = findRoute(routes, request)
  if (found === undefined) return notFound()
  const answer = await found.handler({ ...request, values: found.values })
  server.watch?.(found.route, answer)
  return answer
}

const apiRoutes = (endpoints: Endpoints): Routes => ({
  ...releaseRoutes(endpoints),
  ...assetRoutes(endpoints),
  ...attestationRoutes(endpoints),
  'GET /repos/{owner}/{repo}/immutable-releases': ({ values }) =>
    // Needs the right to administer, which no job's token has.
    endpoints.state.repositories.has(`${values['owner']}/${values['repo']}`)
      ? apiError(403, 'Resource not accessible by integration')
      : notFound(),
})
