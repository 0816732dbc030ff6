import { encodeUtf8 } from '../../core/bytes.ts'
import type { ActionError } from '../../errors.ts'
import type { Claims, Evidence } from '../../sigstore/evidence.ts'
import { withoutAbsent } from '../job/present.ts'
import { signerKey, signerOf } from './facts.ts'
import type {
  ActionOutcome,
  PublicRecord,
  PublishedRecord,
  SignerIdentity,
  SubjectOutcome,
  UnusedBundle,
} from './outcome.ts'

/** The JSON report as docs/report.schema.json describes it. Nothing of ours reads it as evidence. */

export interface ReportIdentity {
  readonly name: string
  readonly type: 'uri' | 'email' | 'otherName'
  readonly issuer?: string
  readonly claims: Omit<Claims, 'issuer'>
}

export interface ReportError {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly expected?: string
  readonly found?: string
}

/** The index is a decimal text: it may not fit into a JSON number. */
export interface ReportEntry {
  readonly log: string
  readonly logId: string
  readonly index: string
  readonly ofTree?: true
  readonly kind: string
  readonly version: string
}

export interface ReportTime {
  readonly at: string
  readonly by: string
  readonly source: 'transparency log' | 'timestamp authority'
}

export interface ReportSubject {
  readonly name: string
  readonly result: 'good' | 'failed' | 'open'
  readonly digest?: { readonly sha256: string }
  readonly size?: number
  readonly bundle?: string
  readonly source?: 'file' | 'github'
  readonly kept: boolean
  readonly signer?: ReportIdentity
  readonly predicateType?: string
  readonly statement?: string
  readonly entries: readonly ReportEntry[]
  readonly times: readonly ReportTime[]
  readonly checks: readonly string[]
  readonly error?: ReportError
}

export interface ReportTrust {
  readonly source: 'shipped' | 'file'
  readonly name: string
  readonly version?: string
  readonly date?: string
  readonly ageDays?: number
  readonly digest: { readonly sha256: string }
}

export type ReportPublic =
  | {
      readonly kind: 'certificate'
      readonly identity: string
      readonly issuer?: string
      readonly perhaps?: true
    }
  | { readonly kind: 'entry'; readonly log: string; readonly index?: string; readonly subject?: string }

export interface Report {
  readonly action: 'sign' | 'verify'
  readonly version: 1
  readonly actionVersion: string
  readonly result: ActionOutcome['result']
  readonly started: string
  readonly finished: string
  readonly identity?: ReportIdentity
  readonly trust?: ReportTrust
  readonly subjects: readonly ReportSubject[]
  readonly unused: readonly UnusedBundle[]
  readonly published: readonly PublishedRecord[]
  readonly public: readonly ReportPublic[]
  readonly notes: readonly string[]
  readonly error?: ReportError
}

export function buildReport(outcome: ActionOutcome): Report {
  const identity = commonIdentity(outcome)
  const { trust, error } = outcome
  return {
    action: outcome.action,
    version: 1,
    actionVersion: outcome.version,
    result: outcome.result,
    started: isoTime(outcome.started),
    finished: isoTime(outcome.finished),
    ...(identity && { identity: buildIdentity(identity) }),
    ...(trust && { trust: { ...trust, digest: { sha256: trust.digest } } }),
    subjects: outcome.subjects.map((subject) => buildSubject(subject)),
    unused: outcome.action === 'verify' ? (outcome.unused ?? []) : [],
    published: outcome.action === 'sign' ? (outcome.published ?? []) : [],
    public: outcome.action === 'sign' ? outcome.public.map((record) => buildPublic(record)) : [],
    notes: outcome.notes ?? [],
    ...(error && { error: buildError(error) }),
  }
}

/** Indented JSON, but for the subjects: one a line, so that a report of 100,000 stays readable by line. */
export function encodeReport(report: Report): Uint8Array {
  const { subjects, ...rest } = report
  const head = JSON.stringify(rest, null, 2).slice(0, -2)
  const lines = subjects.map((subject) => `    ${JSON.stringify(subject)}`).join(',\n')
  return encodeUtf8(`${head},\n  "subjects": [${lines === '' ? '' : `\n${lines}\n  `}]\n}\n`)
}

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** Of a signing run its own; of a verification the signer of all subjects, if it is one and the same. */
function commonIdentity(outcome: ActionOutcome): SignerIdentity | undefined {
  if (outcome.action === 'sign') return outcome.identity
  const signers = outcome.subjects.map((subject) => signerOf(subject))
  const first = signers[0]
  if (first === undefined) return undefined
  const key = signerKey(first)
  return signers.every((signer) => signer !== undefined && signerKey(signer) === key) ? first : undefined
}

function buildIdentity({ name, claims }: SignerIdentity): ReportIdentity {
  const { issuer, ...others } = claims
  return { name: name.value, type: name.type, ...(issuer !== undefined && { issuer }), claims: others }
}

function buildSubject(subject: SubjectOutcome): ReportSubject {
  const { name, digest, size, bundlePath, source, kept, evidence, statementPath, error } = subject
  const signer = signerOf(subject) ?? subject.signer
  return {
    name,
    result: error ? 'failed' : evidence ? 'good' : 'open',
    ...(digest !== undefined && { digest: { sha256: digest } }),
    ...(size !== undefined && { size }),
    ...withoutAbsent({ bundle: bundlePath, source }),
    kept: kept ?? false,
    ...(signer && { signer: buildIdentity(signer) }),
    ...(statementPath !== undefined && { statement: statementPath }),
    ...(evidence ? buildEvidence(evidence) : { entries: [], times: [], checks: [] }),
    ...(error && { error: buildError(error) }),
  }
}

function buildEvidence({
  statement,
  entries,
  times,
  checks,
}: Evidence): Pick<ReportSubject, 'predicateType' | 'entries' | 'times' | 'checks'> {
  return {
    ...(statement && { predicateType: statement.predicateType }),
    entries: entries.map(({ log, logId, index, ofTree, kind, version }) => ({
      log,
      logId,
      index: index.toString(),
      ...(ofTree && { ofTree }),
      kind,
      version,
    })),
    times: times.map(({ at, by, source }) => ({ at: isoTime(at), by, source })),
    checks,
  }
}

const buildError = ({ code, message, hint, expected, found }: ActionError): ReportError => ({
  code,
  message,
  hint,
  ...(expected !== undefined && { expected }),
  ...(found !== undefined && { found }),
})

function buildPublic(record: PublicRecord): ReportPublic {
  if (record.kind === 'certificate') return record
  const { index, ...rest } = record
  return { ...rest, ...(index !== undefined && { index: index.toString() }) }
}
