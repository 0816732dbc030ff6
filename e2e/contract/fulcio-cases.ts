import { X509Certificate } from 'node:crypto'
import { type Case, grpcError, type Relation, type Suite } from './case.ts'
import { type Answer, textOf } from './exchange.ts'
import { certificate, ED25519, P256, P384, RSA } from './fulcio-answers.ts'
import { FULCIO_EVIDENCE } from './fulcio-evidence.ts'
import { FULCIO_FORMS } from './fulcio-forms.ts'
import {
  asking,
  byRequest,
  claiming,
  edited,
  now,
  post,
  signingRequest,
  stranger,
} from './fulcio-requests.ts'
import { base64, createKey } from './material.ts'

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
  ...FULCIO_FORMS,
]

const leafOf = (answer: Answer): X509Certificate =>
  new X509Certificate(JSON.parse(textOf(answer)).signedCertificateEmbeddedSct.chain.certificates[0])

const RELATIONS: readonly Relation[] = [
  {
    name: 'a certificate lives ten minutes from now',
    holds: ({ recall }) => {
      const { validFromDate, validToDate } = leafOf(recall('a certificate'))
      const life = validToDate.getTime() - validFromDate.getTime()
      return life === 600_000 && Math.abs(Date.now() - validFromDate.getTime()) < 120_000
    },
  },
  {
    name: 'the intermediate signed it, and the root the intermediate',
    holds: ({ recall }) => {
      const { chain } = JSON.parse(textOf(recall('a certificate'))).signedCertificateEmbeddedSct
      const [leaf, intermediate, root] = chain.certificates.map((pem: string) => new X509Certificate(pem))
      return leaf.verify(intermediate.publicKey) && intermediate.verify(root.publicKey)
    },
  },
]

export const FULCIO: Suite = {
  service: 'Fulcio',
  prepare: [],
  cases: CASES,
  relations: [...RELATIONS, ...FULCIO_EVIDENCE],
}
