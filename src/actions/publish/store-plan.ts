import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { requestAttestations } from '../../github/attestations.ts'
import type { World } from '../../ports.ts'
import type { StoreMode } from '../inputs/store-inputs.ts'
import type { PlannedBundle, SignPlan } from '../sign/sign-plan.ts'
import type { SignRecord } from '../sign/sign-record.ts'
import { type AttestationStore, githubOf } from './attestation-store.ts'

/** Attestations go to GitHub's store too. */
export interface StorePlan {
  readonly mode: StoreMode
  readonly store: AttestationStore
}

/**
 * GitHub makes about 500 things an hour for one job and answers 1,000 requests of its token (docs: rate limits); each
 * attestation takes one and is read back once.
 */
const MOST_STORED = 400

type Planning = Pick<SignPlan, 'world' | 'inputs' | 'job' | 'http'>

/** Whatever can be known to fail when the attestations are to be stored. Only reads. */
export async function planStore(
  planning: Planning,
  bundles: readonly PlannedBundle[],
  record: SignRecord,
): Promise<StorePlan | undefined> {
  const { world, inputs, job, http } = planning
  const mode = inputs.githubAttestations
  if (mode === undefined || bundles.length === 0) return undefined
  try {
    assertServer(job.serverUrl)
    assertCount(bundles.length)
    const digests = bundles.map(findableDigest)
    const github = githubOf(http, world.runner.env('GITHUB_API_URL'), inputs)
    if (github.token === undefined) {
      throw new ActionError('GITHUB_TOKEN', 'storing attestations needs `github-token`, which is empty')
    }
    const store = { github, repository: job.repository }
    await lookAt(store, digests)
    return { mode, store }
  } catch (error) {
    if (mode === 'require' || !(error instanceof ActionError) || error.code === 'CANCELLED') throw error
    warnNotStored(error, world, record)
    return undefined
  }
}

function assertServer(serverUrl: string): void {
  if (/^https:\/\/(?:github\.com|[a-z0-9-]+\.ghe\.com)$/.test(serverUrl)) return
  throw new ActionError('STORE_UNAVAILABLE', `${serverUrl} has no store of attestations`)
}

function assertCount(count: number): void {
  if (count <= MOST_STORED) return
  throw new ActionError(
    'INPUT_TOO_MANY',
    `there are ${count} attestations to store, and GitHub takes about ${MOST_STORED} an hour`,
    { hint: 'Leave `attest-each` out: one attestation holds up to 1,024 subjects.' },
  )
}

/** GitHub lists an attestation by the SHA-256 of its subjects: one without could not be found there. INPUT_CONFLICT. */
function findableDigest(planned: PlannedBundle): string {
  const subjects = planned.kind === 'statement' ? planned.subjects : []
  const other = subjects.find(({ digest }) => digest['sha256'] === undefined)
  if (other === undefined) return subjects[0]?.digest['sha256'] ?? ''
  throw new ActionError(
    'INPUT_CONFLICT',
    `the subject ${quote(other.name ?? '')} has no SHA-256, by which GitHub's store finds attestations`,
    { hint: 'Declare it by `sha256:…`, or leave `github-attestations` off.' },
  )
}

/** Whoever may write may read: what the token is refused here it would be refused later. */
async function lookAt(store: AttestationStore, [digest]: readonly string[]): Promise<void> {
  if (digest !== undefined) await requestAttestations(store.github, { ...store, digest }).next()
}

/** The warning of a best effort that failed, for the log, the summary and the report. */
export function warnNotStored(
  { code, message }: Pick<ActionError, 'code' | 'message'>,
  { runner }: Pick<World, 'runner'>,
  record: SignRecord,
): void {
  const text = `not in GitHub's store of attestations: ${code}: ${message}`
  runner.warning(text)
  record.notes.push(text)
}
