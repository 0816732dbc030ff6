/** A step that signs while something is wrong, and what must come of it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Job } from '../sandbox/job.ts'
import type { ActionRun, RunAction } from './action.ts'
import type { PublicKind } from './failures.ts'
import type { JobIdentity } from './issuer.ts'
import type { Stack } from './stack.ts'
import type { Tally } from './tally.ts'
import type { LogChoice, TrustFiles } from './trust.ts'
import { ARTIFACTS, createWorkspace, instanceInputs } from './workspace.ts'

export interface Trouble {
  readonly stack: Stack
  readonly trust: TrustFiles
  readonly runAction: RunAction
  readonly tally: Tally
}

export interface Attempt {
  readonly name: string
  /** The error that it must end in; it must succeed without one. */
  readonly code?: string
  readonly identity: JobIdentity
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Told of the job before it starts. */
  readonly prepare?: (job: Job) => void
  /** Of a failure, as the report must name it; nothing without it. */
  readonly becamePublic?: readonly PublicKind[]
  readonly says?: RegExp
  readonly watch?: (text: string) => void
  /** How many bundles a success makes. */
  readonly count?: number
  /** Asked when it has ended: what else is wrong, such as trouble that it never met. */
  readonly faults?: () => readonly string[]
}

export const MINUTE = 60_000

/** A step's variables with which it lives so many milliseconds from now. */
export const falseClock = (offset: number): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'false-clock.ts'))}`,
  FALSE_CLOCK: String(offset),
})

const FILE = ARTIFACTS[0] ?? ''
/** For whoever waits in vain it is short, and long enough for the servers that still answer. */
const PATIENCE = '4s'

/** Runs it, and adds what came of it to the tally. */
export async function tryToSign(
  { stack, trust, runAction, tally }: Trouble,
  log: LogChoice,
  attempt: Attempt,
): Promise<void> {
  const { name, code, identity, inputs, env, prepare } = attempt
  const job = await createWorkspace(stack.folder, identity, trust, log)
  prepare?.(job)
  const given = { ...instanceInputs(log), 'subject-path': FILE, 'time-budget': PATIENCE, ...inputs }
  const done = await runAction('sign', { ...job, env: { ...job.env, ...env } }, given, attempt.watch)
  const faults = [
    ...(code === undefined ? faultsOfSuccess(attempt, done) : faultsOfFailure(attempt, done, job)),
    ...(attempt.faults?.() ?? []),
  ]
  tally.add({
    client: 'keyless sign',
    log: log.title,
    content: name,
    name: code ?? 'ridden out',
    passed: faults.length === 0,
    detail: `${faults.join('\n')}\n${done.log}`,
  })
}

function faultsOfSuccess({ count = 1, says }: Attempt, { code, outputs, log }: ActionRun): readonly string[] {
  return [
    ...(code === 0 ? [] : [`exit code ${code}`]),
    ...(outputs['subject-count'] === String(count) ? [] : [`${outputs['subject-count']} subjects`]),
    ...(outputs['error-code'] === '' ? [] : [`error-code ${outputs['error-code']}`]),
    ...(says?.test(log) === false ? [`it does not say ${says}`] : []),
  ]
}

function faultsOfFailure(
  { code: expected, becamePublic = [], says }: Attempt,
  { code, outputs, log }: ActionRun,
  { workspace }: Job,
): readonly string[] {
  const error = outputs['error-code']
  const isBundleLeft = outputs['bundle-paths'] !== '' || existsSync(join(workspace, `${FILE}.sigstore.json`))
  const { report, text } = readReport(outputs['report-path'] ?? '')
  const told = (report.public ?? []).map(kindOf)
  const toldText = /Although the run failed/.test(log)
  return [
    ...(code === 1 ? [] : [`exit code ${code}`]),
    ...(error === expected ? [] : [`error-code ${error}, not ${expected}`]),
    ...(report.error?.code === expected ? [] : [`the report says ${report.error?.code}`]),
    ...(told.join() === becamePublic.join() ? [] : [`the report says public: ${told.join() || 'nothing'}`]),
    ...(toldText === becamePublic.length > 0 ? [] : ['the log tells otherwise what became public']),
    ...(/::error::.*What to do: ./.test(log) ? [] : ['nobody is told what to do']),
    ...(says?.test(log) === false ? [`it does not say ${says}`] : []),
    ...(isBundleLeft ? ['a bundle was left'] : []),
    ...(hasToken(log + text) ? ['a token was printed'] : []),
  ]
}

interface ReportJson {
  readonly error?: { readonly code: string }
  readonly public?: readonly {
    readonly kind: string
    readonly perhaps?: boolean
    readonly index?: string
  }[]
}

function readReport(path: string): { readonly report: ReportJson; readonly text: string } {
  const text = path === '' ? '{}' : readFileSync(path, 'utf8')
  return { report: JSON.parse(text), text }
}

const kindOf = ({ kind, perhaps, index }: NonNullable<ReportJson['public']>[number]): string =>
  kind === 'certificate' ? `certificate${perhaps ? '?' : ''}` : `entry${index === undefined ? '?' : ''}`

/** Tokens may stand in the one line that tells the runner to hide them, and nowhere else. */
const hasToken = (shown: string): boolean =>
  /eyJ[A-Za-z0-9_-]{20,}\.eyJ/.test(shown.replace(/^::add-mask::.*$/gm, ''))
