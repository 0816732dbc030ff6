import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join('..', 'shared', 'data')

/** For the `skip` option of a test that needs the shared data: the reason if they are absent. */
export const withoutSharedData: string | false = existsSync(ROOT)
  ? false
  : `SHARED DATA ABSENT: put them at ${ROOT} beside the project to run this test`

/** A file of the shared data as it is; nothing where they are absent. */
export const readSharedData = (path: string): string =>
  withoutSharedData === false ? readFileSync(join(ROOT, path), 'utf8') : 'null'

export interface KnownBundle {
  readonly bundle: string
  readonly pae_prefix?: string
  readonly pae_len?: number
  readonly pae_sha256?: string
  readonly payload_sha256?: string
  readonly tlog?: {
    readonly leaf_hash: string
    readonly checkpoint?: {
      readonly origin: string
      readonly size: number
      readonly root_hex: string
      readonly signed_text_sha256: string
      readonly signature_lines: readonly {
        readonly name: string
        readonly hint_hex: string
        readonly sig_len: number
      }[]
    }
  }
}

/** What an independent script found in some of the bundles, for those that are there. */
export function knownBundles(): readonly KnownBundle[] {
  const vectors: { bundles: readonly KnownBundle[] } | null = JSON.parse(readSharedData('vectors.json'))
  return (vectors?.bundles ?? []).filter(({ bundle }) => existsSync(join(ROOT, bundle)))
}

/** The parts of a bundle that the tests of core/ feed to the parsers. */
export interface BundleParts {
  readonly dsseEnvelope?: { readonly payload: string; readonly payloadType: string }
  readonly verificationMaterial: {
    readonly tlogEntries?: readonly {
      readonly canonicalizedBody: string
      readonly inclusionProof?: { readonly checkpoint: { readonly envelope: string } }
    }[]
  }
}

export const readBundleParts = (path: string): BundleParts => JSON.parse(readSharedData(path))
