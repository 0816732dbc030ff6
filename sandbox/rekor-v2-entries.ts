import type { KeyObject } from 'node:crypto'
import { PublicKeyDetails } from '@sigstore/protobuf-specs'
import { encodeCanonicalJson } from '../src/core/json.ts'
import { at, base64, bytesAt, type Fields, isFields, textAt } from './fields.ts'
import { type Message, MessageError, parseMessage } from './protobuf-json.ts'
import { keyOfCertificate, keyOfSpki, signsDigest } from './signature-check.ts'

/** The message of a 400, INVALID_ARGUMENT. */
export class RequestError extends Error {}

const refuse = (message: string): never => {
  throw new RequestError(message)
}

const INVALID = 'invalid hashedrekord request'

/** Algorithms that a shard takes (rekor-tiles algorithm registry) and their digests. */
const ALGORITHMS: Readonly<
  Record<string, { readonly bytes: number; readonly hash: string; readonly kind: string }>
> = {
  PKIX_ECDSA_P256_SHA_256: { bytes: 32, hash: 'SHA2_256', kind: 'prime256v1' },
  PKIX_ECDSA_P384_SHA_384: { bytes: 48, hash: 'SHA2_384', kind: 'secp384r1' },
  PKIX_ECDSA_P521_SHA_512: { bytes: 64, hash: 'SHA2_512', kind: 'secp521r1' },
  PKIX_RSA_PKCS1V15_2048_SHA256: { bytes: 32, hash: 'SHA2_256', kind: 'rsa 2048' },
  PKIX_RSA_PKCS1V15_3072_SHA256: { bytes: 32, hash: 'SHA2_256', kind: 'rsa 3072' },
  PKIX_RSA_PKCS1V15_4096_SHA256: { bytes: 32, hash: 'SHA2_256', kind: 'rsa 4096' },
}

const VERIFIER: Message = {
  members: {
    publicKey: { members: { rawBytes: 'bytes' } },
    x509Certificate: { members: { rawBytes: 'bytes' } },
    keyDetails: { names: Object.keys(PublicKeyDetails) },
  },
}

/** CreateEntryRequest (rekor/v2/*.proto). */
const REQUEST: Message = {
  members: {
    hashedRekordRequestV002: {
      members: { digest: 'bytes', signature: { members: { content: 'bytes', verifier: VERIFIER } } },
    },
    dsseRequestV002: { members: {}, ignoresOthers: true },
  },
}

/** The canonical body of a request whose signature is good (rekor-tiles pkg/types/hashedrekord). RequestError for any other. */
export function canonicalBodyV2(json: Uint8Array): Uint8Array {
  const request = readRequest(json)
  const hashedRekord = at(request, 'hashedRekordRequestV002')
  if (!isFields(hashedRekord)) return refuse('invalid type, must be hashedrekord')
  const digest = bytesAt(hashedRekord, 'digest') ?? refuse(INVALID)
  const signature = bytesAt(hashedRekord, 'signature', 'content') ?? refuse(INVALID)
  const { key, stored } = readVerifier(at(hashedRekord, 'signature', 'verifier'))
  const details = textAt(hashedRekord, 'signature', 'verifier', 'keyDetails')
  const algorithm = Object.hasOwn(ALGORITHMS, details) ? ALGORITHMS[details] : undefined
  const fits = algorithm?.kind === kindOf(key) && algorithm.bytes === digest.length
  if (algorithm === undefined || !fits || !signsDigest(key, digest, signature)) return refuse(INVALID)
  return encodeCanonicalJson({
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        data: { algorithm: algorithm.hash, digest: base64(digest) },
        signature: { content: base64(signature), verifier: { keyDetails: details, ...stored } },
      },
    },
  })
}

function readRequest(json: Uint8Array): Fields {
  try {
    return parseMessage(json, REQUEST)
  } catch (error) {
    if (error instanceof MessageError) return refuse(error.message)
    throw error
  }
}

type StoredVerifier = { readonly [member: string]: { readonly rawBytes: string } }

function readVerifier(verifier: unknown): { readonly key: KeyObject; readonly stored: StoredVerifier } {
  const certificate = bytesAt(verifier, 'x509Certificate', 'rawBytes')
  const spki = bytesAt(verifier, 'publicKey', 'rawBytes')
  if (certificate !== undefined && spki === undefined) {
    const key = keyOfCertificate(certificate) ?? refuse(INVALID)
    return { key, stored: { x509Certificate: { rawBytes: base64(certificate) } } }
  }
  if (spki === undefined || certificate !== undefined) return refuse(INVALID)
  return { key: keyOfSpki(spki) ?? refuse(INVALID), stored: { publicKey: { rawBytes: base64(spki) } } }
}

const kindOf = ({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string =>
  type === 'rsa' ? `rsa ${details?.modulusLength}` : (details?.namedCurve ?? String(type))
