import { parseUtf8 } from '../core/bytes.ts'
import { parseDer } from '../core/der.ts'
import { quote } from '../core/printable.ts'
import type { Certificate } from '../core/x509.ts'
import { ActionError } from '../errors.ts'
import { CODE_SIGNING } from './authority.ts'
import type { CertificateSigner, Claims, SubjectName } from './evidence.ts'

const FULCIO = '1.3.6.1.4.1.57264.1.'
/** OtherName type of a user name (fulcio docs/oid-info.md, .7). */
const USER_NAME = `${FULCIO}7`

const refuse = (message: string): never => {
  throw new ActionError('CERT_PROFILE', message)
}

/** Of certificates that have the profile. */
const signers = new WeakMap<Certificate, CertificateSigner>()

/** Fulcio's certificate profile (fulcio docs/certificate-specification.md) and what its extensions say. */
export function parseSigner(certificate: Certificate): CertificateSigner {
  const signer = signers.get(certificate) ?? readSigner(certificate)
  signers.set(certificate, signer)
  return signer
}

function readSigner(certificate: Certificate): CertificateSigner {
  const { basicConstraints, keyUsage, extendedKeyUsage } = certificate
  if (basicConstraints?.ca === true) refuse('the certificate is that of an authority')
  if (keyUsage === undefined || !keyUsage.bits.has('digitalSignature') || keyUsage.bits.size !== 1) {
    refuse('the key usage of the certificate is not digitalSignature alone')
  }
  if (extendedKeyUsage?.purposes.length !== 1 || extendedKeyUsage.purposes[0] !== CODE_SIGNING) {
    refuse('the extended key usage of the certificate is not codeSigning alone')
  }
  return { kind: 'certificate', certificate, name: parseName(certificate), claims: parseClaims(certificate) }
}

function parseName(certificate: Certificate): SubjectName {
  const names = certificate.subjectAlternativeNames?.names ?? []
  const [name] = names
  if (name === undefined || names.length !== 1) {
    return refuse(`the certificate has ${names.length} subject alternative names, not one`)
  }
  if (name.type === 'uri' || name.type === 'email') return { type: name.type, value: name.value }
  const isUserName = name.type === 'other' && name.oid === USER_NAME && name.value !== ''
  if (isUserName) return { type: 'otherName', value: name.value }
  return refuse('the subject alternative name is neither URI, e-mail address nor user name')
}

const CLAIMS: Readonly<Record<string, keyof Claims>> = {
  8: 'issuer',
  9: 'buildSignerUri',
  10: 'buildSignerDigest',
  11: 'runnerEnvironment',
  12: 'sourceRepositoryUri',
  13: 'sourceRepositoryDigest',
  14: 'sourceRepositoryRef',
  15: 'sourceRepositoryIdentifier',
  16: 'sourceRepositoryOwnerUri',
  17: 'sourceRepositoryOwnerIdentifier',
  18: 'buildConfigUri',
  19: 'buildConfigDigest',
  20: 'buildTrigger',
  21: 'runInvocationUri',
  22: 'sourceRepositoryVisibility',
  23: 'deploymentEnvironment',
  24: 'tokenSubject',
}

const UTF8_STRING = 0x0c

function parseClaims(certificate: Certificate): Claims {
  const claims: { -readonly [name in keyof Claims]: Claims[name] } = {}
  let firstIssuer: string | undefined
  for (const { oid, value } of certificate.extensions) {
    if (!oid.startsWith(FULCIO)) continue
    const number = oid.slice(FULCIO.length)
    if (number === '1') firstIssuer = parseUtf8(value, 'CERT_PROFILE', `extension ${oid}`)
    if (/^[2-6]$/.test(number)) parseUtf8(value, 'CERT_PROFILE', `extension ${oid}`)
    const claim = Object.hasOwn(CLAIMS, number) ? CLAIMS[number] : undefined
    if (claim !== undefined) claims[claim] = parseClaim(value, oid)
  }
  const issuer = joinIssuers(claims.issuer, firstIssuer)
  return issuer === undefined ? claims : { ...claims, issuer }
}

function parseClaim(value: Uint8Array, oid: string): string {
  const der = parseDer(value, 'CERT_PROFILE', `extension ${oid}`)
  if (der.tag !== UTF8_STRING) refuse(`extension ${oid} is not a UTF8String`)
  return parseUtf8(der.content, 'CERT_PROFILE', `extension ${oid}`)
}

/** `.1` and `.8` both name the issuer; certificates before 2023 have only the first. */
function joinIssuers(second: string | undefined, first: string | undefined): string | undefined {
  if (first !== undefined && second !== undefined && first !== second) {
    refuse(`the certificate names two issuers, ${quote(first)} and ${quote(second)}`)
  }
  return second ?? first
}
