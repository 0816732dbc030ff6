import { DIGEST_BYTES, type HashName } from '../../core/digest.ts'
import { parseJson } from '../../core/json.ts'
import { jsonReader } from '../../core/json-reader.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'

/** One subject of the runner's list: what an earlier step declared through `GITHUB_ARTIFACTS`. */
export interface ListedArtifact {
  readonly kind: 'file' | 'oci'
  /** Of a file its base name, of an image its reference without the digest. */
  readonly name: string
  readonly hash: HashName
  /** Lower-case hexadecimal digits. */
  readonly hex: string
}

/** 500 subjects with names of any length (actions/runner, ArtifactsListFileCommand.cs). */
export const MAX_LIST_BYTES = 8 * 1024 * 1024
const MOST_SUBJECTS = 1024
const CODE = 'INPUT_ARTIFACTS'
const RULES = {
  maxBytes: MAX_LIST_BYTES,
  maxDepth: 8,
  malformed: CODE,
  tooLarge: CODE,
  tooDeep: CODE,
  duplicate: CODE,
} as const

const read = jsonReader(CODE)
const WHAT = 'the list of artifacts'

/**
 * `GITHUB_ARTIFACTS_LIST`, version 1: `{"version":1,"subjects":[{"name","digest":"sha256:…","kind":"file"|"oci"}]}`. The
 * file is empty where the runner's feature is off. INPUT_ARTIFACTS for any other version or form.
 */
export function parseArtifactsList(text: string): readonly ListedArtifact[] {
  if (text.trim() === '') return []
  const list = read.object(parseJson(text, RULES, WHAT), WHAT)
  if (list['version'] !== 1) {
    throw new ActionError(CODE, `${WHAT} is of a version that is not known here`, {
      expected: 'version 1',
      found: quote(JSON.stringify(list['version'] ?? null)),
    })
  }
  read.object(list, WHAT, ['version', 'subjects'])
  const subjects = read.list(list['subjects'], 'subjects')
  if (subjects.length > MOST_SUBJECTS) throw new ActionError(CODE, `${WHAT} has ${subjects.length} subjects`)
  return subjects.map((one, i) => parseSubject(read.object(one, `subjects[${i}]`), `subjects[${i}]`))
}

function parseSubject(subject: ReturnType<typeof read.object>, where: string): ListedArtifact {
  const name = read.text(subject['name'], `${where}.name`)
  if (name === '' || /[\p{Cc}\u2028\u2029]/u.test(name) || !name.isWellFormed()) {
    throw new ActionError(CODE, `${where}.name is ${quote(name)}`)
  }
  const kind = read.text(subject['kind'], `${where}.kind`)
  if (kind !== 'file' && kind !== 'oci') throw new ActionError(CODE, `${where}.kind is ${quote(kind)}`)
  return { kind, name, ...parseDigest(read.text(subject['digest'], `${where}.digest`), kind, where) }
}

/** Files are hashed by the runner, with SHA-256; an image has the digest of its registry. */
function parseDigest(text: string, kind: string, where: string): Pick<ListedArtifact, 'hash' | 'hex'> {
  const hashes: readonly HashName[] = kind === 'file' ? ['sha256'] : ['sha256', 'sha384', 'sha512']
  const [name, hex = ''] = text.split(':', 2)
  const hash = hashes.find((one) => one === name)
  const isDigest = hash !== undefined && hex.length === 2 * DIGEST_BYTES[hash] && /^[0-9a-f]+$/.test(hex)
  if (isDigest && text === `${hash}:${hex}`) return { hash, hex }
  throw new ActionError(CODE, `${where}.digest is ${quote(text)}`)
}
