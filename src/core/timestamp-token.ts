import { ActionError } from '../errors.ts'
import { equalBytes } from './bytes.ts'
import { parseSignerInfo, type SignerInfo, TST_INFO_OID } from './cms-signer.ts'
import {
  type Der,
  expectTag,
  isSorted,
  parseDer,
  parseInside,
  parseInteger,
  parseOid,
  parseUtf8String,
  TAG,
} from './der.ts'
import { digest } from './digest.ts'
import { parseHashAlgorithm } from './hash-algorithm.ts'
import { quote } from './printable.ts'
import { certificateSha1, signatureMatches } from './public-key.ts'
import { parseTstInfo, type TstInfo } from './tst-info.ts'
import type { Certificate } from './x509.ts'

/** A timestamp token: RFC 3161 inside CMS SignedData (RFC 5652). Byte members are views. */
export interface TimestampToken extends TstInfo, SignerInfo {
  /** DER of the TSTInfo: what the signed attributes name by its digest. */
  readonly tstInfo: Uint8Array
}

const CODE = 'TSA_PARSE'
const WHAT = 'the timestamp'
const MAX_BYTES = 256 * 1024
const SIGNED_DATA_OID = '1.2.840.113549.1.7.2'
/** Certificates `[0]` and revocation lists `[1]` of SignedData; either may be absent. */
const CMS_EXTRAS: readonly string[] = ['', '160', '161', '160,161']

const malformed = (why: string): ActionError => new ActionError(CODE, `${WHAT} ${why}`)
const inside = (der: Der | undefined, tag: number): readonly Der[] => parseInside(der, tag, CODE, WHAT)

/** A TimeStampResp with status granted (RFC 3161 2.4.2). TSA_REFUSED for any other status, TSA_PARSE. */
export function parseTimestampResponse(der: Uint8Array): TimestampToken {
  if (der.length > MAX_BYTES) throw malformed(`has ${der.length} bytes`)
  const [status, contentInfo, ...rest] = inside(parseDer(der, CODE, WHAT), TAG.sequence)
  assertGranted(status)
  const [type, content, ...more] = inside(contentInfo, TAG.sequence)
  if (rest.length > 0 || more.length > 0) throw malformed('has something behind its token')
  if (parseOid(type, CODE, WHAT) !== SIGNED_DATA_OID) throw malformed('is not signed data')
  const [signedData, ...others] = inside(content, 0xa0)
  if (others.length > 0) throw malformed('has more than one content')
  return parseSignedData(signedData)
}

/** PKIStatusInfo: the status, a text for people, and why it failed, which a granted one does not say. */
function assertGranted(der: Der | undefined): void {
  const [status, ...rest] = inside(der, TAG.sequence)
  const number = parseInteger(status, CODE, WHAT)
  const texts = rest[0]?.tag === TAG.sequence ? inside(rest[0], TAG.sequence) : []
  const text = texts.map((one) => parseUtf8String(one, CODE, WHAT)).join(' ')
  const isPlain = rest.length === 0 || (rest.length === 1 && texts.length > 0)
  if (number === 0n && isPlain) return
  if (number === 0n) throw malformed('is granted and says why it is not')
  const said = text === '' ? '' : `: ${quote(text)}`
  throw new ActionError('TSA_REFUSED', `the timestamp authority answered with status ${number}${said}`)
}

/** RFC 5652 5.1. Certificates in the token are passed over unread: they are never trusted. */
function parseSignedData(der: Der | undefined): TimestampToken {
  const [version, algorithms, encapsulated, ...rest] = inside(der, TAG.sequence)
  if (parseInteger(version, CODE, WHAT) !== 3n) throw malformed('is signed data of another version')
  const extras = rest.slice(0, -1).map(({ tag }) => tag)
  if (!CMS_EXTRAS.includes(extras.join())) throw malformed('has unexpected members')
  const [signer, ...others] = inside(rest.at(-1), TAG.set)
  if (signer === undefined || others.length > 0) throw malformed('does not have exactly one signer')
  const tstInfo = parseEncapsulated(encapsulated)
  const signerInfo = parseSignerInfo(signer)
  assertAnnounced(algorithms, signerInfo)
  return { tstInfo, ...parseTstInfo(tstInfo), ...signerInfo }
}

/** The signer's digest algorithm is among those that the signed data announce. */
function assertAnnounced(der: Der | undefined, { digestAlgorithm }: SignerInfo): void {
  const algorithms = inside(der, TAG.set)
  const hashes = algorithms.map((one) => parseHashAlgorithm(one, CODE, WHAT))
  if (isSorted(algorithms) && hashes.includes(digestAlgorithm)) return
  throw malformed('does not announce the digest algorithm of its signer')
}

function parseEncapsulated(der: Der | undefined): Uint8Array {
  const [type, wrapped, ...rest] = inside(der, TAG.sequence)
  if (parseOid(type, CODE, WHAT) !== TST_INFO_OID || rest.length > 0)
    throw malformed('does not hold a TSTInfo')
  const [octets, ...more] = inside(wrapped, 0xa0)
  if (more.length > 0) throw malformed('holds more than a TSTInfo')
  return expectTag(octets, TAG.octetString, CODE, WHAT).content
}

/**
 * That this certificate's key signed the token, over exactly its TSTInfo (RFC 5652 5.4, 5.6; RFC 3161 2.3). Whether the
 * certificate may sign timestamps, and when, is judged elsewhere. TSA_SIGNER, TSA_PARSE.
 */
export function verifyTimestampToken(token: TimestampToken, signer: Certificate): void {
  const isNamed =
    equalBytes(token.signer.issuer, signer.issuer) &&
    equalBytes(token.signer.serialNumber, signer.serialNumber)
  if (!isNamed) throw new ActionError('TSA_SIGNER', 'the timestamp names another signer')
  if (!equalBytes(token.messageDigest, digest(token.digestAlgorithm, token.tstInfo))) {
    throw new ActionError('TSA_PARSE', 'the timestamp is not the content that was signed')
  }
  if (!isIdentified(token, signer)) {
    throw new ActionError('TSA_SIGNER', 'the timestamp names another certificate of its signer')
  }
  const { signatureAlgorithm: algorithm } = token
  const isSigned =
    algorithm.type === signer.publicKey.type &&
    signatureMatches(signer.publicKey, algorithm.hash, token.signedAttributes, token.signature)
  if (!isSigned)
    throw new ActionError('TSA_SIGNER', 'the signature of the timestamp does not match its authority')
}

/** RFC 2634 5.4, RFC 5816: the hash of the signer's certificate, where the token has it. */
function isIdentified({ essCertificateHash: ess }: TimestampToken, { raw }: Certificate): boolean {
  if (ess === undefined) return true
  return equalBytes(ess.digest, ess.hash === 'sha1' ? certificateSha1(raw) : digest(ess.hash, raw))
}
