import { ActionError } from '../errors.ts'
import { equalBytes } from './bytes.ts'
import {
  type Der,
  expectTag,
  parseDer,
  parseElements,
  parseInside,
  parseInteger,
  parseIntegerBytes,
  parseOid,
  parseTime,
  TAG,
} from './der.ts'
import { encodeDer } from './der-encode.ts'
import { DIGEST_BYTES, digest, type HashName } from './digest.ts'
import { signatureMatches } from './public-key.ts'
import type { Certificate, SignatureAlgorithm } from './x509.ts'

/** A timestamp token: RFC 3161 inside CMS SignedData (RFC 5652). Byte members are views. */
export interface TimestampToken {
  /** DER of the TSTInfo: what the signed attributes name by its digest. */
  readonly tstInfo: Uint8Array
  readonly imprint: { readonly hash: HashName; readonly digest: Uint8Array }
  /** Milliseconds since 1970. */
  readonly genTime: number
  readonly nonce?: bigint
  readonly policy: string
  readonly serialNumber: bigint
  readonly digestAlgorithm: HashName
  /** As they are signed: a SET, tag 0x31. */
  readonly signedAttributes: Uint8Array
  readonly messageDigest: Uint8Array
  readonly signer: { readonly issuer: Uint8Array; readonly serialNumber: Uint8Array }
  /** ESSCertID or ESSCertIDv2 (RFC 5816): the hash of the signer's certificate. */
  readonly essCertificateHash?: { readonly hash: HashName | 'sha1'; readonly digest: Uint8Array }
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
}

const CODE = 'TSA_PARSE'
const WHAT = 'the timestamp'
const MAX_BYTES = 256 * 1024

