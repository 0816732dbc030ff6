import { readSharedData } from '../core/shared-data.ts'

/** A bundle as its makers wrote it, as far as the tests of signing look at it. */
export interface RealBundle {
  readonly mediaType: string
  readonly verificationMaterial: {
    readonly certificate?: { readonly rawBytes: string }
    readonly x509CertificateChain?: { readonly certificates: readonly { readonly rawBytes: string }[] }
    readonly tlogEntries?: readonly {
      readonly kindVersion: { readonly kind: string; readonly version: string }
      readonly canonicalizedBody: string
    }[]
    readonly timestampVerificationData?: {
      readonly rfc3161Timestamps?: readonly { readonly signedTimestamp: string }[]
    }
  }
  readonly messageSignature?: {
    readonly messageDigest: { readonly algorithm: string; readonly digest: string }
    readonly signature: string
  }
  readonly dsseEnvelope?: {
    readonly payload: string
    readonly payloadType: string
    readonly signatures: readonly [{ readonly sig: string }]
  }
}

/** A bundle of the shared data, as text; `null` where they are absent. */
export const bundleText = (path: string): string => readSharedData(`${path}.sigstore.json`)

export const realBundle = (path: string): RealBundle => JSON.parse(bundleText(path))

export const bytesOf = (base64: string | undefined): Uint8Array =>
  Uint8Array.from(Buffer.from(base64 ?? '', 'base64'))

/** DER of the signing certificate. */
export const leafOf = ({ verificationMaterial: material }: RealBundle): Uint8Array =>
  bytesOf((material.certificate ?? material.x509CertificateChain?.certificates[0])?.rawBytes)
