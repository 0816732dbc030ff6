import { encodeBase64 } from '../core/base64.ts'
import { encodeUtf8 } from '../core/bytes.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { isPresent, jsonReader } from '../core/json-reader.ts'
import type { Secret } from '../core/secret.ts'
import { type Certificate, parseCertificatePem } from '../core/x509.ts'
import { ActionError } from '../errors.ts'
import type { Http, HttpRequest, HttpResponse } from '../ports.ts'
import { type AnswerCodes, parseAnswer, serverText, statusError } from './answer.ts'
import { atPath } from './service-url.ts'

/** What Fulcio is asked to certify. */
export interface CertificateAsk {
  /** Base URL. */
  readonly fulcio: URL
  readonly token: Secret
  /** PEM of the SubjectPublicKeyInfo. */
  readonly publicKey: string
  /** DER, over the UTF-8 of the identity's `subject`. */
  readonly proofOfPossession: Uint8Array
  /** The instance has no certificate transparency log: GitHub's alone. */
  readonly withoutLog?: boolean
}

/** Not verified: neither chain nor SCT nor whom it names. */
export interface IssuedCertificate {
  readonly leaf: Certificate
  /** What came behind the leaf, as sent. Trust comes from the trusted root alone. */
  readonly chain: readonly Certificate[]
}

const CODES: AnswerCodes = { service: 'Fulcio', refused: 'FULCIO_REFUSED', response: 'FULCIO_RESPONSE' }
const TIMEOUT = 20_000
const MAX_BYTES = 2 * 1024 * 1024
const MAX_CHAIN = 10
const TOKEN_HINT =
  'Fulcio did not accept the identity token: it has expired, or its issuer or audience is not one that this Fulcio knows.'
const read = jsonReader('FULCIO_RESPONSE')

/** `POST /api/v2/signingCert` with proof of possession, the token in the body (fulcio.proto, CreateSigningCertificate). */
export function certificateRequest(ask: CertificateAsk): HttpRequest {
  const body = {
    credentials: { oidcIdentityToken: ask.token.reveal() },
    publicKeyRequest: {
      publicKey: { algorithm: 'ECDSA', content: ask.publicKey },
      proofOfPossession: encodeBase64(ask.proofOfPossession),
    },
  }
  return {
    service: CODES.service,
    method: 'POST',
    url: atPath(ask.fulcio, '/api/v2/signingCert'),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: encodeUtf8(JSON.stringify(body)),
    timeout: TIMEOUT,
    maxBytes: MAX_BYTES,
  }
}

/**
 * The certificate of an answer. FULCIO_REFUSED (4xx, see `isTokenRefusal`), FULCIO_RESPONSE, SCT_MISSING if the SCT is
 * not embedded (a bundle has no place for another), CERT_CHAIN, or what parsing a certificate throws. The token is
 * blanked out of whatever the server says.
 */
export function parseCertificateResponse(
  response: HttpResponse,
  { token, withoutLog }: Pick<CertificateAsk, 'token' | 'withoutLog'>,
): IssuedCertificate {
  if (response.status !== 200 && response.status !== 201) throw refusal(response, token)
  const answer = read.object(parseAnswer(response, CODES), 'the answer of Fulcio')
  const signed = withoutLog ? readUnpromised(answer) : readPromised(answer)
  const [leaf, ...chain] = parseChain(signed['chain']).map(parseCertificatePem)
  if (leaf === undefined) throw new ActionError('CERT_CHAIN', 'Fulcio answered without a certificate')
  return { leaf, chain }
}

function readPromised(answer: JsonObject): JsonObject {
  if (isPresent(answer['signedCertificateDetachedSct'])) {
    throw new ActionError('SCT_MISSING', 'Fulcio issued a certificate without an embedded SCT')
  }
  return read.object(answer['signedCertificateEmbeddedSct'], 'signedCertificateEmbeddedSct')
}

/** Without a log Fulcio answers in the detached form, its SCT empty (fulcio pkg/server/grpc_server.go). */
function readUnpromised(answer: JsonObject): JsonObject {
  const signed = read.object(answer['signedCertificateDetachedSct'], 'signedCertificateDetachedSct')
  const sct = signed['signedCertificateTimestamp']
  if (!isPresent(sct) || sct === '') return signed
  throw new ActionError('SCT_UNKNOWN_LOG', 'Fulcio sent an SCT, and the trusted root names no log')
}

function parseChain(value: Json | undefined): readonly string[] {
  const chain = isPresent(value) ? read.object(value, 'chain') : {}
  const certificates = read.list(chain['certificates'], 'chain.certificates')
  if (certificates.length > MAX_CHAIN) {
    throw new ActionError('CERT_CHAIN', `Fulcio answered with ${certificates.length} certificates`)
  }
  return certificates.map((one, i) => read.text(one, `chain.certificates[${i}]`))
}

/** Fulcio has one text for every fault of a token (fulcio pkg/server/error.go), and 400 for it. */
function refusal(response: HttpResponse, token: Secret): ActionError {
  const isToken =
    response.status === 401 || /processing the identity token/i.test(serverText(response, token))
  return statusError(response, CODES, { secret: token, ...(isToken && { hint: TOKEN_HINT }) })
}

/** Whether Fulcio refused the token itself: an expired one is worth a fresh one, once. */
export const isTokenRefusal = (error: unknown): boolean =>
  error instanceof ActionError && error.code === 'FULCIO_REFUSED' && error.hint === TOKEN_HINT

export const requestCertificate = async (http: Http, ask: CertificateAsk): Promise<IssuedCertificate> =>
  parseCertificateResponse(await http(certificateRequest(ask)), ask)
