import { type Case, ok } from './case.ts'
import { type Ask, postJson, type Target } from './exchange.ts'
import { base64, createKey, type Material, sha256 } from './material.ts'
import type { Shape } from './shape.ts'

export const url = ({ rekorV2 }: Target): string => `${rekorV2}/api/v2/log/entries`

export const request = ({
  certificate,
  digest,
  signature,
}: Pick<Material, 'certificate' | 'digest' | 'signature'>): object => ({
  hashedRekordRequestV002: {
    digest: base64(digest),
    signature: {
      content: base64(signature),
      verifier: { x509Certificate: { rawBytes: base64(certificate) }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
    },
  },
})

export const posting =
  (make: (material: Material) => unknown): Case['ask'] =>
  ({ target, material }): Ask =>
    postJson(url(target), make(material))

export const edited = (from: RegExp | string, to: string): Case['ask'] =>
  posting((material) => JSON.stringify(request(material)).replace(from, to))

export const own = createKey()

export const byKey = (text: string): unknown => ({
  hashedRekordRequestV002: {
    digest: base64(sha256(Buffer.from(text))),
    signature: {
      content: base64(own.sign(text)),
      verifier: { publicKey: { rawBytes: base64(own.spki) }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
    },
  },
})

/** As the log answers with an entry whose key is known in this way. */
export const logged = (verifier: 'publicKey' | 'x509Certificate'): Shape =>
  ok(
    {
      logIndex: '<digits>',
      logId: { keyId: '<base64>' },
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      integratedTime: '0',
      inclusionPromise: null,
      inclusionProof: {
        logIndex: '<digits>',
        rootHash: '<base64>',
        treeSize: '<digits>',
        hashes: ['<base64>'],
        checkpoint: { envelope: '<checkpoint>' },
      },
      canonicalizedBody: {
        base64: {
          apiVersion: '0.0.2',
          kind: 'hashedrekord',
          spec: {
            hashedRekordV002: {
              data: { algorithm: 'SHA2_256', digest: '<base64>' },
              signature: {
                content: '<base64>',
                verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', [verifier]: { rawBytes: '<base64>' } },
              },
            },
          },
        },
      },
    },
    201,
  )
