import { type Glob, matchGlob, parseExclusion, parseGlob } from '../../core/glob.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { assertName, type PathParts, segmentsBelow } from '../job/paths.ts'
import { findRoot, type Places, type Rooted, resolveWritten } from '../job/roots.ts'

/** One line of `subject-path`: an exact path, or a glob below the workspace or RUNNER_TEMP. */
export interface SubjectPattern {
  /** As written, without `!`. */
  readonly text: string
  readonly excludes: boolean
  readonly path: PathParts
  readonly place: Rooted
  /** Absent for an exact path. Matches what lies below the root of `place`. */
  readonly glob?: Glob
  /** Whether a `/` at the end asks for a folder. */
  readonly asksForFolder: boolean
}

const WILD = /[*?[]/

/** INPUT_GLOB, INPUT_VALUE, FILE_OUTSIDE, FILE_NAME. */
export function parsePattern(line: string, places: Places): SubjectPattern {
  const excludes = line.startsWith('!')
  const text = excludes ? line.slice(1).trim() : line
  if (text === '' || text.startsWith('!')) {
    throw new ActionError('INPUT_GLOB', `the pattern ${quote(line)} says nothing behind its \`!\``)
  }
  const slashed = places.platform === 'win32' ? text.replaceAll('\\', '/') : text
  assertNoWayBack(text, slashed)
  const path = resolveWritten(text, places)
  const place = findRoot(path, places)
  if (place === undefined) {
    throw new ActionError('FILE_OUTSIDE', `${quote(text)} lies outside the workspace and RUNNER_TEMP`)
  }
  const parsed = { text, excludes, path, place, asksForFolder: /(?:^|\/)\.{0,2}$/.test(slashed) }
  const relative = place.segments.join('/')
  if (!WILD.test(relative)) {
    assertName(place.segments, places.platform)
    return parsed
  }
  if (parsed.asksForFolder && !excludes) {
    throw new ActionError(
      'INPUT_GLOB',
      `the pattern ${quote(text)} names folders; write ${quote(`${relative}/**`)}`,
    )
  }
  return { ...parsed, glob: excludes ? parseExclusion(relative) : parseGlob(relative) }
}

/** `a*\/..` would have to be looked up before it could be resolved. */
function assertNoWayBack(text: string, slashed: string): void {
  const open: string[] = []
  for (const segment of slashed.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') open.push(segment)
    else if (WILD.test(open.pop() ?? '')) {
      throw new ActionError('INPUT_GLOB', `the pattern ${quote(text)} has \`..\` behind a wildcard`)
    }
  }
}

/** Whether the path, or a folder that holds it, is named by a pattern with `!`. The order of lines does not matter. */
export function isExcluded(
  path: PathParts,
  excludes: readonly SubjectPattern[],
  { platform }: Places,
): boolean {
  return excludes.some(({ glob, path: named, place }) => {
    if (glob === undefined) return segmentsBelow(named, path, platform) !== undefined
    const segments = segmentsBelow(place.root, path, platform)
    return segments !== undefined && matchGlob(glob, segments.join('/'))
  })
}
