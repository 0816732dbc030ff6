import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runAction, writeFiles } from '../../bench/action.ts'
import { createSigstoreJs } from '../../bench/sigstore-js.ts'
import type { Job } from '../../sandbox/job.ts'
import { type Instance, withInstance } from './good-bundles.ts'
import { type Property, startTally, type Tally } from './property.ts'

const FILES = 2
const INPUTS = { 'INPUT_SUBJECT-PATH': 'dist/*.bin', 'INPUT_REKOR-VERSION': '2' }

type Kill = (job: Job) => Promise<number | null>

async function newJob({ sandbox }: Instance): Promise<Job> {
  const job = await sandbox.newJob()
  await writeFiles(job.workspace, FILES, 1000)
  sandbox.requests.clear()
  return job
}

/** Bundles that are there, and those that another client does not accept. */
async function lookAt(
  job: Job,
  instance: Instance,
): Promise<{ readonly good: number; readonly bad: number }> {
  const folder = join(job.workspace, 'dist')
  const verify = createSigstoreJs(instance.sandbox.trustedRoot)
  const found = { good: 0, bad: 0 }
  for (const name of (await readdir(folder)).filter((one) => one.endsWith('.sigstore.json'))) {
    try {
      const artifact = await readFile(join(folder, name.replace('.sigstore.json', '')))
      verify(await readFile(join(folder, name)), artifact, instance.identity)
      found.good += 1
    } catch {
      found.bad += 1
    }
  }
  return found
}

/** Ended in the middle: nothing half done, and the same job again succeeds. */
async function survive(instance: Instance, kill: Kill, what: string, tally: Tally): Promise<void> {
  const job = await newJob(instance)
  const status = await kill(job)
  const left = await lookAt(job, instance)
  instance.sandbox.faults.clear()
  const again = await runAction('sign', { ...job.env, ...INPUTS })
  const { good, bad } = await lookAt(job, instance)
  const right = status === null && left.bad === 0 && again.status === 0 && good === FILES && bad === 0
  tally.check(
    right,
    `${what}: status ${status}, half a bundle ${left.bad}, again ${again.status}, ${good} good`,
  )
}

/** While a service acts on a request, its answer not yet sent. */
const killAtRequest =
  (instance: Instance, request: number): Kill =>
  async (job) => {
    let end = (): void => undefined
    const change = <T>(answer: T): T => {
      end()
      return answer
    }
    instance.sandbox.faults.add({ from: request, count: 1, fault: { kind: 'change', change } })
    const env = { ...job.env, ...INPUTS }
    const { status } = await runAction('sign', env, {
      onStart: (child) => {
        end = () => void child.kill('SIGKILL')
      },
    })
    return status
  }

const HOOK = resolve('scripts/properties/kill-at.cjs')

const killAtChange =
  (change: number): Kill =>
  async (job) => {
    const env = { ...job.env, ...INPUTS, KEYLESS_KILL_AT: String(change) }
    return (await runAction('sign', env, { require: HOOK })).status
  }

/** How often a whole run changes the disk. */
async function countChanges(instance: Instance): Promise<number> {
  const job = await newJob(instance)
  const record = join(job.temp, '..', 'changes')
  await runAction('sign', { ...job.env, ...INPUTS, KEYLESS_KILL_RECORD: record }, { require: HOOK })
  return (await readFile(record, 'utf8')).length
}

export const property: Property = {
  number: 12,
  title: 'All or nothing',
  measure: () =>
    withInstance(async (instance) => {
      const tally = startTally()
      const changes = await countChanges(instance)
      if (changes < 5 * FILES) throw new Error(`a run changed the disk only ${changes} times`)
      for (let i = 1; i <= 2 + 2 * FILES; i += 1)
        await survive(instance, killAtRequest(instance, i), `killed at request ${i}`, tally)
      for (let i = 1; i <= changes; i += 1)
        await survive(instance, killAtChange(i), `killed at change ${i} of the disk`, tally)
      return tally.result(
        `runs of sign killed at each of ${2 + 2 * FILES} requests and before each of ${changes} changes of the disk: ` +
          'no half bundle, the next run succeeds; releases and the monitor come later',
      )
    }),
}
