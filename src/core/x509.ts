import { ActionError, type ErrorCode } from '../errors.ts'
import { encodeBase64 } from './base64.ts'
import { concatBytes, encodeHex, equalBytes, parseUtf8 } from './bytes.ts'
import {
  type Der,
  expectTag,
  isSorted,
  parseBitString,
  parseDer,
  parseElements,
  parseInside,
  parseIntegerBytes,
  parseOid,
  parseTime,
  TAG,
} from './der.ts'
import { encodeDer, encodeNull, encodeOid, encodeSequence } from './der-encode.ts'
import type { HashName } from './digest.ts'
import { parsePem } from './pem.ts'
import { type PublicKey, parsePublicKey, signatureMatches } from './public-key.ts'
import {
  type Extension,
  parseExtensionList,
  parseStandardExtensions,
  type StandardExtensions,
} from './x509-extensions.ts'

export interface SignatureAlgorithm {
  readonly type: 'ecdsa' | 'rsa' | 'ed25519'
  readonly hash: HashName
}

/** An X.509 v3 certificate (RFC 5280 4.1), in DER. Byte members are views of `raw`. */
export interface Certificate extends StandardExtensions {
  readonly raw: Uint8Array
  readonly tbs: Uint8Array
  /** Content of the INTEGER. */
  readonly serialNumber: Uint8Array
  /** The whole Name. */
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  /** Milliseconds since 1970, both included. */
  readonly notBefore: number
  readonly notAfter: number
  readonly publicKey: PublicKey
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
  readonly extensions: readonly Extension[]
  /** O and CN of the subject. */
  readonly organizations: readonly string[]
  readonly commonNames: readonly string[]
}

const CODE = 'CERT_PARSE'
const WHAT = 'the certificate'
const MAX_BYTES = 64 * 1024

/** RFC 5758, 4055 and 8410: RSA has NULL parameters, the others have none. */
const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  algorithmOf('1.2.840.10045.4.3.2', { type: 'ecdsa', hash: 'sha256' }),
  algorithmOf('1.2.840.10045.4.3.3', { type: 'ecdsa', hash: 'sha384' }),
  algorithmOf('1.2.840.10045.4.3.4', { type: 'ecdsa', hash: 'sha512' }),
  algorithmOf('1.2.840.113549.1.1.11', { type: 'rsa', hash: 'sha256' }),
  algorithmOf('1.2.840.113549.1.1.12', { type: 'rsa', hash: 'sha384' }),
  algorithmOf('1.2.840.113549.1.1.13', { type: 'rsa', hash: 'sha512' }),
  algorithmOf('1.3.101.112', { type: 'ed25519', hash: 'sha512' }),
])

function algorithmOf(oid: string, algorithm: SignatureAlgorithm): readonly [string, SignatureAlgorithm] {
  const parameters = algorithm.type === 'rsa' ? [encodeNull()] : []
  return [encodeHex(encodeSequence(encodeOid(oid), ...parameters)), algorithm]
}

const malformed = (why: string): ActionError => new ActionError(CODE, `${WHAT} ${why}`)

/** An AlgorithmIdentifier of a signature, in the one encoding that it has. */
export function parseSignatureAlgorithm(
  der: Der | undefined,
  code: ErrorCode,
  what: string,
): SignatureAlgorithm {
  const { raw } = expectTag(der, TAG.sequence, code, what)
  const algorithm = ALGORITHMS.get(encodeHex(raw))
  if (algorithm !== undefined) return algorithm
  throw new ActionError(code, `${what} is signed with an algorithm that is not accepted`)
}

/** CERT_PARSE, CERT_KEY, and CERT_PROFILE for doubled, unknown critical or malformed extensions. */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > MAX_BYTES) throw malformed(`has ${der.length} bytes`)
  const outer = parseDer(der, CODE, WHAT)
  const [tbs, algorithm, bits, ...rest] = parseInside(outer, TAG.sequence, CODE, WHAT)
  if (tbs === undefined || rest.length > 0) throw malformed('is not three elements')
  const signatureAlgorithm = parseSignatureAlgorithm(algorithm, CODE, WHAT)
  const fields = parseTbs(tbs)
  if (algorithm === undefined || !equalBytes(algorithm.raw, fields.algorithm.raw)) {
    throw malformed('names two signature algorithms')
  }
  const { algorithm: _, ...members } = fields
  return {
    raw: outer.raw,
    tbs: tbs.raw,
    signatureAlgorithm,
    signature: parseBitString(bits, CODE, WHAT),
    ...members,
  }
}

const VERSION_3 = Uint8Array.of(0xa0, 3, 2, 1, 2)
const EXTENSIONS = 0xa3

