/**
 * The one sanitiser of foreign text. What could move a cursor, start a line, reorder a line or be taken for a
 * command becomes a visible escape; the rest stays as it is.
 */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const escapeOne = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  if (code === 0x0a) return '\\n'
  if (code === 0x0d) return '\\r'
  if (code === 0x09) return '\\t'
  return `\\u{${code.toString(16)}}`
}

/** One line of at most `most` characters, safe in a log. `##[` and a leading `::` are what the runner takes for commands. */
export function printable(text: string, most = 200): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text
  return cut
    .replace(HARMFUL, escapeOne)
    .replaceAll('##[', '##\\[')
    .replace(/^(\s*)::/, '$1\\::')
}

/** The same in double quotes, for the middle of a message. */
export const quote = (text: string, most = 200): string => `"${printable(text, most)}"`
