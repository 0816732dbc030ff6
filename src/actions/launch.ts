import { printable } from '../core/printable.ts'
import type { ActionError } from '../errors.ts'
import type { World } from '../ports.ts'
import { asActionError, explain, explainPublic } from './explain.ts'
import { trustText } from './facts.ts'
import { logLines } from './log-lines.ts'
import type { ActionOutcome } from './outcome.ts'
import { buildReport, encodeReport } from './report.ts'
import { encodeSummary } from './summary.ts'

/** What one action brings: its flow, and its own outputs when it succeeded. */
export interface Launch<O extends ActionOutcome> {
  readonly run: () => Promise<O>
  /** An outcome for what the flow itself did not foresee. */
  readonly failed: (error: ActionError) => O
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
  let reportPath = ''
  try {
    reportPath = await writeReport(world, outcome)
    await tellSummary(world, outcome, action)
    await world.runner.setOutputs(outputsOf(outcome, reportPath, action))
  } catch (error) {
    outcome = action.failed(asActionError(error))
    await clearOutputs(world, outcome, reportPath, action)
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

/** The second attempt may fail like the first: the exit code says so all the same. */
async function clearOutputs<O extends ActionOutcome>(
  { runner }: World,
  outcome: O,
  reportPath: string,
  action: Launch<O>,
): Promise<void> {
  try {
    await runner.setOutputs(outputsOf(outcome, reportPath, action))
  } catch (error) {
    runner.debug(printable(String(error)))
  }
}

/** In a private folder below RUNNER_TEMP; without one there is no report, and the missing variable is the error. */
async function writeReport({ files, runner }: World, outcome: ActionOutcome): Promise<string> {
  const temp = runner.env('RUNNER_TEMP')
  if (temp === undefined) return ''
  const folder = await files.makePrivateFolder(temp, 'keyless-')
  const path = `${folder}${runner.platform === 'win32' ? '\\' : '/'}report.json`
  await files.write(path, [temp], encodeReport(buildReport(outcome)))
  return path
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
