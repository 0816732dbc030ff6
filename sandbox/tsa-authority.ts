import { concatBytes, encodeUtf8 } from '../src/core/bytes.ts'
import {
  encodeDer,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeUtcOrGeneralizedTime,
} from '../src/core/der-encode.ts'
import type { HashName } from '../src/core/digest.ts'
import { createHolder, encodeSubject, type Holder } from './certificates.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectKeyIdentifier,
  TIME_STAMPING,
} from './extensions.ts'
import { type Curve, generateEcdsaKey, hashOf, type SigningKey } from './keys.ts'

/** A time stamp as the authority gives it, each point of it open to change. */
export interface StampOptions {
  /** Milliseconds since 1970; written as whole seconds. */
  readonly time?: number
  /** genTime as it stands in the token, `20260102030405.5Z` say, instead of `time`. */
  readonly timeText?: string
  /** Of the imprint. */
  readonly hash?: HashName
  /** Instead of the hash of the signature. */
  readonly imprint?: Uint8Array
  readonly nonce?: bigint
  readonly policy?: string
  readonly serialNumber?: bigint
  /** PKIStatus, 0 (granted) by default. */
  readonly status?: number
  /** Certificates to embed. */
  readonly certificates?: readonly Uint8Array[]
  /** Of the SignerInfo, the messageDigest attribute and the signature's own: the key's hash by default. */
  readonly digestAlgorithm?: HashName
  /** `none` signs the TSTInfo itself. */
  readonly signedAttributes?: 'all' | 'none'
  readonly messageDigest?: Uint8Array
  /** OID of the contentType attribute. */
  readonly contentType?: string
  /** What the ESSCertIDv2 attribute hashes; `null` leaves it out. */
  readonly essCertificate?: Uint8Array | null
  /** Signs instead of the authority's own; the token names it. */
  readonly signer?: Holder
  /** Spoils the signature. */
  readonly change?: (signature: Uint8Array) => Uint8Array
}

export interface Tsa {
  readonly root: Holder
  readonly signer: Holder
  /** DER TimeStampResp over the SHA-256 of the given signature bytes. */
  readonly stamp: (signature: Uint8Array, options?: StampOptions) => Uint8Array
}

export interface TsaOptions {
  readonly curve: Curve
  /** Of its signatures; the curve's own by default. */
  readonly hash?: HashName
  /** Validity of its certificates, milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  readonly organization?: string
  readonly extendedKeyUsage?: { readonly purposes: readonly string[]; readonly critical: boolean }
}

const TST_INFO = '1.2.840.113549.1.9.16.1.4'
/** Sigstore's own. */
export const POLICY = '1.3.6.1.4.1.57264.2'
const HASH_OIDS: Readonly<Record<HashName, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
}

/** Of the imprint; elsewhere the authority leaves the NULL out. */
const imprintAlgorithm = (name: HashName): Uint8Array =>
  encodeSequence(encodeOid(HASH_OIDS[name]), encodeNull())

const algorithmOf = (name: HashName): Uint8Array => encodeSequence(encodeOid(HASH_OIDS[name]))

/** A timestamp authority: a root and a signer with the one purpose, critical. */
export function createTsa(options: TsaOptions): Tsa {
  const { curve, notBefore, notAfter, organization = 'sandbox.sigstore' } = options
  const rootKey = generateEcdsaKey(curve, options.hash)
  const root = createHolder(
    {
      subject: encodeSubject(organization, 'sandbox-tsa-root'),
      notBefore,
      notAfter,
      extensions: [
        keyUsage(['keyCertSign', 'cRLSign']),
        basicConstraints({ ca: true }),
        subjectKeyIdentifier(rootKey.spki),
      ],
    },
    rootKey,
  )
  const signer = createTsaSigner(root, options)
  let serialNumber = 1n
  const stamp = (signature: Uint8Array, changes: StampOptions = {}): Uint8Array => {
    serialNumber += 1n
    return encodeResponse(signature, { serialNumber, signer, ...changes })
  }
  return { root, signer, stamp }
}

export function createTsaSigner(root: Holder, options: TsaOptions): Holder {
  const { curve, notBefore, notAfter, organization = 'sandbox.sigstore' } = options
  const { purposes, critical } = options.extendedKeyUsage ?? { purposes: [TIME_STAMPING], critical: true }
  const key: SigningKey = generateEcdsaKey(curve, options.hash)
  const extensions = [
    keyUsage(['digitalSignature']),
    subjectKeyIdentifier(key.spki),
    authorityKeyIdentifier(root.key.spki),
    extendedKeyUsage(purposes, critical),
  ]
  const subject = encodeSubject(organization, 'sandbox-tsa')
  return createHolder({ subject, notBefore, notAfter, extensions }, key, root)
}

