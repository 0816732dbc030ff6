/** Letters that stay letters without being ASCII plus an accent. */
const LETTERS: Readonly<Record<string, string>> = { ŋ: 'ng', ł: 'l', ß: 'ss', ø: 'o', æ: 'ae' }

/** What GitHub stores an asset as (no published rule; what `gh` expects, and letters that the real one is known to turn). */
export function storedName(given: string): string {
  let text = ''
  for (const letter of given.normalize('NFD')) {
    if (!/\p{Mn}/u.test(letter)) text += LETTERS[letter] ?? letter
  }
  if (text.startsWith('.')) text = `default${text}`
  const plain = text
    .split(/[^a-z0-9_+@-]+/i)
    .filter((part) => part !== '')
    .join('.')
  return plain !== given && !plain.includes('.') ? `default.${plain}` : plain
}
