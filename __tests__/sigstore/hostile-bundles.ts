import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import type { VerificationPolicy } from '@sigstore/verify'
import { type BundleContent, type BundleOptions, type MadeBundle, makeBundle } from '../../sandbox/bundles.ts'
import { githubClaims } from '../../sandbox/claims.ts'
import { createCtLog } from '../../sandbox/ct-log.ts'
import { base64 } from '../../sandbox/fields.ts'
import { createFulcioCa } from '../../sandbox/fulcio-ca.ts'
import type { Curve } from '../../sandbox/keys.ts'
import { createRekorV1Log } from '../../sandbox/rekor-v1-log.ts'
import { createRekorV2Log } from '../../sandbox/rekor-v2-log.ts'
import { type Authorities, createTrustedRoot } from '../../sandbox/trust-files.ts'
import { createTsa } from '../../sandbox/tsa-authority.ts'
import { createLibrary } from '../../scripts/differential/library.ts'
import { encodeHex, encodeUtf8 } from '../../src/core/bytes.ts'
import { digest } from '../../src/core/digest.ts'
import type { Json } from '../../src/core/json.ts'
import type { PublicKey } from '../../src/core/public-key.ts'
import { ActionError, type ErrorCode } from '../../src/errors.ts'
import { type Artifact, artifactOfBytes, artifactOfDigests } from '../../src/sigstore/artifact.ts'
import { parseBundle } from '../../src/sigstore/bundle.ts'
import type { Evidence } from '../../src/sigstore/evidence.ts'
import { parseTrustedRoot, type TrustedRoot } from '../../src/sigstore/trusted-root.ts'
import { verifyBundle } from '../../src/sigstore/verifier.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const YEAR = 365 * 24 * 60 * MINUTE
/** When everything in a bundle happens, unless a test says otherwise; nothing here reads a clock. */
export const THEN = Date.UTC(2026, 2, 4, 12)
/** When it is verified. */
export const NOW = THEN + 60 * MINUTE
export const FROM = Date.UTC(2020, 0)
export const UNTIL = Date.UTC(2040, 0)

export const ADDRESSES = {
  issuer: 'https://issuer.example',
  discovery: 'https://issuer.example',
  fulcio: 'https://fulcio.example',
  rekorV1: 'https://rekor1.example',
  rekorV2: 'https://rekor2.example:8443',
  tsa: 'https://tsa.example',
}

/** A whole Sigstore without a server: its authorities really sign. */
export interface Instance {
  readonly authorities: Authorities & {
    readonly issuer: { readonly url: string; readonly claims: ReturnType<typeof githubClaims> }
  }
  readonly rootJson: Json
  readonly trust: TrustedRoot
}

export function createInstance(curve: Curve = 'P-256'): Instance {
  const validity = { curve, notBefore: FROM, notAfter: UNTIL }
  const authorities = {
    issuer: { url: ADDRESSES.issuer, claims: githubClaims() },
    fulcio: createFulcioCa({ ...validity, ctLog: createCtLog() }),
    rekorV1: createRekorV1Log('rekor1.example'),
    rekorV2: createRekorV2Log('rekor2.example'),
    tsa: createTsa({ ...validity, hash: 'sha256' }),
  }
  return instanceOf(authorities)
}

/** The same with other authorities in places, and a trusted root that knows them. */
export function instanceOf(authorities: Instance['authorities']): Instance {
  const rootJson: Json = JSON.parse(JSON.stringify(createTrustedRoot(authorities, ADDRESSES, iso(FROM))))
  return { authorities, rootJson, trust: trustOf(rootJson) }
}

const jsonOfRoots = new WeakMap<TrustedRoot, Json>()

/** A trusted root of which the other verifier gets the very JSON. */
export function trustOf(rootJson: Json): TrustedRoot {
  const trust = parseTrustedRoot(rootJson)
  jsonOfRoots.set(trust, rootJson)
  return trust
}

/** RFC 3339 to the millisecond. */
export const iso = (time: number): string => new Date(time).toISOString()

export const ARTIFACT = encodeUtf8('what a workflow built\n')
export const sha256Hex = (bytes: Uint8Array): string => encodeHex(digest('sha256', bytes))