function parseTbs(tbs: Der) {
  const [version, serial, algorithm, issuer, validity, subject, key, ...optional] = parseInside(
    tbs,
    TAG.sequence,
    CODE,
    WHAT,
  )
  if (version === undefined || !equalBytes(version.raw, VERSION_3)) throw malformed('is not of version 3')
  if (algorithm === undefined || issuer === undefined || subject === undefined || key === undefined) {
    throw malformed('lacks members')
  }
  const [wrapped, ...unexpected] = optional
  if (wrapped?.tag !== EXTENSIONS || unexpected.length > 0)
    throw malformed('has no extensions, or unique identifiers')
  const extensions = parseExtensionList(wrapped)
  const names = parseName(subject)
  parseName(issuer)
  return {
    algorithm,
    serialNumber: parseSerial(serial),
    issuer: issuer.raw,
    subject: subject.raw,
    ...parseValidity(validity),
    publicKey: parsePublicKey(key.raw, 'CERT_KEY'),
    extensions,
    ...parseStandardExtensions(extensions),
    ...names,
  }
}

/** RFC 5280 4.1.2.2: positive, at most 20 octets, a sign octet included. */
function parseSerial(der: Der | undefined): Uint8Array {
  const serial = parseIntegerBytes(der, CODE, WHAT)
  const isPositive = (serial[0] ?? 0x80) < 0x80 && serial.some((octet) => octet !== 0)
  if (isPositive && serial.length <= 20) return serial
  throw malformed('has a serial number that is not positive or has more than 20 octets')
}

function parseValidity(der: Der | undefined): { readonly notBefore: number; readonly notAfter: number } {
  const [from, to, ...rest] = parseInside(der, TAG.sequence, CODE, WHAT)
  const notBefore = parseTime(from, CODE, WHAT)
  const notAfter = parseTime(to, CODE, WHAT)
  if (rest.length > 0 || notAfter < notBefore) throw malformed('ends before it begins')
  return { notBefore, notAfter }
}

const COMMON_NAME = '2.5.4.3'
const ORGANIZATION = '2.5.4.10'
const TEXTS: readonly number[] = [TAG.utf8String, TAG.printableString, TAG.ia5String]

/** RFC 5280 4.1.2.4: sets of at least one attribute, each set in DER's order. */
function parseName(der: Der): Pick<Certificate, 'organizations' | 'commonNames'> {
  const attributes = parseInside(der, TAG.sequence, CODE, WHAT).flatMap(parseRelativeName)
  const textsOf = (wanted: string): readonly string[] =>
    attributes.filter(({ oid }) => oid === wanted).map(({ text }) => text)
  return { organizations: textsOf(ORGANIZATION), commonNames: textsOf(COMMON_NAME) }
}

interface Attribute {
  readonly oid: string
  readonly text: string
}

function parseRelativeName(der: Der): readonly Attribute[] {
  const elements = parseInside(der, TAG.set, CODE, WHAT)
  if (elements.length === 0 || !isSorted(elements)) throw malformed('has a malformed name')
  return elements.map(parseAttribute)
}

function parseAttribute(der: Der): Attribute {
  const [type, value, ...rest] = parseInside(der, TAG.sequence, CODE, WHAT)
  if (value === undefined || rest.length > 0) throw malformed('has a malformed name')
  const oid = parseOid(type, CODE, WHAT)
  return { oid, text: TEXTS.includes(value.tag) ? parseUtf8(value.content, CODE, WHAT) : '' }
}

/** Exactly one PEM block labelled CERTIFICATE. */
export function parseCertificatePem(pem: string): Certificate {
  const { label, der } = parsePem(pem, CODE, WHAT)
  if (label !== 'CERTIFICATE') throw malformed('is PEM of something else')
  return parseCertificate(der)
}

/** RFC 7468, lines of 64 characters. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines = encodeBase64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** CERT_CHAIN unless the issuer's key signed the child, under its name and, where both say, its key identifier. */
export function verifyIssued(child: Certificate, issuer: Certificate): void {
  const { signatureAlgorithm: algorithm, authorityKeyIdentifier: asked } = child
  const { publicKey, subjectKeyIdentifier: own } = issuer
  const named = equalBytes(child.issuer, issuer.subject)
  const identified = asked === undefined || own === undefined || equalBytes(asked, own)
  const signed =
    named &&
    identified &&
    algorithm.type === publicKey.type &&
    signatureMatches(publicKey, algorithm.hash, child.tbs, child.signature)
  if (!signed) throw new ActionError('CERT_CHAIN', 'the certificate was not issued by that authority')
}

/**
 * The TBSCertificate without one extension, as a log of RFC 6962 signed it: the three enclosing lengths are written anew,
 * all other bytes stay.
 */
export function encodeTbsWithout(certificate: Certificate, oid: string): Uint8Array {
  const elements = parseElements(parseDer(certificate.tbs, CODE, WHAT).content, CODE, WHAT)
  const kept = certificate.extensions.filter((extension) => extension.oid !== oid).map(({ raw }) => raw)
  const extensions = encodeDer(EXTENSIONS, encodeSequence(...kept))
  return encodeSequence(concatBytes(...elements.slice(0, -1).map(({ raw }) => raw), extensions))
}
