import type { HashName } from '../src/core/digest.ts'
import { encodePae } from '../src/core/dsse.ts'
import { encodeCanonicalJson } from '../src/core/json.ts'
import { base64, hex } from './fields.ts'
import type { Leaf, LeafRequest } from './fulcio-ca.ts'
import type { Issuer } from './issuer.ts'
import { generateEcdsaKey, hashOf, type SigningKey } from './keys.ts'
import type { LogEntryJson } from './log-entry.ts'
import type { Authorities } from './trust-files.ts'
import type { StampOptions } from './tsa-authority.ts'

/** Who makes bundles: a running sandbox, or authorities alone. */
export interface Makers {
  readonly authorities: Authorities & { readonly issuer: Pick<Issuer, 'url' | 'claims'> }
}

/** A bundle v0.3 in protobuf-JSON, open to change. */
export interface BundleJson {
  mediaType: string
  verificationMaterial: {
    certificate: { rawBytes: string }
    tlogEntries: LogEntryJson[]
    timestampVerificationData?: { rfc3161Timestamps: { signedTimestamp: string }[] }
  }
  messageSignature?: { messageDigest: { algorithm: string; digest: string }; signature: string }
  dsseEnvelope?: { payload: string; payloadType: string; signatures: { sig: string; keyid?: string }[] }
}

/** What is signed. */
export type BundleContent =
  | { readonly artifact: Uint8Array }
  /** An in-toto statement, or the payload as it is to be signed. */
  | { readonly statement: object | Uint8Array; readonly payloadType?: string }

/** Each point is good unless changed. */
export interface BundleOptions {
  /** Versions of Rekor to log in; `[1]` by default. */
  readonly logs?: readonly (1 | 2)[]
  /** One each; a single honest one by default. */
  readonly timestamps?: readonly StampOptions[]
  /** Of the leaf; a fresh P-256 one by default. */
  readonly key?: SigningKey
  readonly leaf?: Partial<LeafRequest>
  /** When all happens, milliseconds since 1970; now by default. */
  readonly at?: number
  /** What Rekor v1 takes for the time, seconds since 1970. */
  readonly integratedTime?: number
  /** Replaces what is logged: the body before it is made canonical. */
  readonly body?: (body: BodyJson, log: 1 | 2) => BodyJson
  /** Replaces the signature that the bundle, the logs and the timestamps hold. */
  readonly signature?: (signature: Uint8Array) => Uint8Array
}

export type BodyJson = Parameters<typeof encodeCanonicalJson>[0]

export interface MadeBundle {
  readonly bundle: BundleJson
  /** The bundle as it would be stored. */
  readonly bytes: Uint8Array
  readonly key: SigningKey
  readonly leaf: Leaf
  readonly signature: Uint8Array
}

interface Signed {
  readonly content: BundleContent
  /** What the signature covers: the artifact, or the pre-authentication encoding. */
  readonly data: Uint8Array
  readonly payload: Uint8Array
  readonly payloadType: string
  readonly signature: Uint8Array
  readonly leaf: Leaf
  readonly key: SigningKey
}

/** A bundle that the sandbox's authorities really made, without HTTP. Timestamps, leaf and log entries name one time. */
export function makeBundle(makers: Makers, content: BundleContent, options: BundleOptions = {}): MadeBundle {
  const time = options.at ?? Date.now()
  const signed = signContent(makers, content, options, time)
  const stamps = (options.timestamps ?? [{}]).map((stamp) =>
    makers.authorities.tsa.stamp(signed.signature, { time, ...stamp }),
  )
  const bundle: BundleJson = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: { rawBytes: base64(signed.leaf.certificate) },
      tlogEntries: (options.logs ?? [1]).map((log) => logEntry(makers, signed, log, options, time)),
      ...(stamps.length > 0 && {
        timestampVerificationData: {
          rfc3161Timestamps: stamps.map((stamp) => ({ signedTimestamp: base64(stamp) })),
        },
      }),
    },
    ...contentOf(signed),
  }
  const { key, leaf, signature } = signed
  return { bundle, bytes: Buffer.from(JSON.stringify(bundle)), key, leaf, signature }
}

