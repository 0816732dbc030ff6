/** Bundles of ours before everybody's judges. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../sandbox/job.ts'
import type { RunAction } from './action.ts'
import type { TestIssuer } from './issuer.ts'
import type { Exhibit, Judge, Shells } from './judges.ts'
import { askAll, identityQuestions, type Question } from './questions.ts'
import { parseRecipe } from './recipe.ts'
import type { Tally } from './tally.ts'
import type { LogChoice, TrustFiles } from './trust.ts'
import { ARTIFACTS, createWorkspace, instanceInputs, literally, tampered, tamperedCopy } from './workspace.ts'

export interface Court {
  readonly folder: string
  readonly issuer: TestIssuer
  readonly trust: TrustFiles
  readonly judges: readonly Judge[]
  readonly shells: Shells
  readonly runAction: RunAction
  readonly tally: Tally
}

export const SIGNER = 'keyless sign'
const MADE = 'message signature made'
const ACCEPTED = 'message signature accepted'
const REFUSED = 'changed file refused'

/** Signs every artifact in a step of its own, then asks all judges about each. */
export async function judgeOurs(court: Court, log: LogChoice): Promise<void> {
  const { claims, ...identity } = court.issuer.addJob({})
  const job = await createWorkspace(court.folder, { claims, ...identity }, court.trust, log)
  const exhibits: Exhibit[] = []
  for (const file of ARTIFACTS) {
    const exhibit = await signOne(court, log, job, file)
    if (exhibit !== undefined) exhibits.push(exhibit)
  }
  const copy = tamperedCopy(job, ARTIFACTS)
  for (const [i, exhibit] of exhibits.entries()) {
    const answers = court.judges.map(async (judge) => {
      const questions = questionsFor(judge, exhibit, copy)
      // Whom the recipe pins does not depend on the file: asking about one is enough.
      if (i === 0) questions.push(...identityQuestions(judge, exhibit, String(claims['sha'])))
      return askAll(log, judge, questions)
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
  return {
    job,
    file,
    bundle: `${file}.sigstore.json`,
    identity,
    issuer,
    recipe: parseRecipe(outputs['verify-commands'] ?? ''),
  }
}

const questionsFor = ({ refusals }: Judge, exhibit: Exhibit, copy: Job): Question[] => [
  { content: ACCEPTED, exhibit },
  { content: REFUSED, exhibit: { ...exhibit, job: copy }, refusal: refusals.file },
]

/** Bundles of all artifacts, made in one step. */
export interface Batch {
  readonly content: string
  readonly inputs: Readonly<Record<string, string>>
  /** How the judges of the recipe say that a file is another one. */
  readonly refusal: RegExp
}

export const SIGNATURES: Batch = {
  content: 'message signature',
  inputs: {},
  refusal: /invalid signature|digest mismatch/,
}

/** Signs all artifacts in one step, then runs the whole recipe, whose loops look at all of them. */
export async function judgeBatch(court: Court, log: LogChoice, batch: Batch): Promise<void> {
  const { folder, issuer, trust, shells, runAction, tally } = court
  const job = await createWorkspace(folder, issuer.addJob({}), trust, log)
  const inputs = {
    ...instanceInputs(log),
    'subject-path': ARTIFACTS.map(literally).join('\n'),
    ...batch.inputs,
  }
  const { code, outputs, log: said } = await runAction('sign', job, inputs)
  const signed = code === 0 && outputs['subject-count'] === String(ARTIFACTS.length)
  const about = { log: log.title, name: `${ARTIFACTS.length} files` }
  tally.add({ ...about, client: SIGNER, content: `${batch.content} made`, passed: signed, detail: said })
  if (!signed) return
  const { cosign, python, script } = parseRecipe(outputs['verify-commands'] ?? '')
  // Once as a person has it, which takes a second for each call.
  const shell = log === trust.logs[0] ? shells.fresh : shells.warm
  const good = await shell(job, script)
  const recipe = { ...about, client: 'the recipe as a script' }
  tally.add({
    ...recipe,
    content: `${batch.content} accepted`,
    passed: good.accepted,
    detail: good.said,
  })
  // The last one alone: the command for the first file still passes, so that it is the loop that must refuse.
  const last = join(job.workspace, [...ARTIFACTS].sort().at(-1) ?? '')
  writeFileSync(last, tampered(readFileSync(last)))
  for (const [i, loop] of [cosign, python].entries()) {
    const bad = await shells.warm(job, loop)
    const passed = !bad.accepted && batch.refusal.test(bad.said)
    const name = ['loop of cosign', 'loop of sigstore-python'][i] ?? ''
    tally.add({
      ...recipe,
      content: `${batch.content}, changed file refused`,
      name,
      passed,
      detail: bad.said,
    })
  }
}
