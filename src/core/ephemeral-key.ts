import { createHash, createSign, generateKeyPairSync, type KeyObject, sign as signOnce } from 'node:crypto'
import { ActionError } from '../errors.ts'
import { type PublicKey, parsePublicKey } from './public-key.ts'

/** An engine file: a P-256 key that exists in OpenSSL's memory only, and in no form that could be written down. */

export interface StreamSignature {
  readonly update: (chunk: Uint8Array) => void
  /** The signature over all chunks (ECDSA, DER). */
  readonly finish: () => Uint8Array
}

export interface StreamSigning {
  readonly update: (chunk: Uint8Array) => void
  /** SHA-256 of all chunks, and the signature over them (ECDSA, DER). */
  readonly finish: () => { readonly digest: Uint8Array; readonly signature: Uint8Array }
}

export interface EphemeralKey {
  readonly publicKey: PublicKey
  /** SubjectPublicKeyInfo. */
  readonly pem: string
  /** ECDSA with SHA-256, DER. */
  readonly sign: (data: Uint8Array) => Uint8Array
  /** One digest and one signature from the same chunks; the key is not touched before `finish`. */
  readonly startSigning: () => StreamSigning
  /** The signature alone, where somebody else makes the digest of the same chunks. */
  readonly startSignature: () => StreamSignature
  /** Lets go of the key. It signs nothing afterwards. */
  readonly drop: () => void
}

export function generateEphemeralKey(): EphemeralKey {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' })
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  // OpenSSL clears the number when the last reference is gone.
  let held: KeyObject | undefined = pair.privateKey
  const key = (): KeyObject => {
    if (held === undefined) throw new ActionError('INTERNAL', 'the key was dropped already')
    return held
  }
  return {
    publicKey: parsePublicKey(new Uint8Array(spki), 'CERT_KEY'),
    pem,
    sign: (data) => new Uint8Array(signOnce('sha256', data, key())),
    startSigning: () => startSigning(key),
    startSignature: () => startSignature(key),
    drop: () => {
      held = undefined
    },
  }
}

function startSigning(key: () => KeyObject): StreamSigning {
  const hash = createHash('sha256')
  const signing = startSignature(key)
  return {
    update: (chunk) => {
      hash.update(chunk)
      signing.update(chunk)
    },
    finish: () => ({ digest: new Uint8Array(hash.digest()), signature: signing.finish() }),
  }
}

function startSignature(key: () => KeyObject): StreamSignature {
  const signer = createSign('sha256')
  return {
    update: (chunk) => {
      signer.update(chunk)
    },
    finish: () => new Uint8Array(signer.sign(key())),
  }
}
