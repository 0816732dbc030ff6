import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { encodeUtf8 } from '../src/core/bytes.ts'
import { digest } from '../src/core/digest.ts'
import { encodePae } from '../src/core/dsse.ts'
import { generateEphemeralKey } from '../src/core/ephemeral-key.ts'
import type { Json } from '../src/core/json.ts'
import type { Secret } from '../src/core/secret.ts'
import { realHttp } from '../src/host/http.ts'
import { artifactOfBytes, artifactOfDigests } from '../src/sigstore/artifact.ts'
import { parseBundle } from '../src/sigstore/bundle.ts'
import { encodeBundle } from '../src/sigstore/bundle-write.ts'
import { requestCertificate } from '../src/sigstore/fulcio.ts'
import { verifyTokenClaims } from '../src/sigstore/identity.ts'
import { verifyIdentity } from '../src/sigstore/policy.ts'
import { requestEntryV1 } from '../src/sigstore/rekor-v1.ts'
import { requestEntryV2 } from '../src/sigstore/rekor-v2.ts'
import { selectServices } from '../src/sigstore/service-selection.ts'
import { parseSigningConfig } from '../src/sigstore/signing-config.ts'
import { IN_TOTO_PAYLOAD, parseStatement } from '../src/sigstore/statement.ts'
import type { Submission } from '../src/sigstore/submission.ts'
import { requestTimestamp } from '../src/sigstore/timestamp.ts'
import { parseIdentityToken } from '../src/sigstore/token-claims.ts'
import type { TrustedRoot } from '../src/sigstore/trusted-root.ts'
import { verifyBundle } from '../src/sigstore/verifier.ts'

export interface ConformanceSigning {
  readonly token: Secret
  readonly trust: TrustedRoot
  readonly signingConfig: Json
  readonly allowLoopbackHttp: boolean
  /** The file; with `inToto` the statement itself. */
  readonly content: Uint8Array
  readonly inToto: boolean
  /** Where the bundle is written. */
  readonly bundle: string
}

/** One bundle, made with the protocol's own functions and verified before it is written. */
export async function signForConformance(asked: ConformanceSigning): Promise<void> {
  const { token, trust, content, inToto, allowLoopbackHttp } = asked
  const http = realHttp({ allowLoopbackHttp })
  const config = parseSigningConfig(asked.signingConfig)
  const services = selectServices(config, { now: Date.now(), rekorVersion: 'auto', allowLoopbackHttp })
  const expectation = {
    kind: 'given',
    audience: 'sigstore',
    issuers: 'any',
    server: 'https://github.com',
  } as const
  const identity = verifyTokenClaims(parseIdentityToken(token), expectation, Date.now())
  const key = generateEphemeralKey()
  const { leaf } = await requestCertificate(http, {
    fulcio: services.fulcio,
    token,
    publicKey: key.pem,
    proofOfPossession: key.sign(encodeUtf8(identity.subject)),
  })
  const submission: Submission = { content: contentOf(content, inToto, key.sign), certificate: leaf.raw }
  key.drop()
  const { signature } = submission.content
  const [entries, timestamps] = await Promise.all([
    Promise.all(
      services.rekor.urls
        .slice(0, services.rekor.count)
        .map((url) =>
          services.rekor.version === 1
            ? requestEntryV1(http, url, submission)
            : requestEntryV2(http, url, submission, [...trust.transparencyLogs.values()]),
        ),
    ),
    Promise.all(
      services.tsa.urls
        .slice(0, services.tsa.count)
        .map((url) => requestTimestamp(http, url, { signature, nonce: randomBytes(8) })),
    ),
  ])
  const bundle = encodeBundle({ ...submission, entries, timestamps })
  prove(bundle, asked, { name: identity.name.value, issuer: identity.issuer, certificate: leaf })
  writeFileSync(asked.bundle, bundle)
}

function contentOf(
  content: Uint8Array,
  inToto: boolean,
  sign: (data: Uint8Array) => Uint8Array,
): Submission['content'] {
  if (!inToto) {
    const value = digest('sha256', content)
    return { kind: 'message', digest: { hash: 'sha256', value }, signature: sign(content) }
  }
  const signature = sign(encodePae(IN_TOTO_PAYLOAD, content))
  return { kind: 'envelope', payloadType: IN_TOTO_PAYLOAD, payload: content, keyid: '', signature }
}

function prove(
  bundle: Uint8Array,
  { trust, content, inToto }: ConformanceSigning,
  identity: Parameters<typeof verifyIdentity>[1],
): void {
  const parsed = parseBundle(bundle)
  const { sha256 = '' } =
    inToto && parsed.content.kind === 'envelope'
      ? (parseStatement(parsed.content).subjects[0]?.digest ?? {})
      : {}
  const artifact = inToto
    ? artifactOfDigests({ sha256: Uint8Array.from(Buffer.from(sha256, 'hex')) })
    : artifactOfBytes(content)
  verifyIdentity(verifyBundle(parsed, artifact, { trust, now: Date.now() }), identity)
}
