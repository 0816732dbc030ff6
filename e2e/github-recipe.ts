/**
 * The recipe as nearly everybody gets it, with GitHub's own issuer in it. Nobody but GitHub can make the real Fulcio believe
 * in that issuer, so the bundles are the sandbox's; the judges are real.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../sandbox/job.ts'
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import type { Exhibit, Judge } from './judges.ts'
import { type Court, SIGNER, signerOf } from './ours.ts'
import { askAll, type Question } from './questions.ts'
import { editRecipe, type Recipe, takeRecipe } from './recipe.ts'
import { encodeTrustConfig, type LogChoice } from './trust.ts'
import { instanceInputs, SIGNING_CONFIG, TRUST_CONFIG, TRUSTED_ROOT, tamperedCopy } from './workspace.ts'

/** The first is the one that the recipe shows. */
const SHOWN = 'app 1.0.zip'
const OTHER = 'notes.txt'
const FILES: readonly string[] = [SHOWN, OTHER]

type Log = Pick<LogChoice, 'title' | 'rekorVersion'>

const LOGS: readonly Log[] = [
  { title: 'Rekor v2', rekorVersion: 2 },
  { title: 'Rekor v1', rekorVersion: 1 },
]

interface Kind {
  readonly content: string
  readonly inputs: Readonly<Record<string, string>>
  readonly bundleOf: (file: string) => string
  readonly refusalOf: (judge: Judge) => RegExp | undefined
}

const KINDS: readonly Kind[] = [
  {
    content: 'message signature',
    inputs: {},
    bundleOf: (file) => `${file}.sigstore.json`,
    refusalOf: ({ refusals }) => refusals.file,
  },
  {
    content: 'provenance',
    inputs: { attest: 'provenance' },
    bundleOf: () => 'provenance.sigstore.json',
    refusalOf: ({ refusals }) => refusals.subject,
  },
]

type Setting = Pick<Court, 'judges' | 'runAction' | 'tally'>

/** Signs and attests two files on each log. */
export async function judgeGitHubRecipe(court: Setting): Promise<void> {
  const sandbox = await startSandbox()
  try {
    await Promise.all(LOGS.map((log) => judgeLog(court, sandbox, log)))
  } finally {
    await sandbox.close()
  }
}

async function judgeLog(court: Setting, sandbox: Sandbox, log: Log): Promise<void> {
  for (const kind of KINDS) {
    const exhibits = await sign(court, sandbox, log, kind)
    const [shown] = exhibits
    if (shown === undefined) continue
    const copy = tamperedCopy(shown.job, FILES)
    const answers = court.judges.map((judge) => {
      const questions = exhibits.flatMap((exhibit) => questionsFor(judge, kind, exhibit, copy))
      // Whom the recipe pins does not depend on the log: asking about one is enough.
      const pinned = log === LOGS[0] ? pins(judge, kind, shown, sandbox) : []
      return askAll(log, judge, [...questions, ...pinned])
    })
    for (const trial of (await Promise.all(answers)).flat()) court.tally.add(trial)
  }
}

/** An exhibit for each file; none if the step failed, which the tally then says. */
async function sign(
  { runAction, tally }: Setting,
  sandbox: Sandbox,
  log: Log,
  { content, inputs, bundleOf }: Kind,
): Promise<readonly Exhibit[]> {
  const job = await createWorkspace(sandbox)
  const given = { ...instanceInputs(log), 'subject-path': '*.zip\n*.txt', ...inputs }
  const done = await runAction('sign', job, given)
  const { recipe, detail } = takeRecipe(done, FILES.length, SHOWN)
  const passed = recipe !== undefined
  tally.add({
    client: SIGNER,
    log: log.title,
    content: `${content} made`,
    name: `${FILES.length} files`,
    passed,
    detail,
  })
  if (!passed) return []
  return FILES.map((file) => ({
    ...{ job, file, bundle: bundleOf(file), recipe: file === SHOWN ? recipe : aboutOther(recipe) },
    ...signerOf(done),
  }))
}

async function createWorkspace({ newJob, trustedRoot, signingConfig }: Sandbox): Promise<Job> {
  const job = await newJob()
  const files = {
    [TRUSTED_ROOT]: JSON.stringify(trustedRoot),
    [SIGNING_CONFIG]: JSON.stringify(signingConfig),
    [TRUST_CONFIG]: encodeTrustConfig(trustedRoot, signingConfig),
    [SHOWN]: 'an archive',
    [OTHER]: 'what is new',
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(job.workspace, name), content)
  return job
}

/** The recipe with the name of the other file where it shows one. */
const aboutOther = (recipe: Recipe): Recipe => editRecipe(recipe, SHOWN, OTHER)

function questionsFor(judge: Judge, kind: Kind, exhibit: Exhibit, copy: Job): readonly Question[] {
  const refusal = kind.refusalOf(judge)
  return [
    { content: `${kind.content} accepted`, exhibit },
    ...(refusal === undefined
      ? []
      : [{ content: `${kind.content}, changed file refused`, exhibit: { ...exhibit, job: copy }, refusal }]),
  ]
}

/** What only those who are asked by the recipe can be told: each edits options, and the input of our own action. */
interface Pin {
  readonly content: string
  readonly input: string
  readonly from: string
  readonly to: string
  /** How cosign, sigstore-python and we say so. */
  readonly refusal: RegExp
}

/** All but the name of the workflow: whatever stands as a word of its own, so that the name stays. */
const pinsOf = ({ claims }: Sandbox): readonly Pin[] => [
  {
    content: 'another commit refused',
    input: 'source-digest',
    from: String(claims['sha']),
    to: `${String(claims['sha']).slice(0, -4)}0000`,
    refusal: /expected GithubWorkflowSHA|GitHubWorkflowSHA does not|IDENTITY_MISMATCH/,
  },
  {
    content: 'another ref refused',
    input: 'source-ref',
    from: String(claims['ref']),
    to: `${claims['ref']}9`,
    refusal: /expected GithubWorkflowRef|GitHubWorkflowRef does not|IDENTITY_MISMATCH/,
  },
  {
    content: 'another repository refused',
    input: 'repository',
    from: String(claims['repository']),
    to: `${claims['repository']}9`,
    refusal: /expected GithubWorkflowRepository|GitHubWorkflowRepository does not|IDENTITY_MISMATCH/,
  },
]

function pins(judge: Judge, { content }: Kind, exhibit: Exhibit, sandbox: Sandbox): readonly Question[] {
  const { recipe, identity } = exhibit
  const rename = (text: string): string => text.replace('release.yml@', 'other.yml@')
  const workflow: Question = {
    content: 'another workflow refused',
    name: content,
    exhibit: {
      ...exhibit,
      identity: rename(identity),
      recipe: editRecipe(recipe, 'release.yml@', 'other.yml@'),
    },
    refusal: judge.refusals.signer,
  }
  if (!judge.byRecipe) return [workflow]
  const narrow = pinsOf(sandbox).map(({ content: asked, input, from, to, refusal }): Question => {
    const edited = editRecipe(recipe, ` ${from} \\`, ` ${to} \\`)
    const inputs = { ...recipe.inputs, [input]: to }
    return {
      content: asked,
      name: content,
      exhibit: { ...exhibit, recipe: { ...edited, inputs } },
      refusal,
    }
  })
  return [workflow, ...narrow]
}
