import { printable } from '../../core/printable.ts'
import type { ActionError } from '../../errors.ts'
import type { World } from '../../ports.ts'
import { asActionError, explain, explainPublic } from './explain.ts'
import { trustText } from './facts.ts'
import { logLines } from './log-lines.ts'
import type { ActionOutcome } from './outcome.ts'
import { buildReport, encodeReport } from './report.ts'
import { encodeSummary } from './summary.ts'

/** What one action brings: its flow, and its own outputs when it succeeded. */
export interface Launch<O extends ActionOutcome> {
  readonly run: () => Promise<O>
  /** An outcome for what the flow itself did not foresee, or for its success that could not be told. */
  readonly failed: (error: ActionError, untold?: O) => O
  /** All outputs but `report-path` and `error-code`; called for a success only. */
  readonly outputs: (outcome: O) => Readonly<Record<string, string>>
  /** The names of all outputs: each is always written. */
  readonly names: readonly string[]
  /** The verify recipe, or ''. */
  readonly recipes: (outcome: O) => string
}

/** Runs an action and tells the runner everything. Resolves to whether all of it succeeded, the telling included. */
export async function launch<O extends ActionOutcome>(world: World, action: Launch<O>): Promise<boolean> {
  let outcome = await settle(world, action)
  const report: ReportPlace = { path: '' }
  try {
    await writeReport(world, outcome, report)
    await tellSummary(world, outcome, action)
    await world.runner.setOutputs(outputsOf(outcome, report.path, action))
  } catch (error) {
    outcome = action.failed(outcome.error ?? asActionError(error), outcome)
    await tellAgain(world, outcome, report, action)
  }
  tellLog(world, outcome)
  return outcome.error === undefined
}

async function settle<O extends ActionOutcome>(world: World, action: Launch<O>): Promise<O> {
  const { runner } = world
  try {
    world.assertSafe()
    return await action.run()
  } catch (error) {
    for (const line of explain(error).debug) runner.debug(line)
    return action.failed(asActionError(error))
  }
}

function outputsOf<O extends ActionOutcome>(
  outcome: O,
  reportPath: string,
  action: Launch<O>,
): Record<string, string> {
  const blank = Object.fromEntries(action.names.map((name) => [name, '']))
  const own = outcome.error === undefined ? action.outputs(outcome) : {}
  return { ...blank, ...own, 'report-path': reportPath, 'error-code': outcome.error?.code ?? '' }
}

/** Report and outputs say that it failed. This may fail like the first attempt: the exit code says so all the same. */
async function tellAgain<O extends ActionOutcome>(
  world: World,
  outcome: O,
  report: ReportPlace,
  action: Launch<O>,
): Promise<void> {
  const tell: readonly (() => Promise<void>)[] = [
    () => writeReport(world, outcome, report),
    () => world.runner.setOutputs(outputsOf(outcome, report.path, action)),
  ]
  for (const one of tell) {
    try {
      await one()
    } catch (error) {
      world.runner.debug(printable(String(error)))
    }
  }
}

interface ReportPlace {
  /** '' as long as there is none. */
  path: string
}

/** In a private folder below RUNNER_TEMP; without one there is no report, and the missing variable is the error. */
async function writeReport(
  { files, runner }: World,
  outcome: ActionOutcome,
  report: ReportPlace,
): Promise<void> {
  const temp = runner.env('RUNNER_TEMP')
  if (temp === undefined) return
  const folder = report.path === '' ? await files.makePrivateFolder(temp, 'keyless-') : undefined
  const path =
    folder === undefined ? report.path : `${folder}${runner.platform === 'win32' ? '\\' : '/'}report.json`
  await files.write(path, [temp], encodeReport(buildReport(outcome)))
  report.path = path
}

async function tellSummary<O extends ActionOutcome>(
  world: World,
  outcome: O,
  action: Launch<O>,
): Promise<void> {
  // Asked of the raw input: a run whose inputs are wrong shows its summary too.
  if (/^false$/i.test(world.runner.inputs.get('show-summary') ?? '')) return
  const recipes = outcome.error === undefined ? action.recipes(outcome) : ''
  await world.runner.addSummary(encodeSummary(outcome, recipes))
}

function tellLog({ runner }: World, outcome: ActionOutcome): void {
  for (const note of outcome.notes ?? []) runner.notice(note)
  for (const text of logLines(outcome)) runner.info(text)
  if (outcome.trust !== undefined)
    runner.info(`Trusted root: ${outcome.trust.name}, ${trustText(outcome.trust)}`)
  if (outcome.error === undefined) return
  if (outcome.action === 'sign') for (const text of explainPublic(outcome.public)) runner.info(text)
  const { annotation, debug } = explain(outcome.error)
  for (const text of debug) runner.debug(text)
  runner.error(annotation)
}
