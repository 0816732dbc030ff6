import { concatBytes } from '../../core/bytes.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { requestDownload } from '../../github/asset-download.ts'
import type { Asset } from '../../github/release.ts'
import { MAX_BUNDLE_BYTES } from '../../sigstore/bundle.ts'
import { bundlesOfAsset } from '../bundles/asset-kind.ts'
import { nameOf, type ReleaseView } from './release-view.ts'

/** Bytes of a `.jsonl` on a release; whoever has more bundles has a file for each. */
const MOST = 256 * 1024 * 1024

const isLines = (name: string): boolean => name.toLowerCase().endsWith('.jsonl')

/** The whole asset. */
export async function fetchAsset(view: ReleaseView, asset: Asset): Promise<Uint8Array> {
  let chunks: Uint8Array[] = []
  await requestDownload(view.github, view.repository, asset, () => {
    chunks = []
    return async (chunk) => {
      chunks.push(chunk.slice())
    }
  })
  return concatBytes(...chunks)
}

/** An asset that must be a bundle, or a `.jsonl` of nothing else: RELEASE_EXISTS, since its name is wanted for one. */
export async function fetchBundle(view: ReleaseView, asset: Asset): Promise<Uint8Array> {
  const text = isOfBundleSize(asset) ? await fetchAsset(view, asset) : undefined
  if (text !== undefined && bundlesOfAsset(text) !== undefined) return text
  throw new ActionError(
    'RELEASE_EXISTS',
    `${nameOf(view)} has ${quote(asset.name)}, which is no Sigstore bundle`,
  )
}

export const isOfBundleSize = ({ name, size }: Pick<Asset, 'name' | 'size'>): boolean =>
  size <= (isLines(name) ? MOST : MAX_BUNDLE_BYTES)
