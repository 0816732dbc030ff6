import { createHash, hash as hashOnce } from 'node:crypto'

/** An engine file: SHA-2 by node:crypto. */
export type HashName = 'sha256' | 'sha384' | 'sha512'

export const DIGEST_BYTES: Readonly<Record<HashName, number>> = { sha256: 32, sha384: 48, sha512: 64 }

/** The hash of the parts, one after the other. */
export function digest(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return new Uint8Array(hashOnce(name, only, 'buffer'))
  const hash = createHash(name)
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

export interface StreamDigest {
  readonly update: (chunk: Uint8Array) => void
  readonly finish: () => Uint8Array
}

export function startDigest(name: HashName): StreamDigest {
  const hash = createHash(name)
  return {
    update: (chunk) => {
      hash.update(chunk)
    },
    finish: () => new Uint8Array(hash.digest()),
  }
}
