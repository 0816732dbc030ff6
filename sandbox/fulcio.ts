import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { toPem } from './certificates.ts'
import { bytesAt, type Fields, parseFields, textAt } from './fields.ts'
import type { FulcioCa } from './fulcio-ca.ts'
import { ClaimError, emailIdentity, githubIdentity } from './identity.ts'
import { bytesOf } from './keys.ts'
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
  issuerType: kind === 'email' ? 'email' : 'ci-provider',
})

function certify(ca: FulcioCa, issuers: readonly TrustedIssuer[], request: WebRequest): WebAnswer {
  const body = request.body.length > MAX_BODY ? undefined : parseFields(request.body)
  if (body === undefined) return grpcError(400, 3, 'proto: syntax error (line 1:1): unexpected token')
  try {
    const leaf = issue(ca, issuers, body, request.headers.authorization)
    const chain = { certificates: [leaf, ...chainOf(ca)] }
    return json(200, { [formOf(ca)]: { chain } })
  } catch (error) {
    if (error instanceof Refusal || error instanceof ClaimError) return grpcError(400, 3, error.message)
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
  if (request !== undefined) return parseSigningRequest(request) ?? refuse(REFUSALS.request)
  const key = parseKey(textAt(body, 'publicKeyRequest', 'publicKey', 'content'))
  const proof = bytesAt(body, 'publicKeyRequest', 'proofOfPossession') ?? refuse(REFUSALS.signature)
  const isProven = verify(hashOf(key), Buffer.from(challenge), key, proof)
  return isProven ? key : refuse(REFUSALS.signature)
}

function parseKey(content: string): KeyObject {
  try {
    return createPublicKey(content)
  } catch {
    return refuse(REFUSALS.key)
  }
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
    const curve = details?.namedCurve ?? ''
    if (!Object.hasOwn(HASHES, curve)) refuse(`signing algorithm not permitted: ecdsa ${curve}, SHA-256`)
  } else if (type !== 'ed25519') refuse(`signing algorithm not permitted: ${type}`)
}
