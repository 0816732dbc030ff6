import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import type { World } from '../ports.ts'
import { mapConcurrently } from './concurrently.ts'
import { readConfigFile } from './config-file.ts'
import { type Job, parseJob } from './job.ts'
import { checkInputNames } from './known-inputs.ts'
import type { SubjectOutcome, UnusedBundle, VerifyOutcome } from './outcome.ts'
import { findSubjects, type Subject } from './subjects.ts'
import { MAX_CONFIG_BYTES, type Shipped, shippedTrust, type Trust, trustOfFile } from './trust-source.ts'
import { type FoundBundle, givenBundles } from './verify-bundles.ts'
import { parseVerifyInputs, type VerifyInputs } from './verify-inputs.ts'
import { policyOf } from './verify-policy.ts'
import { type VerifyRun, verifySubject } from './verify-subject.ts'

const AT_ONCE = 4

type Result = Pick<VerifyOutcome, 'subjects' | 'unused' | 'error'>

/** The verify action from inputs to outcome. Whatever is foreseen to go wrong is in the outcome; a bug is thrown. */
export async function verify(world: World, shipped: Shipped): Promise<VerifyOutcome> {
  const started = world.clock.now()
  const partial: { -readonly [name in 'policy' | 'trust' | 'notes']?: VerifyOutcome[name] } = {}
  const end = (result: Result): VerifyOutcome => ({
    action: 'verify',
    version: world.version,
    result: result.error === undefined ? 'verified' : 'failed',
    started,
    finished: world.clock.now(),
    ...partial,
    ...result,
  })
  try {
    const warnings = checkInputNames(world.runner.inputs, 'verify')
    const inputs = parseVerifyInputs(world.runner.inputs)
    const job = parseJob(world.runner)
    const roots = [job.workspace, job.temp]
    partial.policy = policyOf(inputs, job)
    const trust = await loadTrust(world, inputs, job, shipped)
    partial.trust = trust.info
    const {
      subjects,
      notices,
      warnings: more,
    } = await findSubjects(world.files, job, {
      ...inputs.subjects,
      ifNoFilesFound: 'error',
    })
    partial.notes = [...warnings, ...notices, ...more]
    return end(await verifySubjects(subjects, { world, inputs, job, roots, policy: partial.policy, trust }))
  } catch (error) {
    if (error instanceof ActionError) return end({ subjects: [], error })
    throw error
  }
}

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

async function verifySubjects(subjects: readonly Subject[], run: VerifyRun): Promise<Result> {
  if (subjects.length === 0) {
    throw new ActionError('INPUT_NO_MATCH', 'there is no file to verify, and nothing verified is no success')
  }
  const given =
    run.inputs.bundles.kind === 'given' ? await givenBundles(run.inputs.bundles.path, run) : undefined
  const outcomes = await mapConcurrently(subjects, AT_ONCE, (subject) =>
    verifySubject(subject, subjects.length, given, run),
  )
  const used = new Set(outcomes.flatMap(({ used: bundles }) => bundles))
  const rows = outcomes.flatMap(({ rows: own }) => own)
  const unread = (given ?? []).flatMap((one) => ('error' in one && !used.has(one) ? unreadRow(one) : []))
  const unused = [
    ...outcomes.flatMap(({ unused: own }) => own),
    ...(given ?? []).flatMap((one) => spare(one, used)),
  ]
  const all = [...rows, ...unread]
  const failed = all.filter(({ error }) => error !== undefined)
  if (failed.length === 0) return { subjects: all, unused }
  return { subjects: all, unused, error: verdictOf(failed, subjects.length) }
}

/** One failure is the verdict itself; of several the verdict says how many. */
function verdictOf(failed: readonly SubjectOutcome[], count: number): ActionError {
  const [first] = failed
  if (failed.length === 1 && first?.error !== undefined) {
    const { code, message, expected, found, hint } = first.error
    const options = {
      hint,
      ...(expected !== undefined && { expected }),
      ...(found !== undefined && { found }),
    }
    return new ActionError(code, `${quote(first.name)}: ${message}`, { ...options, cause: first.error })
  }
  return new ActionError('VERIFY_FAILED', `${failed.length} checks failed over ${count} files`)
}

const unreadRow = ({
  place,
  path,
  error,
}: Extract<FoundBundle, { error: ActionError }>): SubjectOutcome[] => [
  { name: place, bundlePath: path, error },
]

const spare = (one: FoundBundle, used: ReadonlySet<FoundBundle>): UnusedBundle[] =>
  'error' in one || used.has(one) ? [] : [{ bundle: one.place, reason: 'for no subject' }]
