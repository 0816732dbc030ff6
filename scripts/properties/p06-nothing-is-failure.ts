import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runAction } from '../../bench/action.ts'
import { makeBundle } from '../../sandbox/bundles.ts'
import type { Job } from '../../sandbox/job.ts'
import { type Instance, statementOf, withInstance } from './good-bundles.ts'
import { type Property, startTally, type Tally } from './property.ts'
import { isRefusal, judge } from './verdict.ts'

/** Lists inside of what was signed. */
function checkBundles({ sandbox, verify, identity }: Instance, tally: Tally): void {
  const artifact = Buffer.from('what a workflow built\n')
  const statement = { ...statementOf(artifact), subject: [] }
  const bundles = {
    'no log entry': makeBundle(sandbox, { artifact }, { logs: [] }),
    'no time': makeBundle(sandbox, { artifact }, { logs: [2], timestamps: [] }),
    'no promise of the certificate log': makeBundle(
      sandbox,
      { artifact },
      { leaf: { sct: { kind: 'none' } } },
    ),
    'a list of no such promises': makeBundle(
      sandbox,
      { artifact },
      { leaf: { sct: { kind: 'make', make: () => [] } } },
    ),
    'a statement about nothing': makeBundle(sandbox, { statement }),
  }
  for (const [what, { bytes }] of Object.entries(bundles)) {
    const verdict = judge(verify, bytes, artifact, identity)
    tally.check(isRefusal(verdict), `${what}: ${verdict}`)
  }
}

interface Row {
  readonly what: string
  readonly program: 'sign' | 'verify'
  readonly inputs: Readonly<Record<string, string>>
  readonly code: string
}

const ROWS: readonly Row[] = [
  {
    what: 'no file to sign',
    program: 'sign',
    inputs: { 'INPUT_SUBJECT-PATH': 'none/*' },
    code: 'INPUT_NO_MATCH',
  },
  {
    what: 'no file to verify',
    program: 'verify',
    inputs: { 'INPUT_SUBJECT-PATH': 'none/*' },
    code: 'INPUT_NO_MATCH',
  },
  { what: 'no input', program: 'verify', inputs: {}, code: 'INPUT_REQUIRED' },
  {
    what: 'no bundle beside the file',
    program: 'verify',
    inputs: { 'INPUT_SUBJECT-PATH': 'file' },
    code: 'BUNDLE_',
  },
  {
    what: 'no bundle in the file that is named',
    program: 'verify',
    inputs: { 'INPUT_SUBJECT-PATH': 'file', 'INPUT_BUNDLE-PATH': 'empty.jsonl' },
    code: 'BUNDLE_',
  },
  {
    what: 'no policy',
    program: 'verify',
    inputs: { 'INPUT_SUBJECT-PATH': 'file', 'INPUT_CERTIFICATE-OIDC-ISSUER': 'https://accounts.example' },
    code: 'POLICY_REQUIRED',
  },
]

async function runIn(job: Job, { program, inputs }: Row): Promise<string> {
  await mkdir(job.workspace, { recursive: true })
  await writeFile(join(job.workspace, 'file'), 'x')
  await writeFile(join(job.workspace, 'empty.jsonl'), '')
  const { status, stdout } = await runAction(program, { ...job.env, ...inputs })
  return status === 0 ? 'succeeded' : stdout
}

export const property: Property = {
  number: 6,
  title: 'Nothing verified is failure',
  measure: () =>
    withInstance(async (instance) => {
      const tally = startTally()
      checkBundles(instance, tally)
      for (const row of ROWS) {
        const found = await runIn(await instance.sandbox.newJob(), row)
        tally.check(found.includes(row.code), `${row.what}: ${found.slice(-300)}`)
      }
      return tally.result('lists that can be empty; watched identities and ranges come with the monitor')
    }),
}
