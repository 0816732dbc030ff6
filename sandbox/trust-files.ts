import { base64 } from './fields.ts'
import type { FulcioCa } from './fulcio-ca.ts'
import type { SigningKey } from './keys.ts'
import type { RekorV1Log } from './rekor-v1-log.ts'
import type { RekorV2Log } from './rekor-v2-log.ts'
import type { Tsa } from './tsa-authority.ts'

/** Protobuf-JSON of sigstore_trustroot.proto, open to change. */
export interface LogInstanceJson {
  baseUrl: string
  hashAlgorithm: string
  publicKey: { rawBytes: string; keyDetails: string; validFor: ValidForJson }
  logId: { keyId: string }
}

export interface ValidForJson {
  start?: string
  end?: string
}

export interface AuthorityJson {
  subject: { organization: string; commonName: string }
  uri: string
  certChain: { certificates: { rawBytes: string }[] }
  validFor: ValidForJson
}

export interface TrustedRootJson {
  mediaType: string
  tlogs: LogInstanceJson[]
  certificateAuthorities: AuthorityJson[]
  ctlogs: LogInstanceJson[]
  timestampAuthorities: AuthorityJson[]
}

export interface ServiceJson {
  url: string
  majorApiVersion: number
  validFor: ValidForJson
  operator: string
}

export interface SigningConfigJson {
  mediaType: string
  caUrls: ServiceJson[]
  oidcUrls: ServiceJson[]
  rekorTlogUrls: ServiceJson[]
  tsaUrls: ServiceJson[]
  rekorTlogConfig: { selector: string; count?: number }
  tsaConfig: { selector: string; count?: number }
}

/** The keys of a sandbox, and where their owners are. */
export interface Authorities {
  readonly fulcio: FulcioCa
  readonly rekorV1: RekorV1Log
  readonly rekorV2: RekorV2Log
  readonly tsa: Tsa
}

export interface Addresses {
  /** The name of the issuer, as tokens and certificates bear it. */
  readonly issuer: string
  /** Where that issuer's keys are served. */
  readonly discovery: string
  readonly fulcio: string
  readonly rekorV1: string
  readonly rekorV2: string
  readonly tsa: string
}

const ORGANIZATION = 'sandbox.sigstore'
/** In every certificate of the instance for private repositories, and what it is told by. */
export const GITHUB_ORGANIZATION = 'GitHub, Inc.'

export const logInstance = (
  baseUrl: string,
  key: SigningKey,
  logId: Uint8Array,
  start: string,
): LogInstanceJson => ({
  baseUrl,
  hashAlgorithm: 'SHA2_256',
  publicKey: { rawBytes: base64(key.spki), keyDetails: key.keyDetails, validFor: { start } },
  logId: { keyId: base64(logId) },
})

/** First the certificate that issues (or stamps), the root last. */
export const authorityJson = (
  uri: string,
  commonName: string,
  certificates: readonly Uint8Array[],
  start: string,
): AuthorityJson => ({
  subject: { organization: ORGANIZATION, commonName },
  uri,
  certChain: { certificates: certificates.map((one) => ({ rawBytes: base64(one) })) },
  validFor: { start },
})

export function createTrustedRoot(all: Authorities, addresses: Addresses, start: string): TrustedRootJson {
  const { fulcio, rekorV1, rekorV2, tsa } = all
  const ca = [fulcio.intermediate, fulcio.root].map(({ certificate }) => certificate)
  const stampers = [tsa.signer, tsa.root].map(({ certificate }) => certificate)
  const { ctLog } = fulcio
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: fulcio.withoutLog
      ? []
      : [
          logInstance(addresses.rekorV1, rekorV1.key, rekorV1.logId, start),
          logInstance(addresses.rekorV2, rekorV2.key, rekorV2.logId, start),
        ],
    certificateAuthorities: [authorityJson(addresses.fulcio, 'sandbox-intermediate', ca, start)],
    ctlogs: fulcio.withoutLog ? [] : [logInstance(`${addresses.fulcio}/ct`, ctLog.key, ctLog.logId, start)],
    timestampAuthorities: [authorityJson(addresses.tsa, 'sandbox-tsa', stampers, start)],
  }
}

/** Lists both versions of Rekor, so that a client can be asked for either; at an instance without a log none. */
export function createSigningConfig(
  addresses: Addresses,
  start: string,
  { withoutLog }: Pick<FulcioCa, 'withoutLog'>,
): SigningConfigJson {
  const service = (url: string, majorApiVersion: number): ServiceJson => ({
    url,
    majorApiVersion,
    validFor: { start },
    operator: ORGANIZATION,
  })
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service(addresses.fulcio, 1)],
    oidcUrls: [service(addresses.discovery, 1)],
    rekorTlogUrls: withoutLog ? [] : [service(addresses.rekorV2, 2), service(addresses.rekorV1, 1)],
    tsaUrls: [service(`${addresses.tsa}/api/v1/timestamp`, 1)],
    rekorTlogConfig: { selector: 'ANY' },
    tsaConfig: { selector: 'ANY' },
  }
}
