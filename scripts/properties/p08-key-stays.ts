import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runAction, writeFiles } from '../../bench/action.ts'
import type { Fault } from '../../sandbox/faults.ts'
import type { Job } from '../../sandbox/job.ts'
import type { ServiceName } from '../../sandbox/requests.ts'
import { type Instance, withInstance } from './good-bundles.ts'
import { type Property, startTally, type Tally } from './property.ts'

interface Run {
  readonly what: string
  readonly inputs: Readonly<Record<string, string>>
  readonly trouble?: { readonly service: ServiceName; readonly fault: Fault }
}

const RUNS: readonly Run[] = [
  { what: 'all is well on Rekor v1', inputs: { 'INPUT_REKOR-VERSION': '1' } },
  { what: 'all is well on Rekor v2', inputs: { 'INPUT_REKOR-VERSION': '2' } },
  { what: 'debug log', inputs: { RUNNER_DEBUG: '1', ACTIONS_STEP_DEBUG: 'true' } },
  ...(['fulcio', 'rekor-v2', 'tsa'] as const).map((service) => ({
    what: `${service} refuses`,
    inputs: { 'INPUT_REKOR-VERSION': '2' },
    trouble: { service, fault: { kind: 'answer' as const, answer: { status: 400, body: 'no' } } },
  })),
]

/** In base64 the number stands at one of three offsets, whatever is around it. */
function encodingsOf(number: Buffer): ReadonlyMap<string, string> {
  const at = (offset: number): Buffer => number.subarray(offset, offset + 24)
  return new Map([
    ['raw', number.toString('latin1')],
    ['hex', number.toString('hex')],
    ['HEX', number.toString('hex').toUpperCase()],
    ['decimal', BigInt(`0x${number.toString('hex')}`).toString()],
    ...[0, 1, 2].flatMap((offset): [string, string][] => [
      [`base64 at ${offset}`, at(offset).toString('base64')],
      [`base64url at ${offset}`, at(offset).toString('base64url')],
    ]),
  ])
}

/** What the run printed, sent and left behind, line ends taken out as well since PEM has them. */
async function remains(
  job: Job,
  { sandbox }: Instance,
  printed: string,
): Promise<ReadonlyMap<string, string>> {
  const files: string[] = []
  for (const folder of [job.workspace, job.temp])
    for (const one of await readdir(folder, { recursive: true, withFileTypes: true }))
      if (one.isFile()) files.push(one.name, await readFile(join(one.parentPath, one.name), 'latin1'))
  const sent = sandbox.requests
    .all()
    .map(({ path, body }) => `${path} ${Buffer.from(body ?? []).toString('latin1')}`)
  const both = (texts: readonly string[]): string => {
    const text = texts.join('\n')
    return `${text}\n${text.replace(/\\n|\s/g, '')}`
  }
  return new Map([
    ['log', both([printed])],
    ['files', both(files)],
    ['requests', both(sent)],
  ])
}

async function search(instance: Instance, { what, inputs, trouble }: Run, tally: Tally): Promise<void> {
  const { sandbox } = instance
  const job = await sandbox.newJob()
  await writeFiles(job.workspace, 3, 1000)
  sandbox.requests.clear()
  const lift = trouble === undefined ? undefined : sandbox.faults.add(trouble)
  const record = join(job.temp, '..', 'recorded-key')
  const env = { ...job.env, ...inputs, 'INPUT_SUBJECT-PATH': 'dist/*', KEYLESS_KEY_RECORD: record }
  const { stdout, stderr } = await runAction('sign', env, {
    require: resolve('scripts/properties/record-key.cjs'),
  })
  lift?.()
  const numbers = (await readFile(record, 'utf8')).trim().split('\n')
  const places = await remains(job, instance, stdout + stderr)
  for (const number of numbers)
    for (const [encoding, text] of encodingsOf(Buffer.from(number, 'base64url')))
      for (const [place, all] of places)
        tally.check(!all.includes(text), `${what}: the key is in ${place} as ${encoding}`)
}

export const property: Property = {
  number: 8,
  title: 'The key never leaves memory',
  measure: () =>
    withInstance(
      async (instance) => {
        const tally = startTally()
        for (const run of RUNS) await search(instance, run, tally)
        return tally.result(
          `searches for the very key of ${RUNS.length} runs of dist/sign.js in log, files and requests, in 10 forms, ` +
            'without a hit; a scan of memory comes later',
        )
      },
      { keepBodies: true },
    ),
}
