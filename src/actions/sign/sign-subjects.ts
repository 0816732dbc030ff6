import { parseUtf8 } from '../../core/bytes.ts'
import { countText } from '../../core/counts.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Files, World } from '../../ports.ts'
import { type AskedNamedDigest, digestNeedsAttest } from '../inputs/attest-inputs.ts'
import type { SignInputs } from '../inputs/sign-inputs.ts'
import { readConfigFile } from '../job/config-file.ts'
import type { SignJob } from '../job/job.ts'
import { nativePath } from '../job/paths.ts'
import { findRoot, resolveWritten } from '../job/roots.ts'
import { type ListedArtifact, MAX_LIST_BYTES, parseArtifactsList } from '../subjects/artifacts-list.ts'
import { lookAt, realRootsOf } from '../subjects/subject-look.ts'
import { findSubjects, type Subject } from '../subjects/subjects.ts'

/** What is to be signed, before a byte of it was read. */
export interface SignSubjects {
  readonly files: readonly Subject[]
  /** Files that a list of checksums names, with their digest, and that are not there. */
  readonly absent: readonly Subject[]
  /** Known by name and digest alone. */
  readonly named: readonly AskedNamedDigest[]
  readonly notes: readonly string[]
}

const NONE: SignSubjects = { files: [], absent: [], named: [], notes: [] }

/** What the inputs name, or without any the list that the runner keeps for the job. */
export const findSignSubjects = (world: World, inputs: SignInputs, job: SignJob): Promise<SignSubjects> =>
  inputs.subjects === undefined
    ? findListedArtifacts(world, inputs, job)
    : findAsked(world.files, inputs, job)

async function findAsked(
  files: Files,
  { subjects, attest, ifNoFilesFound }: SignInputs,
  job: SignJob,
): Promise<SignSubjects> {
  const { named, patterns = [], checksums } = subjects ?? {}
  const bare = named === undefined ? [] : [named]
  if (checksums === undefined && patterns.every((one) => one.startsWith('!'))) return { ...NONE, named: bare }
  const found = await findSubjects(files, job, {
    patterns,
    ...(checksums !== undefined && { checksums }),
    ifNoFilesFound,
    absentListed: attest.kind === 'none' ? 'refuse' : 'by-digest',
  })
  const notes = [...found.notices, ...found.warnings]
  return { files: found.subjects, absent: found.absent, named: bare, notes }
}

const NOTHING = 'nothing to sign: no input names a subject, and the runner lists no artifact of this job'

/** INPUT_REQUIRED if the runner has no list, or an empty one. */
async function findListedArtifacts(
  { files, runner }: World,
  { attest }: SignInputs,
  job: SignJob,
): Promise<SignSubjects> {
  const path = runner.env('GITHUB_ARTIFACTS_LIST')
  const listed = path === undefined ? [] : await readArtifactsList(files, path, job)
  if (listed.length === 0) throw new ActionError('INPUT_REQUIRED', NOTHING)
  const found: Subject[] = []
  const named: AskedNamedDigest[] = []
  const realRoots = await realRootsOf(files, job)
  for (const artifact of listed) {
    const file = artifact.kind === 'file' ? placeOf(artifact, job) : undefined
    const look = file && (await lookAt(file.path, file.name, { files, places: job, realRoots }))
    if (file !== undefined && look === 'file') found.push(file)
    else if (attest.kind === 'none') throw cannotSign(artifact)
    else named.push({ name: artifact.name, hash: artifact.hash, hex: artifact.hex })
  }
  const notes = [
    `no input names a subject: ${countText(listed.length, 'subject')} of the runner's list of artifacts`,
  ]
  return { ...NONE, files: found, named, notes }
}

async function readArtifactsList(
  files: Files,
  path: string,
  job: SignJob,
): Promise<readonly ListedArtifact[]> {
  if ((await files.kind(path)) !== 'file') return []
  const bytes = await readConfigFile(files, path, job, MAX_LIST_BYTES)
  return parseArtifactsList(parseUtf8(bytes, 'INPUT_ARTIFACTS', 'the list of artifacts'))
}

/** The runner lists base names alone: the file is where its name says only if it lies in the root of the workspace. */
function placeOf({ name, hex }: ListedArtifact, job: SignJob): Subject | undefined {
  if (/[/\\]/.test(name) || name === '.' || name === '..') return undefined
  const parts = resolveWritten(`./${name}`, job)
  if (findRoot(parts, job) === undefined) return undefined
  return { name, path: nativePath(parts, job.platform), expectedDigest: hex }
}

function cannotSign({ kind, name }: ListedArtifact): ActionError {
  const what = `${quote(name)} of the runner's list of artifacts`
  if (kind === 'oci') return digestNeedsAttest(what)
  return new ActionError('INPUT_NO_MATCH', `${what} is not in the root of the workspace`, {
    hint: 'The list has no paths. Name the files with `subject-path`, or set `attest`, for which their digests are enough.',
  })
}
