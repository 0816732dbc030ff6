import { apiError, type Case } from './case.ts'
import { asJson, asking, GOOD, HEADERS, post, refused, timestamp } from './tsa-requests.ts'

/** Questions in JSON and in the wrong form, the chain, and what is asked at other paths. */
export const TSA_FORMS: readonly Case[] = [
  { name: 'an empty body', ask: asking(''), answer: apiError(422, 'request in body is required', 602) },
  { name: 'a question in JSON', ask: asJson({}), answer: timestamp() },
  {
    name: 'a question in JSON without a certificate',
    ask: asJson({ certificates: false }),
    answer: timestamp({ certificate: false }),
  },
  {
    name: 'a question in JSON about SHA-1',
    ask: asJson({ hashAlgorithm: 'sha1' }),
    answer: refused('Weak hash algorithm in timestamp request'),
  },
  {
    name: 'a question in JSON about SHA-256 in capitals',
    ask: asJson({ hashAlgorithm: 'SHA256' }),
    answer: timestamp(),
  },
  {
    name: 'a question in JSON about no hash that there is',
    ask: asJson({ hashAlgorithm: 'md5' }),
    answer: refused('Error generating timestamp response'),
  },
  {
    name: 'a question in JSON that is too large',
    ask: asJson({ hint: 'a'.repeat(1024) }),
    answer: refused('timestamp request is too large'),
  },
  {
    name: 'a question that is too large',
    ask: asking(new Uint8Array(2 * 1024 * 1024).fill(0x30)),
    answer: refused('Error generating timestamp response'),
  },
  {
    name: 'a question in JSON, with a parameter of its type',
    ask: asking('{}', { 'content-type': 'application/json; charset=utf-8' }),
    answer: refused('Error generating timestamp response'),
  },
  {
    name: 'a question in JSON, by a type in capitals',
    ask: asking('{}', { 'content-type': 'APPLICATION/JSON' }),
    answer: refused('Error generating timestamp response', 415),
  },
  {
    name: 'nonsense for a content type',
    ask: asking(GOOD, { ...HEADERS, 'content-type': 'nonsense' }),
    answer: apiError(
      400,
      'parsing Content-Type header from "nonsense" failed, because mediatype: malformed: "nonsense" has no subtype',
    ),
  },
  {
    name: 'anything accepted that is an application',
    ask: asking(GOOD, { ...HEADERS, accept: 'application/*' }),
    answer: timestamp(),
  },
  {
    name: 'a question in JSON without a hash',
    ask: asJson({ artifactHash: undefined }),
    answer: refused('Message digest has incorrect length for specified algorithm'),
  },
  {
    name: 'a question in malformed JSON',
    ask: asking('{', { 'content-type': 'application/json' }),
    answer: refused('Error generating timestamp response'),
  },
  {
    name: 'text for a content type',
    ask: asking(GOOD, { ...HEADERS, 'content-type': 'text/plain' }),
    answer: apiError(
      415,
      'unsupported media type "text/plain", only [application/json application/timestamp-query] are allowed',
    ),
  },
  {
    name: 'no content type',
    ask: asking(GOOD, {}),
    answer: apiError(
      415,
      'unsupported media type "application/octet-stream", only [application/json application/timestamp-query] are allowed',
    ),
  },
  {
    name: 'GET',
    ask: ({ target }) => ({ url: target.tsa }),
    answer: { ...apiError(405, 'method GET is not allowed, but [POST] are'), headers: { allow: 'POST' } },
  },
  {
    name: 'the chain',
    ask: ({ target }) => ({ url: `${target.tsa}/certchain` }),
    answer: { status: 200, type: 'application/pem-certificate-chain', body: '<PEM>' },
  },
  {
    name: 'the chain, with a slash at the end',
    ask: ({ target }) => ({ url: `${target.tsa}/certchain/` }),
    answer: { status: 200, type: 'application/pem-certificate-chain', body: '<PEM>' },
  },
  {
    name: 'the chain as text',
    ask: ({ target }) => ({ url: `${target.tsa}/certchain`, headers: { accept: 'text/plain' } }),
    answer: apiError(
      406,
      'unsupported media type requested, only [application/json application/pem-certificate-chain] are available',
    ),
  },
  {
    name: 'the chain as JSON',
    ask: ({ target }) => ({ url: `${target.tsa}/certchain`, headers: { accept: 'application/json;q=0.5' } }),
    answer: { status: 500, type: 'application/json', body: '' },
  },
  {
    name: 'POST to the chain',
    ask: ({ target }) => ({ ...post(target, GOOD), url: `${target.tsa}/certchain` }),
    answer: { ...apiError(405, 'method POST is not allowed, but [GET] are'), headers: { allow: 'GET' } },
  },
  {
    name: 'an unknown path',
    ask: ({ target }) => ({ url: `${target.tsa}/nothing` }),
    answer: apiError(404, 'path /api/v1/timestamp/nothing was not found'),
  },
  {
    name: 'ping',
    ask: ({ target }) => ({ url: new URL('/ping', target.tsa).href }),
    answer: { status: 200, type: 'text/plain', body: '.' },
  },
]
