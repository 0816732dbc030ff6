/** The verify recipe as our sign action prints it (`verify-commands`), taken apart for those whom it addresses. */
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
export function parseRecipe(text: string): Recipe {
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
