import { type RecipeFacts, suffixBeside } from './recipe-facts.ts'

/** `'` alone is special in single quotes, for a POSIX shell (2.2.2). */
export const quoteShell = (text: string): string =>
  /^[A-Za-z0-9_./][A-Za-z0-9_./:@%+,-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

export const option = (name: string, value: string | undefined): string[] =>
  value === undefined ? [] : [`--${name} ${quoteShell(value)}`]

/** A command over lines; every word after the first is shell text already. */
export const commandLines = (words: readonly string[], options: readonly string[]): string =>
  [words.join(' '), ...options.map((one) => `  ${one}`)].join(' \\\n')

/**
 * The command for the one subject, whose last words are `subject`, and, if bundles lie beside the files, a loop over its
 * folder. The loop runs in a subshell, whose exit code is that of the first failure; `break` would end with 0.
 */
export function withLoop(
  words: readonly string[],
  options: readonly string[],
  subject: readonly string[],
  facts: RecipeFacts,
): string[] {
  const { bundle, context } = facts
  const one = commandLines(words, [...options, `--bundle ${quoteShell(bundle)}`, ...subject])
  const suffix = suffixBeside(facts)
  if (context.count < 2 || suffix === undefined) return [one]
  const folder = bundle.slice(0, bundle.lastIndexOf('/'))
  const each = commandLines(words, [...options, '--bundle "$bundle"', `"\${bundle%${suffix}}"`])
  return [
    one,
    '# The same for every bundle in the folder; a file that has none is not looked at:',
    `(for bundle in ${quoteShell(folder)}/*${suffix}; do`,
    `${each} || exit 1`,
    'done)',
  ]
}
