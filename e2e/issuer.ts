import { type Claims, githubClaims, type RunFacts } from '../sandbox/claims.ts'
import { createIssuer, type Issuer, serveTokens, type TokenChanges } from '../sandbox/issuer.ts'
import { listen, readRequest, type WebAnswer } from '../sandbox/web.ts'

/** An OpenID issuer with GitHub's claims, and a token endpoint for each job. */
export interface TestIssuer {
  readonly url: string
  /** A job's own endpoint, claims and password. `changes` spoil its tokens. */
  readonly addJob: (facts: RunFacts, changes?: JobTokens) => JobIdentity
  readonly close: () => Promise<void>
}

export interface JobTokens extends TokenChanges {
  /** Given instead of the audience that is asked for. */
  readonly audience?: string
}

export interface JobIdentity {
  readonly claims: Claims
  /** ACTIONS_ID_TOKEN_REQUEST_URL, its final part left out. */
  readonly tokenUrl: string
  readonly issuer: Issuer
  /** A token as the endpoint gives them, for a client that cannot ask. */
  readonly token: () => string
}

const AUDIENCE = 'sigstore'

/** Listens on a free port until it is closed. */
export async function startIssuer(): Promise<TestIssuer> {
  const jobs: JobIdentity[] = []
  let issuer: Issuer | undefined
  const handlers = new Map<string, Issuer['serveTokens']>()
  const server = await listen((incoming, response) => {
    const answer = async (): Promise<WebAnswer> => {
      const request = await readRequest(incoming)
      const serveTokens = handlers.get(request.path.split('/')[1] ?? '')
      return serveTokens?.(request) ?? issuer?.serve(request) ?? { status: 503 }
    }
    answer()
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      .catch(() => response.destroy())
  })
  const signer = await createIssuer(server.url, server.url, {})
  issuer = signer
  return {
    url: server.url,
    close: server.close,
    addJob: (facts, { audience, ...changes } = {}) => {
      const claims = githubClaims(facts)
      const name = `job-${jobs.length + 1}`
      const mint = (asked: string): string =>
        signer.mint(audience ?? asked, { ...changes, claims: { ...claims, ...changes.claims } })
      handlers.set(name, serveTokens(signer.requestToken, claims, mint))
      const job: JobIdentity = {
        claims,
        tokenUrl: `${server.url}/${name}`,
        issuer: signer,
        token: () => mint(AUDIENCE),
      }
      jobs.push(job)
      return job
    },
  }
}
