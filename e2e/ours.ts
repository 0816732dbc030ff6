/** Bundles of ours before everybody's judges. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../sandbox/job.ts'
import type { RunAction } from './action.ts'
import type { TestIssuer } from './issuer.ts'
import type { Exhibit, Judge, RecipeShell } from './judges.ts'
import { editRecipe, parseRecipe } from './recipe.ts'
import type { Tally, Trial } from './tally.ts'
import type { LogChoice, TrustFiles } from './trust.ts'
import { ARTIFACTS, createWorkspace, instanceInputs, literally, tampered, tamperedCopy } from './workspace.ts'

export interface Court {
  readonly folder: string
  readonly issuer: TestIssuer
  readonly trust: TrustFiles
  readonly judges: readonly Judge[]
  readonly shell: RecipeShell
  readonly runAction: RunAction
  readonly tally: Tally
}

/** A question about an exhibit, and what the answer must be. */
interface Question {
  readonly content: string
  readonly exhibit: Exhibit
  /** How a refusal must read; without it the bundle must be accepted. */
  readonly refusal?: RegExp
}

const SIGNER = 'keyless sign'
const MADE = 'message signature made'
const ACCEPTED = 'message signature accepted'
const REFUSED = 'changed file refused'
const OTHER_SIGNER = 'another signer refused'
const OTHER_COMMIT = 'another commit refused'

/** Signs every artifact in a step of its own, then asks all judges about each. */
export async function judgeOurs(court: Court, log: LogChoice): Promise<void> {
  const { claims, ...identity } = court.issuer.addJob({})
  const job = await createWorkspace(court.folder, { claims, ...identity }, court.trust, log)
  const exhibits: Exhibit[] = []
  for (const file of ARTIFACTS) {
    const exhibit = await signOne(court, log, job, file)
    if (exhibit !== undefined) exhibits.push(exhibit)
  }
  const copy = tamperedCopy(job)
  for (const [i, exhibit] of exhibits.entries()) {
    const answers = court.judges.map(async (judge) => {
      const questions = questionsFor(judge, exhibit, copy)
      // Whom the recipe pins does not depend on the file: asking about one is enough.
      if (i === 0) questions.push(...identityQuestions(judge, exhibit, String(claims['sha'])))
      const trials: Trial[] = []
      for (const question of questions) trials.push(await ask(log, judge, question))
      return trials
    })
    for (const trial of (await Promise.all(answers)).flat()) court.tally.add(trial)
  }
}

async function signOne(
  { runAction, tally }: Court,
  log: LogChoice,
  job: Job,
  file: string,
): Promise<Exhibit | undefined> {
  const inputs = { ...instanceInputs(log), 'subject-path': literally(file) }
  const { code, outputs, log: said } = await runAction('sign', job, inputs)
  const passed = code === 0 && outputs['subject-count'] === '1'
  tally.add({ client: SIGNER, log: log.title, content: MADE, name: file, passed, detail: said })
  if (!passed) return undefined
  const identity = outputs['certificate-identity'] ?? ''
  const issuer = outputs['certificate-oidc-issuer'] ?? ''
  return { job, file, identity, issuer, recipe: parseRecipe(outputs['verify-commands'] ?? '') }
}

const questionsFor = ({ refusals }: Judge, exhibit: Exhibit, copy: Job): Question[] => [
  { content: ACCEPTED, exhibit },
  { content: REFUSED, exhibit: { ...exhibit, job: copy }, refusal: refusals.file },
]

/** The recipe must be narrow: it refuses a good bundle of the same workflow on another tag, and of another commit. */
function identityQuestions({ refusals }: Judge, exhibit: Exhibit, commit: string): Question[] {
  const { identity, recipe } = exhibit
  const other = identity.replace(/.$/, '9')
  const signer = { ...exhibit, identity: other, recipe: editRecipe(recipe, refOf(identity), refOf(other)) }
  const questions: Question[] = [{ content: OTHER_SIGNER, exhibit: signer, refusal: refusals.signer }]
  if (refusals.commit !== undefined) {
    const changed = {
      ...exhibit,
      recipe: editRecipe(recipe, commit, commit.replace(/^./, 'f').replace(/.$/, '0')),
    }
    questions.push({ content: OTHER_COMMIT, exhibit: changed, refusal: refusals.commit })
  }
  return questions
}

const refOf = (identity: string): string => identity.slice(identity.indexOf('@') + 1)

async function ask(
  log: LogChoice,
  { name: client, judge }: Judge,
  { content, exhibit, refusal }: Question,
): Promise<Trial> {
  const { accepted, said } = await judge(exhibit)
  const passed = refusal === undefined ? accepted : !accepted && refusal.test(said)
  return { client, log: log.title, content, name: exhibit.file, passed, detail: said }
}

/** Signs all artifacts in one step, then runs the whole recipe, whose loops look at all of them. */
export async function judgeBatch(court: Court, log: LogChoice): Promise<void> {
  const { folder, issuer, trust, shell, runAction, tally } = court
  const job = await createWorkspace(folder, issuer.addJob({}), trust, log)
  const inputs = { ...instanceInputs(log), 'subject-path': ARTIFACTS.map(literally).join('\n') }
  const { code, outputs, log: said } = await runAction('sign', job, inputs)
  const signed = code === 0 && outputs['subject-count'] === String(ARTIFACTS.length)
  const about = { log: log.title, name: `${ARTIFACTS.length} files` }
  tally.add({ ...about, client: SIGNER, content: MADE, passed: signed, detail: said })
  if (!signed) return
  const text = outputs['verify-commands'] ?? ''
  const good = await shell(job, text)
  const client = 'the recipe as a script'
  tally.add({ ...about, client, content: ACCEPTED, passed: good.accepted, detail: good.said })
  // The last one alone: the command for the first file still passes, so that it is the loop that must refuse.
  const last = join(job.workspace, [...ARTIFACTS].sort().at(-1) ?? '')
  writeFileSync(last, tampered(readFileSync(last)))
  const { cosign, python } = parseRecipe(text)
  for (const [i, script] of [cosign, python].entries()) {
    const bad = await shell(job, script)
    const passed = !bad.accepted && /invalid signature|digest mismatch/.test(bad.said)
    const name = ['loop of cosign', 'loop of sigstore-python'][i] ?? ''
    tally.add({ ...about, client, content: REFUSED, name, passed, detail: bad.said })
  }
}
