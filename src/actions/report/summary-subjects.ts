import { countText } from '../../core/counts.ts'
import { ActionError } from '../../errors.ts'
import type { Evidence } from '../../sigstore/evidence.ts'
import {
  entriesText,
  type SharedBundle,
  sharedBundle,
  signerFacts,
  signerKey,
  signerOf,
  sortSubjects,
  timeText,
  vouchers,
} from './facts.ts'
import { codeSpan, prose, tableHead, tableRow } from './markdown.ts'
import type { SignerIdentity, SubjectOutcome } from './outcome.ts'
import { factRows, fixed, KIB, type Section } from './summary-section.ts'

const MOST_GROUPS = 20

interface SignerGroup {
  readonly number: number
  readonly signer: SignerIdentity
  readonly count: number
}

/** The different signers by `signerKey`, in the order in which they come. Most runs have one. */
export type SignerGroups = ReadonlyMap<string, SignerGroup>

export function groupSigners(subjects: readonly SubjectOutcome[]): SignerGroups {
  const groups = new Map<string, SignerGroup>()
  for (const subject of subjects) {
    const signer = subject.error === undefined ? signerOf(subject) : undefined
    if (signer === undefined) continue
    const key = signerKey(signer)
    const group = groups.get(key) ?? { number: groups.size + 1, signer, count: 0 }
    groups.set(key, { ...group, count: group.count + 1 })
  }
  return groups
}

/** The failed files, and once for each different advice what to do. */
export function failureSections(subjects: readonly SubjectOutcome[]): Section[] {
  const { failed } = sortSubjects(subjects)
  if (failed.length === 0) return []
  const errors = failed.flatMap(({ error }) => (error === undefined ? [] : [error]))
  const advice = new Map(errors.map(({ code, hint }) => [`${code} ${hint}`, { code, hint }]))
  return [
    {
      head: [tableHead(['Failed file', 'What failed', 'Expected', 'Found', 'Bundle'])],
      rows: failed.map((subject) => failureRow(subject)),
      unit: 'failed files',
      most: 50 * KIB,
    },
    {
      head: ['**What to do**', ''],
      rows: [...advice.values()].map(({ code, hint }) => `- For ${codeSpan(code)}: ${prose(hint)}`),
      unit: 'hints',
      most: 8 * KIB,
    },
  ]
}

/**
 * As a person would write it: the path of the bundle relative to the folder from which the name of the file counts. A
 * table that is too wide hides what was found.
 */
function bundleText({ name, path, bundlePath, source }: SubjectOutcome): string {
  if (bundlePath === undefined) return source === 'github' ? "GitHub's store" : ''
  const [file = '', bundle] = [path, bundlePath].map((one) => one?.replaceAll('\\', '/'))
  const root = file.endsWith(`/${name}`) ? file.slice(0, -name.length) : undefined
  const isInside = root !== undefined && bundle?.startsWith(root) === true
  return codeSpan(isInside ? bundle.slice(root.length) : bundlePath)
}

function failureRow(subject: SubjectOutcome): string {
  const { name, error, signer } = subject
  const { code, message, expected, found } = error ?? new ActionError('INTERNAL', 'no error')
  return tableRow([
    codeSpan(name),
    `${codeSpan(code)} ${prose(message, 400)}${signer === undefined ? '' : `, signed by ${codeSpan(signer.name.value)}`}`,
    expected === undefined ? '' : codeSpan(expected),
    found === undefined ? '' : codeSpan(found),
    bundleText(subject),
  ])
}

/** The good files, and those that nothing was proven of, in the bytes that are left. */
export function subjectSections(
  subjects: readonly SubjectOutcome[],
  groups: SignerGroups,
  {
    fileTitle,
    openTitle,
    budget,
  }: { readonly fileTitle: string; readonly openTitle: string; readonly budget: number },
): Section[] {
  const { good, open } = sortSubjects(subjects)
  const titles = [fileTitle, 'When', 'Who vouches for the time', 'Log and index', 'SHA-256', 'Bundle']
  const openShare = good.length === 0 ? budget : Math.floor(budget / 4)
  const most = open.length === 0 ? budget : budget - openShare
  const shared = sharedBundle(good)
  const tables: Section[] =
    shared === undefined
      ? [
          {
            head: [tableHead(groups.size > 1 ? [...titles, 'Signer'] : titles)],
            rows: good.map((subject) => goodRow(subject, groups)),
            unit: 'files',
            most,
          },
        ]
      : [sharedTable(shared, good.length), { ...sharedRows(good, fileTitle), most: most - SHARED_TABLE }]
  const list: Section = {
    head: [`**${openTitle}:** ${countText(open.length, 'file')}`, ''],
    rows: open.map(({ name, digest }) => `- File: ${codeSpan(name)} ${digest ? codeSpan(digest) : ''}`),
    unit: 'files',
    most: openShare,
  }
  return [...(good.length === 0 ? [] : tables), ...(open.length === 0 ? [] : [list])]
}

