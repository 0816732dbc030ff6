import { equalBytes } from '../core/bytes.ts'
import { digest } from '../core/digest.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { isPresent, jsonReader } from '../core/json-reader.ts'
import { quote } from '../core/printable.ts'
import { type PublicKey, parsePublicKey } from '../core/public-key.ts'
import { parseCertificate } from '../core/x509.ts'
import { ActionError } from '../errors.ts'
import { type Authority, authorityOf } from './authority.ts'
import { parseWindow, type Window } from './window.ts'

/** A log that the trusted root names: Rekor of either version, or certificate transparency. */
export interface TrustedLog {
  readonly baseUrl: string
  /** Host of the base URL without and with its port: the names under which its checkpoints are signed. */
  readonly names: readonly string[]
  readonly logId: Uint8Array
  readonly key: PublicKey
  readonly window: Window
}

export interface TrustedRoot {
  readonly transparencyLogs: ReadonlyMap<string, TrustedLog>
  readonly certificateLogs: ReadonlyMap<string, TrustedLog>
  readonly certificateAuthorities: readonly Authority[]
  readonly timestampAuthorities: readonly Authority[]
  /**
   * GitHub's own instance for private repositories, told by its trusted root alone: no logs, and only authorities of
   * `O=GitHub, Inc.`. There a signed timestamp stands in for log and SCT.
   */
  readonly isGitHub: boolean
}

const MEDIA_TYPES = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
]

const read = jsonReader('TRUST_INVALID')

/**
 * A trusted root (sigstore_trustroot.proto, protobuf-JSON, version 0.1 or 0.2). Unknown members are ignored. What lacks
 * a start of validity is left out, and so are entries that share a log id or a first certificate.
 */
export function parseTrustedRoot(json: Json): TrustedRoot {
  const root = read.object(json, 'the trusted root')
  const mediaType = read.text(root['mediaType'], 'mediaType')
  if (!MEDIA_TYPES.includes(mediaType)) {
    throw new ActionError('TRUST_INVALID', `mediaType of the trusted root is ${quote(mediaType)}`)
  }
  const transparencyLogs = parseLogs(root['tlogs'], 'tlogs')
  const certificateLogs = parseLogs(root['ctlogs'], 'ctlogs')
  const certificateAuthorities = parseAuthorities(root['certificateAuthorities'], 'certificateAuthorities')
  const timestampAuthorities = parseAuthorities(root['timestampAuthorities'], 'timestampAuthorities')
  const noLogs = read.list(root['tlogs'], 'tlogs').length + read.list(root['ctlogs'], 'ctlogs').length === 0
  const all = [...certificateAuthorities, ...timestampAuthorities]
  return {
    transparencyLogs,
    certificateLogs,
    certificateAuthorities,
    timestampAuthorities,
    isGitHub: noLogs && all.length > 0 && all.every(isOfGitHub),
  }
}

const isOfGitHub = (authority: Authority): boolean =>
  authority.certificates.every(
    ({ organizations }) => organizations.length === 1 && organizations[0] === 'GitHub, Inc.',
  )

function parseLogs(value: Json | undefined, where: string): ReadonlyMap<string, TrustedLog> {
  const logs = new Map<string, TrustedLog>()
  const shared = new Set<string>()
  for (const [i, one] of read.list(value, where).entries()) {
    const log = parseLog(read.object(one, `${where}[${i}]`), `${where}[${i}]`)
    if (log === undefined) continue
    const id = Buffer.from(log.logId).toString('hex')
    if (logs.has(id)) shared.add(id)
    logs.set(id, log)
  }
  for (const id of shared) logs.delete(id)
  return logs
}

