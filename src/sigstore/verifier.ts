import { encodeHex, equalBytes } from '../core/bytes.ts'
import type { HashName } from '../core/digest.ts'
import { encodePae } from '../core/dsse.ts'
import type { PublicKey } from '../core/public-key.ts'
import type { Certificate } from '../core/x509.ts'
import { ActionError } from '../errors.ts'
import { type Artifact, artifactOfBytes, sameDigest } from './artifact.ts'
import { verifyPath } from './authority.ts'
import type { Bundle, BundleKey, EnvelopeContent, MessageContent } from './bundle.ts'
import { parseSigner } from './certificate-profile.ts'
import type {
  CertificateSigner,
  Evidence,
  KeySigner,
  Statement,
  VerifiedSct,
  VerifiedTime,
} from './evidence.ts'
import type { Signed } from './log-body.ts'
import { assertLogInUse, type LogEvidence, verifyLogEntries } from './log-entry-verify.ts'
import { verifyScts } from './sct-verify.ts'
import { parseStatement, verifySubject } from './statement.ts'
import { verifyTimestamps } from './timestamp-verify.ts'
import type { TrustedRoot } from './trusted-root.ts'

export interface Verification {
  readonly trust: TrustedRoot
  /** Milliseconds since 1970; what is later is from the future. */
  readonly now: number
  /** A long-lived key to be used instead of a certificate; the actions never give one. */
  readonly managedKey?: PublicKey
}

interface Signer {
  readonly publicKey: PublicKey
  readonly signer: CertificateSigner | KeySigner
  readonly certificate?: Certificate
}

/**
 * The whole of client specification 4, in an order that uses nothing before its own check: log entries and their times,
 * timestamps, certificate at each of the times, SCTs, signature, statement and subject. Whose identity it is remains to
 * be judged: see policy.ts.
 */
export function verifyBundle(bundle: Bundle, artifact: Artifact, verification: Verification): Evidence {
  const { content } = bundle
  if (content.kind === 'message') {
    assertDigest(content, artifact)
    return prove(bundle, artifact, undefined, verification)
  }
  const { evidence, statement } = proveEnvelope(bundle, content, verification)
  verifySubject(statement, artifact)
  return evidence
}

interface ProvenEnvelope extends Verification {
  readonly evidence: Evidence
  readonly statement: Statement
}

/** Envelopes that hold. A failure is not kept. */
const proven = new WeakMap<Bundle, ProvenEnvelope>()

/**
 * All but which of its subjects is meant: what a statement over a thousand files says of each hangs on the same signatures,
 * which are checked once for one trusted root and key. Time only goes on: what was not from the future then is not now.
 */
function proveEnvelope(bundle: Bundle, content: EnvelopeContent, verification: Verification): ProvenEnvelope {
  const { trust, now, managedKey } = verification
  const known = proven.get(bundle)
  if (known?.trust === trust && known.managedKey === managedKey && known.now <= now) return known
  const statement = parseStatement(content)
  const signedBytes = artifactOfBytes(encodePae(content.payloadType, content.payload))
  const evidence = prove(bundle, signedBytes, statement, verification)
  const one = { ...verification, evidence, statement }
  proven.set(bundle, one)
  return one
}

/** Signed are the very bytes of a file, or of an envelope the encoding of its payload. */
function prove(
  bundle: Bundle,
  signedBytes: Artifact,
  statement: Statement | undefined,
  verification: Verification,
): Evidence {
  const { trust, now } = verification
  const who = identifySigner(bundle.key, verification.managedKey)
  const signed = tupleOf(bundle, signedBytes, who)
  const logged = verifyLogEntries(bundle.entries, bundle.version, signed, trust, now)
  const stamped = verifyTimestamps(
    bundle.timestamps,
    bundle.content.signature,
    trust.timestampAuthorities,
    now,
  )
  const times = collectTimes(logged, stamped, trust)
  const scts = verifyCertificate(who, bundle.key, times, verification)
  verifySignature(signed, logged)
  return {
    signer: who.signer,
    ...(statement !== undefined && { statement }),
    entries: logged.map(({ entry }) => entry),
    times,
    scts,
    checks: describeChecks({ who, logged, stamped, scts, statement }),
  }
}

/** What a message signature must be before any of its bytes is believed. */
function assertDigest({ digest }: MessageContent, artifact: Artifact): void {
  // On Rekor v2 the signature of a file that is itself a pre-authentication encoding would double as an attestation's.
  if (artifact.looksSigned) {
    throw new ActionError('FILE_LOOKS_SIGNED', 'the file begins with `DSSEv1 ` and has a message signature')
  }
  if (sameDigest(artifact, digest.hash, digest.value)) return
  const ours = artifact.digest(digest.hash)
  throw new ActionError('SIG_DIGEST', 'the digest in the bundle is not that of the artifact', {
    expected: `${digest.hash}:${encodeHex(digest.value)}, as the bundle says`,
    found:
      ours === undefined
        ? `no ${digest.hash} digest: give it, or the file`
        : `${digest.hash}:${encodeHex(ours)}`,
  })
}

