import type { Secret } from '../../core/secret.ts'
import type { Http, World } from '../../ports.ts'
import {
  type Identity,
  type TokenExpectation,
  verifyExpectedRef,
  verifyTokenClaims,
  verifyTrigger,
  verifyVisibility,
} from '../../sigstore/identity.ts'
import { parseTokenEndpoint, requestIdentityToken } from '../../sigstore/oidc.ts'
import { parseIdentityToken } from '../../sigstore/token-claims.ts'
import type { SignInputs } from '../inputs/sign-inputs.ts'
import type { SignJob } from '../job/job.ts'

/** A token and whom its certificate must name. */
export interface HeldToken {
  readonly token: Secret
  readonly identity: Identity
}

interface Asked {
  readonly world: World
  readonly inputs: SignInputs
  readonly job: SignJob
  readonly http: Http
  readonly now: () => number
  /** Whether what is signed becomes visible to everyone. */
  readonly publicLog: boolean
}

/** Gets the token (or takes the one given), masks it before anything else, and holds its claims against the job. */
export async function obtainToken(asked: Asked): Promise<HeldToken> {
  const { world, inputs, job } = asked
  const token = inputs.identityToken ?? (await requestAmbientToken(asked))
  world.runner.mask(token.reveal())
  const identity = verifyTokenClaims(parseIdentityToken(token), expectationOf(inputs, job), asked.now())
  verifyTrigger(identity.github.eventName, { allow: inputs.allowUnsafeTrigger })
  // GitHub always says it; where the job's own token does not, nothing may be assumed.
  const unsaid =
    inputs.identityToken === undefined ? 'of a visibility that the token does not tell' : undefined
  verifyVisibility(identity.github.repositoryVisibility ?? unsaid, {
    allow: inputs.allowPrivateRepository,
    publicLog: asked.publicLog,
  })
  if (identity.github.ref !== undefined || inputs.identityToken === undefined) {
    verifyExpectedRef(identity.github.ref, inputs.expectedRef)
  }
  return { token, identity }
}

function requestAmbientToken({ inputs, job, http }: Asked): Promise<Secret> {
  const rules = { server: job.serverUrl, allowLoopback: inputs.sigstore.kind === 'custom' }
  return requestIdentityToken(http, parseTokenEndpoint(job.tokenEndpoint, rules), inputs.audience)
}

function expectationOf(inputs: SignInputs, job: SignJob): TokenExpectation {
  const common = {
    audience: inputs.audience,
    issuers: inputs.sigstore.kind === 'custom' ? ('any' as const) : ('github' as const),
    server: job.serverUrl,
  }
  if (inputs.identityToken !== undefined) return { kind: 'given', ...common }
  const { repository, repositoryId, runId, sha, eventName, ref } = job
  return { kind: 'ambient', ...common, run: { repository, repositoryId, runId, sha, eventName, ref } }
}
