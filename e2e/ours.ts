/** Bundles of ours before everybody's judges. */
import type { Job } from '../sandbox/job.ts'
import type { ActionRun, RunAction } from './action.ts'
import type { TestIssuer } from './issuer.ts'
import type { Exhibit, Judge, Refusals, Shells } from './judges.ts'
import { askAll, identityQuestions, type Question } from './questions.ts'
import { loopOf, takeRecipe } from './recipe.ts'
import type { Tally, Trial } from './tally.ts'
import type { LogChoice, TrustFiles } from './trust.ts'
import { ARTIFACTS, createWorkspace, instanceInputs, literally, tamperedCopy } from './workspace.ts'

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
  const done = await runAction('sign', job, inputs)
  const { recipe, detail } = takeRecipe(done, 1, file)
  const passed = recipe !== undefined
  tally.add({ client: SIGNER, log: log.title, content: MADE, name: file, passed, detail })
  if (!passed) return undefined
  return { job, file, bundle: `${file}.sigstore.json`, recipe, ...signerOf(done) }
}

/** As the outputs have them. */
export const signerOf = ({ outputs }: ActionRun): Pick<Exhibit, 'identity' | 'issuer'> => ({
  identity: outputs['certificate-identity'] ?? '',
  issuer: outputs['certificate-oidc-issuer'] ?? '',
})

const questionsFor = ({ refusals }: Judge, exhibit: Exhibit, copy: Job): Question[] => [
  { content: ACCEPTED, exhibit },
  { content: REFUSED, exhibit: { ...exhibit, job: copy }, refusal: refusals.file },
]

/** Bundles of all artifacts, made in one step. */
export interface Batch {
  readonly content: string
  readonly inputs: Readonly<Record<string, string>>
  /** What is put behind a file's name. */
  readonly suffix: string
  /** How the judges of the recipe say that a file is another one. */
  readonly refusal: RegExp
  /** How a judge says so; undefined if it does not look. */
  readonly refusalOf: (refusals: Refusals) => RegExp | undefined
}

export const SIGNATURES: Batch = {
  content: 'message signature',
  inputs: {},
  suffix: '.sigstore.json',
  refusal: /invalid signature|digest mismatch/,
  refusalOf: ({ file }) => file,
}

/** As patterns find them, and as loops go. */
const IN_ORDER = [...ARTIFACTS].sort()

/** Signs all artifacts in one step, then runs the whole recipe, whose loops look at all of them. */
export async function judgeBatch(court: Court, log: LogChoice, batch: Batch): Promise<void> {
  const { folder, issuer, trust, shells, runAction, tally } = court
  const job = await createWorkspace(folder, issuer.addJob({}), trust, log)
  const inputs = {
    ...instanceInputs(log),
    'subject-path': ARTIFACTS.map(literally).join('\n'),
    ...batch.inputs,
  }
  const done = await runAction('sign', job, inputs)
  const { recipe, detail } = takeRecipe(done, ARTIFACTS.length, IN_ORDER[0] ?? '')
  const about = { log: log.title, name: `${ARTIFACTS.length} files` }
  const content = `${batch.content} made`
  tally.add({ ...about, client: SIGNER, content, passed: recipe !== undefined, detail })
  if (recipe === undefined) return
  // Once as a person has it, which takes a second for each call.
  const shell = log === trust.logs[0] ? shells.fresh : shells.warm
  const { accepted: passed, said } = await shell(job, recipe.script)
  tally.add({ ...about, client: SCRIPT, content: `${batch.content} accepted`, passed, detail: said })
  for (const loop of await tryLoops(court, log, batch, { job, recipe })) tally.add(loop)
  const exhibits = ARTIFACTS.map((file) => ({
    ...{ job, file, bundle: `${file}${batch.suffix}`, recipe },
    ...signerOf(done),
  }))
  for (const trial of await askTheOthers(court, log, batch, exhibits)) tally.add(trial)
}

const SCRIPT = 'the recipe as a script'

/**
 * The loops alone, one file changed: were it the first and the loop went on, it would end well; were it the last and the
 * loop had ended, too.
 */
async function tryLoops(
  { shells }: Court,
  log: LogChoice,
  { content, refusal }: Batch,
  { job, recipe }: Pick<Exhibit, 'job' | 'recipe'>,
): Promise<readonly Trial[]> {
  const trials: Promise<Trial>[] = []
  for (const place of ['first', 'last'] as const) {
    const file = IN_ORDER.at(place === 'first' ? 0 : -1) ?? ''
    const copy = tamperedCopy(job, [file], place)
    for (const [who, section] of [
      ['cosign', recipe.cosign],
      ['sigstore-python', recipe.python],
    ] as const) {
      const verdict = shells.pasted(copy, loopOf(section))
      const trial = verdict.then(({ accepted, said }) => ({
        client: SCRIPT,
        log: log.title,
        content: `${content}, changed file refused`,
        name: `loop of ${who}, the ${place} file`,
        passed: !accepted && refusal.test(said),
        detail: said,
      }))
      trials.push(trial)
    }
  }
  return Promise.all(trials)
}

/** Those whom the recipe does not address, about each bundle. */
async function askTheOthers(
  { judges }: Court,
  log: LogChoice,
  { content, refusalOf }: Batch,
  exhibits: readonly Exhibit[],
): Promise<readonly Trial[]> {
  const [first] = exhibits
  if (first === undefined) return []
  const copy = tamperedCopy(first.job, ARTIFACTS)
  const answers = judges
    .filter(({ byRecipe }) => !byRecipe)
    .map((judge) => {
      const refusal = refusalOf(judge.refusals)
      const questions = exhibits.flatMap((exhibit): Question[] => [
        { content: `${content}, of one step, accepted`, exhibit },
        ...(refusal === undefined
          ? []
          : [
              {
                content: `${content}, of one step, changed file refused`,
                exhibit: { ...exhibit, job: copy },
                refusal,
              },
            ]),
      ])
      return askAll(log, judge, questions)
    })
  return (await Promise.all(answers)).flat()
}
