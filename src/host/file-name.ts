import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'

const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(?:\.|$)/i

/**
 * Refuses a path that could not be shown or opened as what it seems: control characters, halves of surrogate pairs,
 * and on Windows streams (`name:stream`), devices (`NUL`) and names whose end the system drops. FILE_NAME.
 */
export function checkPath(path: string, platform: NodeJS.Platform): void {
  if (/\p{Cc}/u.test(path)) throw refused(path, 'has a control character in its name')
  if (!path.isWellFormed()) throw refused(path, 'has half a character in its name')
  if (platform !== 'win32') return
  const rest = path.replace(/^[A-Za-z]:/, '')
  if (/^[\\/]{2}[?.]/.test(rest)) throw refused(path, 'names a device')
  if (rest.includes(':')) throw refused(path, 'names a stream inside a file')
  for (const part of rest.split(/[\\/]/)) {
    if (DEVICE.test(part)) throw refused(path, 'names a device')
    if (/[. ]$/.test(part) && part !== '.' && part !== '..') {
      throw refused(path, 'ends in a dot or a space, which Windows drops')
    }
  }
}

const refused = (path: string, what: string): ActionError =>
  new ActionError('FILE_NAME', `${quote(path)} ${what}`)
