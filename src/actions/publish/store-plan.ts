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
    const github = githubOf(http, world.runner.env('GITHUB_API_URL'), inputs)
    if (github.token === undefined) {
      throw new ActionError('GITHUB_TOKEN', 'storing attestations needs `github-token`, which is empty')
    }
    const store = { github, repository: job.repository }
    await lookAt(store, bundles)
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

/** Whoever may write may read: what the token is refused here it would be refused later. */
async function lookAt(store: AttestationStore, [first]: readonly PlannedBundle[]): Promise<void> {
  const [subject] = first?.kind === 'statement' ? first.subjects : []
  const digest = subject?.digest['sha256']
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
