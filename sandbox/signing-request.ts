import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { expectTag, parseBitString, parseDer, parseElements, parseOid } from '../src/core/der.ts'

const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
}

/** A key, and whether its owner signed the request. */
export interface SigningRequest {
  readonly key: KeyObject
  readonly isProven: boolean
}

/** A PKCS#10 request in PEM (RFC 2986); undefined if it is none. Subject and extensions are passed over, as Fulcio does. */
export function parseSigningRequest(pem: Uint8Array): SigningRequest | undefined {
  const text = Buffer.from(pem).toString('latin1')
  const body = /^-----BEGIN CERTIFICATE REQUEST-----([^-]+)-----END CERTIFICATE REQUEST-----\s*$/.exec(
    text,
  )?.[1]
  if (body === undefined) return undefined
  try {
    return parseRequest(new Uint8Array(Buffer.from(body, 'base64')))
  } catch {
    return undefined
  }
}

function parseRequest(der: Uint8Array): SigningRequest | undefined {
  const elements = (content: Uint8Array) => parseElements(content, 'INTERNAL', 'the signing request')
  const whole = expectTag(
    parseDer(der, 'INTERNAL', 'the signing request'),
    0x30,
    'INTERNAL',
    'the signing request',
  )
  const [info, algorithm, signature] = elements(whole.content)
  if (info === undefined || algorithm === undefined) return undefined
  const spki = elements(info.content)[2]
  const hash = HASHES[parseOid(elements(algorithm.content)[0], 'INTERNAL', 'the algorithm')]
  if (spki === undefined || hash === undefined) return undefined
  const key = createPublicKey({ key: Buffer.from(spki.raw), format: 'der', type: 'spki' })
  const signed = parseBitString(signature, 'INTERNAL', 'the signature')
  return { key, isProven: verify(hash, info.raw, key, signed) }
}
