import { createHash } from 'node:crypto'
import {
  encodeBoolean,
  encodeDer,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../../src/core/der-encode.ts'
import { parseTimestampResponse } from '../../src/core/timestamp-token.ts'
import { apiError, type Case, type Relation, type Suite } from './case.ts'
import type { Ask, Target } from './exchange.ts'
import { base64 } from './material.ts'
import type { Shape } from './shape.ts'

const OIDS = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const

const digest = (hash: keyof typeof OIDS): Uint8Array =>
  new Uint8Array(createHash(hash).update('a signature').digest())

/** RFC 3161 2.4.1. */
const query = (hash: keyof typeof OIDS, imprint: Uint8Array, ...more: readonly Uint8Array[]): Uint8Array =>
  encodeSequence(
    encodeInteger(1n),
    encodeSequence(encodeSequence(encodeOid(OIDS[hash]), encodeNull()), encodeOctetString(imprint)),
    ...more,
  )

const NONCE = encodeInteger(12345678901234567890n)
const CERTIFICATE = encodeBoolean(true)
const GOOD = query('sha256', digest('sha256'), NONCE, CERTIFICATE)
const HEADERS = { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' }

const post = (
  target: Target,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = HEADERS,
): Ask => ({ method: 'POST', url: target.tsa, headers, body })

const asking =
  (body: Uint8Array | string, headers?: Readonly<Record<string, string>>): Case['ask'] =>
  ({ target }) =>
    post(target, body, headers)

const asJson = (fields: object): Case['ask'] =>
  asking(
    JSON.stringify({
      artifactHash: base64(digest('sha256')),
      hashAlgorithm: 'sha256',
      certificates: true,
      nonce: 7312,
      ...fields,
    }),
    { 'content-type': 'application/json', accept: 'application/timestamp-reply' },
  )

const NAME = '30(31(30(2.5.4.10 13)) 31(30(2.5.4.3 13)))'

interface Wanted {
  readonly hash?: 'sha256' | 'sha384' | 'sha512'
  readonly nonce?: boolean
  readonly certificate?: boolean
}

/** A TimeStampResp as the authority writes it (RFC 3161 2.4.2, RFC 5652 5.1): see `derShape`. */
function timestamp({ hash = 'sha256', nonce = true, certificate = true }: Wanted = {}): Shape {
  const imprint = `30(30(${OIDS[hash]} 05) 04)`
  const info = `30(02 1.3.6.1.4.1.57264.2 ${imprint} 02 18 30(02)${nonce ? ' 02' : ''} a0(a4(${NAME})))`
  const purpose = '30(2.5.29.37 01 04(30(1.3.6.1.5.5.7.3.8)))'
  const extensions = `30(2.5.29.15 01 04) 30(2.5.29.14 04) 30(2.5.29.35 04(30(80))) ${purpose}`
  const key = '30(30(1.2.840.10045.2.1 1.2.840.10045.3.1.7) 03)'
  const ecdsa = '30(1.2.840.10045.4.3.2)'
  const tbs = `30(a0(02) 02 ${ecdsa} ${NAME} 30(17 17) ${NAME} ${key} a3(30(${extensions})))`
  const signer = certificate ? `30(${tbs} ${ecdsa} 03)` : ''
  // The hash over the signer's certificate is the imprint's, and goes without saying if it is SHA-256 (RFC 5035 4).
  const algorithm = hash === 'sha256' ? '' : `30(${OIDS[hash]} 05) `
  const certificateId = `30(30(30(${algorithm}04 30(30(a4(${NAME})) 02))))`
  const attributes = [
    '30(1.2.840.113549.1.9.3 31(1.2.840.113549.1.9.16.1.4))',
    '30(1.2.840.113549.1.9.5 31(17))',
    '30(1.2.840.113549.1.9.4 31(04))',
    `30(1.2.840.113549.1.9.16.2.47 31(${certificateId}))`,
  ].join(' ')
  const signed = `30(02 30(${NAME} 02) 30(${OIDS.sha256}) a0(${attributes}) ${ecdsa} 04(30(02 02)))`
  const content = `30(1.2.840.113549.1.9.16.1.4 a0(04(${info})))`
  const data = `30(02 31(30(${OIDS.sha256})) ${content} a0(${signer}) 31(${signed}))`
  return {
    status: 200,
    type: 'application/timestamp-reply',
    body: `30(30(02) 30(1.2.840.113549.1.7.2 a0(${data})))`,
  }
}

/** JSON under the type of what was asked for. */
const refused = (message: string): Shape => ({
  ...apiError(400, message),
  type: 'application/timestamp-reply',
})

const CASES: readonly Case[] = [
  { name: 'a timestamp with the certificate', ask: asking(GOOD), answer: timestamp() },
  {
    name: 'a timestamp without the certificate',
    ask: asking(query('sha256', digest('sha256'), NONCE)),
    answer: timestamp({ certificate: false }),
  },
  {
    name: 'a timestamp without a nonce',
    ask: asking(query('sha256', digest('sha256'), CERTIFICATE)),
    answer: timestamp({ nonce: false }),
  },
  {
    name: 'SHA-384',
    ask: asking(query('sha384', digest('sha384'), NONCE, CERTIFICATE)),
    answer: timestamp({ hash: 'sha384' }),
  },
  {
    name: 'SHA-512',
    ask: asking(query('sha512', digest('sha512'), NONCE, CERTIFICATE)),
    answer: timestamp({ hash: 'sha512' }),
  },
  {
    name: 'a policy',
    ask: asking(query('sha256', digest('sha256'), encodeOid('1.2.3.4'), NONCE)),
    answer: refused('unaccepted policy: requested TSA policy is not supported by the TSA'),
  },
  {
    name: 'JSON accepted',
    ask: asking(GOOD, { ...HEADERS, accept: 'application/json' }),
    answer: { status: 500, type: 'application/json', body: '' },
  },
  { name: 'anything accepted', ask: asking(GOOD, { ...HEADERS, accept: '*/*' }), answer: timestamp() },
  {
    name: 'nothing said about what is accepted',
    ask: asking(GOOD, { 'content-type': 'application/timestamp-query' }),
    answer: timestamp(),
  },
  {
    name: 'text accepted',
    ask: asking(GOOD, { ...HEADERS, accept: 'text/plain' }),
    answer: { status: 500, type: '', body: '' },
  },
  {
    name: 'SHA-1',
    ask: asking(query('sha1', digest('sha1'), NONCE)),
    answer: refused('Weak hash algorithm in timestamp request'),
  },
  {
    name: 'a digest that is too short',
    ask: asking(query('sha256', digest('sha256').slice(1))),
    answer: refused('Message digest has incorrect length for specified algorithm'),
  },
  {
    name: 'bytes that are no DER',
    ask: asking('nonsense'),
    answer: refused('Error generating timestamp response'),
  },
  {
    name: 'DER that is cut off',
    ask: asking(GOOD.slice(0, -4)),
    answer: refused('Error generating timestamp response'),
  },
  {
    name: 'DER with bytes behind it',
    ask: asking(Buffer.concat([GOOD, Buffer.from([0])])),
    answer: refused('Error generating timestamp response'),
  },
  {
    name: 'another version',
    ask: asking(
      encodeSequence(
        encodeInteger(2n),
        encodeSequence(
          encodeSequence(encodeOid(OIDS.sha256), encodeNull()),
          encodeOctetString(digest('sha256')),
        ),
      ),
    ),
    answer: timestamp({ certificate: false, nonce: false }),
  },
  {
    name: 'an extension',
    ask: asking(
      query(
        'sha256',
        digest('sha256'),
        encodeDer(0xa0, encodeSequence(encodeOid('1.2.3.4'), encodeOctetString(encodeNull()))),
      ),
    ),
    answer: refused('unaccepted extension: requested extensions are not supported by the TSA'),
  },
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

const RELATIONS: readonly Relation[] = [
  {
    name: 'a timestamp says now, and what was asked',
    holds: ({ recall }) => {
      const { genTime, nonce, imprint } = parseTimestampResponse(
        recall('a timestamp with the certificate').body,
      )
      const isNow = Math.abs(Date.now() - genTime) < 120_000
      return isNow && nonce === 12345678901234567890n && imprint.hash === 'sha256'
    },
  },
]

export const TSA: Suite = { service: 'timestamp authority', prepare: [], cases: CASES, relations: RELATIONS }
