/** The sandbox's GitHub, beside a Sigstore that is real: releases, attestations and artifacts of one run. */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { createFaults } from '../sandbox/faults.ts'
import { type ArtifactServer, createArtifacts } from '../sandbox/github/artifacts.ts'
import { createGitHub, type GitHubServer } from '../sandbox/github/github.ts'
import { createRequests } from '../sandbox/requests.ts'
import { startService } from '../sandbox/service.ts'
import type { JobIdentity } from './issuer.ts'

export interface GitHub extends AsyncDisposable, Pick<GitHubServer, 'state' | 'repository'> {
  readonly apiUrl: string
  readonly token: string
  readonly artifacts: Pick<ArtifactServer, 'state'> & {
    readonly url: string
    /** Of the run. */
    readonly token: string
  }
}

/** With the repository that the claims name, and nothing in it. */
export async function startGitHub({ claims }: JobIdentity, folder: string): Promise<GitHub> {
  const control = { faults: createFaults(), requests: createRequests({ keepBodies: false }) }
  const kept = mkdtempSync(join(folder, 'github-'))
  const [api, uploads, storage, results] = await Promise.all([
    startService('github-api', control),
    startService('github-uploads', control, kept),
    startService('github-storage', control),
    startService('github-artifacts', control),
  ])
  const addresses = { api: api.url, uploads: uploads.url, storage: storage.url }
  const server = createGitHub(addresses, claims, kept)
  const artifacts = createArtifacts(results.url)
  api.serve(server.serveApi)
  uploads.serve(server.serveUploads)
  storage.serve(server.serveStorage)
  results.serve(artifacts.serve)
  return {
    state: server.state,
    repository: server.repository,
    apiUrl: api.url,
    token: server.jobToken,
    artifacts: {
      state: artifacts.state,
      url: results.url,
      token: artifacts.newToken(String(claims['run_id'])),
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([api, uploads, storage, results].map(({ close }) => close()))
    },
  }
}
