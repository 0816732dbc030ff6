import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../sandbox/job.ts'
import { run } from './command.ts'

/** What became of a step that ran one of our actions. */
export interface ActionRun {
  readonly code: number
  readonly outputs: Readonly<Record<string, string>>
  /** Markdown, as the step left it for its summary. */
  readonly summary: string
  /** What the step printed. */
  readonly log: string
}

export type RunAction = (
  name: 'sign' | 'verify',
  job: Job,
  inputs: Readonly<Record<string, string>>,
  /** Told what the step prints, as soon as it does. */
  watch?: (text: string) => void,
) => Promise<ActionRun>

/** Starts a built action as the runner does: node, the file, the job's environment and `with:` as variables. */
export const actionsIn =
  (dist: string): RunAction =>
  (name, job, inputs, watch) =>
    runAction(join(dist, `${name}.js`), job, inputs, watch)

async function runAction(
  file: string,
  job: Job,
  inputs: Readonly<Record<string, string>>,
  watch?: (text: string) => void,
): Promise<ActionRun> {
  const id = randomUUID()
  const output = join(job.temp, `output-${id}`)
  const summary = join(job.temp, `summary-${id}`)
  for (const file of [output, summary]) writeFileSync(file, '')
  const given = Object.entries(inputs).map(([input, value]) => [`INPUT_${input.toUpperCase()}`, value])
  const env = {
    PATH: process.env['PATH'],
    SYSTEMROOT: process.env['SYSTEMROOT'],
    ...job.env,
    ...Object.fromEntries(given),
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
  }
  const { code, output: log } = await run({
    file: process.execPath,
    args: [file],
    cwd: job.workspace,
    env,
    ...(watch !== undefined && { watch }),
  })
  const read = (file: string): string => readFileSync(file, 'utf8')
  return { code, outputs: parseOutputs(read(output)), summary: read(summary), log }
}

/** The runner's format for values of many lines: `name<<delimiter`, the value, the delimiter. */
function parseOutputs(text: string): Readonly<Record<string, string>> {
  const outputs: Record<string, string> = {}
  const form = /^([\w-]+)<<(\S+)\n(?:([\s\S]*?)\n)?\2$/gm
  for (const [, name = '', , value = ''] of text.matchAll(form)) outputs[name] = value
  return outputs
}