const OID = {
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const

const HASHES: Readonly<Record<string, HashName>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

const malformed = (why: string): ActionError => new ActionError(CODE, `${WHAT} ${why}`)
const inside = (der: Der | undefined, tag: number): readonly Der[] => parseInside(der, tag, CODE, WHAT)

/** A TimeStampResp with status granted (RFC 3161 2.4.2). TSA_REFUSED for any other status, TSA_PARSE. */
export function parseTimestampResponse(der: Uint8Array): TimestampToken {
  if (der.length > MAX_BYTES) throw malformed(`has ${der.length} bytes`)
  const [statusInfo, contentInfo, ...rest] = inside(parseDer(der, CODE, WHAT), TAG.sequence)
  const [status] = inside(statusInfo, TAG.sequence)
  const code = parseInteger(status, CODE, WHAT)
  if (code !== 0n)
    throw new ActionError('TSA_REFUSED', `the timestamp authority answered with status ${code}`)
  const [type, content, ...more] = inside(contentInfo, TAG.sequence)
  if (rest.length > 0 || more.length > 0) throw malformed('has something behind its token')
  if (parseOid(type, CODE, WHAT) !== OID.signedData) throw malformed('is not signed data')
  const [signedData, ...others] = inside(content, 0xa0)
  if (others.length > 0) throw malformed('has more than one content')
  return parseSignedData(signedData)
}

/** RFC 5652 5.1. Certificates in the token are passed over unread: they are never trusted. */
function parseSignedData(der: Der | undefined): TimestampToken {
  const [version, algorithms, encapsulated, ...rest] = inside(der, TAG.sequence)
  if (parseInteger(version, CODE, WHAT) !== 3n) throw malformed('is signed data of another version')
  expectTag(algorithms, TAG.set, CODE, WHAT)
  const last = rest.at(-1)
  const optional = rest.slice(0, -1).map(({ tag }) => tag)
  if (!['', '160', '161', '160,161'].includes(optional.join())) throw malformed('has unexpected members')
  const [signer, ...others] = inside(last, TAG.set)
  if (signer === undefined || others.length > 0) throw malformed('does not have exactly one signer')
  const tstInfo = parseEncapsulated(encapsulated)
  return { tstInfo, ...parseTstInfo(tstInfo), ...parseSignerInfo(signer) }
}

function parseEncapsulated(der: Der | undefined): Uint8Array {
  const [type, wrapped, ...rest] = inside(der, TAG.sequence)
  if (parseOid(type, CODE, WHAT) !== OID.tstInfo || rest.length > 0)
    throw malformed('does not hold a TSTInfo')
  const [octets, ...more] = inside(wrapped, 0xa0)
  if (more.length > 0) throw malformed('holds more than a TSTInfo')
  return expectTag(octets, TAG.octetString, CODE, WHAT).content
}

function parseAlgorithm(der: Der | undefined): HashName {
  const [oid, parameters, ...rest] = inside(der, TAG.sequence)
  const hash = HASHES[parseOid(oid, CODE, WHAT)]
  const plain = parameters === undefined || (parameters.tag === TAG.null && parameters.content.length === 0)
  if (hash === undefined || !plain || rest.length > 0) throw malformed('names a hash that is not accepted')
  return hash
}

/** RFC 3161 2.4.2. Its optional members come in a fixed order: accuracy, ordering, nonce, tsa, extensions. */
function parseTstInfo(bytes: Uint8Array) {
  const [version, policy, imprint, serial, time, ...optional] = inside(
    parseDer(bytes, CODE, WHAT),
    TAG.sequence,
  )
  if (parseInteger(version, CODE, WHAT) !== 1n) throw malformed('is of another version')
  const [algorithm, hashed, ...rest] = inside(imprint, TAG.sequence)
  const hash = parseAlgorithm(algorithm)
  const value = expectTag(hashed, TAG.octetString, CODE, WHAT).content
  if (rest.length > 0 || value.length !== DIGEST_BYTES[hash]) throw malformed('has a malformed imprint')
  if (time?.tag !== TAG.generalizedTime) throw malformed('has no time')
  const order = [TAG.sequence, TAG.boolean, TAG.integer, 0xa0, 0xa1].filter((tag) =>
    optional.some((one) => one.tag === tag),
  )
  if (order.join() !== optional.map(({ tag }) => tag).join()) throw malformed('has unexpected members')
  const nonce = optional.find(({ tag }) => tag === TAG.integer)
  return {
    policy: parseOid(policy, CODE, WHAT),
    imprint: { hash, digest: value },
    serialNumber: parseInteger(serial, CODE, WHAT),
    genTime: parseTime(time, CODE, WHAT),
    ...(nonce !== undefined && { nonce: parseInteger(nonce, CODE, WHAT) }),
  }
}

/** RFC 5652 5.3, the signer named by issuer and serial number, signed attributes mandatory. */
function parseSignerInfo(der: Der) {
  const [version, sid, algorithm, attributes, signatureAlgorithm, signature, ...rest] = inside(
    der,
    TAG.sequence,
  )
  if (parseInteger(version, CODE, WHAT) !== 1n || rest.length > 0) throw malformed('has a malformed signer')
  if (attributes?.tag !== 0xa0) throw malformed('has no signed attributes')
  const [issuer, serial, ...more] = inside(sid, TAG.sequence)
  if (issuer === undefined || more.length > 0) throw malformed('has a malformed signer')
  const digestAlgorithm = parseAlgorithm(algorithm)
  return {
    digestAlgorithm,
    signer: { issuer: issuer.raw, serialNumber: parseIntegerBytes(serial, CODE, WHAT) },
    signedAttributes: encodeDer(TAG.set, attributes.content),
    ...parseAttributes(attributes.content),
    signatureAlgorithm: parseSignatureAlgorithm(signatureAlgorithm, digestAlgorithm),
    signature: expectTag(signature, TAG.octetString, CODE, WHAT).content,
  }
}

const SIGNATURES: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.10045.4.3.2': { type: 'ecdsa', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { type: 'ecdsa', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { type: 'ecdsa', hash: 'sha512' },
  '1.2.840.113549.1.1.11': { type: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { type: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { type: 'rsa', hash: 'sha512' },
}
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'

/** The hash is that of the algorithm, whatever the curve; `rsaEncryption` leaves it to the digest algorithm. */
function parseSignatureAlgorithm(der: Der | undefined, digestAlgorithm: HashName): SignatureAlgorithm {
  const [name, parameters, ...rest] = inside(der, TAG.sequence)
  const oid = parseOid(name, CODE, WHAT)
  const algorithm: SignatureAlgorithm | undefined =
    oid === RSA_ENCRYPTION ? { type: 'rsa', hash: digestAlgorithm } : SIGNATURES[oid]
  const plain = parameters === undefined || (parameters.tag === TAG.null && parameters.content.length === 0)
  if (algorithm === undefined || !plain || rest.length > 0) {
    throw malformed('is signed with an algorithm that is not accepted')
  }
  return algorithm
}

/** Each attribute once, each with exactly one value, in DER's order (RFC 5652 5.4, 11). */
function parseAttributes(content: Uint8Array) {
  const elements = parseElements(content, CODE, WHAT)
  const sorted = elements.every(
    (one, i) => i === 0 || Buffer.compare(elements[i - 1]?.raw ?? one.raw, one.raw) < 0,
  )
  if (!sorted) throw malformed('has attributes in another order than DER')
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
  const contentType = parseOid(values.get(OID.contentType), CODE, WHAT)
  if (contentType !== OID.tstInfo) throw malformed('names another type of content')
  const messageDigest = expectTag(values.get(OID.messageDigest), TAG.octetString, CODE, WHAT).content
  const ess =
    parseEss(values.get(OID.signingCertificateV2), 'sha256') ??
    parseEss(values.get(OID.signingCertificate), 'sha1')
  return { messageDigest, ...(ess !== undefined && { essCertificateHash: ess }) }
}

/** The first ESSCertID (RFC 2634 5.4) or ESSCertIDv2 (RFC 5035 4), which is the signer's. */
function parseEss(der: Der | undefined, byDefault: HashName | 'sha1'): TimestampToken['essCertificateHash'] {
  if (der === undefined) return undefined
  const [list] = inside(der, TAG.sequence)
  const [id] = inside(list, TAG.sequence)
  const [first, second] = inside(id, TAG.sequence)
  if (byDefault === 'sha256' && first?.tag === TAG.sequence) {
    return { hash: parseAlgorithm(first), digest: expectTag(second, TAG.octetString, CODE, WHAT).content }
  }
  return { hash: byDefault, digest: expectTag(first, TAG.octetString, CODE, WHAT).content }
}

/**
 * That this certificate's key signed the token, over exactly its TSTInfo (RFC 5652 5.4, 5.6; RFC 3161 2.3). Whether the
 * certificate may sign timestamps, and when, is judged elsewhere. TSA_SIGNER, TSA_PARSE.
 */
export function verifyTimestampToken(token: TimestampToken, signer: Certificate): void {
  const named =
    equalBytes(token.signer.issuer, signer.issuer) &&
    equalBytes(token.signer.serialNumber, signer.serialNumber)
  if (!named) throw new ActionError('TSA_SIGNER', 'the timestamp names another signer')
  if (!equalBytes(token.messageDigest, digest(token.digestAlgorithm, token.tstInfo))) {
    throw new ActionError('TSA_PARSE', 'the timestamp is not the content that was signed')
  }
  const ess = token.essCertificateHash
  // SHA-1 identifies nothing any more; the signature below does.
  if (ess !== undefined && ess.hash !== 'sha1' && !equalBytes(ess.digest, digest(ess.hash, signer.raw))) {
    throw new ActionError('TSA_SIGNER', 'the timestamp names another certificate of its signer')
  }
  const { signatureAlgorithm: algorithm } = token
  const good =
    algorithm.type === signer.publicKey.type &&
    signatureMatches(signer.publicKey, algorithm.hash, token.signedAttributes, token.signature)
  if (!good)
    throw new ActionError('TSA_SIGNER', 'the signature of the timestamp does not match its authority')
}
