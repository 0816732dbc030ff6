import { parseUtf8 } from '../../core/bytes.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import { assertName, nativePath, type PathParts } from '../job/paths.ts'
import { findRoot, resolveWritten } from '../job/roots.ts'
import { assertAgree, type ChecksumEntry, parseChecksums } from './checksums.ts'
import { lookAt } from './subject-look.ts'
import { type Candidate, candidateOf, type Search } from './subject-matches.ts'
import { isExcluded } from './subject-patterns.ts'

const MAX_BYTES = 64 * 1024 * 1024
const AT_ONCE = 16

interface Listed extends Candidate {
  readonly entry: ChecksumEntry
}

/** What a checksums file lists, by whether it is there. */
export interface Listing {
  readonly present: readonly Candidate[]
  readonly absent: readonly Candidate[]
}

/** What becomes of a listed file that is not there: nothing can be signed without it, but verified by its digest. */
export type AbsentListed = 'refuse' | 'by-digest'

/**
 * The files that a checksums file lists, each with the digest it must have; relative names start at that file's folder.
 * INPUT_CHECKSUMS, INPUT_NO_MATCH for one that is not there and must be, and whatever may be wrong with a file that a
 * user names.
 */
export async function findListed(written: string, absent: AbsentListed, search: Search): Promise<Listing> {
  const { files, places, excludes } = search
  const parts = resolveWritten(written, places)
  const path = nativePath(parts, places.platform)
  const bytes = await files.read(path, [places.workspace, places.temp], MAX_BYTES)
  const text = parseUtf8(bytes, 'INPUT_CHECKSUMS', `the checksums file ${quote(written)}`)
  const folder = { prefix: parts.prefix, segments: parts.segments.slice(0, -1) }
  const listed = new Map<string, Listed>()
  for (const entry of parseChecksums(text)) {
    const file = resolveListed(entry, folder, search)
    if (isExcluded(file, excludes, places)) continue
    const candidate = { ...candidateOf(file, true, places), expectedDigest: entry.digest, entry }
    const before = listed.get(candidate.path)
    if (before === undefined) listed.set(candidate.path, candidate)
    else assertAgree(before.entry, entry)
  }
  return splitPresent([...listed.values()], { written, absent }, search)
}

function resolveListed({ name, line }: ChecksumEntry, folder: PathParts, { places }: Search): PathParts {
  const file = resolveWritten(name, places, folder)
  if (findRoot(file, places) === undefined) {
    const where = `line ${line} of the checksums file names ${quote(name)}`
    throw new ActionError('FILE_OUTSIDE', `${where}, outside the workspace and RUNNER_TEMP`)
  }
  assertName(file.segments, places.platform)
  return file
}

async function splitPresent(
  listed: readonly Listed[],
  { written, absent: rule }: { readonly written: string; readonly absent: AbsentListed },
  search: Search,
): Promise<Listing> {
  const looks = await mapConcurrently(listed, AT_ONCE, ({ path, name }) => lookAt(path, name, search))
  const absent = listed.filter((_, i) => looks[i] === 'absent')
  const [first] = absent
  if (first !== undefined && rule === 'refuse') {
    const more = absent.length === 1 ? '' : ` and ${absent.length - 1} more`
    throw new ActionError(
      'INPUT_NO_MATCH',
      `${quote(written)} lists ${quote(first.name)}${more}, not there`,
      {
        hint: 'Build the file before this step, or remove its line: a file that is known only by its digest needs an attestation, which this version does not make.',
      },
    )
  }
  const folder = listed.find((_, i) => looks[i] === 'directory')
  const present = listed.filter((_, i) => looks[i] === 'file')
  if (folder === undefined) return { present: present.map(withoutEntry), absent: absent.map(withoutEntry) }
  throw new ActionError('FILE_NOT_REGULAR', `${quote(written)} lists ${quote(folder.name)}, a directory`)
}

const withoutEntry = ({ entry: _, ...candidate }: Listed): Candidate => candidate
