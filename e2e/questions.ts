/** What the judges are asked about a bundle of ours, and what the answer must be. */
import type { Exhibit, Judge } from './judges.ts'
import { editRecipe } from './recipe.ts'
import type { Trial } from './tally.ts'
import type { LogChoice } from './trust.ts'

export interface Question {
  readonly content: string
  readonly exhibit: Exhibit
  /** How a refusal must read; without it the bundle must be accepted. */
  readonly refusal?: RegExp
  /** What the answer is about, if that is not the file's name alone. */
  readonly name?: string
}

export const OTHER_SIGNER = 'another signer refused'
export const OTHER_COMMIT = 'another commit refused'

/** Asks a judge one after the other, for each has one place to work in. */
export async function askAll(
  log: Pick<LogChoice, 'title'>,
  judge: Judge,
  questions: readonly Question[],
): Promise<readonly Trial[]> {
  const trials: Trial[] = []
  for (const question of questions) trials.push(await ask(log, judge, question))
  return trials
}

async function ask(
  log: Pick<LogChoice, 'title'>,
  { name: client, judge }: Judge,
  { content, exhibit, refusal, name = exhibit.file }: Question,
): Promise<Trial> {
  const { accepted, said } = await judge(exhibit)
  const passed = refusal === undefined ? accepted : !accepted && refusal.test(said)
  return { client, log: log.title, content, name, passed, detail: said }
}

/** The recipe must be narrow: it refuses a good bundle of the same workflow on another tag, and of another commit. */
export function identityQuestions(
  { refusals }: Judge,
  exhibit: Exhibit,
  commit: string,
): readonly Question[] {
  const { identity, recipe } = exhibit
  const other = identity.replace(/.$/, '9')
  const signer = { ...exhibit, identity: other, recipe: editRecipe(recipe, refOf(identity), refOf(other)) }
  const asked: Question = { content: OTHER_SIGNER, exhibit: signer, refusal: refusals.signer }
  if (refusals.commit === undefined) return [asked]
  const wrong = commit.replace(/^./, 'f').replace(/.$/, '0')
  const changed = { ...exhibit, recipe: editRecipe(recipe, commit, wrong) }
  return [asked, { content: OTHER_COMMIT, exhibit: changed, refusal: refusals.commit }]
}

const refOf = (identity: string): string => identity.slice(identity.indexOf('@') + 1)
