import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Job } from './job.ts'
import {
  nativePath,
  type PathParts,
  parseAbsolute,
  resolvePath,
  segmentsBelow,
  slashedPath,
} from './paths.ts'

export type Places = Pick<Job, 'platform' | 'workspace' | 'temp'>

/** A place below the workspace or RUNNER_TEMP. */
export interface Rooted {
  readonly root: PathParts
  /** Below the root; none for the root itself. */
  readonly segments: readonly string[]
}

function partsOf(text: string, { platform }: Places): PathParts {
  const parts = parseAbsolute(text, platform)
  if (parts === undefined) throw new ActionError('ENVIRONMENT', `${quote(text)} is no absolute path`)
  return parts
}

/** The workspace, and then RUNNER_TEMP, which often lies around it. */
export const rootsOf = (places: Places): readonly [workspace: PathParts, temp: PathParts] => [
  partsOf(places.workspace, places),
  partsOf(places.temp, places),
]

/** A path as a user writes it; relative ones start at the workspace. INPUT_VALUE for `C:x` and `\x` on Windows. */
export function resolveWritten(text: string, places: Places, base?: PathParts): PathParts {
  const parts = resolvePath(base ?? partsOf(places.workspace, places), text, places.platform)
  if (parts !== undefined) return parts
  throw new ActionError('INPUT_VALUE', `${quote(text)} is neither relative nor absolute with a drive`, {
    hint: 'Write a path relative to the workspace, or one with its drive.',
  })
}

/** The same in the platform's own form: for files that an input names. */
export const inputPath = (text: string, places: Places): string =>
  nativePath(resolveWritten(text, places), places.platform)

/** undefined outside the workspace and RUNNER_TEMP. No link is followed here. */
export function findRoot(path: PathParts, places: Places): Rooted | undefined {
  for (const root of rootsOf(places)) {
    const segments = segmentsBelow(root, path, places.platform)
    if (segments !== undefined) return { root, segments }
  }
  return undefined
}

/** Below the workspace the path from there, else the absolute path; both with `/`. */
export function nameOf(path: PathParts, places: Places): string {
  const [workspace] = rootsOf(places)
  return segmentsBelow(workspace, path, places.platform)?.join('/') ?? slashedPath(path)
}
