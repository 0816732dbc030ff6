import {
  createHolder,
  EMPTY_NAME,
  encodeSubject,
  encodeTbs,
  type Holder,
  randomSerialNumber,
  signCertificate,
  toPem,
} from './certificates.ts'
import type { CtLog, SctOptions } from './ct-log.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  CODE_SIGNING,
  type ExtensionFields,
  extendedKeyUsage,
  type KeyUsage,
  keyUsage,
  type SubjectAlternativeName,
  sctListExtension,
  subjectAlternativeName,
  subjectKeyIdentifier,
} from './extensions.ts'
import { type CertifiedIdentity, type ExtensionChanges, githubIdentity } from './identity.ts'
import { type Curve, generateEcdsaKey, keyIdOf } from './keys.ts'
import { encodeSctList, type Precertificate } from './sct.ts'

/** How the leaf gets its SCT list. `make` gives encoded SCTs. */
export type SctPlan =
  | { readonly kind: 'valid'; readonly options?: SctOptions }
  | { readonly kind: 'none' }
  | { readonly kind: 'make'; readonly make: (precertificate: Precertificate) => readonly Uint8Array[] }

/** A leaf as Fulcio issues it, each point of it open to change. */
export interface LeafRequest {
  /** Key of the leaf, DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** Claims, `iss` included, that SAN and extensions are made from; or those two themselves. */
  readonly identity: Readonly<Record<string, unknown>> | CertifiedIdentity
  /** By number; `null` leaves one out. Only with claims. */
  readonly fulcioExtensions?: ExtensionChanges
  /** Instead of the identity's one. */
  readonly names?: readonly SubjectAlternativeName[]
  /** Milliseconds since 1970. Now, and ten minutes later. */
  readonly notBefore?: number
  readonly notAfter?: number
  readonly keyUsage?: readonly KeyUsage[]
  readonly extendedKeyUsage?: readonly string[]
  /** Fulcio writes no BasicConstraints. */
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number }
  /** Name TLV; empty by default. */
  readonly subject?: Uint8Array
  /** All extensions but the SCT list, right before they are written. */
  readonly change?: (extensions: readonly ExtensionFields[]) => readonly ExtensionFields[]
  readonly sct?: SctPlan
  /** Issues instead of this authority's intermediate. */
  readonly issuer?: Holder
}

export interface Leaf {
  readonly certificate: Uint8Array
  readonly pem: string
}

/** A certificate authority as Fulcio's: a root, an intermediate that issues. */
export interface FulcioCa {
  readonly root: Holder
  readonly intermediate: Holder
  readonly ctLog: CtLog
  /** As GitHub's: it promises its certificates to no log. */
  readonly withoutLog: boolean
  readonly issue: (request: LeafRequest) => Leaf
}

export interface CaOptions {
  readonly curve: Curve
  readonly ctLog: CtLog
  /** Validity of its own certificates, milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  readonly organization?: string
  readonly withoutLog?: boolean
}

const TEN_MINUTES = 10 * 60_000

export function createFulcioCa(options: CaOptions): FulcioCa {
  const { curve, ctLog, notBefore, notAfter, organization = 'sandbox.sigstore', withoutLog = false } = options
  const usual: SctPlan = { kind: withoutLog ? 'none' : 'valid' }
  const rootKey = generateEcdsaKey(curve)
  const root = createHolder(
    {
      subject: encodeSubject(organization, 'sandbox-root'),
      notBefore,
      notAfter,
      extensions: [
        keyUsage(['keyCertSign', 'cRLSign']),
        basicConstraints({ ca: true, pathLength: 1 }),
        subjectKeyIdentifier(rootKey.spki),
      ],
    },
    rootKey,
  )
  const intermediate = createIntermediate(root, options)
  const issue = (request: LeafRequest): Leaf => issueLeaf({ sct: usual, ...request }, intermediate, ctLog)
  return { root, intermediate, ctLog, withoutLog, issue }
}

/** An intermediate of the root: the issuing one, or a second one of the same name. */
export function createIntermediate(
  root: Holder,
  { curve, notBefore, notAfter, organization = 'sandbox.sigstore' }: Omit<CaOptions, 'ctLog'>,
): Holder {
  const key = generateEcdsaKey(curve)
  const extensions = [
    keyUsage(['keyCertSign', 'cRLSign']),
    extendedKeyUsage([CODE_SIGNING], false),
    basicConstraints({ ca: true, pathLength: 0 }),
    subjectKeyIdentifier(key.spki),
    authorityKeyIdentifier(root.key.spki),
  ]
  const subject = encodeSubject(organization, 'sandbox-intermediate')
  return createHolder({ subject, notBefore, notAfter, extensions }, key, root)
}

function issueLeaf(request: LeafRequest, intermediate: Holder, ctLog: CtLog): Leaf {
  const issuer = request.issuer ?? intermediate
  const start = Math.floor((request.notBefore ?? Date.now()) / 1000) * 1000
  const fields = {
    issuer: issuer.name,
    subject: request.subject ?? EMPTY_NAME,
    spki: request.spki,
    notBefore: start,
    notAfter: request.notAfter ?? start + TEN_MINUTES,
    serialNumber: randomSerialNumber(),
  }
  const extensions = leafExtensions(request, issuer)
  const encode = (all: readonly ExtensionFields[]): Uint8Array =>
    encodeTbs({ ...fields, extensions: all }, issuer.key.algorithm)
  const precertificate = { issuerKeyHash: keyIdOf(issuer.key), tbs: encode(extensions) }
  const scts = promise(precertificate, ctLog, request)
  const whole = scts.length === 0 ? extensions : [...extensions, sctListExtension(encodeSctList(scts))]
  const certificate = signCertificate(encode(whole), issuer.key)
  return { certificate, pem: toPem('CERTIFICATE', certificate) }
}

function promise(precertificate: Precertificate, ctLog: CtLog, request: LeafRequest): readonly Uint8Array[] {
  const plan = request.sct ?? { kind: 'valid' }
  if (plan.kind === 'none') return []
  if (plan.kind === 'make') return plan.make(precertificate)
  const timestamp = request.notBefore ?? Date.now()
  return [ctLog.sign(precertificate, { timestamp, ...plan.options })]
}

function leafExtensions(request: LeafRequest, issuer: Holder): readonly ExtensionFields[] {
  const { identity } = request
  const certified = isCertified(identity) ? identity : githubIdentity(identity, request.fulcioExtensions)
  const extensions = [
    keyUsage(request.keyUsage ?? ['digitalSignature']),
    extendedKeyUsage(request.extendedKeyUsage ?? [CODE_SIGNING], false),
    ...(request.basicConstraints === undefined ? [] : [basicConstraints(request.basicConstraints)]),
    subjectKeyIdentifier(request.spki),
    authorityKeyIdentifier(issuer.key.spki),
    subjectAlternativeName(request.names ?? [certified.name]),
    ...certified.extensions,
  ]
  return request.change?.(extensions) ?? extensions
}

const isCertified = (identity: LeafRequest['identity']): identity is CertifiedIdentity =>
  'extensions' in identity && 'name' in identity
