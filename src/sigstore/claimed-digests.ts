import { encodeHex } from '../core/bytes.ts'
import type { HashName } from '../core/digest.ts'
import type { Bundle } from './bundle.ts'
import { parseStatement } from './statement.ts'

/** `sha256:…` and its like: what a bundle says it is about. Nothing is verified: good for finding its file, for no more. */
export type ClaimedDigest = `${HashName}:${string}`

const SUPPORTED: readonly HashName[] = ['sha256', 'sha384', 'sha512']

export function claimedDigests(bundle: Bundle): readonly ClaimedDigest[] {
  const { content } = bundle
  if (content.kind === 'envelope') {
    return parseStatement(content).subjects.flatMap(({ digest }) =>
      SUPPORTED.flatMap((hash) => {
        const hex = Object.hasOwn(digest, hash) ? digest[hash] : undefined
        return hex === undefined ? [] : [`${hash}:${hex}` as const]
      }),
    )
  }
  return [`${content.digest.hash}:${encodeHex(content.digest.value)}`]
}

/** The hashes of the file that are needed to verify the bundle. */
export function hashesFor(bundle: Bundle): readonly HashName[] {
  const named = claimedDigests(bundle).map((claim) => claim.split(':')[0])
  return SUPPORTED.filter((hash) => named.includes(hash))
}