function identifySigner(key: BundleKey, managedKey: PublicKey | undefined): Signer {
  if (key.kind === 'certificate' && managedKey === undefined) {
    return { publicKey: key.leaf.publicKey, signer: parseSigner(key.leaf), certificate: key.leaf }
  }
  if (key.kind === 'key' && managedKey !== undefined) {
    return { publicKey: managedKey, signer: { kind: 'key', hint: key.hint } }
  }
  throw new ActionError(
    'BUNDLE_KEY',
    key.kind === 'key'
      ? 'the bundle is signed with a long-lived key and holds no certificate'
      : 'the bundle holds a certificate, but a key was given to verify it with',
  )
}

function tupleOf({ content, key }: Bundle, signedBytes: Artifact, who: Signer): Signed {
  if (
    content.kind === 'envelope' &&
    key.kind === 'key' &&
    content.keyid !== '' &&
    content.keyid !== key.hint
  ) {
    throw new ActionError('BUNDLE_KEY', 'keyid of the envelope is not the hint of the bundle')
  }
  return {
    content,
    publicKey: who.publicKey,
    signedBytes,
    ...(who.certificate !== undefined && { certificate: who.certificate.raw }),
  }
}

function collectTimes(
  logged: readonly LogEvidence[],
  stamped: readonly VerifiedTime[],
  trust: TrustedRoot,
): readonly VerifiedTime[] {
  if (trust.isGitHub && stamped.length === 0) {
    throw new ActionError('TIME_MISSING', "GitHub's instance has no log: the bundle needs a signed timestamp")
  }
  const times = [...logged.flatMap(({ time }) => time ?? []), ...stamped].sort((a, b) => a.at - b.at)
  if (times.length === 0) throw new ActionError('TIME_MISSING', 'the bundle holds no time that anyone signed')
  for (const { log, time } of logged) {
    if (time === undefined) for (const { at } of times) assertLogInUse(log, at)
  }
  return times
}

function verifyCertificate(
  who: Signer,
  key: BundleKey,
  times: readonly VerifiedTime[],
  { trust, now }: Verification,
): readonly VerifiedSct[] {
  if (who.certificate === undefined || key.kind !== 'certificate') return []
  const [issuer] = verifyPath(
    who.certificate,
    trust.certificateAuthorities,
    times.map(({ at }) => at),
  )
  if (issuer === undefined) throw new ActionError('CERT_CHAIN', 'the certificate has no issuer')
  assertKnownChain(key.others, trust)
  return verifyScts(who.certificate, issuer, trust, now)
}

/** Certificates beside the leaf are never used; they are tolerated where they are the trusted root's own. */
function assertKnownChain(others: readonly Uint8Array[], trust: TrustedRoot): void {
  const known = trust.certificateAuthorities.flatMap(({ certificates }) => certificates)
  if (others.every((one) => known.some(({ raw }) => equalBytes(raw, one)))) return
  throw new ActionError('BUNDLE_CHAIN', 'the bundle holds a certificate that is not one of the trusted root')
}

function verifySignature(signed: Signed, logged: readonly LogEvidence[]): void {
  const named = [...new Set(logged.flatMap(({ hash }) => hash ?? []))]
  const { publicKey, signedBytes, content } = signed
  const matches = (hash: HashName) => signedBytes.signatureMatches(publicKey, hash, content.signature)
  const good = named.length > 0 ? named.every(matches) : usualHashes(publicKey, content).some(matches)
  if (!good) throw new ActionError('SIG_INVALID', 'the signature does not match the artifact and the key')
}

/**
 * Where no entry names the hash: the one of the curve, and SHA-256, which early clients used with every key. Of a message
 * signature it is the one that the bundle names.
 */
function usualHashes(key: PublicKey, content: Bundle['content']): readonly HashName[] {
  const usual = key.type === 'ecdsa' ? HASHES_OF_CURVE[key.curve] : HASHES_OF_CURVE['P-256']
  return content.kind === 'message' ? usual.filter((hash) => hash === content.digest.hash) : usual
}

const HASHES_OF_CURVE = {
  'P-256': ['sha256'],
  'P-384': ['sha384', 'sha256'],
  'P-521': ['sha512', 'sha256'],
} as const satisfies Readonly<Record<string, readonly HashName[]>>

interface Checked {
  readonly who: Signer
  readonly logged: readonly LogEvidence[]
  readonly stamped: readonly VerifiedTime[]
  readonly scts: readonly VerifiedSct[]
  readonly statement: Statement | undefined
}

function describeChecks({ who, logged, stamped, scts, statement }: Checked): readonly string[] {
  const promises = logged.filter(({ time }) => time !== undefined).length
  return [
    ...(logged.length > 0 ? ['log entry names this signature, key and artifact'] : []),
    ...(promises > 0 ? ['signed promise of the log'] : []),
    ...(logged.length > 0 ? ['inclusion proof under the signed tree head'] : []),
    ...(stamped.length > 0 ? ['signed timestamp over this signature'] : []),
    ...(who.certificate ? ['certificate chain at every verified time', 'certificate profile'] : []),
    ...(scts.length > 0 ? ['certificate promised to the certificate transparency log'] : []),
    'signature over the artifact',
    ...(statement === undefined ? [] : ['statement names this artifact']),
  ]
}
