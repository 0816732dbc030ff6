import { encodeHex, encodeUtf8 } from '../../core/bytes.ts'
import { digest } from '../../core/digest.ts'
import { type Json, parseJson } from '../../core/json.ts'
import { printable } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { parseTrustedRoot, type TrustedRoot } from '../../sigstore/trusted-root.ts'

/** `github` is GitHub's own instance for private repositories, which has no public log. */
export type InstanceName = 'public-good' | 'staging' | 'github'

/** What is shipped for one instance, taken from its TUF repository at the date given. */
export interface ShippedInstance {
  readonly name: InstanceName
  /** `YYYY-MM-DD`. */
  readonly date: string
  readonly trustedRoot: Json
  readonly signingConfig: Json
  /** The opt-in configuration for Rekor v2, where the instance has one. */
  readonly signingConfigV2?: Json
}

export type Shipped = Readonly<Record<InstanceName, ShippedInstance>>

/** Where the trusted root of the run came from. */
export interface TrustInfo {
  /** In this action, or a file that an input names. */
  readonly source: 'shipped' | 'file'
  /** `public-good`, `staging`, `github`, or the file as the input names it. */
  readonly name: string
  readonly version?: string
  /** `YYYY-MM-DD`: when it was taken from its source. */
  readonly date?: string
  readonly ageDays?: number
  /** SHA-256 of its bytes, hexadecimal. */
  readonly digest: string
}

export interface Trust {
  readonly root: TrustedRoot
  readonly info: TrustInfo
}

const DAY = 86_400_000
const OLDEST_DAYS = 180
export const MAX_CONFIG_BYTES = 4 * 1024 * 1024

/** The shipped trusted root, at most 180 days old (TRUST_STALE). */
export function shippedTrust(instance: ShippedInstance, now: number): Trust {
  const ageDays = Math.floor((now - Date.parse(`${instance.date}T00:00:00Z`)) / DAY)
  if (ageDays > OLDEST_DAYS) {
    throw new ActionError(
      'TRUST_STALE',
      `the shipped trusted root of ${instance.name} is ${ageDays} days old`,
    )
  }
  const text = JSON.stringify(instance.trustedRoot)
  return {
    root: parseTrustedRoot(instance.trustedRoot),
    info: {
      source: 'shipped',
      name: instance.name,
      date: instance.date,
      ageDays,
      digest: encodeHex(digest('sha256', encodeUtf8(text))),
    },
  }
}

/** A trusted root that an input names, as it was written there. */
export function trustOfFile(bytes: Uint8Array, name: string): Trust {
  return {
    root: parseTrustedRoot(parseJsonFile(bytes, 'TRUST_INVALID', name)),
    info: { source: 'file', name, digest: encodeHex(digest('sha256', bytes)) },
  }
}

export function parseJsonFile(
  bytes: Uint8Array,
  code: 'TRUST_INVALID' | 'CONFIG_INVALID',
  name: string,
): Json {
  const rules = {
    maxBytes: MAX_CONFIG_BYTES,
    maxDepth: 32,
    malformed: code,
    tooLarge: code,
    tooDeep: code,
    duplicate: code,
  }
  return parseJson(bytes, rules, printable(name))
}
