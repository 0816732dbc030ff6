import type { ActionRun } from '../../bench/action.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { laterJob, runCase, signFiles, TOLD } from './action-cases.ts'

const say = (text: string): void => console.log(text)

/** Workflow commands as a person reads them, without those for the runner alone. */
function tell({ stdout }: ActionRun): void {
  const text = stdout
    .split('\n')
    .filter((line) => line !== '' && !/^::(?:debug|add-mask)::/.test(line))
    .map((line) => line.replace(/^::(\w+)[^:]*::/, '$1: '))
    .join('\n')
  const readable = text.replaceAll('%0A', '\n').replaceAll('%0D', '').replaceAll('%25', '%')
  for (const line of readable.split('\n')) say(`   | ${line}`)
}

/** Two jobs that share nothing but files, and what the second one says when something is wrong. */
export async function tellRefusals(sandbox: Sandbox): Promise<void> {
  say('Job one signs a.txt and b.txt.')
  const { run, lay } = await signFiles(sandbox)
  tell(run)
  const good = { row: '', what: '', code: 'accepted', inputs: { 'subject-path': '*.txt' } } as const
  say('\nJob two has the files, the bundles beside them and the trusted root: no token, no network.')
  const verified = await runCase(good, await laterJob(sandbox, lay))
  tell(verified.run)
  if (verified.verdict !== 'accepted') throw new Error('job two could not verify what job one signed')
  for (const one of TOLD) {
    say(`\nThe same with ${one.what}:`)
    const { verdict, run: refused } = await runCase(one, await laterJob(sandbox, lay))
    tell(refused)
    if (verdict !== one.code || refused.status !== 1)
      throw new Error(`expected ${one.code}, found ${verdict}`)
  }
  say('\nSigned, verified by another job, and refused five times.')
}
