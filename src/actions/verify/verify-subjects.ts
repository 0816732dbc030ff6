import { countText } from '../../core/counts.ts'
import { ActionError } from '../../errors.ts'
import type { Files } from '../../ports.ts'
import { besideBundlePaths, rootBundlePaths } from '../bundles/bundle-places.ts'
import type { VerifyInputs } from '../inputs/verify-inputs.ts'
import { inputPath, type Places } from '../job/roots.ts'
import { type Asked, findSubjects, type Subject } from '../subjects/subjects.ts'
import type { VerifySubject } from './verify-subject.ts'

export interface FoundVerifySubjects {
  /** Files by name, then what is listed and not there, then bare digests. */
  readonly subjects: readonly VerifySubject[]
  readonly notes: readonly string[]
}

/** What the inputs ask to be verified. INPUT_NO_MATCH if that is nothing, and whatever `findSubjects` throws. */
export async function findVerifySubjects(
  files: Files,
  places: Places,
  { subjects: asked, digests, bundles }: VerifyInputs,
): Promise<FoundVerifySubjects> {
  const bare = digests.map((one): VerifySubject => {
    return { kind: 'digest', name: `${one.hash}:${one.hex}`, ...one }
  })
  if (asked.checksums === undefined && asked.patterns.every((pattern) => pattern.startsWith('!'))) {
    return { subjects: bare, notes: [] }
  }
  const found = await findSubjects(files, places, {
    ...asked,
    ifNoFilesFound: 'error',
    absentListed: 'by-digest',
    isUsed: usedAsBundle(places, bundles),
  })
  const present = found.subjects.map((subject): VerifySubject => ({ kind: 'file', ...subject }))
  const subjects = [...present, ...found.absent.map(byDigest), ...bare]
  const notes = [...found.notices, ...found.warnings, ...describeAbsent(found.absent)]
  if (subjects.length > 0) return { subjects, notes }
  throw new ActionError('INPUT_NO_MATCH', 'there is no file to verify, and nothing verified is no success')
}

/**
 * Which bundles among the files may be left out: those that lie where a bundle for another file lies, or that
 * `bundle-path` means. Any other stays a file to be verified, and so does one with a bundle of its own: else whoever may
 * replace a file could make it vanish from the list by writing a bundle in its place.
 */
function usedAsBundle(places: Places, bundles: VerifyInputs['bundles']): NonNullable<Asked['isUsed']> {
  const given = bundles.kind === 'given' ? inputPath(bundles.path, places) : undefined
  const inRoot = new Set(rootBundlePaths(places))
  let known:
    | {
        readonly matches: readonly unknown[]
        readonly paths: ReadonlySet<string>
        readonly beside: ReadonlySet<string>
      }
    | undefined
  return (path, matches) => {
    if (known?.matches !== matches) {
      const paths = new Set(matches.map((one) => one.path))
      known = { matches, paths, beside: new Set(matches.flatMap((one) => besideBundlePaths(one.path))) }
    }
    const { paths, beside } = known
    if (besideBundlePaths(path).some((own) => paths.has(own))) return false
    return beside.has(path) || inRoot.has(path) || NAMED_AS_BUNDLE.test(path) || path === given
  }
}

/** Files called so are bundles by their very name; one whose file is gone is no file to verify. */
const NAMED_AS_BUNDLE = /\.sigstore(?:\.jsonl?)?$/

const byDigest = ({ name, path, expectedDigest }: Subject): VerifySubject => ({
  kind: 'digest',
  name,
  path,
  hash: 'sha256',
  hex: expectedDigest ?? '',
})

function describeAbsent(absent: readonly Subject[]): readonly string[] {
  if (absent.length === 0) return []
  const are = absent.length === 1 ? 'is' : 'are'
  return [
    `${countText(absent.length, 'file')} that the checksums list ${are} not here, verified by the digest alone`,
  ]
}
