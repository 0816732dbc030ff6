import type { ActionRun } from './action.ts'

/** The verify recipe as the summary of our sign action shows it, taken apart for those whom it addresses. */
export interface Recipe {
  /** Shell text. */
  readonly cosign: string
  readonly python: string
  /** All of it, but for `gh`, which cannot be had here. */
  readonly script: string
  /** `with:` of our verify action. */
  readonly inputs: Readonly<Record<string, string>>
}

/** The recipe that shows one file alone: as it stands for `recipe`'s file, or with the names of another in its place. */
function parseRecipe(text: string): Recipe {
  const sections = text.split('\n\n')
  const section = (start: string): string => {
    const found = sections.find((one) => one.startsWith(start))
    if (found === undefined) throw new Error(`the recipe has no section "${start}":\n${text}`)
    return found
  }
  const inputs: Record<string, string> = {}
  for (const [, name = '', value = ''] of section('# In a workflow').matchAll(/^# {7}([a-z-]+): '(.*)'$/gm)) {
    inputs[name] = value.replaceAll("''", "'")
  }
  const script = sections.filter((one) => !one.startsWith('# With gh:')).join('\n\n')
  return { cosign: section('# With cosign 3:'), python: section('# With sigstore-python 4:'), script, inputs }
}

const POINTER = '**How to verify elsewhere:** the commands are in the output `verify-commands`.'
/** A fenced block that unfolds. Nothing in such a block is escaped: what a person sees and copies are these bytes. */
const BLOCK =
  /^<details><summary>How to verify elsewhere<\/summary>\n\n(`{3,})sh\n([\s\S]*?)\n\1\n\n<\/details>$/m

/** What a step that should have signed has to show. */
export interface Taken {
  /** Undefined if it did not sign so many, or tells nobody how to verify them. */
  readonly recipe?: Recipe
  /** What it said, and what is wrong. */
  readonly detail: string
}

/** The recipe of a step that must have signed so many: what its summary shows, for `file` as its example. */
export function takeRecipe(done: ActionRun, count: number, file: string): Taken {
  const { code, outputs, log } = done
  const shown = shownRecipe(done, file)
  const isSigned = code === 0 && outputs['subject-count'] === String(count)
  return isSigned && shown.fault === undefined
    ? { recipe: parseRecipe(shown.text), detail: log }
    : { detail: `${log}\n${shown.fault ?? ''}` }
}

/**
 * It must be the output `verify-commands` too, to the byte. With a name that a summary cannot show unchanged, the summary
 * must lead to the output instead; nothing else in a recipe is an excuse for that.
 */
function shownRecipe(
  { summary, outputs }: ActionRun,
  file: string,
): { readonly text: string; readonly fault?: string } {
  const output = outputs['verify-commands'] ?? ''
  const [, , block] = BLOCK.exec(summary) ?? []
  const shown = block === undefined ? '' : `${block}\n`
  const isOdd = /[<>&`]/.test(file)
  if (isOdd && block === undefined && summary.includes(POINTER)) return { text: output }
  if (!isOdd && shown !== '' && shown === output) return { text: shown }
  const fault = `the summary shows:\n${shown}\nThe output verify-commands is:\n${output}`
  return { text: shown, fault }
}

/** The loop alone, of a section of a recipe for many files. */
export function loopOf(section: string): string {
  const start = section.indexOf('\n(for ')
  if (start < 0) throw new Error(`there is no loop in this recipe:\n${section}`)
  return section.slice(start + 1)
}

/** The recipe with another text in place of one that it must hold. */
export function editRecipe({ cosign, python, script, inputs }: Recipe, from: string, to: string): Recipe {
  const edit = (text: string): string => text.replaceAll(from, to)
  const edited = Object.entries(inputs).map(([name, value]) => [name, edit(value)])
  return {
    cosign: edit(cosign),
    python: edit(python),
    script: edit(script),
    inputs: Object.fromEntries(edited),
  }
}
