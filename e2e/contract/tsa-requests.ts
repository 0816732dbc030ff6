import { createHash } from 'node:crypto'
import {
  encodeBoolean,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../../src/core/der-encode.ts'
import { apiError, type Case } from './case.ts'
import type { Ask, Target } from './exchange.ts'
import { base64 } from './material.ts'
import type { Shape } from './shape.ts'

export const OIDS = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const

export const digest = (hash: keyof typeof OIDS): Uint8Array =>
  new Uint8Array(createHash(hash).update('a signature').digest())

/** RFC 3161 2.4.1. */
export const query = (
  hash: keyof typeof OIDS,
  imprint: Uint8Array,
  ...more: readonly Uint8Array[]
): Uint8Array =>
  encodeSequence(
    encodeInteger(1n),
    encodeSequence(encodeSequence(encodeOid(OIDS[hash]), encodeNull()), encodeOctetString(imprint)),
    ...more,
  )

export const NONCE = encodeInteger(12345678901234567890n)
export const CERTIFICATE = encodeBoolean(true)
export const GOOD = query('sha256', digest('sha256'), NONCE, CERTIFICATE)
export const HEADERS = {
  'content-type': 'application/timestamp-query',
  accept: 'application/timestamp-reply',
}

export const post = (
  target: Target,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = HEADERS,
): Ask => ({ method: 'POST', url: target.tsa, headers, body })

export const asking =
  (body: Uint8Array | string, headers?: Readonly<Record<string, string>>): Case['ask'] =>
  ({ target }) =>
    post(target, body, headers)

export const asJson = (fields: object): Case['ask'] =>
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
export function timestamp({ hash = 'sha256', nonce = true, certificate = true }: Wanted = {}): Shape {
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
export const refused = (message: string, status: number = 400): Shape => ({
  ...apiError(status, message),
  type: 'application/timestamp-reply',
})
