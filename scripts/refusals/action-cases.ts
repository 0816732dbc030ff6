import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ActionRun, runAction } from '../../bench/action.ts'
import type { Job } from '../../sandbox/job.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { ErrorCode } from '../../src/errors.ts'

/** A refusal of `dist/verify.js`, started as the runner does, in a job that has nothing but the files. */
export interface ActionCase {
  readonly row: string
  readonly what: string
  readonly code: ErrorCode | 'accepted'
  readonly inputs: Readonly<Record<string, string>>
  /** Changes the workspace, in which `a.txt`, `b.txt` and their bundles lie. */
  readonly prepare?: (workspace: string) => Promise<unknown>
}

const FILES = ['a.txt', 'b.txt'] as const
const bundleOf = (name: string): string => `${name}.sigstore.json`

/** Signs in one job; gives a function that lays the files into the workspace of another. */
export async function signFiles(
  sandbox: Sandbox,
): Promise<{ run: ActionRun; lay: (job: Job) => Promise<void> }> {
  const job = await sandbox.newJob()
  for (const name of FILES) await writeFile(join(job.workspace, name), `what a workflow built: ${name}\n`)
  const run = await runAction('sign', { ...job.env, 'INPUT_SUBJECT-PATH': '*.txt' })
  if (run.status !== 0) throw new Error(`signing failed: ${run.stdout}${run.stderr}`)
  const lay = async (other: Job): Promise<void> => {
    for (const name of FILES)
      for (const one of [name, bundleOf(name)])
        await copyFile(join(job.workspace, one), join(other.workspace, one))
  }
  return { run, lay }
}

/** A later job: no token endpoint, none of the inputs of signing. */
export async function laterJob(sandbox: Sandbox, lay: (job: Job) => Promise<void>): Promise<Job> {
  const job = await sandbox.newJob()
  await lay(job)
  const hidden = /^(?:ACTIONS_ID_TOKEN_|INPUT_SIGNING-CONFIG$)/
  const env = Object.fromEntries(Object.entries(job.env).filter(([name]) => !hidden.test(name)))
  return { ...job, env }
}

export async function runCase(
  { inputs, prepare }: ActionCase,
  job: Job,
): Promise<{ readonly verdict: string; readonly run: ActionRun }> {
  await prepare?.(job.workspace)
  const given = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  )
  const run = await runAction('verify', { ...job.env, ...given })
  const outputs = await readFile(job.env['GITHUB_OUTPUT'] ?? '', 'utf8')
  const code = /^error-code<<(.+)\n([A-Z_0-9]*)\n\1$/m.exec(outputs)?.[2] ?? ''
  const isGood = run.status === 0 && /^verified<<(.+)\ntrue\n\1$/m.test(outputs) && code === ''
  return { verdict: isGood ? 'accepted' : run.status === 0 ? 'nothing, with exit code 0' : code, run }
}

const flipByte = async (path: string): Promise<void> => {
  const bytes = await readFile(path)
  bytes[0] = (bytes[0] ?? 0) ^ 1
  await writeFile(path, bytes)
}
const ONE = { 'subject-path': 'a.txt' }
const at =
  (name: string, content: string | Uint8Array) =>
  (workspace: string): Promise<void> =>
    writeFile(join(workspace, name), content)
const fifo = (workspace: string, name: string): void => {
  const { status } = spawnSync('mkfifo', [join(workspace, name)])
  if (status !== 0) throw new Error('mkfifo failed')
}

/** The five that a person meets most, told by `npm run refusals -- --show`. */
export const TOLD: readonly ActionCase[] = [
  {
    row: 'told',
    what: 'one byte of the file changed',
    code: 'SIG_DIGEST',
    inputs: ONE,
    prepare: (workspace) => flipByte(join(workspace, 'a.txt')),
  },
  {
    row: 'told',
    what: 'the wrong repository',
    code: 'IDENTITY_MISMATCH',
    inputs: { ...ONE, repository: 'octo/other' },
  },
  {
    row: 'told',
    what: 'the wrong workflow',
    code: 'IDENTITY_MISMATCH',
    inputs: { ...ONE, 'signer-workflow': 'octo/demo/.github/workflows/deploy.yml' },
  },
  {
    row: 'told',
    what: 'a file that nobody signed',
    code: 'BUNDLE_MISSING',
    inputs: { 'subject-path': '*.txt' },
    prepare: at('new.txt', 'not signed\n'),
  },
  {
    row: 'told',
    what: 'a pattern that matches nothing',
    code: 'INPUT_NO_MATCH',
    inputs: { 'subject-path': 'dist/*' },
  },
]

