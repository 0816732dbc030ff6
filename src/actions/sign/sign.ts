import { encodeUtf8, equalBytes } from '../../core/bytes.ts'
import type { EphemeralKey } from '../../core/ephemeral-key.ts'
import { printable } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { World } from '../../ports.ts'
import { verifyPath } from '../../sigstore/authority.ts'
import { parseSigner } from '../../sigstore/certificate-profile.ts'
import type { CertificateSigner } from '../../sigstore/evidence.ts'
import { isTokenRefusal, requestCertificate } from '../../sigstore/fulcio.ts'
import type { Identity } from '../../sigstore/identity.ts'
import { provenanceOfCertificate, provenanceOfToken, verifyProvenance } from '../../sigstore/provenance.ts'
import { verifyScts } from '../../sigstore/sct-verify.ts'
import type { Shipped } from '../job/trust-source.ts'
import { publishArtifact } from '../publish/artifact-upload.ts'
import { assertFree } from '../publish/release-plan.ts'
import { writeRelease } from '../publish/release-write.ts'
import { storeAttestations } from '../publish/store-upload.ts'
import { asActionError } from '../report/explain.ts'
import type { PublicRecord, SignOutcome } from '../report/outcome.ts'
import { certifiedKeys } from './certified-keys.ts'
import { verifyOtherLines } from './jsonl.ts'
import { keepValid } from './keep-valid.ts'
import { signBatch } from './sign-batch.ts'
import { type HeldToken, obtainToken } from './sign-identity.ts'
import type { SignPlan } from './sign-plan.ts'
import { preflight } from './sign-preflight.ts'
import { emptyRecord, outcomeOf, type SignRecord } from './sign-record.ts'

/** The sign action from inputs to outcome. Whatever goes wrong is in the outcome, with what became public before. */
export async function sign(world: World, shipped: Shipped): Promise<SignOutcome> {
  const record = emptyRecord()
  const started = world.clock.now()
  const end = (result: SignOutcome['result'], error?: ActionError): SignOutcome =>
    outcomeOf(record, {
      result,
      version: world.version,
      started,
      finished: world.clock.now(),
      ...(error !== undefined && { error }),
    })
  try {
    const plan = await preflight(world, shipped, record)
    if (plan.bundles.length === 0) return end('empty')
    if (plan.inputs.dryRun) return end('dry-run')
    const identity = await signAll(plan, record).finally(() => noteClock(plan, record))
    // All bundles are written and verified now: `record.bundles` is what there is to publish.
    if (plan.storing !== undefined) await storeAttestations(plan, plan.storing, record)
    if (plan.release !== undefined) await writeRelease(plan, plan.release, identity, record)
    if (plan.artifact !== undefined) {
      await publishArtifact({ ...plan, artifact: plan.artifact }, record, end('signed'))
    }
    return end('signed')
  } catch (error) {
    return end('failed', asActionError(error))
  }
}

/** Milliseconds: a clock that is off by less is not worth a word. */
const WRONG_CLOCK = 2000

function noteClock({ clock }: SignPlan, { notes }: SignRecord): void {
  const seconds = Math.round(Math.abs(clock.offset()) / 1000)
  if (Math.abs(clock.offset()) < WRONG_CLOCK) return
  const way = clock.offset() > 0 ? 'behind' : 'ahead'
  notes.push(`the clock of this machine is ${seconds} s ${way}; the time of the services was used instead`)
}

async function signAll(plan: SignPlan, record: SignRecord): Promise<Identity> {
  const held = await obtainToken(plan)
  if (plan.inputs.attest.kind === 'provenance') provenanceOfToken(held.identity)
  const kept = await keepValid(plan, held.identity)
  if (plan.release !== undefined) assertFree(plan, plan.release, kept)
  await verifyOtherLines(plan, held.identity)
  const tokens = tokenSource(plan, held)
  const keys = certifiedKeys((key) => certify(plan, key, tokens, record), plan.now)
  try {
    await signBatch(plan, keys, held.identity, kept, record)
  } finally {
    keys.dropAll()
  }
  const [first] = record.subjects
  if (record.identity === undefined && first?.evidence?.signer.kind === 'certificate') {
    record.identity = first.evidence.signer
  }
  return held.identity
}

const LEAST_TOKEN_LIFE = 60_000