/** The keys that logs have. Others (a retired RSA log of staging) leave the log unknown, not the root malformed. */
const LOG_KEYS: Readonly<Record<string, (key: PublicKey) => boolean>> = {
  PKIX_ECDSA_P256_SHA_256: (key) => key.type === 'ecdsa' && key.curve === 'P-256',
  PKIX_ECDSA_P384_SHA_384: (key) => key.type === 'ecdsa' && key.curve === 'P-384',
  PKIX_ECDSA_P521_SHA_512: (key) => key.type === 'ecdsa' && key.curve === 'P-521',
  PKIX_ED25519: (key) => key.type === 'ed25519',
  PKIX_RSA_PKCS1V15_2048_SHA256: (key) => key.type === 'rsa',
  PKIX_RSA_PKCS1V15_3072_SHA256: (key) => key.type === 'rsa',
  PKIX_RSA_PKCS1V15_4096_SHA256: (key) => key.type === 'rsa',
}

function parseLog(log: JsonObject, where: string): TrustedLog | undefined {
  const publicKey = read.object(log['publicKey'], `${where}.publicKey`)
  const window = parseWindow(publicKey['validFor'], `${where}.publicKey.validFor`)
  const details = read.text(publicKey['keyDetails'], `${where}.publicKey.keyDetails`)
  const fits = Object.hasOwn(LOG_KEYS, details) ? LOG_KEYS[details] : undefined
  if (window === undefined || fits === undefined) return undefined
  const key = parsePublicKey(
    read.bytes(publicKey['rawBytes'], `${where}.publicKey.rawBytes`),
    'TRUST_INVALID',
  )
  if (!fits(key)) throw new ActionError('TRUST_INVALID', `${where}.publicKey is not ${quote(details)}`)
  const baseUrl = read.text(log['baseUrl'], `${where}.baseUrl`)
  const logId = read.bytes(read.object(log['logId'], `${where}.logId`)['keyId'], `${where}.logId.keyId`)
  assertLogId(logId, key, where)
  return { baseUrl, names: namesOf(baseUrl, where), logId, key, window }
}

/** RFC 6962 3.2: the id of a log is the hash of its key. An Ed25519 log's id hashes its origin too, which is checked where it signs. */
function assertLogId(logId: Uint8Array, key: PublicKey, where: string): void {
  const fits = key.type === 'ed25519' ? logId.length === 32 : equalBytes(logId, digest('sha256', key.spki))
  if (!fits) throw new ActionError('TRUST_INVALID', `${where}.logId is not that of its key`)
}

function namesOf(baseUrl: string, where: string): readonly string[] {
  if (!URL.canParse(baseUrl))
    throw new ActionError('TRUST_INVALID', `${where}.baseUrl is no URL: ${quote(baseUrl)}`)
  const { host, hostname } = new URL(baseUrl)
  return host === hostname ? [hostname] : [hostname, host]
}

function parseAuthorities(value: Json | undefined, where: string): readonly Authority[] {
  const all = read.list(value, where).map((one, i) => parseAuthority(one, `${where}[${i}]`))
  const usable = all.filter((authority) => authority !== undefined)
  const first = (authority: Authority) => Buffer.from(authority.certificates[0]?.raw ?? '').toString('hex')
  const counts = Map.groupBy(usable, first)
  return usable.filter((authority) => counts.get(first(authority))?.length === 1)
}

function parseAuthority(value: Json, where: string): Authority | undefined {
  const authority = read.object(value, where)
  const window = parseWindow(authority['validFor'], `${where}.validFor`)
  const chain = authority['certChain']
  const list = isPresent(chain)
    ? read.list(read.object(chain, `${where}.certChain`)['certificates'], `${where}.certChain.certificates`)
    : []
  const certificates = list.map((one, i) =>
    parseTrustedCertificate(one, `${where}.certChain.certificates[${i}]`),
  )
  return window === undefined || certificates.length === 0 ? undefined : authorityOf(certificates, window)
}

function parseTrustedCertificate(value: Json, where: string) {
  const raw = read.bytes(read.object(value, where)['rawBytes'], `${where}.rawBytes`)
  try {
    return parseCertificate(raw)
  } catch (cause) {
    throw new ActionError('TRUST_INVALID', `${where} is not a certificate that can be used`, { cause })
  }
}