export const SUBJECT = { name: 'demo.tgz', digest: { sha256: sha256Hex(ARTIFACT) } }
export const STATEMENT = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [SUBJECT],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {},
}

export const MESSAGE: BundleContent = { artifact: ARTIFACT }
export const ATTESTATION: BundleContent = { statement: STATEMENT }

/** `make`, at the usual time; of a message signature in Rekor v1 unless told otherwise. */
export const make = (
  instance: Instance,
  options: BundleOptions = {},
  content: BundleContent = MESSAGE,
): MadeBundle => makeBundle(instance, content, { at: THEN, ...options })

export const byBytes: Artifact = artifactOfBytes(ARTIFACT)
export const byDigest: Artifact = artifactOfDigests({ sha256: digest('sha256', ARTIFACT) })

/** What the verifier is shown. */
export interface Presented {
  /** JSON, or the very bytes. */
  readonly bundle: unknown
  readonly artifact?: Artifact
  readonly trust: TrustedRoot
  readonly now?: number
  readonly key?: PublicKey
  /** Judges the signer; throws. */
  readonly policy?: (evidence: Evidence) => unknown
  /** The other verifier gets these: the file, if it is not the usual one; and what it takes for the same policy. */
  readonly file?: Uint8Array
  readonly theirs?: VerificationPolicy
  /** Only a digest is known, or the policy is one that the other verifier has no word for. */
  readonly incomparable?: true
}

export function verify({ bundle, artifact = byBytes, trust, now = NOW, key, policy }: Presented): Evidence {
  const bytes = bundle instanceof Uint8Array ? bundle : encodeUtf8(JSON.stringify(bundle))
  const managed = key === undefined ? {} : { managedKey: key }
  const evidence = verifyBundle(parseBundle(bytes), artifact, { trust, now, ...managed })
  policy?.(evidence)
  return evidence
}

/** The code of the refusal, or `accepted`. Whatever else is thrown is a fault of the verifier and stays one. */
export function verdictOf(attempt: () => unknown): ErrorCode | 'accepted' {
  try {
    attempt()
    return 'accepted'
  } catch (error) {
    if (error instanceof ActionError && error.code !== 'INTERNAL') return error.code
    throw error
  }
}

export type Row = readonly [what: string, verdict: ErrorCode | 'accepted', present: () => Presented]

/** What we accept and the library cannot, with what it says; docs/stricter.md has the reasons. */
const ONLY_OURS: ReadonlyMap<string, string> = new Map([
  ...['P-384', 'P-521'].flatMap((curve): [string, string][] => [
    [`${curve}, attestation, Rekor v1`, 'VerificationError: signature verification failed'],
    [`${curve}, attestation, Rekor v2`, 'VerificationError: digest mismatch'],
  ]),
  ['Ed25519 over a file, Rekor v1', 'VerificationError: signature verification failed'],
])

/** What the library says of the bundle under the very JSON of the trusted root. */
export function libraryVerdict({ bundle, trust, file = ARTIFACT, theirs }: Presented): string {
  const bytes = bundle instanceof Uint8Array ? bundle : encodeUtf8(JSON.stringify(bundle))
  const root = jsonOfRoots.get(trust)
  if (root === undefined) throw new Error('the trusted root was not made by trustOf')
  return createLibrary(root, trust.isGitHub)(bytes, file, theirs)
}

