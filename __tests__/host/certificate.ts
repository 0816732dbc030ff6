import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'

interface TestCertificate {
  readonly name: string
  readonly notAfter?: string
  /** Who signs; itself if absent. */
  readonly issuer?: { readonly name: string; readonly key: KeyObject }
}

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  const long =
    content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 255]
  return Buffer.concat([Buffer.from([tag, ...(content.length < 128 ? [content.length] : long)]), content])
}
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const nameOf = (name: string): Buffer =>
  der(0x30, der(0x31, der(0x30, der(0x06, hex('550403')), der(0x0c, Buffer.from(name)))))
const extension = (oid: string, value: Buffer): Buffer => der(0x30, der(0x06, hex(oid)), der(0x04, value))
const ECDSA_SHA256 = der(0x30, der(0x06, hex('2a8648ce3d040302')))

/** A certificate for a TLS server, which is its own CA or issued by one: just enough for Node to take it (RFC 5280). */
export function makeCertificate({ name, notAfter = '20491231235959Z', issuer }: TestCertificate) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const extensions = der(
    0x30,
    extension('551d13', der(0x30, der(0x01, Buffer.from([0xff])))),
    extension('551d11', der(0x30, der(0x82, Buffer.from(name)))),
  )
  const tbs = der(
    0x30,
    der(0xa0, der(0x02, hex('02'))),
    der(0x02, hex('01')),
    ECDSA_SHA256,
    nameOf(issuer?.name ?? name),
    der(0x30, der(0x18, Buffer.from('20200101000000Z')), der(0x18, Buffer.from(notAfter))),
    nameOf(name),
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, extensions),
  )
  const signature = createSign('sha256')
    .update(tbs)
    .sign(issuer?.key ?? privateKey)
  const certificate = der(0x30, tbs, ECDSA_SHA256, der(0x03, hex('00'), signature)).toString('base64')
  return {
    key: privateKey,
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    pem: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
  }
}