const SHARED_TABLE = 8 * KIB

/** One bundle over many subjects: what is the same for all stands once. */
const sharedTable = ({ bundlePath, kept, evidence }: SharedBundle, count: number): Section => ({
  head: [tableHead(['One attestation', countText(count, 'subject')])],
  rows: factRows([
    { label: 'Bundle', value: bundlePath },
    { label: 'Says', value: evidence.statement?.predicateType ?? '' },
    { label: 'When', value: evidence.times[0] === undefined ? 'no time' : timeText(evidence.times[0].at) },
    { label: 'Who vouches for the time', value: vouchers(evidence) },
    { label: 'Log and index', value: evidence.entries.length === 0 ? 'no log' : entriesText(evidence) },
    ...(kept ? [{ label: 'Kept', value: 'made by an earlier run' }] : []),
  ]),
  unit: 'facts',
  most: SHARED_TABLE,
})

const sharedRows = (good: readonly SubjectOutcome[], fileTitle: string): Omit<Section, 'most'> => ({
  head: [tableHead([fileTitle, 'SHA-256'])],
  rows: good.map(({ name, digest }) =>
    tableRow([codeSpan(name), digest === undefined ? '' : codeSpan(digest)]),
  ),
  unit: 'files',
})

function goodRow(subject: SubjectOutcome & { readonly evidence: Evidence }, groups: SignerGroups): string {
  const { name, digest, kept, evidence } = subject
  const signer = signerOf(subject)
  const number = signer === undefined ? undefined : groups.get(signerKey(signer))?.number
  const when = evidence.times[0]
  return tableRow([
    `${codeSpan(name)}${kept === true ? ' (kept)' : ''}${attested(evidence)}`,
    when === undefined ? 'no time' : timeText(when.at),
    codeSpan(vouchers(evidence)),
    evidence.entries.length === 0 ? 'no log' : codeSpan(entriesText(evidence)),
    digest === undefined ? '' : codeSpan(digest),
    bundleText(subject),
    ...(groups.size > 1 ? [number === undefined ? '' : `${number}`] : []),
  ])
}

/** What an attestation says of the file; a plain signature says nothing but that it was signed. */
const attested = ({ statement }: Evidence): string =>
  statement === undefined ? '' : ` as ${codeSpan(statement.predicateType)}`

/** Who signed, from which repository, commit and workflow, on which runner: a table for each different signer. */
export function signerSections(groups: SignerGroups, identity: SignerIdentity | undefined): Section[] {
  if (groups.size === 0 && identity !== undefined) {
    const head = [tableHead(['Identity of this run', ''])]
    return [{ head, rows: factRows(signerFacts(identity)), unit: 'facts', most: 28 * KIB }]
  }
  const shown = [...groups.values()].slice(0, MOST_GROUPS)
  const more = groups.size - shown.length
  const tables = shown.map(({ number, signer, count }) => ({
    head: [tableHead([groups.size === 1 ? 'Signer' : `Signer ${number}`, countText(count, 'file')])],
    rows: factRows(signerFacts(signer)),
    unit: 'facts',
    most: Math.floor((28 * KIB) / shown.length),
  }))
  return more === 0
    ? tables
    : [...tables, fixed([`… and ${countText(more, 'more signer')}. The JSON report has them all.`])]
}

/** The checks, once for each different list of them. */
export function checkSections(subjects: readonly SubjectOutcome[]): Section[] {
  const lists = new Map<string, { checks: readonly string[]; count: number }>()
  for (const { evidence, error } of subjects) {
    if (evidence === undefined || error !== undefined) continue
    const key = JSON.stringify(evidence.checks)
    lists.set(key, { checks: evidence.checks, count: (lists.get(key)?.count ?? 0) + 1 })
  }
  return [...lists.values()].slice(0, MOST_GROUPS).map(({ checks, count }) => ({
    head: [`<details><summary>Checks made on ${countText(count, 'file')}: ${checks.length}</summary>`, ''],
    rows: checks.map((check) => `- Checked: ${prose(check)}`),
    foot: ['', '</details>'],
    unit: 'checks',
    most: Math.floor((10 * KIB) / Math.min(lists.size, MOST_GROUPS)),
  }))
}