/** `table: row: code` of all that docs/stricter.md lists. */
const LISTED: ReadonlySet<string> = new Set(
  readFileSync('docs/stricter.md', 'utf8')
    .split(/^### /m)
    .slice(1)
    .flatMap((section) => {
      const title = section.split('\n')[0] ?? ''
      return [...section.matchAll(/^\| (.+?) +\| `([A-Z0-9_]+)` +\| \S/gm)].map(
        ([, what = '', code = '']) => `${title}: ${what}: ${code}`,
      )
    }),
)

/**
 * P21 for a row: what we accept, `@sigstore/verify` accepts; and what we refuse and it accepts is exactly what
 * docs/stricter.md lists, with the clause.
 */
function compareWithLibrary(title: string, what: string, verdict: string, presented: Presented): void {
  if (presented.key !== undefined || presented.incomparable === true) return
  const said = libraryVerdict(presented)
  const row = `${title}: ${what}: ${verdict}`
  if (verdict === 'accepted') assert.equal(said, ONLY_OURS.get(what) ?? 'accepted')
  else assert.equal(said === 'accepted', LISTED.has(row), `docs/stricter.md is wrong about: ${row}`)
}

/** A test for each row, and one that none was lost: a table may only grow. */
export function judge(title: string, atLeast: number, rows: readonly Row[]): void {
  suite(`${title} (${rows.length} rows)`, () => {
    test('the table is whole', () => {
      assert.ok(rows.length >= atLeast, `${rows.length} rows of at least ${atLeast}`)
      assert.equal(new Set(rows.map(([what]) => what)).size, rows.length, 'two rows have one name')
    })
    for (const [what, verdict, present] of rows) {
      test(`${what}: ${verdict}`, () => {
        const presented = present()
        assert.equal(
          verdictOf(() => verify(presented)),
          verdict,
        )
        compareWithLibrary(title, what, verdict, presented)
      })
    }
  })
}

type Container = Record<string, unknown>

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

/** What lies at `a.b.0.c`. */
export function valueAt(json: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce((inner: unknown, name) => (isContainer(inner) ? inner[name] : undefined), json)
}

/** A copy with this in place of what lies at `a.b.0.c`, or made from it; `undefined` takes the member away. */
export function changed(json: unknown, path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(json)
  const names = path.split('.')
  const last = names.pop() ?? ''
  const parent = names.length === 0 ? copy : valueAt(copy, names.join('.'))
  if (!isContainer(parent)) throw new Error(`nothing at ${path}`)
  const made: unknown = typeof value === 'function' ? value(parent[last]) : value
  if (made === undefined) delete parent[last]
  else parent[last] = made
  return copy
}

export const MATERIAL = 'verificationMaterial'
export const ENTRY = `${MATERIAL}.tlogEntries.0`
export const PROOF = `${ENTRY}.inclusionProof`
export const STAMPS = `${MATERIAL}.timestampVerificationData.rfc3161Timestamps`

/** The bundle as an older version writes it: a chain of one certificate. */
export function asVersion(bundle: unknown, version: '0.1' | '0.2' | '0.3'): unknown {
  const typed = changed(bundle, 'mediaType', `application/vnd.dev.sigstore.bundle+json;version=${version}`)
  if (version === '0.3') return typed
  const certificate = valueAt(bundle, `${MATERIAL}.certificate`)
  const chain = changed(typed, `${MATERIAL}.x509CertificateChain`, { certificates: [certificate] })
  return changed(chain, `${MATERIAL}.certificate`, undefined)
}

/** One bit of base64 bytes: the lowest of the last byte, or of the one at `index`. */
export function flipped(text: unknown, index = -1): string {
  const bytes = new Uint8Array(Buffer.from(String(text), 'base64'))
  return base64(bytes.with(index, (bytes.at(index) ?? 0) ^ 1))
}

export const flip = (bytes: Uint8Array): Uint8Array => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1)

/** Makes bundles of one instance, good or edited after they were made. */
export function presenterOf(instance: Instance) {
  const show = (options: BundleOptions = {}, content: BundleContent = MESSAGE): Presented => ({
    bundle: make(instance, options, content).bundle,
    trust: instance.trust,
  })
  const edit = (
    path: string,
    value: unknown,
    options?: BundleOptions,
    content?: BundleContent,
  ): Presented => {
    const presented = show(options, content)
    return { ...presented, bundle: changed(presented.bundle, path, value) }
  }
  /** A good bundle under a trusted root that is changed. */
  const trusting = (path: string, value: unknown, options?: BundleOptions): Presented => ({
    ...show(options),
    trust: rootWith(instance, path, value),
  })
  return { show, edit, trusting }
}

export const rootWith = ({ rootJson }: Instance, path: string, value: unknown): TrustedRoot =>
  trustOf(JSON.parse(JSON.stringify(changed(rootJson, path, value))))