export const ACTION_CASES: readonly ActionCase[] = [
  { row: '101', what: '(as it was signed)', code: 'accepted', inputs: { 'subject-path': '*.txt' } },
  {
    row: '101',
    what: 'a bundle file that is missing',
    code: 'BUNDLE_MISSING',
    inputs: { ...ONE, 'bundle-path': 'none.json' },
  },
  {
    row: '101',
    what: 'a file of no bundles',
    code: 'BUNDLE_MISSING',
    inputs: { ...ONE, 'bundle-path': 'none.jsonl' },
    prepare: at('none.jsonl', '\n'),
  },
  {
    row: '104',
    what: 'a file larger than any bundle',
    code: 'BUNDLE_TOO_LARGE',
    inputs: { ...ONE, 'bundle-path': 'large.json' },
    prepare: at('large.json', Buffer.alloc(33 * 1024 * 1024, ' ')),
  },
  {
    row: '130',
    what: 'a bundle path that is a directory without bundles',
    code: 'BUNDLE_MISSING',
    inputs: { ...ONE, 'bundle-path': 'folder' },
    prepare: (workspace) => mkdir(join(workspace, 'folder')),
  },
  {
    row: '130',
    what: 'a bundle path that is a named pipe',
    code: 'FILE_NOT_REGULAR',
    inputs: { ...ONE, 'bundle-path': 'pipe.json' },
    prepare: async (workspace) => fifo(workspace, 'pipe.json'),
  },
  {
    row: '130',
    what: 'a bundle path that is a link to the outside',
    code: 'FILE_OUTSIDE',
    inputs: { ...ONE, 'bundle-path': 'link.json' },
    prepare: (workspace) => symlink('/etc/hostname', join(workspace, 'link.json')),
  },
  {
    row: '140',
    what: 'an artifact that is missing',
    code: 'INPUT_NO_MATCH',
    inputs: { 'subject-path': 'none.txt' },
  },
  {
    row: '140',
    what: 'an artifact that is a directory',
    code: 'FILE_NOT_REGULAR',
    inputs: { 'subject-path': 'folder' },
    prepare: (workspace) => mkdir(join(workspace, 'folder')),
  },
  {
    row: '140',
    what: 'an artifact that is a named pipe',
    code: 'FILE_NOT_REGULAR',
    inputs: { 'subject-path': 'pipe' },
    prepare: async (workspace) => fifo(workspace, 'pipe'),
  },
  {
    row: '140',
    what: 'an artifact that became empty',
    code: 'SIG_DIGEST',
    inputs: ONE,
    prepare: at('a.txt', ''),
  },
  {
    row: '141',
    what: 'two artifacts, both bad',
    code: 'VERIFY_FAILED',
    inputs: { 'subject-path': '*.txt' },
    prepare: async (workspace) => {
      for (const name of FILES) await flipByte(join(workspace, name))
    },
  },
  {
    row: '141',
    what: 'two artifacts, one bad',
    code: 'SIG_DIGEST',
    inputs: { 'subject-path': '*.txt' },
    prepare: (workspace) => flipByte(join(workspace, 'b.txt')),
  },
  {
    row: '142',
    what: 'the bundle of one artifact for the other',
    code: 'SIG_DIGEST',
    inputs: ONE,
    prepare: (workspace) => copyFile(join(workspace, bundleOf('b.txt')), join(workspace, bundleOf('a.txt'))),
  },
  {
    row: '143',
    what: 'a digest that is also the name of a file: it is a digest, and nothing lies beside it',
    code: 'BUNDLE_MISSING',
    inputs: { 'subject-digest': `sha256:${'0'.repeat(64)}` },
    prepare: at(`sha256:${'0'.repeat(64)}`, 'x'),
  },
  ...TOLD,
]
