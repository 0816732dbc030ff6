import { encodeUtf8 } from '../../core/bytes.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Files } from '../../ports.ts'
import type { AskedSubjects, SignInputs } from '../inputs/sign-inputs.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import type { Places } from '../job/roots.ts'
import { isBundleFile, mayBeBundle } from './bundle-sniff.ts'
import { type AbsentListed, findListed, type Listing } from './subject-checksums.ts'
import { realRootsOf } from './subject-look.ts'
import { assertCount, type Candidate, findMatches, type Matches, type Search } from './subject-matches.ts'
import { parsePattern } from './subject-patterns.ts'
import { cachedLister } from './subject-walk.ts'

export interface Subject {
  /** Path from the workspace with `/`; for files in RUNNER_TEMP the absolute path with `/`. */
  readonly name: string
  /** Absolute, in the platform's form. */
  readonly path: string
  /** SHA-256, hexadecimal, where a checksums file names one. */
  readonly expectedDigest?: string
}

export interface FoundSubjects {
  /** Bytewise by name, each file once. */
  readonly subjects: readonly Subject[]
  /** Listed with a digest and not there; none unless they were asked for. */
  readonly absent: readonly Subject[]
  /** What was done without being asked for, in words. */
  readonly notices: readonly string[]
  /** What `if-no-files-found: warn` has to say. */
  readonly warnings: readonly string[]
}

const AT_ONCE = 2

export interface Asked extends AskedSubjects, Pick<SignInputs, 'ifNoFilesFound'> {
  /** `refuse` unless said otherwise. */
  readonly absentListed?: AbsentListed
  /** Whether a bundle among the matches is there for another of them; any, unless said otherwise. */
  readonly isUsed?: (path: string, matches: readonly Candidate[]) => boolean
}

/**
 * The files that patterns and checksums name. Throws INPUT_NO_MATCH, INPUT_GLOB, INPUT_CHECKSUMS, INPUT_TOO_MANY,
 * FILE_OUTSIDE, FILE_NOT_REGULAR, FILE_SYMLINK, FILE_NAME, FILE_IS_BUNDLE, FILE_READ.
 */
export async function findSubjects(files: Files, places: Places, asked: Asked): Promise<FoundSubjects> {
  const patterns = asked.patterns.map((line) => parsePattern(line, places))
  const realRoots = await realRootsOf(files, places)
  const excludes = patterns.filter((pattern) => pattern.excludes)
  const search = { files, places, realRoots, list: cachedLister(files), excludes }
  const matches: Matches[] = []
  for (const pattern of patterns.filter((one) => !one.excludes))
    matches.push(await findMatches(pattern, search))
  const { present, absent } = await listedFiles(asked, search)
  const candidates = mergeCandidates([...matches.flatMap((one) => one.candidates), ...present], places)
  const bundles = await findBundles(candidates, files, places, asked.isUsed ?? (() => true))
  const kept = candidates.filter(({ path }) => !bundles.has(path))
  assertCount(kept.length + absent.length)
  const misses = describeMisses(matches, bundles, kept.length + absent.length)
  if (misses.length > 0 && asked.ifNoFilesFound === 'error') {
    throw new ActionError('INPUT_NO_MATCH', misses.join('; '))
  }
  return {
    subjects: sortByName(kept).map(({ exact: _, ...subject }) => subject),
    absent: sortByName(absent).map(({ exact: _, ...subject }) => subject),
    notices: [...describeBundles(candidates, bundles), ...describeOddNames(kept)],
    warnings: asked.ifNoFilesFound === 'warn' ? misses : [],
  }
}

const listedFiles = async ({ checksums, absentListed }: Asked, search: Search): Promise<Listing> =>
  checksums === undefined
    ? { present: [], absent: [] }
    : findListed(checksums, absentListed ?? 'refuse', search)

/** Each file once. A name that was given exactly, and a digest that is asked for, are not forgotten over a glob. */
function mergeCandidates(found: readonly Candidate[], { platform }: Places): readonly Candidate[] {
  const merged = new Map<string, Candidate>()
  for (const candidate of found) {
    const key = platform === 'win32' ? candidate.path.toLowerCase() : candidate.path
    const before = merged.get(key)
    merged.set(key, { ...before, ...candidate, exact: candidate.exact || before?.exact === true })
  }
  return [...merged.values()]
}

async function findBundles(
  candidates: readonly Candidate[],
  files: Files,
  places: Places,
  isUsed: NonNullable<Asked['isUsed']>,
): Promise<ReadonlySet<string>> {
  const roots = [places.workspace, places.temp]
  const suspects = candidates.filter(({ path }) => mayBeBundle(path))
  const verdicts = await mapConcurrently(suspects, AT_ONCE, ({ path }) => isBundleFile(files, path, roots))
  const bundles = suspects.filter(({ path }, i) => verdicts[i] === true && isUsed(path, candidates))
  const named = bundles.find(({ exact }) => exact)
  if (named !== undefined)
    throw new ActionError('FILE_IS_BUNDLE', `${quote(named.name)} is a Sigstore bundle`)
  return new Set(bundles.map(({ path }) => path))
}

function describeMisses(
  matches: readonly Matches[],
  bundles: ReadonlySet<string>,
  kept: number,
): readonly string[] {
  const misses = matches.filter(
    ({ candidates, excluded }) => excluded === 0 && candidates.every(({ path }) => bundles.has(path)),
  )
  if (misses.length === 0 && kept === 0) return ['every file that matches is excluded']
  return misses.map(({ pattern, candidates, folders }) => {
    const counted = [countOf(candidates.length, 'bundle'), countOf(folders, 'directory', 'directories')]
    const seen = counted.filter((text) => text !== '')
    return `the pattern ${quote(pattern.text)} matches no file${seen.length === 0 ? '' : ` (${[...seen, '0 files'].join(', ')})`}`
  })
}

const countOf = (count: number, one: string, many = `${one}s`): string =>
  count === 0 ? '' : `${count} ${count === 1 ? one : many}`

function describeBundles(candidates: readonly Candidate[], bundles: ReadonlySet<string>): readonly string[] {
  if (bundles.size === 0) return []
  const names = candidates.filter(({ path }) => bundles.has(path)).map(({ name }) => quote(name))
  const more = names.length > 5 ? ` and ${names.length - 5} more` : ''
  return [`left out, as Sigstore bundles: ${names.slice(0, 5).join(', ')}${more}`]
}

function describeOddNames(candidates: readonly Candidate[]): readonly string[] {
  const odd = candidates.filter(({ name }) => /\p{Cf}/u.test(name))
  const [first] = odd
  if (first === undefined) return []
  const more = odd.length > 1 ? ` and ${odd.length - 1} more` : ''
  return [`invisible characters in the name of ${quote(first.name)}${more}`]
}

/** By the bytes of UTF-8, which is not the order of UTF-16 that `<` knows. */
function sortByName(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates
    .map((candidate) => ({ candidate, bytes: encodeUtf8(candidate.name) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ candidate }) => candidate)
}
