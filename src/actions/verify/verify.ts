import { countText } from '../../core/counts.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { World } from '../../ports.ts'
import { checkInputNames } from '../inputs/known-inputs.ts'
import { parseVerifyInputs, type VerifyInputs } from '../inputs/verify-inputs.ts'
import { readConfigFile } from '../job/config-file.ts'
import { type Connection, connect } from '../job/connection.ts'
import { type Job, parseJob } from '../job/job.ts'
import { withoutAbsent } from '../job/present.ts'
import { MAX_CONFIG_BYTES, type Shipped, shippedTrust, type Trust, trustOfFile } from '../job/trust-source.ts'
import { githubOf, repositoryOfStore } from '../publish/attestation-store.ts'
import type { SubjectOutcome, VerifyOutcome } from '../report/outcome.ts'
import { statementFolder } from './statements.ts'
import { type Judged, verifyBeside } from './verify-beside.ts'
import { verifyGiven } from './verify-given.ts'
import { policyOf } from './verify-policy.ts'
import { checkDownloadPath, showRelease, verifyRelease } from './verify-release.ts'
import type { VerifyRun, VerifySubject } from './verify-subject.ts'
import { findVerifySubjects } from './verify-subjects.ts'

type Result = Pick<VerifyOutcome, 'subjects' | 'unused' | 'error' | 'downloadPath'>

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
    const connection = await connect(world, inputs, job)
    const run = { world, inputs, job, policy: partial.policy, trust, now: connection.clock.now }
    if (inputs.download !== undefined) {
      await checkDownloadPath(inputs.download, run)
      const { shown, policy } = await showRelease(inputs.download, { ...run, ...connection }, started)
      partial.policy = policy
      const judged = await verifyRelease(inputs.download, shown, runOf({ ...run, policy }, connection))
      notes.push(...judged.notes)
      return end({ ...resultOf(judged), ...withoutAbsent({ downloadPath: judged.downloadPath }) })
    }
    const found = await findVerifySubjects(world.files, job, inputs)
    notes.push(...found.notes)
    return end(await verifySubjects(found.subjects, runOf(run, connection)))
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

/** With the way to GitHub's store, where the inputs leave it open. Nothing is asked yet. */
function runOf(run: Omit<VerifyRun, 'roots' | 'statements' | 'openStore'>, { http }: Connection): VerifyRun {
  const { world, inputs, job, policy } = run
  const { bundles } = inputs
  const all = { ...run, roots: [job.workspace, job.temp], statements: statementFolder(world.files, job) }
  // Unasked, only a store is looked into that can hold what the policy names: that of this very server.
  const isNear = job.serverUrl === policy.server
  const isOpen = bundles.kind === 'store' || (bundles.kind === 'beside' && bundles.thenStore && isNear)
  if (!isOpen) return all
  const openStore = () => ({
    github: githubOf(http, world.runner.env('GITHUB_API_URL'), inputs),
    repository: repositoryOfStore(policy, job),
  })
  return { ...all, openStore }
}

const verifySubjects = async (subjects: readonly VerifySubject[], run: VerifyRun): Promise<Result> =>
  resultOf(
    run.inputs.bundles.kind === 'given'
      ? await verifyGiven(subjects, run.inputs.bundles.path, run)
      : await verifyBeside(subjects, run),
  )

function resultOf({ rows, unused }: Judged): Result {
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
