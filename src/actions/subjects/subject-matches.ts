import { groupDigits } from '../../core/counts.ts'
import { printable, quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Files } from '../../ports.ts'
import { assertName, nativePath, type PathParts } from '../job/paths.ts'
import { nameOf, type Places } from '../job/roots.ts'
import { mayBeBundle } from './bundle-sniff.ts'
import { type Looker, lookAt, lookAtEntry } from './subject-look.ts'
import { isExcluded, type SubjectPattern } from './subject-patterns.ts'
import { type Lister, walkGlob } from './subject-walk.ts'

export const MAX_SUBJECTS = 100_000

/** A file that may become a subject. */
export interface Candidate {
  readonly name: string
  readonly path: string
  /** Whether its very name was given: then it is not left out silently. */
  readonly exact: boolean
  /** SHA-256, hexadecimal, where a checksums file names one. */
  readonly expectedDigest?: string
}

/** What one pattern matched. */
export interface Matches {
  readonly pattern: SubjectPattern
  readonly candidates: readonly Candidate[]
  /** Matched, but named by a pattern with `!`. */
  readonly excluded: number
  readonly folders: number
}

export interface Search extends Looker {
  readonly files: Files
  readonly places: Places
  readonly list: Lister
  readonly excludes: readonly SubjectPattern[]
}

/** FILE_NOT_REGULAR, FILE_OUTSIDE, FILE_SYMLINK, FILE_NAME, INPUT_TOO_MANY. */
export const findMatches = (pattern: SubjectPattern, search: Search): Promise<Matches> =>
  pattern.glob === undefined ? findExact(pattern, search) : findGlob(pattern, pattern.glob, search)

async function findExact(pattern: SubjectPattern, search: Search): Promise<Matches> {
  const { places, excludes } = search
  if (isExcluded(pattern.path, excludes, places)) return { pattern, candidates: [], excluded: 1, folders: 0 }
  const candidate = candidateOf(pattern.path, true, places)
  const look = await lookAt(candidate.path, candidate.name, search)
  if (look === 'directory') throw directoryNamed(pattern.text)
  const isFile = look === 'file' && !pattern.asksForFolder
  return { pattern, candidates: isFile ? [candidate] : [], excluded: 0, folders: 0 }
}

function directoryNamed(text: string): ActionError {
  const folder = printable(text).replace(/[/\\]+$/, '')
  return new ActionError('FILE_NOT_REGULAR', `${quote(text)} is a directory`, {
    hint: `Name a regular file. For the files of the directory use \`${folder === '.' ? '' : `${folder}/`}**\`.`,
  })
}

export const candidateOf = (parts: PathParts, exact: boolean, places: Places): Candidate => ({
  name: nameOf(parts, places),
  path: nativePath(parts, places.platform),
  exact,
})

async function findGlob(
  pattern: SubjectPattern,
  glob: NonNullable<SubjectPattern['glob']>,
  search: Search,
): Promise<Matches> {
  const { places, excludes } = search
  const { root } = pattern.place
  const candidates: Candidate[] = []
  const count = { excluded: 0, folders: 0, plain: 0 }
  const entersGit = pattern.place.segments.includes('.git')
  for await (const { segments, kind } of walkGlob({ ...search, root, glob, entersGit })) {
    const parts = { prefix: root.prefix, segments: [...root.segments, ...segments] }
    if (kind === 'directory') count.folders++
    else if (isExcluded(parts, excludes, places)) count.excluded++
    else {
      const candidate = candidateOf(parts, false, places)
      assertName(segments, places.platform)
      if ((await lookAtEntry(candidate.path, candidate.name, kind, search)) !== 'file') count.folders++
      else candidates.push(candidate)
      if (!mayBeBundle(candidate.path)) assertCount(++count.plain)
    }
  }
  return { pattern, candidates, excluded: count.excluded, folders: count.folders }
}

/** INPUT_TOO_MANY over 100,000. */
export function assertCount(count: number): void {
  if (count <= MAX_SUBJECTS) return
  throw new ActionError('INPUT_TOO_MANY', `more than ${groupDigits(MAX_SUBJECTS)} files match`)
}
