import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startSandbox } from '../sandbox/sandbox.ts'
import { assertSigned, runAction, runNode, writeFiles } from './action.ts'
import { bySize, type Measure, median, type Row, show } from './measure.ts'

const BAR = 150
const GOAL = 80

/** From the start of the process to its first request, beside an empty process from start to end, in turns. */
async function measure(rounds: number): Promise<readonly Row[]> {
  const sandbox = await startSandbox()
  try {
    const job = await sandbox.newJob()
    const empty = join(job.temp, 'empty.cjs')
    await writeFile(empty, '')
    const empties: number[] = []
    const firsts: number[] = []
    for (let i = 0; i < rounds; i += 1) {
      empties.push((await runNode(empty, job.env)).milliseconds)
      firsts.push(await firstRequest(sandbox))
    }
    const over = median(firsts) - median(empties)
    return [
      {
        what: `dist/sign.js to its first request, over an empty Node process (median of ${rounds})`,
        found: `${show(over)} ms (${show(median(firsts))} against ${show(median(empties))})`,
        bar: `at most ${BAR} ms`,
        met: over <= BAR,
        goal: `at most ${GOAL} ms`,
        goalMet: over <= GOAL,
        numbers: {
          firstRequestMilliseconds: median(firsts),
          emptyMilliseconds: median(empties),
          overMilliseconds: over,
        },
      },
    ]
  } finally {
    await sandbox.close()
  }
}

async function firstRequest(sandbox: Awaited<ReturnType<typeof startSandbox>>): Promise<number> {
  const job = await sandbox.newJob()
  await writeFiles(job.workspace, 1, 1000)
  sandbox.requests.clear()
  const run = assertSigned(await runAction('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'dist/*' }))
  const [first] = sandbox.requests.all()
  if (first === undefined) throw new Error('no request came')
  return first.at - run.startedAt
}

export const start: Measure = {
  name: 'start',
  title: 'Start',
  how:
    'From the start of the process to the moment the token endpoint of the sandbox has the request; the empty process ' +
    'from start to end. Both in turns, medians.',
  run: (size) => measure(bySize(size, { quick: 5, usual: 15, full: 31 })),
}
