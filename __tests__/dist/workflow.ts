/**
 * Runs a workflow of docs/examples on a sandbox, as far as they need it: jobs in the order of `needs`, each in a fresh
 * workspace; our actions from dist/; the artifact actions by the toolkit's own client; `run` steps by bash; expressions that
 * name a value. Anything else is an error, so that an example cannot promise what was not run.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import type { Job as Prepared } from '../../sandbox/job.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { type Run, run, treeOf } from './program.ts'
import { toolkit } from './toolkit.ts'

type Texts = Readonly<Record<string, string | number | boolean>>

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly id?: string
  readonly with?: Texts
  readonly env?: Texts
}

export interface WorkflowJob {
  readonly needs?: string | readonly string[]
  readonly permissions: Texts
  readonly outputs?: Texts
  /** One list of values. */
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> }
  readonly steps?: readonly Step[]
  /** A workflow of docs/examples, as one of another repository. */
  readonly uses?: string
  readonly with?: Texts
}

export interface Workflow {
  readonly permissions: Texts
  readonly jobs: Readonly<Record<string, WorkflowJob>>
}

export interface WorkflowOptions {
  /** What only the sandbox needs to be told: where its trust files are, and the like. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Stands for `make dist` and its kin: by the text of the step. */
  readonly commands?: Readonly<Record<string, (job: Prepared) => Promise<void>>>
  /** Called before each of our steps. */
  readonly beforeAction?: (job: string, prepared: Prepared) => Promise<void>
}

/** What our steps came to, by `job/number of the step`. A failing step ends its job and those that need it. */
export type Results = ReadonlyMap<string, Run>

export const readWorkflow = async (name: string): Promise<Workflow> =>
  parse((await readFile(join('docs/examples', name), 'utf8')).replaceAll('COMMIT', COMMIT))

/** What stands for the commit that a user reviewed. */
export const COMMIT = 'c0ffee'.padEnd(40, '0')

interface Context {
  readonly sandbox: Sandbox
  readonly options: WorkflowOptions
  /** By what an expression writes: `needs.sign.outputs.bundles`, `steps.sign.outputs.x`. */
  readonly values: Map<string, string>
  readonly results: Map<string, Run>
}

export async function runWorkflow(
  sandbox: Sandbox,
  workflow: Workflow,
  options: WorkflowOptions = {},
): Promise<Results> {
  const context = { sandbox, options, results: new Map(), values: new Map<string, string>() }
  const done = new Map<string, boolean>()
  for (const [name, job] of Object.entries(workflow.jobs)) {
    const needs = [job.needs ?? []].flat()
    if (needs.some((one) => !done.has(one))) throw new Error(`${name} stands before a job that it needs`)
    if (needs.every((one) => done.get(one) === true)) done.set(name, await runJob(name, job, context))
    else done.set(name, false)
  }
  return context.results
}

async function runJob(name: string, job: WorkflowJob, context: Context): Promise<boolean> {
  if (job.uses !== undefined) return callWorkflow(name, job, job.uses, context)
  const [[key, values] = ['', ['']]] = Object.entries(job.strategy?.matrix ?? {})
  const done = await Promise.all(
    values.map((value) => {
      const own = new Map([...context.values, [`matrix.${key}`, value]])
      const place = value === '' ? name : `${name} ${value}`
      return runSteps(place, job, { ...context, values: key === '' ? context.values : own }, values.length)
    }),
  )
  return done.every((one) => one)
}

/** The jobs of another repository's workflow: the token names it, and who called it is all that the rest of it says. */
async function callWorkflow(
  name: string,
  job: WorkflowJob,
  uses: string,
  context: Context,
): Promise<boolean> {
  const { claims } = context.sandbox
  const { job_workflow_ref, job_workflow_sha } = claims
  const [file = '', commit = ''] = uses.slice(uses.lastIndexOf('/') + 1).split('@')
  Object.assign(claims, { job_workflow_ref: uses, job_workflow_sha: commit })
  const given = Object.entries(job.with ?? {}).map(
    ([input, value]) => [`inputs.${input}`, fill(value, context)] as const,
  )
  const values = new Map([...context.values, ...given])
  try {
    for (const [inner, one] of Object.entries((await readWorkflow(file)).jobs)) {
      const permissions = narrow(one.permissions, job.permissions)
      const place = `${name}/${inner}`
      if (!(await runJob(place, { ...one, permissions }, { ...context, values }))) return false
    }
    return true
  } finally {
    Object.assign(claims, { job_workflow_ref, job_workflow_sha })
  }
}