/** The token at hand while it lasts, then a fresh one; one that was given cannot be renewed. */
function tokenSource(plan: SignPlan, first: HeldToken): (fresh: boolean) => Promise<HeldToken> {
  let held = first
  return async (fresh) => {
    if (!fresh && held.identity.expires - plan.now() > LEAST_TOKEN_LIFE) return held
    if (plan.inputs.identityToken !== undefined) {
      throw new ActionError(
        'TOKEN_EXPIRED',
        '`identity-token` ends before the batch does, and cannot be renewed',
      )
    }
    const renewed = await obtainToken(plan)
    assertSameIdentity(held.identity, renewed.identity)
    held = renewed
    return held
  }
}

function assertSameIdentity(before: Identity, after: Identity): void {
  if (before.name.value === after.name.value && before.issuer === after.issuer) return
  throw new ActionError('TOKEN_IDENTITY', 'the renewed token is for another identity', {
    expected: printable(before.name.value),
    found: printable(after.name.value),
  })
}

/** A certificate for the key, checked in every way before the key signs anything but its own proof of possession. */
async function certify(
  plan: SignPlan,
  key: EphemeralKey,
  tokens: (fresh: boolean) => Promise<HeldToken>,
  record: SignRecord,
): Promise<CertificateSigner> {
  const held = await tokens(false)
  try {
    return await askFulcio(plan, key, held, record)
  } catch (error) {
    if (!isTokenRefusal(error) || plan.inputs.identityToken !== undefined) throw error
    return askFulcio(plan, key, await tokens(true), record)
  }
}

/** Codes after which there is surely no certificate; after any other there may be one in the public log. */
const NOT_ISSUED = ['FULCIO_REFUSED', 'NET_REDIRECT', 'NET_TLS', 'NET_PROXY', 'NET_INSECURE']

async function askFulcio(
  plan: SignPlan,
  key: EphemeralKey,
  { token, identity }: HeldToken,
  record: SignRecord,
): Promise<CertificateSigner> {
  const named = { kind: 'certificate', identity: identity.name.value, issuer: identity.issuer } as const
  // Only where a certificate transparency log is does a certificate become public.
  const makePublic = (one: PublicRecord): void => {
    if (!plan.trust.root.isGitHub) record.public.push(one)
  }
  const { leaf } = await requestCertificate(plan.http, {
    fulcio: plan.services.fulcio,
    token,
    publicKey: key.pem,
    proofOfPossession: key.sign(encodeUtf8(identity.subject)),
    withoutLog: plan.trust.root.isGitHub,
  }).catch((error: unknown) => {
    const isNot = error instanceof ActionError && (error.unsent || NOT_ISSUED.includes(error.code))
    if (!isNot) {
      makePublic({ ...named, perhaps: true })
    }
    throw error
  })
  makePublic(named)
  if (!equalBytes(leaf.publicKey.spki, key.publicKey.spki)) {
    throw new ActionError('CERT_KEY', 'Fulcio certified another key than ours')
  }
  const signer = parseSigner(leaf)
  verifyNamed(signer, identity)
  if (plan.inputs.attest.kind === 'provenance') {
    verifyProvenance(provenanceOfCertificate(signer.claims), provenanceOfToken(identity))
  }
  const now = plan.now()
  const [issuer] = verifyPath(leaf, plan.trust.root.certificateAuthorities, [now])
  if (issuer === undefined) throw new ActionError('CERT_CHAIN', 'the certificate has no issuer')
  verifyScts(leaf, issuer, plan.trust.root, now)
  record.identity = signer
  return signer
}

/** The certificate names exactly whom the token names: SAN, issuer and, where the token has one, the ref. */
function verifyNamed(
  { name, claims }: CertificateSigner,
  { name: expected, issuer, github }: Identity,
): void {
  const pairs: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['subject alternative name', `${expected.type} ${expected.value}`, `${name.type} ${name.value}`],
    ['issuer', issuer, claims.issuer],
    ['source ref', github.ref, github.ref === undefined ? undefined : claims.sourceRepositoryRef],
    ['source commit', github.sha, github.sha === undefined ? undefined : claims.sourceRepositoryDigest],
  ]
  for (const [what, wanted, found] of pairs) {
    if (wanted === found) continue
    throw new ActionError('CERT_IDENTITY', `the ${what} of the certificate is not that of the token`, {
      expected: printable(wanted ?? 'none'),
      found: printable(found ?? 'none'),
    })
  }
}
