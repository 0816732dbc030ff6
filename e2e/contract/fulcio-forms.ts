import { type Case, grpcError, ok } from './case.ts'
import { certificate, INTERMEDIATE, P256 } from './fulcio-answers.ts'
import { edited, post, url } from './fulcio-requests.ts'
import { certificateRequest } from './material.ts'

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
