import { X509Certificate } from 'node:crypto'
import { type Case, grpcError, ok, type Relation, type Suite } from './case.ts'
import { type Answer, textOf } from './exchange.ts'
import {
  asking,
  byRequest,
  claiming,
  edited,
  now,
  post,
  signingRequest,
  stranger,
  url,
} from './fulcio-requests.ts'
import { base64, certificateRequest, createKey } from './material.ts'
import type { Shape } from './shape.ts'

/** A good answer: names of what is in the leaf (fulcio docs/oid-info.md, RFC 6962 3.3), in their order. */
function certificate(...key: readonly string[]): Shape {
  const usage = '2.5.29.15 2.5.29.37 1.3.6.1.5.5.7.3.3 2.5.29.14 2.5.29.35 2.5.29.17'
  const numbers = [1, 2, 3, 4, 5, 6, ...Array.from({ length: 15 }, (_, i) => i + 8), 24]
  const claims = numbers.map((number) => `1.3.6.1.4.1.57264.1.${number}`)
  const names = ['ecdsa 2.5.4.10 2.5.4.3', ...key, usage, ...claims, '1.3.6.1.4.1.11129.2.4.2 ecdsa']
  return ok({ signedCertificateEmbeddedSct: { chain: { certificates: [names.join(' '), '<PEM>'] } } })
}

const P256 = '1.2.840.10045.2.1 1.2.840.10045.3.1.7'
const P384 = '1.2.840.10045.2.1 1.3.132.0.34'
const ED25519 = '1.3.101.112'
const RSA = '1.2.840.113549.1.1.1'

