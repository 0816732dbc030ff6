import { ActionError } from '../errors.ts'
import { type GlobPlace, type GlobSegment, malformed, matchSegment, parseSegment } from './glob-segment.ts'

/**
 * A pattern of paths with `/` between names: `*`, `?`, `[a-z]` and `[!a-z]` within a name, `**` for any number of folders.
 * A `**` at the end needs at least one name. Upper and lower case differ. A backslash is a plain character.
 */
export interface Glob {
  readonly pattern: string
  readonly absolute: boolean
  /** Whether wildcards match names that begin with `.`. */
  readonly hidden: boolean
  readonly segments: readonly (GlobSegment | typeof ANY_FOLDERS)[]
}

const ANY_FOLDERS = '**'
const MAX_PATTERN = 4096

/** Hidden names only where a segment of the pattern begins with `.`. Throws INPUT_GLOB with the position. */
export function parseGlob(pattern: string): Glob {
  if (pattern === '' || pattern.length > MAX_PATTERN) {
    throw new ActionError(
      'INPUT_GLOB',
      `a pattern has 1 to ${MAX_PATTERN} characters, this ${pattern.length}`,
    )
  }
  const control = pattern.search(/\p{Cc}/u)
  if (control >= 0) throw malformed({ pattern, offset: 0 }, control, 'has a control character')
  const segments = parseSegments(pattern)
  const tail: Glob['segments'] =
    segments.at(-1) === ANY_FOLDERS ? [parseSegment('*', { pattern, offset: 0 })] : []
  return { pattern, absolute: pattern.startsWith('/'), hidden: false, segments: [...segments, ...tail] }
}

/**
 * What is to be left out, where too little is worse than too much: hidden names match, and with a folder goes all in it.
 * Takes the pattern without its leading `!`.
 */
export function parseExclusion(pattern: string): Glob {
  const glob = parseGlob(pattern)
  return { ...glob, hidden: true, segments: [...glob.segments, ANY_FOLDERS] }
}

/** Without `.`, empty names and a second `**` in a row; `..` takes back a literal name before it. */
function parseSegments(pattern: string): Glob['segments'] {
  const segments: Glob['segments'][number][] = []
  let offset = 0
  for (const text of pattern.split('/')) {
    const place = { pattern, offset }
    offset += text.length + 1
    if (text === ANY_FOLDERS && segments.at(-1) === ANY_FOLDERS) continue
    if (text === ANY_FOLDERS) segments.push(text)
    else if (text === '..') stepUp(segments, place)
    else if (text !== '' && text !== '.') segments.push(parseSegment(text, place))
  }
  return segments
}

function stepUp(segments: Glob['segments'][number][], place: GlobPlace): void {
  const last = segments.at(-1)
  if (last === undefined || literalOf(last) === '..') {
    if (!place.pattern.startsWith('/')) segments.push({ literal: '..' })
  } else if (literalOf(last) === undefined) {
    throw malformed(place, 0, 'has a `..` behind a wildcard')
  } else segments.pop()
}

const literalOf = (segment: Glob['segments'][number] | undefined): string | undefined =>
  typeof segment === 'object' && 'literal' in segment ? segment.literal : undefined

/** The one path that fits, if the pattern has no wildcards; '' is where relative patterns start. */
export function literalPath({ absolute, segments }: Glob): string | undefined {
  const names = segments.map(literalOf)
  return names.includes(undefined) ? undefined : (absolute ? '/' : '') + names.join('/')
}

/** The folder below which all that fits lies: the literal names in front, the last name aside. '' is where relative patterns start. */
export function globBase({ absolute, segments }: Glob): string {
  const folders = segments.slice(0, -1)
  const wild = folders.findIndex((segment) => literalOf(segment) === undefined)
  const names = folders.slice(0, wild < 0 ? folders.length : wild).map(literalOf)
  return (absolute ? '/' : '') + names.join('/')
}

/** Whether the path fits. Absolute patterns fit absolute paths only, relative ones relative paths. */
export function matchGlob(glob: Glob, path: string): boolean {
  return walk(glob, path).has(glob.segments.length)
}

/** Whether some path below the directory could fit, so that it is worth a look; '' is where relative patterns start. */
export function mayContain(glob: Glob, directory: string): boolean {
  const [first = glob.segments.length] = walk(glob, directory)
  return first < glob.segments.length
}

/** How many segments of the pattern can be used up by the names of the path: every possibility, in order. */
function walk(glob: Glob, path: string): ReadonlySet<number> {
  if (path.startsWith('/') !== glob.absolute) return new Set()
  let reached = new Set(skipFolders(glob, 0))
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    reached = new Set([...reached].flatMap((at) => step(glob, at, name)))
  }
  return reached
}

function step(glob: Glob, at: number, name: string): readonly number[] {
  const segment = glob.segments[at]
  if (segment === undefined) return []
  if (segment === ANY_FOLDERS) return glob.hidden || !name.startsWith('.') ? skipFolders(glob, at) : []
  return matchSegment(segment, name, glob.hidden) ? skipFolders(glob, at + 1) : []
}

/** This place and, as `**` can stand for no folder at all, the one behind it. */
function skipFolders(glob: Glob, at: number): readonly number[] {
  return glob.segments[at] === ANY_FOLDERS ? [at, at + 1] : [at]
}