/** A called job has no more than its caller. */
const narrow = (asked: Texts, granted: Texts): Texts =>
  Object.fromEntries(Object.entries(asked).filter(([name, access]) => granted[name] === access))

async function runSteps(
  name: string,
  job: WorkflowJob,
  context: Context,
  jobTotal: number,
): Promise<boolean> {
  const { sandbox } = context
  const { contents } = job.permissions
  sandbox.github.permissions.contents = contents === 'write' || contents === 'read' ? contents : 'none'
  const prepared = await sandbox.newJob()
  const env: Prepared['env'] = {
    ...withPermissions(prepared.env, job.permissions),
    'INPUT_JOB-TOTAL': String(jobTotal),
  }
  context.values.set('github.ref_name', env['GITHUB_REF_NAME'] ?? '')
  context.values.set('github.repository', env['GITHUB_REPOSITORY'] ?? '')
  context.values.set('github.token', sandbox.github.jobToken)
  for (const [i, step] of (job.steps ?? []).entries()) {
    const succeeded = await runStep(`${name}/${i}`, step, { ...prepared, env }, context)
    if (!succeeded) return false
  }
  for (const [output, value] of Object.entries(job.outputs ?? {}))
    context.values.set(`needs.${name}.outputs.${output}`, fill(value, context))
  return true
}

/** A job has exactly what it is given: without `id-token: write` no token endpoint. */
function withPermissions(env: Prepared['env'], permissions: Texts): Prepared['env'] {
  if (permissions['id-token'] === 'write') return env
  const { ACTIONS_ID_TOKEN_REQUEST_URL: _, ACTIONS_ID_TOKEN_REQUEST_TOKEN: __, ...rest } = env
  return rest
}

function fill(text: Texts[string], { values }: Context): string {
  return String(text).replaceAll(/\$\{\{ ([a-z._-]+) \}\}/g, (_, name: string) => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`an example uses ${name}, which has no value`)
    return value
  })
}

async function runStep(place: string, step: Step, job: Prepared, context: Context): Promise<boolean> {
  if (step.run !== undefined) return runCommand(step, job, context)
  const [action = ''] = (step.uses ?? '').split('@')
  const inputs = Object.fromEntries(
    Object.entries(step.with ?? {}).map(([name, value]) => [name, fill(value, context)]),
  )
  switch (action) {
    case 'actions/checkout':
      return true
    case 'actions/upload-artifact':
      await upload(job, inputs)
      return true
    case 'actions/download-artifact':
      await toolkit(job.env, 'download', inputs['name'] ?? '', join(job.workspace, inputs['path'] ?? '.'))
      return true
    case 'OWNER/keyless':
      return runAction('sign', place, step, inputs, job, context)
    case 'OWNER/keyless/verify':
      return runAction('verify', place, step, inputs, job, context)
    default:
      throw new Error(`an example uses ${action}, which cannot be run here`)
  }
}

async function runCommand(
  { run: text = '', env = {} }: Step,
  job: Prepared,
  context: Context,
): Promise<boolean> {
  const stand = context.options.commands?.[text.trim()]
  if (stand !== undefined) {
    await stand(job)
    return true
  }
  const filled = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value, context)]))
  await promisify(execFile)('bash', ['-eo', 'pipefail', '-c', text], {
    cwd: job.workspace,
    env: { PATH: process.env['PATH'] ?? '', ...job.env, ...filled },
  })
  return true
}

/** As the action does it: what lies in the folder, by its path from there. */
async function upload(job: Prepared, { name = '', path = '' }: Record<string, string>): Promise<void> {
  const folder = join(job.workspace, path)
  const files = (await treeOf(folder)).map((file) => join(folder, file))
  await toolkit(job.env, 'upload', name, folder, ...files)
}

async function runAction(
  program: 'sign' | 'verify',
  place: string,
  step: Step,
  inputs: Readonly<Record<string, string>>,
  job: Prepared,
  context: Context,
): Promise<boolean> {
  await context.options.beforeAction?.(place.split('/')[0] ?? '', job)
  const given = Object.entries({ ...context.options.inputs, ...inputs }).map(
    ([name, value]) => [`INPUT_${name.toUpperCase()}`, value] as const,
  )
  const { 'INPUT_JOB-TOTAL': total = '', ...env } = job.env
  const own = program === 'sign' ? { 'INPUT_JOB-TOTAL': total } : {}
  const done = await run(program, { ...env, ...own, ...Object.fromEntries(given) })
  context.results.set(place, done)
  for (const [name, value] of done.outputs)
    if (step.id !== undefined) context.values.set(`steps.${step.id}.outputs.${name}`, value)
  return done.code === 0
}
