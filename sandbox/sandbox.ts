/**
 * A whole Sigstore on loopback.
 *
 *   const sandbox = await startSandbox({ claims: githubClaims({ ref: 'refs/heads/main' }) })
 *   sandbox.env                     what a job's step sees; add INPUT_SUBJECT-PATH and start dist/sign.js
 *   sandbox.workspace               GITHUB_WORKSPACE of that job
 *   await sandbox.newJob()          another job: fresh folders and files, the claims of now
 *   sandbox.claims['ref'] = …       what the next token says
 *   sandbox.faults.add({ service: 'tsa', count: 2, fault: { kind: 'drop' } })
 *   sandbox.requests.count('rekor-v1', 'POST')
 *   sandbox.authorities             issuer, fulcio (issue), ctLog (sign), rekorV1 and rekorV2 (append), tsa (stamp): no HTTP
 *   sandbox.trustedRoot, sandbox.signingConfig, sandbox.addresses
 *   sandbox.freezeRekorV2()
 *   sandbox.github                  repositories with releases, tags, attestations; what the job's token may do
 *   sandbox.artifacts               the run's workflow artifacts
 *   await sandbox.close()
 *
 * `bundles.ts` makes signed bundles from a sandbox without HTTP.
 */
import { rm } from 'node:fs/promises'
import type { HashName } from '../src/core/digest.ts'
import { type Claims, githubClaims } from './claims.ts'
import { type CtLog, createCtLog } from './ct-log.ts'
import { createFaults, type Faults } from './faults.ts'
import { serveFulcio } from './fulcio.ts'
import { createFulcioCa } from './fulcio-ca.ts'
import { type ArtifactServer, createArtifacts } from './github/artifacts.ts'
import { createGitHub, type GitHubServer } from './github/github.ts'
import { createIssuer, GITHUB_ISSUER, type Issuer } from './issuer.ts'
import { createFolder, createJob, type Job } from './job.ts'
import type { Curve } from './keys.ts'
import { serveRekorV1 } from './rekor-v1.ts'
import { createRekorV1Log } from './rekor-v1-log.ts'
import { serveRekorV2 } from './rekor-v2.ts'
import { createRekorV2Log } from './rekor-v2-log.ts'
import { createRequests, type Requests } from './requests.ts'
import { startService } from './service.ts'
import type { TrustedIssuer } from './token-check.ts'
import {
  type Addresses,
  type Authorities,
  createSigningConfig,
  createTrustedRoot,
  GITHUB_ORGANIZATION,
  type SigningConfigJson,
  type TrustedRootJson,
} from './trust-files.ts'
import { serveTsa } from './tsa.ts'
import { createTsa } from './tsa-authority.ts'

export interface SandboxOptions {
  /** `github`: like GitHub's own for private repositories, without any log; both files of it are for `custom`. */
  readonly instance?: 'public' | 'github'
  /** Of the first job; octo/demo at a tag by default. */
  readonly claims?: Claims
  /** Of Fulcio's and the timestamp authority's keys; production's are P-384. */
  readonly curve?: Curve
  /** Of the timestamp authority's signatures; SHA-256 in production, whatever the curve. */
  readonly timestampHash?: HashName
  /** Who asks Fulcio: workflows, or mailboxes by their `email` claim. */
  readonly issuerKind?: TrustedIssuer['kind']
  /** Milliseconds between two checkpoints of Rekor v2. */
  readonly checkpointInterval?: number
  /** Keep the bodies of requests, tokens and all. */
  readonly keepBodies?: boolean
  /** Milliseconds that each request takes longer. */
  readonly delay?: number
}

export interface SandboxAuthorities extends Authorities {
  readonly issuer: Issuer
  readonly ctLog: CtLog
}

export interface Sandbox extends Job {
  readonly addresses: Addresses & {
    readonly token: string
    readonly githubApi: string
    readonly githubUploads: string
    readonly githubStorage: string
  }
  readonly authorities: SandboxAuthorities
  readonly claims: Claims
  readonly faults: Faults
  readonly requests: Requests
  readonly trustedRoot: TrustedRootJson
  readonly signingConfig: SigningConfigJson
  /** Another job; `claims` and the trust files are read as they are now. */
  readonly newJob: () => Promise<Job>
  readonly freezeRekorV2: () => void
  /** What GitHub holds and who may do what; tests look at it and change it. */
  readonly github: GitHubServer
  readonly artifacts: ArtifactServer
  /** Ends the servers and removes all folders. */
  readonly close: () => Promise<void>
}