function signContent(makers: Makers, content: BundleContent, options: BundleOptions, time: number): Signed {
  const { issuer, fulcio } = makers.authorities
  const key = options.key ?? generateEcdsaKey()
  const identity = { iss: issuer.url, ...issuer.claims }
  const leaf = fulcio.issue({ spki: key.spki, identity, notBefore: time, ...options.leaf })
  const payload = 'artifact' in content ? content.artifact : payloadOf(content.statement)
  const payloadType = 'artifact' in content ? '' : (content.payloadType ?? 'application/vnd.in-toto+json')
  const data = 'artifact' in content ? content.artifact : encodePae(payloadType, payload)
  const made = key.sign(data)
  return { content, data, payload, payloadType, signature: options.signature?.(made) ?? made, leaf, key }
}

const payloadOf = (statement: object | Uint8Array): Uint8Array =>
  statement instanceof Uint8Array ? statement : Buffer.from(JSON.stringify(statement))

const PROTO_HASHES = { sha256: 'SHA2_256', sha384: 'SHA2_384', sha512: 'SHA2_512' } as const

function contentOf({ content, payload, payloadType, signature, key }: Signed): Partial<BundleJson> {
  if ('artifact' in content) {
    const messageDigest = {
      algorithm: PROTO_HASHES[key.hash],
      digest: base64(hashOf(key.hash, content.artifact)),
    }
    return { messageSignature: { messageDigest, signature: base64(signature) } }
  }
  return { dsseEnvelope: { payload: base64(payload), payloadType, signatures: [{ sig: base64(signature) }] } }
}

function logEntry(
  { authorities }: Makers,
  signed: Signed,
  log: 1 | 2,
  options: BundleOptions,
  time: number,
): LogEntryJson {
  const change = options.body ?? ((body: BodyJson): BodyJson => body)
  if (log === 2)
    return authorities.rekorV2.toBundle(
      authorities.rekorV2.append(encodeCanonicalJson(change(bodyV2(signed), 2))),
    )
  const body = 'artifact' in signed.content ? hashedRekordV1(signed) : dsseV1(signed)
  const integratedTime = options.integratedTime ?? Math.floor(time / 1000)
  const entry = authorities.rekorV1.append(encodeCanonicalJson(change(body, 1)), { integratedTime })
  return authorities.rekorV1.toBundle(entry)
}

const hashed = (algorithm: HashName, data: Uint8Array) => ({ algorithm, value: hex(hashOf(algorithm, data)) })

const verifierOf = ({ leaf }: Signed): string => base64(Buffer.from(leaf.pem))

const hashedRekordV1 = (signed: Signed): BodyJson => ({
  apiVersion: '0.0.1',
  kind: 'hashedrekord',
  spec: {
    data: { hash: hashed(signed.key.hash, signed.data) },
    signature: { content: base64(signed.signature), publicKey: { content: verifierOf(signed) } },
  },
})

/** The hash of the envelope as our own JSON writes it; nobody can check it later. */
const dsseV1 = (signed: Signed): BodyJson => ({
  apiVersion: '0.0.1',
  kind: 'dsse',
  spec: {
    envelopeHash: hashed('sha256', Buffer.from(JSON.stringify(contentOf(signed).dsseEnvelope))),
    payloadHash: hashed('sha256', signed.payload),
    signatures: [{ signature: base64(signed.signature), verifier: verifierOf(signed) }],
  },
})

const bodyV2 = ({ data, signature, leaf, key }: Signed): BodyJson => ({
  apiVersion: '0.0.2',
  kind: 'hashedrekord',
  spec: {
    hashedRekordV002: {
      data: { algorithm: PROTO_HASHES[key.hash], digest: base64(hashOf(key.hash, data)) },
      signature: {
        content: base64(signature),
        verifier: { keyDetails: key.keyDetails, x509Certificate: { rawBytes: base64(leaf.certificate) } },
      },
    },
  },
})