type Stamp = StampOptions & { readonly serialNumber: bigint; readonly signer: Holder }

function encodeResponse(signature: Uint8Array, stamp: Stamp): Uint8Array {
  const status = encodeSequence(encodeInteger(BigInt(stamp.status ?? 0)))
  const info = encodeTstInfo(signature, stamp)
  const digestAlgorithm = stamp.digestAlgorithm ?? stamp.signer.key.hash
  const certificates = stamp.certificates ?? []
  const signedData = encodeSequence(
    encodeInteger(3n),
    encodeSet(algorithmOf(digestAlgorithm)),
    encodeSequence(encodeOid(TST_INFO), encodeDer(0xa0, encodeOctetString(info))),
    // There, and empty, also when no certificate was asked for.
    encodeDer(0xa0, concatBytes(...certificates)),
    encodeSet(encodeSignerInfo(info, stamp, digestAlgorithm)),
  )
  const content = encodeSequence(encodeOid('1.2.840.113549.1.7.2'), encodeDer(0xa0, signedData))
  return encodeSequence(status, content)
}

/** RFC 3161 2.4.2; accuracy one second, as Sigstore's authority says. */
function encodeTstInfo(signature: Uint8Array, stamp: Stamp): Uint8Array {
  const hash = stamp.hash ?? 'sha256'
  const imprint = encodeSequence(
    imprintAlgorithm(hash),
    encodeOctetString(stamp.imprint ?? hashOf(hash, signature)),
  )
  return encodeSequence(
    encodeInteger(1n),
    encodeOid(stamp.policy ?? POLICY),
    imprint,
    encodeInteger(stamp.serialNumber),
    encodeDer(0x18, encodeUtf8(stamp.timeText ?? generalizedTime(stamp.time ?? Date.now()))),
    encodeSequence(encodeInteger(1n)),
    ...(stamp.nonce === undefined ? [] : [encodeInteger(stamp.nonce)]),
    encodeDer(0xa0, encodeDer(0xa4, stamp.signer.name)),
  )
}

const generalizedTime = (time: number): string =>
  `${new Date(time).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`

function encodeSignerInfo(info: Uint8Array, stamp: Stamp, digestAlgorithm: HashName): Uint8Array {
  const { signer } = stamp
  const attributes =
    stamp.signedAttributes === 'none' ? undefined : encodeAttributes(info, stamp, digestAlgorithm)
  const signed = attributes ?? info
  const signature = signer.key.sign(signed)
  return encodeSequence(
    encodeInteger(1n),
    encodeSequence(signer.issuerName, encodeInteger(signer.serialNumber)),
    algorithmOf(digestAlgorithm),
    ...(attributes === undefined ? [] : [concatBytes(Uint8Array.of(0xa0), attributes.subarray(1))]),
    signer.key.algorithm,
    encodeOctetString(stamp.change?.(signature) ?? signature),
  )
}

/** The signed attributes as the SET that is signed (RFC 5652 5.4). */
function encodeAttributes(info: Uint8Array, stamp: Stamp, digestAlgorithm: HashName): Uint8Array {
  const attribute = (oid: string, value: Uint8Array): Uint8Array =>
    encodeSequence(encodeOid(oid), encodeSet(value))
  return encodeSet(
    attribute('1.2.840.113549.1.9.3', encodeOid(stamp.contentType ?? TST_INFO)),
    attribute('1.2.840.113549.1.9.5', encodeUtcOrGeneralizedTime(stamp.time ?? Date.now())),
    attribute(
      '1.2.840.113549.1.9.4',
      encodeOctetString(stamp.messageDigest ?? hashOf(digestAlgorithm, info)),
    ),
    ...(stamp.essCertificate === null ? [] : [attribute('1.2.840.113549.1.9.16.2.47', encodeEss(stamp))]),
  )
}

/** RFC 5035 5: SigningCertificateV2. The authority takes the imprint's hash for it; SHA-256 goes without saying. */
function encodeEss({ essCertificate, signer, hash = 'sha256' }: Stamp): Uint8Array {
  const digest = encodeOctetString(hashOf(hash, essCertificate ?? signer.certificate))
  const algorithm = hash === 'sha256' ? [] : [imprintAlgorithm(hash)]
  const id = encodeSequence(...algorithm, digest, issuerSerial(signer))
  return encodeSequence(encodeSequence(id))
}

const issuerSerial = ({ issuerName, serialNumber }: Holder): Uint8Array =>
  encodeSequence(encodeSequence(encodeDer(0xa4, issuerName)), encodeInteger(serialNumber))
