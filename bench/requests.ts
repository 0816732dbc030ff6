import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { assertSigned, runAction, writeFiles } from './action.ts'
import { bySize, type Measure, type Row, show } from './measure.ts'

/** Signs so many files and counts what the services got. This one is a check: another number is an error. */
async function count(sandbox: Sandbox, files: number, rekor: 1 | 2): Promise<Row> {
  const job = await sandbox.newJob()
  await writeFiles(job.workspace, files, 100)
  sandbox.requests.clear()
  const env = { ...job.env, 'INPUT_SUBJECT-PATH': 'dist/*', 'INPUT_REKOR-VERSION': String(rekor) }
  const run = assertSigned(await runAction('sign', env))
  const log = rekor === 1 ? 'rekor-v1' : 'rekor-v2'
  const numbers = {
    token: sandbox.requests.count('token'),
    certificates: sandbox.requests.count('fulcio'),
    entries: sandbox.requests.count(log),
    timestamps: sandbox.requests.count('tsa'),
    all: sandbox.requests.all().length,
    milliseconds: run.milliseconds,
  }
  const { token, certificates, entries, timestamps, all } = numbers
  const right =
    token === 1 && certificates === 1 && entries === files && timestamps === files && all === 2 + 2 * files
  const found = `${token} + ${certificates} + ${show(entries)} + ${show(timestamps)}`
  if (!right)
    throw new Error(`${files} files on Rekor v${rekor}: ${found}, ${all} in all, wanted 1 + 1 + N + N`)
  return {
    what: `requests for ${show(files)} file${files === 1 ? '' : 's'} on Rekor v${rekor}`,
    found: `${found} in ${show(run.milliseconds / 1000, 1)} s`,
    bar: '1 + 1 + N + N',
    met: right,
    numbers,
  }
}

export const requests: Measure = {
  name: 'requests',
  title: 'Requests: token + certificate + log entries + timestamps',
  how: 'Counted by the services of the sandbox. This is the one line that is a check: another number is an error.',
  run: async (size) => {
    const rows: Row[] = []
    const sandbox = await startSandbox()
    try {
      for (const rekor of [1, 2] as const)
        for (const files of bySize(size, { quick: [1, 100], usual: [1, 100, 1000], full: [1, 100, 1000] }))
          rows.push(await count(sandbox, files, rekor))
    } finally {
      await sandbox.close()
    }
    return rows
  },
}
