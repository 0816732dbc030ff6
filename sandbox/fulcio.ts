import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { toPem } from './certificates.ts'
import { bytesAt, type Fields, textAt } from './fields.ts'
import type { FulcioCa } from './fulcio-ca.ts'
import { ClaimError, emailIdentity, githubIdentity } from './identity.ts'
import { bytesOf } from './keys.ts'
import { type Message, MessageError, parseMessage } from './protobuf-json.ts'
import { parseSigningRequest } from './signing-request.ts'
import { acceptToken, type TrustedIssuer } from './token-check.ts'
import { grpcError, type Handler, json, type WebAnswer, type WebRequest } from './web.ts'

const MAX_BODY = 4 * 1024 * 1024

/** Fulcio's 400s (fulcio pkg/server/error.go), INVALID_ARGUMENT each. */
const REFUSALS = {
  token: 'There was an error processing the identity token',
  signature: 'The signature supplied in the request could not be verified',
  key: 'The public key supplied in the request could not be parsed',
  weak: 'The public key supplied in the request is insecure',
  request: 'The certificate signing request could not be parsed',
} as const

/** fulcio.proto's CreateSigningCertificateRequest; unlike Rekor, Fulcio passes over what it does not know. */
const REQUEST: Message = {
  ignoresOthers: true,
  members: {
    credentials: { ignoresOthers: true, members: { oidcIdentityToken: 'text' } },
    publicKeyRequest: {
      ignoresOthers: true,
      members: {
        publicKey: {
          ignoresOthers: true,
          members: { content: 'text' },
        },
        proofOfPossession: 'bytes',
      },
    },
    certificateSigningRequest: 'bytes',
  },
}

class Refusal extends Error {}

const refuse = (message: string): never => {
  throw new Refusal(message)
}

/** Fulcio's HTTP side (fulcio.proto): `signingCert`, `trustBundle`, `configuration`. */
export function serveFulcio(ca: FulcioCa, issuers: readonly TrustedIssuer[]): Handler {
  return (request) => {
    if (request.path === '/api/v2/trustBundle') return json(200, { chains: [{ certificates: chainOf(ca) }] })
    if (request.path === '/api/v2/configuration') return json(200, { issuers: issuers.map(describe) })
    if (request.path === '/healthz') return json(200, { status: 'SERVING' })
    if (request.path !== '/api/v2/signingCert') return grpcError(404, 5, 'Not Found')
    if (request.method !== 'POST') return grpcError(501, 12, 'Method Not Allowed')
    return certify(ca, issuers, request)
  }
}

const chainOf = ({ intermediate, root }: FulcioCa): readonly string[] =>
  [intermediate, root].map(({ certificate }) => toPem('CERTIFICATE', certificate))

const describe = ({ url, kind }: TrustedIssuer): Fields => ({
  issuerUrl: url,
  audience: 'sigstore',
  challengeClaim: kind === 'email' ? 'email' : 'sub',
  spiffeTrustDomain: '',
  issuerType: kind === 'email' ? 'email' : 'ci-provider',
  subjectDomain: '',
  skipEmailVerification: false,
})

function certify(ca: FulcioCa, issuers: readonly TrustedIssuer[], request: WebRequest): WebAnswer {
  if (request.body.length > MAX_BODY) return grpcError(400, 3, 'http: request body too large')
  try {
    const body = parseMessage(request.body, REQUEST)
    const leaf = issue(ca, issuers, body, request.headers.authorization)
    const chain = { certificates: [leaf, ...chainOf(ca)] }
    return json(200, { [formOf(ca)]: { chain } })
  } catch (error) {
    const refusals = [Refusal, ClaimError, MessageError]
    const isRefusal = error instanceof Error && refusals.some((kind) => error instanceof kind)
    if (isRefusal) return grpcError(400, 3, error.message)
    throw error
  }
}

/** Without a log the detached form comes, whose SCT is empty and so left out (fulcio pkg/server/grpc_server.go). */
const formOf = ({ withoutLog }: FulcioCa): string =>
  withoutLog ? 'signedCertificateDetachedSct' : 'signedCertificateEmbeddedSct'

/** In Fulcio's order: the token, who it names, the key, its proof of possession. */
function issue(
  ca: FulcioCa,
  issuers: readonly TrustedIssuer[],
  body: Fields,
  authorization: string | undefined,
): string {
  const bearer = /^bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? ''
  const accepted = acceptToken(textAt(body, 'credentials', 'oidcIdentityToken') || bearer, issuers)
  if (accepted === undefined) return refuse(REFUSALS.token)
  const { issuer, claims } = accepted
  const identity = issuer.kind === 'email' ? emailIdentity(claims) : githubIdentity(claims)
  const challenge = textAt(claims, issuer.kind === 'email' ? 'email' : 'sub')
  const key = provenKey(body, challenge)
  assertPermitted(key)
  return ca.issue({ spki: bytesOf(key.export({ type: 'spki', format: 'der' })), identity }).pem
}

/** The key, once its owner has shown that it holds it: by a signed request, or by a signature over its own name. */
function provenKey(body: Fields, challenge: string): KeyObject {
  const request = bytesAt(body, 'certificateSigningRequest')
  if (request !== undefined) {
    const { key, isProven } = parseSigningRequest(request) ?? refuse(REFUSALS.request)
    return isProven ? key : refuse(REFUSALS.signature)
  }
  const key = parseKey(textAt(body, 'publicKeyRequest', 'publicKey', 'content'))
  const proof = bytesAt(body, 'publicKeyRequest', 'proofOfPossession') ?? refuse(REFUSALS.signature)
  const isProven = verify(hashOf(key), Buffer.from(challenge), key, proof)
  return isProven ? key : refuse(REFUSALS.signature)
}

/** Those of crypto/elliptic; of any other Go cannot read the key. */
const GO_CURVES = ['secp224r1', 'prime256v1', 'secp384r1', 'secp521r1']

function parseKey(content: string): KeyObject {
  try {
    const key = createPublicKey(content)
    const { namedCurve } = key.asymmetricKeyDetails ?? {}
    if (namedCurve === undefined || GO_CURVES.includes(namedCurve)) return key
  } catch {
    // as below
  }
  return refuse(REFUSALS.key)
}

const HASHES: Readonly<Record<string, string>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
}

function hashOf(key: KeyObject): string | null {
  if (key.asymmetricKeyType === 'ed25519') return null
  return HASHES[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'sha256'
}

function assertPermitted(key: KeyObject): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'rsa') {
    if ((details?.modulusLength ?? 0) < 2048) refuse(REFUSALS.weak)
  } else if (type === 'ec') {
    if (!Object.hasOwn(HASHES, details?.namedCurve ?? '')) refuse(REFUSALS.weak)
  } else if (type !== 'ed25519') refuse(`signing algorithm not permitted: ${type}`)
}
