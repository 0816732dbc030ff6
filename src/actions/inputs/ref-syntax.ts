/** What git forbids inside a ref (git-check-ref-format), `*` aside. */
const FORBIDDEN = /[\p{Cc} ~^:?[\\]|\.\.|\/\/|@\{|\.lock(?:\/|$)|(?:^|\/)\.|[./]$/u

/** Why the text is no full, exact ref; undefined if it is one. */
export function findRefFault(ref: string): string | undefined {
  if (ref.includes('*')) return 'it must be one exact ref, without `*`'
  return findPatternFault(ref)
}

/** The same for a ref in which `*` stands for any characters but `/`. */
export function findPatternFault(ref: string): string | undefined {
  if (ref.includes('**')) return '`*` does not cross `/`, and `**` is not known'
  if (!ref.startsWith('refs/')) return `it must be a full ref: ${fullForms(ref)}`
  if (FORBIDDEN.test(ref)) return 'no ref of git can look like that'
  return undefined
}

const fullForms = (ref: string): string => {
  const name = ref.replace(/^\/+/, '').replace(/^(?:heads|tags)\//, '')
  return FORBIDDEN.test(name) || name === ''
    ? '`refs/heads/main` or `refs/tags/v1.2.3`, for example'
    : `\`refs/heads/${name}\` or \`refs/tags/${name}\``
}
