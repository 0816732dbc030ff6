import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Runner } from '../../ports.ts'

export type Platform = Runner['platform']

/** An absolute path, taken apart. Nothing here looks at a disk. */
export interface PathParts {
  /** `/`, `D:/` or `//server/share/`. */
  readonly prefix: string
  /** Neither empty nor `.` nor `..`. */
  readonly segments: readonly string[]
}

const toSlashes = (text: string, platform: Platform): string =>
  platform === 'win32' ? text.replaceAll('\\', '/') : text

/** The prefix of an absolute path, '' for a relative one, undefined for what depends on a current drive or names a device. */
function findPrefix(slashed: string, platform: Platform): string | undefined {
  if (platform !== 'win32') return slashed.startsWith('/') ? '/' : ''
  const drive = /^[A-Za-z]:\//.exec(slashed)
  if (drive !== null) return drive[0]
  const share = /^\/\/[^/?.][^/]*\/[^/]+(?:\/|$)/.exec(slashed)
  if (share !== null) return share[0].endsWith('/') ? share[0] : `${share[0]}/`
  return slashed.startsWith('/') || /^[A-Za-z]:/.test(slashed) ? undefined : ''
}

/** Parts of an absolute path in the platform's form; undefined for any other text. */
export function parseAbsolute(text: string, platform: Platform): PathParts | undefined {
  const slashed = toSlashes(text, platform)
  const prefix = findPrefix(slashed, platform)
  if (prefix === undefined || prefix === '') return undefined
  return { prefix, segments: walkSegments([], slashed.slice(prefix.length)) }
}

/** Parts of a path that may be relative to `base`; undefined for what depends on a current drive or names a device. */
export function resolvePath(base: PathParts, text: string, platform: Platform): PathParts | undefined {
  const slashed = toSlashes(text, platform)
  const prefix = findPrefix(slashed, platform)
  if (prefix === undefined) return undefined
  if (prefix !== '') return { prefix, segments: walkSegments([], slashed.slice(prefix.length)) }
  return { prefix: base.prefix, segments: walkSegments(base.segments, slashed) }
}

function walkSegments(base: readonly string[], slashed: string): readonly string[] {
  const segments = [...base]
  for (const segment of slashed.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return segments
}

/** The text with `/`, as in names of subjects. */
export const slashedPath = ({ prefix, segments }: PathParts): string => prefix + segments.join('/')

/** The text in the platform's own form. */
export function nativePath(path: PathParts, platform: Platform): string {
  const text = slashedPath(path)
  return platform === 'win32' ? text.replaceAll('/', '\\') : text
}

const sameText = (a: string, b: string, platform: Platform): boolean =>
  a === b || (platform === 'win32' && a.toLowerCase() === b.toLowerCase())

/** The segments below `root`, none for the root itself; undefined outside. Windows does not tell letter case apart. */
export function segmentsBelow(
  root: PathParts,
  path: PathParts,
  platform: Platform,
): readonly string[] | undefined {
  const inside =
    sameText(root.prefix, path.prefix, platform) &&
    root.segments.every((segment, i) => sameText(segment, path.segments[i] ?? '', platform))
  return inside ? path.segments.slice(root.segments.length) : undefined
}

const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i

/** FILE_NAME for what cannot be shown or opened safely: control characters, and on Windows streams and devices. */
export function assertName(segments: readonly string[], platform: Platform): void {
  const whole = segments.join('/')
  if (/[\p{Cc}\u2028\u2029]/u.test(whole)) {
    throw new ActionError('FILE_NAME', `${quote(whole)} has a control character in its name`)
  }
  if (!whole.isWellFormed()) throw new ActionError('FILE_NAME', `${quote(whole)} is not Unicode`)
  if (platform !== 'win32') return
  const odd = segments.find((name) => DEVICE.test(name) || /[:<>"|?*]|[. ]$/.test(name))
  if (odd !== undefined) {
    throw new ActionError('FILE_NAME', `${quote(odd)} names a stream or a device on Windows, not a file`)
  }
}
