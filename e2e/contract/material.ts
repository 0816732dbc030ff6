import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { at, parseFields } from '../../sandbox/fields.ts'
import { encodePae } from '../../src/core/dsse.ts'
import { postJson, send, type Target, textOf } from './exchange.ts'

/** A client's key with its certificate and what it signed. */
export interface Material {
  readonly key: ClientKey
  /** Leaf. */
  readonly pem: string
  readonly certificate: Uint8Array
  /** Of bytes that nobody signed before. */
  readonly digest: Uint8Array
  readonly signature: Uint8Array
  readonly envelope: string
}

export interface ClientKey {
  readonly pem: string
  readonly spki: Uint8Array
  readonly privateKey: KeyObject
  readonly sign: (data: Uint8Array | string) => Uint8Array
}

export type KeyKind = 'P-256' | 'P-384' | 'secp256k1' | 'P-224' | 'ed25519' | 'rsa 2048' | 'rsa 1024'

export function createKey(kind: KeyKind = 'P-256'): ClientKey {
  const { privateKey, publicKey } = generate(kind)
  const hash = kind === 'ed25519' ? null : kind === 'P-384' ? 'sha384' : 'sha256'
  return {
    privateKey,
    pem: String(publicKey.export({ type: 'spki', format: 'pem' })),
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    sign: (data) => new Uint8Array(sign(hash, Buffer.from(data), privateKey)),
  }
}

function generate(kind: KeyKind): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519')
  if (kind === 'rsa 2048') return generateKeyPairSync('rsa', { modulusLength: 2048 })
  if (kind === 'rsa 1024') return generateKeyPairSync('rsa', { modulusLength: 1024 })
  return generateKeyPairSync('ec', { namedCurve: kind === 'P-224' ? 'secp224r1' : kind })
}

export const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64')
export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest())

/** A request for a certificate; what is given takes the place of what a good client sends. */
export interface CertificateParts {
  readonly token?: string
  readonly key?: ClientKey
  /** The text that the proof is over. */
  readonly proven?: string
  readonly prover?: ClientKey
}

/** fulcio.proto's CreateSigningCertificateRequest, as clients send it. */
export interface CertificateRequest {
  readonly credentials: { readonly oidcIdentityToken: string }
  readonly publicKeyRequest: {
    readonly publicKey: { readonly algorithm: string; readonly content: string }
    readonly proofOfPossession: string
  }
}

export function certificateRequest(target: Target, parts: CertificateParts = {}): CertificateRequest {
  const { token = target.mint(), key = createKey(), proven = String(target.claims['sub']) } = parts
  return {
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: {
      publicKey: { algorithm: 'ECDSA', content: key.pem },
      proofOfPossession: base64((parts.prover ?? key).sign(proven)),
    },
  }
}

/** Asks the target's Fulcio for a certificate. */
export async function createMaterial(target: Target): Promise<Material> {
  const key = createKey()
  const answer = await send(
    postJson(`${target.fulcio}/api/v2/signingCert`, certificateRequest(target, { key })),
  )
  const chain = at(parseFields(answer.body), 'signedCertificateEmbeddedSct', 'chain', 'certificates')
  const pem: unknown = Array.isArray(chain) ? chain[0] : undefined
  if (typeof pem !== 'string') throw new Error(`${target.name}: Fulcio answers ${textOf(answer)}`)
  const artifact = randomBytes(100)
  const payload = Buffer.from(`{"_type":"https://in-toto.io/Statement/v1","x":"${base64(artifact)}"}`)
  const payloadType = 'application/vnd.in-toto+json'
  const sig = base64(key.sign(encodePae(payloadType, payload)))
  return {
    key,
    pem,
    certificate: new Uint8Array(new X509Certificate(pem).raw),
    digest: sha256(artifact),
    signature: key.sign(artifact),
    envelope: JSON.stringify({ payload: base64(payload), payloadType, signatures: [{ sig }] }),
  }
}
