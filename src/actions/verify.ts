import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { World } from '../ports.ts'
import { githubOf, repositoryOfStore } from './attestation-store.ts'
import { readConfigFile } from './config-file.ts'
import { connect } from './connection.ts'
import { countText } from './facts.ts'
import { type Job, parseJob } from './job.ts'
import { checkInputNames } from './known-inputs.ts'
import type { SubjectOutcome, VerifyOutcome } from './outcome.ts'
import { statementFolder } from './statements.ts'
import { MAX_CONFIG_BYTES, type Shipped, shippedTrust, type Trust, trustOfFile } from './trust-source.ts'
import { verifyBeside } from './verify-beside.ts'
import { verifyGiven } from './verify-given.ts'
import { parseVerifyInputs, type VerifyInputs } from './verify-inputs.ts'
import { policyOf } from './verify-policy.ts'
import type { VerifyRun, VerifySubject } from './verify-subject.ts'
import { findVerifySubjects } from './verify-subjects.ts'

type Result = Pick<VerifyOutcome, 'subjects' | 'unused' | 'error'>

/** The verify action from inputs to outcome. Whatever is foreseen to go wrong is in the outcome; a bug is thrown. */
export async function verify(world: World, shipped: Shipped): Promise<VerifyOutcome> {
  const started = world.clock.now()
  const notes: string[] = []
  const partial: { -readonly [name in 'policy' | 'trust']?: VerifyOutcome[name] } = {}
  const end = (result: Result): VerifyOutcome => ({
    action: 'verify',
    version: world.version,
    result: result.error === undefined ? 'verified' : 'failed',
    started,
    finished: world.clock.now(),
    ...partial,
    notes,
    ...result,
  })
  try {
    notes.push(...checkInputNames(world.runner.inputs, 'verify'))
    const inputs = parseVerifyInputs(world.runner.inputs)
    if (inputs.githubToken !== undefined) world.runner.mask(inputs.githubToken.reveal())
    const job = parseJob(world.runner)
    partial.policy = policyOf(inputs, job, started)
    const trust = await loadTrust(world, inputs, job, shipped)
    partial.trust = trust.info
    if (trust.root.isGitHub) notes.push(BY_TIME_ALONE)
    const found = await findVerifySubjects(world.files, job, inputs)
    notes.push(...found.notes)
    const run = { world, inputs, job, policy: partial.policy, trust }
    return end(await verifySubjects(found.subjects, { ...run, ...(await reach(run)) }))
  } catch (error) {
    if (error instanceof ActionError) return end({ subjects: [], error })
    throw error
  }
}

const BY_TIME_ALONE =
  "GitHub's own Sigstore instance: no log entry was asked for, a signed timestamp stands in for it"

/** The trusted root is not fetched in this version: `offline` is what happens to it anyway. */
async function loadTrust(
  { files, clock }: World,
  { sigstore }: VerifyInputs,
  job: Job,
  shipped: Shipped,
): Promise<Trust> {
  if (sigstore.kind !== 'custom') return shippedTrust(shipped[sigstore.kind], clock.now())
  const bytes = await readConfigFile(files, sigstore.trustedRoot, job, MAX_CONFIG_BYTES)
  return trustOfFile(bytes, sigstore.trustedRoot)
}

/** The way to GitHub's store, where the inputs leave it open. Nothing is asked yet. */
async function reach({
  world,
  inputs,
  job,
  policy,
}: Pick<VerifyRun, 'world' | 'inputs' | 'job' | 'policy'>): Promise<Pick<VerifyRun, 'now' | 'openStore'>> {
  const { http, clock } = await connect(world, inputs, job)
  const { bundles } = inputs
  // Unasked, only a store is looked into that can hold what the policy names: that of this very server.
  const isNear = job.serverUrl === policy.server
  const isOpen = bundles.kind === 'store' || (bundles.kind === 'beside' && bundles.thenStore && isNear)
  if (!isOpen) return { now: clock.now }
  const openStore = () => ({
    github: githubOf(http, world.runner.env('GITHUB_API_URL'), inputs),
    repository: repositoryOfStore(policy, job),
  })
  return { now: clock.now, openStore }
}

async function verifySubjects(
  subjects: readonly VerifySubject[],
  given: Omit<VerifyRun, 'roots' | 'statements'>,
): Promise<Result> {
  const { job, world, inputs } = given
  const roots = [job.workspace, job.temp]
  const run = { ...given, roots, statements: statementFolder(world.files, job) }
  const { rows, unused } =
    inputs.bundles.kind === 'given'
      ? await verifyGiven(subjects, inputs.bundles.path, run)
      : await verifyBeside(subjects, run)
  const failed = rows.filter(({ error }) => error !== undefined)
  if (failed.length > 0) return { subjects: rows, unused, error: verdictOf(failed, rows) }
  if (rows.length > 0) return { subjects: rows, unused }
  throw new ActionError('INTERNAL', 'nothing was verified and nothing failed')
}

const MOST_NAMED = 3

/** One failure is the verdict itself; of several the verdict says how many, and which come first. */
function verdictOf(failed: readonly SubjectOutcome[], rows: readonly SubjectOutcome[]): ActionError {
  const [first] = failed
  if (failed.length === 1 && first?.error !== undefined) {
    const { code, message, expected, found, hint } = first.error
    const options = {
      hint,
      ...(expected !== undefined && { expected }),
      ...(found !== undefined && { found }),
    }
    const said = message.includes(quote(first.name)) ? message : `${quote(first.name)}: ${message}`
    return new ActionError(code, said, { ...options, cause: first.error })
  }
  const count = (of: readonly SubjectOutcome[]): number => new Set(of.map(({ name }) => name)).size
  const named = failed.slice(0, MOST_NAMED).map(({ name, error }) => `${quote(name)} ${error?.code}`)
  const more = failed.length - named.length
  return new ActionError(
    'VERIFY_FAILED',
    `${count(failed)} of ${countText(count(rows), 'subject')} failed: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
  )
}
