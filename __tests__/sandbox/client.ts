import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { type Bundle, bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { base64, hex } from '../../sandbox/fields.ts'
import { sha256 } from '../../sandbox/keys.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { TrustedRootJson } from '../../sandbox/trust-files.ts'

/** An answer as far as these tests look at it. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export async function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, { headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const type = { 'content-type': 'application/json', accept: 'application/json' }
  const sent = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(url, { method: 'POST', body: sent, headers: { ...type, ...headers } })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** A client's key with what it can do. */
export interface ClientKey {
  readonly pem: string
  readonly privateKey: KeyObject
  readonly sign: (data: string | Uint8Array) => Uint8Array
}

export function clientKey(namedCurve = 'P-256'): ClientKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return { pem, privateKey, sign: (data) => sign('sha256', Buffer.from(data), privateKey) }
}

/** The request for a certificate of this key with a proof over this text. */
export const certificateRequest = (token: string, key: ClientKey, proven: string) => ({
  credentials: { oidcIdentityToken: token },
  publicKeyRequest: {
    publicKey: { algorithm: 'ECDSA', content: key.pem },
    proofOfPossession: base64(key.sign(proven)),
  },
})

/** A signature over some bytes with a leaf for its key. */
export function signedBytes(sandbox: Sandbox, data: Uint8Array) {
  const key = clientKey()
  const spki = new Uint8Array(Buffer.from(key.pem.replace(/-----[^-]+-----/g, ''), 'base64'))
  const identity = { iss: sandbox.addresses.issuer, ...sandbox.claims }
  const leaf = sandbox.authorities.fulcio.issue({ spki, identity })
  return { key, leaf, digest: sha256(data), signature: key.sign(data) }
}

export type SignedBytes = ReturnType<typeof signedBytes>

export const hashedRekordV1 = ({ leaf, digest, signature }: SignedBytes) => ({
  apiVersion: '0.0.1',
  kind: 'hashedrekord',
  spec: {
    data: { hash: { algorithm: 'sha256', value: hex(digest) } },
    signature: { content: base64(signature), publicKey: { content: base64(Buffer.from(leaf.pem)) } },
  },
})

export const hashedRekordV2 = ({ leaf, digest, signature }: SignedBytes) => ({
  hashedRekordRequestV002: {
    digest: base64(digest),
    signature: {
      content: base64(signature),
      verifier: {
        x509Certificate: { rawBytes: base64(leaf.certificate) },
        keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      },
    },
  },
})

/** What sigstore-js says: throws unless the bundle proves the artifact. Gives back the certificate's name. */
export function verifyBySigstoreJs(
  bundleJson: unknown,
  trustedRoot: TrustedRootJson,
  artifact?: Uint8Array,
): string | undefined {
  const bundle: Bundle = bundleFromJSON(bundleJson)
  const material = toTrustMaterial(TrustedRoot.fromJSON(trustedRoot))
  const verifier = new Verifier(material, { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 })
  const entity = toSignedEntity(bundle, artifact === undefined ? undefined : Buffer.from(artifact))
  return verifier.verify(entity).identity?.subjectAlternativeName
}