const YEAR = 365 * 24 * 60 * 60_000

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const faults = createFaults()
  const requests = createRequests({ keepBodies: options.keepBodies ?? false })
  const folder = await createFolder()
  const services = await startServices({ faults, requests }, folder)
  const { token, issuer: issuerService, fulcio, v1, v2, tsa, api, uploads, storage, results } = services
  const claims = options.claims ?? githubClaims()
  const issuer = await createIssuer(GITHUB_ISSUER, issuerService.url, claims)
  const authorities = createAuthorities(options, issuer, v1.url, v2.url)
  const rekorV2 = serveRekorV2(authorities.rekorV2, { checkpointInterval: options.checkpointInterval ?? 0 })
  const kind = options.issuerKind ?? 'github'
  token.serve(issuer.serveTokens)
  issuerService.serve(issuer.serve)
  fulcio.serve(serveFulcio(authorities.fulcio, [{ url: issuer.url, publicKey: issuer.publicKey, kind }]))
  v1.serve(serveRekorV1(authorities.rekorV1))
  v2.serve(rekorV2.serve)
  tsa.serve(serveTsa(authorities.tsa))
  const places = { api: api.url, uploads: uploads.url, storage: storage.url }
  const github = createGitHub(places, claims, folder)
  api.serve(github.serveApi)
  uploads.serve(github.serveUploads)
  storage.serve(github.serveStorage)
  const artifacts = createArtifacts(results.url)
  results.serve(artifacts.serve)
  if (options.delay !== undefined) faults.add({ fault: { kind: 'delay', milliseconds: options.delay } })
  const addresses = {
    token: token.url,
    issuer: issuer.url,
    discovery: issuerService.url,
    fulcio: fulcio.url,
    rekorV1: v1.url,
    rekorV2: v2.url,
    tsa: tsa.url,
    githubApi: api.url,
    githubUploads: uploads.url,
    githubStorage: storage.url,
  }
  const start = secondsText(Date.now() - YEAR)
  const trustedRoot = createTrustedRoot(authorities, addresses, start)
  const signingConfig = createSigningConfig(addresses, start, authorities.fulcio)
  const newJob = (): Promise<Job> =>
    createJob({
      folder,
      claims,
      requestToken: issuer.requestToken,
      tokenUrl: token.url,
      trustedRoot,
      signingConfig,
      github: { apiUrl: api.url, token: github.jobToken },
      artifacts: { url: results.url, token: artifacts.newToken(`run-${claims['run_id']}`) },
    })
  return {
    ...(await newJob()),
    addresses,
    authorities,
    claims,
    faults,
    requests,
    trustedRoot,
    signingConfig,
    newJob,
    freezeRekorV2: rekorV2.freeze,
    github,
    artifacts,
    close: async () => {
      await Promise.all(Object.values(services).map((service) => service.close()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function startServices(
  control: { readonly faults: Faults; readonly requests: Requests },
  folder: string,
) {
  const [token, issuer, fulcio, v1, v2, tsa, api, uploads, storage, results] = await Promise.all([
    startService('token', control),
    startService('issuer', control),
    startService('fulcio', control),
    startService('rekor-v1', control),
    startService('rekor-v2', control),
    startService('tsa', control),
    startService('github-api', control),
    startService('github-uploads', control, folder),
    startService('github-storage', control),
    startService('github-artifacts', control),
  ])
  return { token, issuer, fulcio, v1, v2, tsa, api, uploads, storage, results }
}

function createAuthorities(
  options: SandboxOptions,
  issuer: Issuer,
  v1Url: string,
  v2Url: string,
): SandboxAuthorities {
  const curve = options.curve ?? 'P-256'
  const notBefore = Date.now() - YEAR
  const withoutLog = options.instance === 'github'
  const organization = withoutLog ? { organization: GITHUB_ORGANIZATION } : {}
  const validity = { curve, notBefore, notAfter: notBefore + 10 * YEAR, ...organization }
  const ctLog = createCtLog()
  const hash = options.timestampHash
  return {
    issuer,
    ctLog,
    fulcio: createFulcioCa({ ...validity, ctLog, withoutLog }),
    rekorV1: createRekorV1Log(new URL(v1Url).hostname),
    rekorV2: createRekorV2Log(new URL(v2Url).hostname),
    tsa: createTsa({ ...validity, ...(hash !== undefined && { hash }) }),
  }
}

/** RFC 3339 in whole seconds. */
const secondsText = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
