import { generateKeyPairSync } from 'node:crypto'
import { toPem } from '../../sandbox/certificates.ts'
import {
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeOid,
  encodeSequence,
} from '../../src/core/der-encode.ts'
import type { Case } from './case.ts'
import { type Ask, postJson, type Target } from './exchange.ts'
import {
  base64,
  type CertificateParts,
  type CertificateRequest,
  type ClientKey,
  certificateRequest,
} from './material.ts'

export const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
export const now = (): number => Math.floor(Date.now() / 1000)

export const url = ({ fulcio }: Target): string => `${fulcio}/api/v2/signingCert`

export const post = (target: Target, body: unknown, headers?: Readonly<Record<string, string>>): Ask =>
  postJson(url(target), body, headers)

export const asking =
  (parts: (target: Target) => CertificateParts): Case['ask'] =>
  ({ target }) =>
    post(target, certificateRequest(target, parts(target)))

export const claiming = (claims: () => Readonly<Record<string, unknown>>): Case['ask'] =>
  asking((target) => ({ token: target.mint({ claims: claims() }) }))

/** A request for a certificate by PKCS #10, signed by `signer`. */
export function signingRequest(key: ClientKey, signer: ClientKey = key): string {
  const info = encodeSequence(encodeInteger(0n), encodeSequence(), key.spki, encodeDer(0xa0))
  const algorithm = encodeSequence(encodeOid('1.2.840.10045.4.3.2'))
  const request = encodeSequence(info, algorithm, encodeBitString(signer.sign(info)))
  return base64(toPem('CERTIFICATE REQUEST', request))
}

export const byRequest =
  (csr: string) =>
  ({ target }: { readonly target: Target }): Ask =>
    post(target, { credentials: { oidcIdentityToken: target.mint() }, certificateSigningRequest: csr })

/** A good request with members of it changed or left out. */
export const edited =
  (change: (request: CertificateRequest) => unknown) =>
  ({ target }: { readonly target: Target }): Ask =>
    post(target, change(certificateRequest(target)))
