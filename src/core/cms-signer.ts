import { ActionError } from '../errors.ts'
import { encodeHex } from './bytes.ts'
import {
  type Der,
  expectTag,
  isSorted,
  parseElements,
  parseInside,
  parseInteger,
  parseIntegerBytes,
  parseOid,
  TAG,
} from './der.ts'
import { encodeDer, encodeNull, encodeOid, encodeSequence } from './der-encode.ts'
import { DIGEST_BYTES, type HashName } from './digest.ts'
import { parseHashAlgorithm } from './hash-algorithm.ts'
import { parseSignatureAlgorithm, type SignatureAlgorithm } from './x509.ts'

/** The one signer of a timestamp token (RFC 5652 5.3), with signed attributes. */
export interface SignerInfo {
  readonly digestAlgorithm: HashName
  /** As they are signed: a SET, tag 0x31. */
  readonly signedAttributes: Uint8Array
  readonly messageDigest: Uint8Array
  /** Name, and content of the INTEGER. */
  readonly signer: { readonly issuer: Uint8Array; readonly serialNumber: Uint8Array }
  /** ESSCertID or ESSCertIDv2 (RFC 5816): the hash of the signer's certificate. */
  readonly essCertificateHash?: { readonly hash: HashName | 'sha1'; readonly digest: Uint8Array }
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
}

export const TST_INFO_OID = '1.2.840.113549.1.9.16.1.4'

const OID = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const

const CODE = 'TSA_PARSE'
const WHAT = 'the timestamp'
const SHA1_BYTES = 20
const SIGNED_ATTRIBUTES = 0xa0

const malformed = (why: string): ActionError => new ActionError(CODE, `${WHAT} ${why}`)
const inside = (der: Der | undefined, tag: number): readonly Der[] => parseInside(der, tag, CODE, WHAT)
const octetsOf = (der: Der | undefined): Uint8Array => expectTag(der, TAG.octetString, CODE, WHAT).content

/** RFC 5652 5.3, version 1: named by issuer and serial number, signed attributes, no unsigned ones. TSA_PARSE. */
export function parseSignerInfo(der: Der): SignerInfo {
  const [version, sid, algorithm, attributes, signatureAlgorithm, signature, ...rest] = inside(
    der,
    TAG.sequence,
  )
  if (parseInteger(version, CODE, WHAT) !== 1n || rest.length > 0) throw malformed('has a malformed signer')
  if (attributes?.tag !== SIGNED_ATTRIBUTES) throw malformed('has no signed attributes')
  const digestAlgorithm = parseHashAlgorithm(algorithm, CODE, WHAT)
  return {
    digestAlgorithm,
    signer: parseSignerName(sid),
    signedAttributes: encodeDer(TAG.set, attributes.content),
    ...parseAttributes(attributes.content),
    signatureAlgorithm: parseAlgorithm(signatureAlgorithm, digestAlgorithm),
    signature: octetsOf(signature),
  }
}

function parseSignerName(der: Der | undefined): SignerInfo['signer'] {
  const [issuer, serial, ...rest] = inside(der, TAG.sequence)
  if (rest.length > 0) throw malformed('has a malformed signer')
  return {
    issuer: expectTag(issuer, TAG.sequence, CODE, WHAT).raw,
    serialNumber: parseIntegerBytes(serial, CODE, WHAT),
  }
}

const RSA_ENCRYPTION = encodeHex(encodeSequence(encodeOid('1.2.840.113549.1.1.1'), encodeNull()))

/** The hash is that of the algorithm, whatever the curve; `rsaEncryption` leaves it to the digest algorithm. */
function parseAlgorithm(der: Der | undefined, digestAlgorithm: HashName): SignatureAlgorithm {
  if (der !== undefined && encodeHex(der.raw) === RSA_ENCRYPTION)
    return { type: 'rsa', hash: digestAlgorithm }
  const algorithm = parseSignatureAlgorithm(der, CODE, WHAT)
  if (algorithm.type === 'ed25519') throw malformed('is signed with an algorithm that is not accepted')
  return algorithm
}

/** Each attribute once, each with exactly one value, in DER's order (RFC 5652 5.4, 11). */
function parseAttributes(content: Uint8Array): Pick<SignerInfo, 'messageDigest' | 'essCertificateHash'> {
  const elements = parseElements(content, CODE, WHAT)
  if (!isSorted(elements)) throw malformed('has attributes in another order than DER')
  const values = new Map<string, Der>()
  for (const element of elements) {
    const [type, set, ...rest] = inside(element, TAG.sequence)
    const [value, ...others] = inside(set, TAG.set)
    const oid = parseOid(type, CODE, WHAT)
    if (value === undefined || rest.length + others.length > 0 || values.has(oid)) {
      throw malformed('has a malformed attribute')
    }
    values.set(oid, value)
  }
  if (parseOid(values.get(OID.contentType), CODE, WHAT) !== TST_INFO_OID) {
    throw malformed('names another type of content')
  }
  const ess = parseEss(values.get(OID.signingCertificate), values.get(OID.signingCertificateV2))
  const messageDigest = octetsOf(values.get(OID.messageDigest))
  return { messageDigest, ...(ess !== undefined && { essCertificateHash: ess }) }
}

/** SigningCertificate (RFC 2634 5.4, SHA-1) and SigningCertificateV2 (RFC 5035 3), which goes first. */
function parseEss(v1: Der | undefined, v2: Der | undefined): SignerInfo['essCertificateHash'] {
  const old = v1 && parseEssCertId(firstCertificate(v1))
  return v2 === undefined ? old : parseEssCertIdV2(firstCertificate(v2))
}

/** Of the certificates listed the first one is the signer's. A list of policies may follow them. */
function firstCertificate(der: Der): readonly Der[] {
  const [list, policies, ...rest] = inside(der, TAG.sequence)
  const [first] = inside(list, TAG.sequence)
  if (policies !== undefined) expectTag(policies, TAG.sequence, CODE, WHAT)
  if (rest.length > 0) throw malformed('has a malformed signing certificate')
  return inside(first, TAG.sequence)
}

type CertificateHash = NonNullable<SignerInfo['essCertificateHash']>

const parseEssCertId = (members: readonly Der[]): CertificateHash =>
  certificateHash('sha1', SHA1_BYTES, members)

/** RFC 5035 4: the hash is SHA-256 where none is written. */
function parseEssCertIdV2(members: readonly Der[]): CertificateHash {
  const [first, ...rest] = members
  if (first?.tag !== TAG.sequence) return certificateHash('sha256', DIGEST_BYTES.sha256, members)
  const hash = parseHashAlgorithm(first, CODE, WHAT)
  // X.690 11.5: a default value is not written.
  if (hash === 'sha256') throw malformed('writes a default value')
  return certificateHash(hash, DIGEST_BYTES[hash], rest)
}

/** The hash, and an issuer with serial number that says nothing more. */
function certificateHash(hash: HashName | 'sha1', length: number, members: readonly Der[]): CertificateHash {
  const [value, issuerSerial, ...rest] = members
  const digest = octetsOf(value)
  if (issuerSerial !== undefined) expectTag(issuerSerial, TAG.sequence, CODE, WHAT)
  if (rest.length > 0 || digest.length !== length) throw malformed('has a malformed signing certificate')
  return { hash, digest }
}
