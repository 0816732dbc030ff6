import { encodeUtf8 } from '../../core/bytes.ts'
import { groupDigits } from '../../core/counts.ts'
import type { HashName } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { StatementSubject } from '../../sigstore/evidence.ts'

export const MAX_STATEMENT_SUBJECTS = 1024

/** Something of which a digest is known. */
export interface KnownSubject {
  /** A file's path from the workspace with `/`, or the name that the user gave. */
  readonly name: string
  /** Given by the user, so not a path: it is taken as it is. */
  readonly isNamed: boolean
  readonly hash: HashName
  /** Lower-case hexadecimal digits. */
  readonly hex: string
}

export const baseName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

const usualName = ({ name, isNamed }: KnownSubject): string => (isNamed ? name : baseName(name))

/**
 * The subjects as a statement names them: by base name, as GitHub does, and by path where two digests share a base name.
 * Bytewise by name, then by digest; the same name and digest once. Names are compared byte for byte: letter case and
 * Unicode form count. INPUT_TOO_MANY, INPUT_CONFLICT.
 */
export function statementSubjects(known: readonly KnownSubject[]): readonly StatementSubject[] {
  const shared = sharedNames(known)
  const named = new Map<string, StatementSubject>()
  for (const subject of known) {
    const usual = usualName(subject)
    const name = shared.has(usual) ? subject.name : usual
    const digest = { [subject.hash]: subject.hex }
    named.set(JSON.stringify([name, subject.hash, subject.hex]), { name, digest })
  }
  const subjects = sortSubjects([...named.values()])
  assertNamesDiffer(subjects)
  assertSubjectCount(subjects.length)
  return subjects
}

/** Names that would stand for more than one digest. */
function sharedNames(known: readonly KnownSubject[]): ReadonlySet<string> {
  const first = new Map<string, string>()
  const shared = new Set<string>()
  for (const subject of known) {
    const name = usualName(subject)
    const digest = `${subject.hash}:${subject.hex}`
    const before = first.get(name)
    if (before === undefined) first.set(name, digest)
    else if (before !== digest) shared.add(name)
  }
  return shared
}

function sortSubjects(subjects: readonly StatementSubject[]): readonly StatementSubject[] {
  return subjects
    .map((subject) => ({ subject, bytes: encodeUtf8(subject.name ?? '') }))
    .sort(
      (a, b) => Buffer.compare(a.bytes, b.bytes) || (digestText(a.subject) < digestText(b.subject) ? -1 : 1),
    )
    .map(({ subject }) => subject)
}

const digestText = ({ digest }: StatementSubject): string => JSON.stringify(digest)

/** A name that the user gave may still be another's: whoever reads the statement could not tell the two apart. */
function assertNamesDiffer(sorted: readonly StatementSubject[]): void {
  for (const [i, { name = '' }] of sorted.entries()) {
    if (sorted[i + 1]?.name !== name) continue
    throw new ActionError('INPUT_CONFLICT', `two subjects of different content are called ${quote(name)}`, {
      hint: 'Give the subject that has no file another name, or attest the two in two steps.',
    })
  }
}

/** INPUT_TOO_MANY. */
export function assertSubjectCount(count: number): void {
  if (count <= MAX_STATEMENT_SUBJECTS) return
  const [found, most] = [count, MAX_STATEMENT_SUBJECTS].map(groupDigits)
  throw new ActionError(
    'INPUT_TOO_MANY',
    `a statement holds at most ${most} subjects, and there are ${found}`,
    {
      hint: 'Narrow the patterns, attest in several steps, or set `attest-each: true` for a statement each.',
    },
  )
}

/** How many subjects there are at least, whatever the digests say. */
export const leastCount = (names: readonly string[]): number => new Set(names.map(baseName)).size

/** Names that differ only in letter case or Unicode form, which some systems take for one. In words. */
export function describeTwins(subjects: readonly StatementSubject[]): readonly string[] {
  const forms = new Map<string, string>()
  const twins: string[] = []
  for (const { name = '' } of subjects) {
    const form = name.normalize('NFC').toLowerCase()
    const before = forms.get(form)
    if (before === undefined) forms.set(form, name)
    else twins.push(`${quote(before)} and ${quote(name)}`)
  }
  const [first] = twins
  if (first === undefined) return []
  const more = twins.length > 1 ? `, and ${twins.length - 1} more pairs` : ''
  return [
    `${first} differ only in letter case or Unicode form${more}; they are attested as different subjects`,
  ]
}