const CASES: readonly Case[] = [
  { name: 'a certificate', ask: asking(() => ({})), answer: certificate(P256) },
  { name: 'a P-384 key', ask: asking(() => ({ key: createKey('P-384') })), answer: certificate(P384) },
  {
    name: 'an Ed25519 key',
    ask: asking(() => ({ key: createKey('ed25519') })),
    answer: certificate(ED25519),
  },
  { name: 'an RSA key', ask: asking(() => ({ key: createKey('rsa 2048') })), answer: certificate(RSA) },
  { name: 'a signing request', ask: byRequest(signingRequest(createKey())), answer: certificate(P256) },
  {
    name: 'the token in a header',
    ask: ({ target }) =>
      post(
        target,
        { certificateSigningRequest: signingRequest(createKey()) },
        { 'content-type': 'application/json', authorization: `Bearer ${target.mint()}` },
      ),
    answer: certificate(P256),
  },
  {
    name: 'no token',
    ask: asking(() => ({ token: '' })),
    answer: grpcError(400, 3, 'There was an error processing the identity token'),
  },
  {
    name: 'nonsense for a token',
    ask: asking(() => ({ token: 'a.b.c' })),
    answer: grpcError(400, 3, 'There was an error processing the identity token'),
  },
  {
    name: 'an expired token',
    ask: claiming(() => ({ exp: now() - 60 })),
    answer: grpcError(400, 3, 'There was an error processing the identity token'),
  },
  {
    name: 'a token of tomorrow',
    ask: claiming(() => ({ nbf: now() + 86400 })),
    answer: grpcError(400, 3, 'There was an error processing the identity token'),
  },
  {
    name: 'a token that begins in a minute',
    ask: claiming(() => ({ nbf: now() + 60 })),
    answer: certificate(P256),
  },
  {
    name: 'a token for another service',
    ask: asking((target) => ({ token: target.mint({ audience: 'other' }) })),
    answer: grpcError(400, 3, 'There was an error processing the identity token'),
  },
  {
    name: 'a token of another issuer',
    ask: claiming(() => ({ iss: 'https://issuer.invalid' })),
    answer: grpcError(400, 3, 'There was an error processing the identity token'),
  },
  {
    name: 'a token that another key signed',
    ask: asking((target) => ({ token: target.mint({ privateKey: stranger }) })),
    answer: grpcError(400, 3, 'There was an error processing the identity token'),
  },
  {
    name: 'a token without an algorithm',
    ask: asking((target) => ({ token: target.mint({ header: { alg: 'none' } }) })),
    answer: grpcError(400, 3, 'There was an error processing the identity token'),
  },
  {
    name: 'a token that lacks a claim',
    ask: claiming(() => ({ runner_environment: undefined })),
    answer: grpcError(
      400,
      3,
      'value <runner_environment> not present in either claims or defaults. {\n\t"ExtensionName": "RunnerEnvironment",\n\t"Issuer": "<issuer>"\n}',
    ),
  },
  {
    name: 'a token that lacks the workflow',
    ask: claiming(() => ({ job_workflow_ref: undefined })),
    answer: grpcError(
      400,
      3,
      'template: :1:14: executing "" at <.job_workflow_ref>: map has no entry for key "job_workflow_ref"',
    ),
  },
  {
    name: 'a token without a subject',
    ask: claiming(() => ({ sub: undefined })),
    answer: grpcError(400, 3, 'The signature supplied in the request could not be verified'),
  },
  {
    name: 'a proof over another name',
    ask: asking(() => ({ proven: 'repo:octo/other' })),
    answer: grpcError(400, 3, 'The signature supplied in the request could not be verified'),
  },
  {
    name: 'a proof by another key',
    ask: asking(() => ({ prover: createKey() })),
    answer: grpcError(400, 3, 'The signature supplied in the request could not be verified'),
  },
  {
    name: 'no proof',
    ask: edited((request) => ({
      ...request,
      publicKeyRequest: { publicKey: request.publicKeyRequest.publicKey },
    })),
    answer: grpcError(400, 3, 'The signature supplied in the request could not be verified'),
  },
  {
    name: 'no key',
    ask: edited(({ credentials }) => ({ credentials })),
    answer: grpcError(400, 3, 'The public key supplied in the request could not be parsed'),
  },
  {
    name: 'nonsense for a key',
    ask: edited((request) => ({
      ...request,
      publicKeyRequest: {
        ...request.publicKeyRequest,
        publicKey: { algorithm: 'ECDSA', content: 'nonsense' },
      },
    })),
    answer: grpcError(400, 3, 'The public key supplied in the request could not be parsed'),
  },
  {
    name: 'a curve that is not enabled',
    ask: asking(() => ({ key: createKey('P-224') })),
    answer: grpcError(400, 3, 'The public key supplied in the request is insecure'),
  },
  {
    name: 'a curve that Go does not know',
    ask: asking(() => ({ key: createKey('secp256k1') })),
    answer: grpcError(400, 3, 'The public key supplied in the request could not be parsed'),
  },
  {
    name: 'a short RSA key',
    ask: asking(() => ({ key: createKey('rsa 1024') })),
    answer: grpcError(400, 3, 'The public key supplied in the request is insecure'),
  },
  {
    name: 'nonsense for a signing request',
    ask: byRequest(base64('nonsense')),
    answer: grpcError(400, 3, 'The certificate signing request could not be parsed'),
  },
  {
    name: 'a signing request by another key',
    ask: byRequest(signingRequest(createKey(), createKey())),
    answer: grpcError(400, 3, 'The signature supplied in the request could not be verified'),
  },
  {
    name: 'a signing request that is not base64',
    ask: byRequest('%%%'),
    answer: grpcError(
      400,
      3,
      'proto: (line): invalid value for bytes field certificateSigningRequest: "%%%"',
    ),
  },
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
          certificates: [
            'ecdsa 2.5.4.10 2.5.4.3 2.5.4.10 2.5.4.3 1.2.840.10045.2.1 1.2.840.10045.3.1.7 2.5.29.15 2.5.29.37 1.3.6.1.5.5.7.3.3 2.5.29.19 2.5.29.14 2.5.29.35 ecdsa',
            '<PEM>',
          ],
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

const leafOf = (answer: Answer): X509Certificate =>
  new X509Certificate(JSON.parse(textOf(answer)).signedCertificateEmbeddedSct.chain.certificates[0])

const RELATIONS: readonly Relation[] = [
  {
    name: 'a certificate lives ten minutes from now',
    holds: (recall) => {
      const { validFromDate, validToDate } = leafOf(recall('a certificate'))
      const life = validToDate.getTime() - validFromDate.getTime()
      return life === 600_000 && Math.abs(Date.now() - validFromDate.getTime()) < 120_000
    },
  },
  {
    name: 'the intermediate signed it, and the root the intermediate',
    holds: (recall) => {
      const { chain } = JSON.parse(textOf(recall('a certificate'))).signedCertificateEmbeddedSct
      const [leaf, intermediate, root] = chain.certificates.map((pem: string) => new X509Certificate(pem))
      return leaf.verify(intermediate.publicKey) && intermediate.verify(root.publicKey)
    },
  },
]

export const FULCIO: Suite = { service: 'Fulcio', prepare: [], cases: CASES, relations: RELATIONS }
