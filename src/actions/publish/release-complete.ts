import { parseHex } from '../../core/bytes.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Asset } from '../../github/release.ts'
import { artifactOfDigests } from '../../sigstore/artifact.ts'
import type { Bundle } from '../../sigstore/bundle.ts'
import { claimedDigests } from '../../sigstore/claimed-digests.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import { mayBeBundle } from '../subjects/bundle-sniff.ts'
import { digestOf } from './release-attach.ts'
import { fetchAsset, isOfBundleSize, parseBundles } from './release-bundles.ts'
import { nameOf, type ReleaseView } from './release-view.ts'

/** What this run knows by itself, since it signed or kept it and read it back. */
export interface OwnAssets {
  /** SHA-256 of files with bundles, hexadecimal. */
  readonly bundles: ReadonlySet<string>
  /** SHA-256 of subjects that those are about. */
  readonly subjects: ReadonlySet<string>
}

/** Whether the bundle proves that this very signer, from this commit, signed what has the digest. */
export type Proves = (bundle: Bundle, artifact: ReturnType<typeof artifactOfDigests>) => boolean

const AT_ONCE = 4

/**
 * RELEASE_INCOMPLETE unless each asset is a bundle or has one that holds: of this run, or of another job of the same
 * workflow at the same commit.
 */
export async function assertComplete(
  view: ReleaseView,
  assets: readonly Asset[],
  own: OwnAssets,
  proves: Proves,
): Promise<void> {
  const half = assets.find(({ state }) => state !== 'uploaded')
  if (half !== undefined) {
    throw new ActionError('RELEASE_INCOMPLETE', `the asset ${quote(half.name)} was never uploaded completely`)
  }
  const others = assets.filter(({ digest }) => digest === undefined || !own.bundles.has(digest))
  const looks = await mapConcurrently(others, AT_ONCE, async (asset) => ({
    asset,
    bundles: await bundlesIn(view, asset),
  }))
  const bundles = indexBundles(looks.flatMap((look) => look.bundles ?? []))
  const files = looks.filter((look) => look.bundles === undefined).map(({ asset }) => asset)
  const bare = await mapConcurrently(files, AT_ONCE, async (asset) => {
    const sha256 = await digestOf(view, asset)
    if (own.subjects.has(sha256)) return []
    const artifact = artifactOfDigests({ sha256: parseHex(sha256, 'GITHUB_RESPONSE', 'the digest') })
    return (bundles.get(`sha256:${sha256}`) ?? []).some((one) => proves(one, artifact)) ? [] : [asset.name]
  })
  assertNone(view, bare.flat())
}

async function bundlesIn(view: ReleaseView, asset: Asset): Promise<readonly Bundle[] | undefined> {
  if (!mayBeBundle(asset.name) || !isOfBundleSize(asset)) return undefined
  return parseBundles(asset.name, await fetchAsset(view, asset))
}

function indexBundles(bundles: readonly Bundle[]): ReadonlyMap<string, readonly Bundle[]> {
  const index = new Map<string, Bundle[]>()
  for (const bundle of bundles) {
    for (const claim of new Set(claimedDigests(bundle))) {
      const sharing = index.get(claim)
      if (sharing === undefined) index.set(claim, [bundle])
      else sharing.push(bundle)
    }
  }
  return index
}

const SHOWN = 5

function assertNone(view: ReleaseView, bare: readonly string[]): void {
  if (bare.length === 0) return
  const names = bare.slice(0, SHOWN).map((name) => quote(name))
  const more = bare.length > SHOWN ? ` and ${bare.length - SHOWN} more` : ''
  throw new ActionError(
    'RELEASE_INCOMPLETE',
    `${nameOf(view)} was not published: ${names.join(', ')}${more} on it have no valid bundle by this workflow at this commit`,
  )
}
