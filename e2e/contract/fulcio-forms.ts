import { type Case, grpcError, ok } from './case.ts'
import type { Target } from './exchange.ts'
import { certificate, INTERMEDIATE, P256 } from './fulcio-answers.ts'
import { edited, post, url } from './fulcio-requests.ts'
import { type CertificateRequest, certificateRequest } from './material.ts'

const editedText =
  (from: RegExp | string, to: string): Case['ask'] =>
  ({ target }) =>
    post(target, JSON.stringify(certificateRequest(target)).replace(from, to))

/** One in twenty signatures reads the same in both kinds of base64. */
function withUrlProof(target: Target): CertificateRequest {
  const request = certificateRequest(target)
  const { proofOfPossession: proof } = request.publicKeyRequest
  const forUrls = Buffer.from(proof, 'base64').toString('base64url')
  if (forUrls === proof) return withUrlProof(target)
  return { ...request, publicKeyRequest: { ...request.publicKeyRequest, proofOfPossession: forUrls } }
}

/** What is asked of Fulcio in the wrong form, and what it tells about itself. */
export const FULCIO_FORMS: readonly Case[] = [
  {
    name: 'malformed JSON',
    ask: ({ target }) => post(target, '{"credentials":'),
    answer: grpcError(400, 3, 'unexpected EOF'),
  },
  {
    name: 'JSON that is no object',
    ask: ({ target }) => post(target, '[]'),
    answer: grpcError(400, 3, 'proto: syntax error (line): unexpected token ['),
  },
  {
    name: 'an empty body',
    ask: ({ target }) => post(target, ''),
    answer: grpcError(400, 3, 'There was an error processing the identity token'),
  },
  {
    name: 'an empty object',
    ask: ({ target }) => post(target, {}),
    answer: grpcError(400, 3, 'There was an error processing the identity token'),
  },
  {
    name: 'a member that it does not know',
    ask: edited((request) => ({ ...request, hint: 1 })),
    answer: certificate(P256),
  },
  {
    name: 'a member twice',
    ask: editedText('{"oidcIdentityToken"', '{"oidcIdentityToken":"","oidcIdentityToken"'),
    answer: grpcError(400, 3, 'proto: (line): duplicate field "oidcIdentityToken"'),
  },
  {
    name: 'a member twice that it does not know',
    ask: editedText('{"oidcIdentityToken"', '{"hint":1,"hint":2,"oidcIdentityToken"'),
    answer: certificate(P256),
  },
  {
    name: 'more behind the JSON',
    ask: editedText(/$/, '{}'),
    answer: certificate(P256),
    stricter: grpcError(400, 3, 'proto: syntax error (line): invalid value'),
  },
  {
    name: 'a member in the spelling of the proto file',
    ask: editedText('"publicKeyRequest"', '"public_key_request"'),
    answer: certificate(P256),
    stricter: grpcError(400, 3, 'The public key supplied in the request could not be parsed'),
  },
  {
    name: 'a proof in base64 for URLs',
    ask: ({ target }) => post(target, withUrlProof(target)),
    answer: certificate(P256),
    stricter: grpcError(400, 3, 'The signature supplied in the request could not be verified'),
  },
  {
    name: 'a number for a token',
    ask: edited((request) => ({ ...request, credentials: { oidcIdentityToken: 7 } })),
    answer: grpcError(400, 3, 'proto: (line): invalid value for string field oidcIdentityToken: 7'),
  },
  {
    name: 'a proof that is not base64',
    ask: edited((request) => ({
      ...request,
      publicKeyRequest: { ...request.publicKeyRequest, proofOfPossession: '%%%' },
    })),
    answer: grpcError(400, 3, 'proto: (line): invalid value for bytes field proofOfPossession: "%%%"'),
  },
  {
    name: 'text for a content type',
    ask: ({ target }) => post(target, certificateRequest(target), { 'content-type': 'text/plain' }),
    answer: certificate(P256),
  },
  {
    name: 'no content type',
    ask: ({ target }) => post(target, certificateRequest(target), {}),
    answer: certificate(P256),
  },
  {
    name: 'GET',
    ask: ({ target }) => ({ url: url(target) }),
    answer: grpcError(501, 12, 'Method Not Allowed'),
  },
  {
    name: 'PUT',
    ask: ({ target }) => ({ ...post(target, certificateRequest(target)), method: 'PUT' }),
    answer: grpcError(501, 12, 'Method Not Allowed'),
  },
  {
    name: 'an unknown path',
    ask: ({ target }) => ({ url: `${target.fulcio}/api/v2/nothing` }),
    answer: grpcError(404, 5, 'Not Found'),
  },
  {
    name: 'the trust bundle',
    ask: ({ target }) => ({ url: `${target.fulcio}/api/v2/trustBundle` }),
    answer: ok({
      chains: [
        {
          certificates: [INTERMEDIATE, '<PEM>'],
        },
      ],
    }),
  },
  {
    name: 'the configuration',
    ask: ({ target }) => ({ url: `${target.fulcio}/api/v2/configuration` }),
    answer: ok({
      issuers: [
        {
          issuerUrl: '<issuer>',
          audience: 'sigstore',
          challengeClaim: 'sub',
          spiffeTrustDomain: '',
          issuerType: 'ci-provider',
          subjectDomain: '',
          skipEmailVerification: false,
        },
      ],
    }),
  },
  {
    name: 'health',
    ask: ({ target }) => ({ url: `${target.fulcio}/healthz` }),
    answer: ok({ status: 'SERVING' }),
  },
]
