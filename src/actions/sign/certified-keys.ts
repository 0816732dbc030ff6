import { type EphemeralKey, generateEphemeralKey } from '../../core/ephemeral-key.ts'
import type { CertificateSigner } from '../../sigstore/evidence.ts'

/** A key in memory and the short-lived certificate that names it. */
export interface CertifiedKey {
  readonly key: EphemeralKey
  readonly signer: CertificateSigner
}

/** One pair for a whole batch, and a fresh one when its certificate nears its end. */
export interface CertifiedKeys {
  /** The pair to sign the next file with. */
  readonly current: () => Promise<CertifiedKey>
  /** Lets go of every key. Nothing can be signed afterwards. */
  readonly dropAll: () => void
}

const MOST_RESERVE = 120_000

/** Less than two minutes left, or less than a quarter of its life: too little to sign, log and timestamp with. */
export function isNearItsEnd(
  { signer: { certificate } }: Pick<CertifiedKey, 'signer'>,
  now: number,
): boolean {
  const reserve = Math.min(MOST_RESERVE, (certificate.notAfter - certificate.notBefore) / 4)
  return certificate.notAfter - now < reserve
}

export function certifiedKeys(
  certify: (key: EphemeralKey) => Promise<CertificateSigner>,
  now: () => number,
): CertifiedKeys {
  const keys: EphemeralKey[] = []
  let pair: Promise<CertifiedKey> | undefined
  const renew = async (): Promise<CertifiedKey> => {
    const key = generateEphemeralKey()
    keys.push(key)
    return { key, signer: await certify(key) }
  }
  const current = async (): Promise<CertifiedKey> => {
    pair ??= renew()
    const asked = pair
    const held = await asked
    if (!isNearItsEnd(held, now())) return held
    // Whoever comes first renews; the others, who waited for the same pair, find the new one.
    if (pair === asked) pair = renew()
    return pair
  }
  const dropAll = (): void => {
    for (const key of keys) key.drop()
    keys.length = 0
  }
  return { current, dropAll }
}
