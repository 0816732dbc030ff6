import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { requestDownload } from '../../github/asset-download.ts'
import { parseUpload, requestUpload, type UploadResult } from '../../github/asset-upload.ts'
import { type Asset, compareAsset } from '../../github/release.ts'
import { requestAssetDeletion } from '../../github/releases.ts'
import type { World } from '../../ports.ts'
import { paceWrites } from '../job/pace.ts'
import { PASSING, parseRetryAfter } from '../job/patience.ts'
import { isLeftover, type Leftovers, watchLeftovers } from './release-leftovers.ts'
import { lookAtAssets } from './release-look.ts'
import { startTrouble, type Trouble } from './release-trouble.ts'
import { nameOf, type ReleaseView } from './release-view.ts'

/** What is to stand on the release. */
export interface WantedAsset {
  /** One that GitHub keeps as it is. */
  readonly name: string
  /** What people should see instead, if the name is not that of the file. */
  readonly label?: string
  readonly contentType: string
  readonly size: number
  /** Hexadecimal. */
  readonly sha256: string
  readonly chunks: () => AsyncIterable<Uint8Array>
  /** Only a half-uploaded asset that stands in the way of a bundle is ever removed. */
  readonly isBundle: boolean
}

export interface AttachedAsset {
  readonly asset: Asset
  readonly sha256: string
  /** It was there before. */
  readonly kept: boolean
}

/** A release that is being written to. */
export interface Shelf {
  readonly world: Pick<World, 'clock' | 'random' | 'cancelled'>
  readonly view: ReleaseView
  /** By name, as far as this run knows. */
  readonly there: Map<string, Asset>
  /** Milliseconds that an upload may go without success. */
  readonly budget: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly pace: () => Promise<void>
  readonly leftovers: Leftovers
  /** Told of what nobody can know: an upload without an answer. */
  readonly onDoubt: (name: string) => void
}

type ShelfParts = Pick<Shelf, 'world' | 'view' | 'budget' | 'now' | 'onDoubt'>

/** Lists once more what is there: since the first look other jobs may have added something. */
export async function openShelf(parts: ShelfParts): Promise<Shelf> {
  const shelf = {
    ...parts,
    there: new Map<string, Asset>(),
    pace: paceWrites(parts.world),
    leftovers: watchLeftovers(parts.view.github),
  }
  await refresh(shelf)
  return shelf
}

async function refresh({ view, there, world }: Pick<Shelf, 'view' | 'there' | 'world'>): Promise<void> {
  const assets = await lookAtAssets(view, world)
  there.clear()
  for (const asset of assets) there.set(asset.name, asset)
}

/**
 * Resolves when the very bytes are on the release. After each failure it looks at what is there before it sends anything
 * again, so that a lost answer doubles nothing. RELEASE_EXISTS, RELEASE_ASSET_STATE, RELEASE_ASSET_MISMATCH, whatever
 * `parseUpload` throws, and NET_* when the time budget is used up.
 */
export async function attach(shelf: Shelf, wanted: WantedAsset): Promise<AttachedAsset> {
  const trouble = startTrouble(shelf, wanted)
  for (;;) {
    const found = shelf.there.get(wanted.name)
    const asset =
      found === undefined
        ? await upload(shelf, wanted, trouble)
        : await settleWith(shelf, wanted, found, trouble)
    if (asset !== undefined)
      return { asset, sha256: wanted.sha256, kept: asset === found && !trouble.hasSent() }
    await refresh(shelf)
  }
}

/** undefined if nobody knows yet what became of it. */
async function upload(shelf: Shelf, wanted: WantedAsset, trouble: Trouble): Promise<Asset | undefined> {
  const result = await send(shelf, wanted, trouble)
  if (result.kind === 'failed') {
    if (result.error.code !== 'NET_OVERLOADED') trouble.failed()
    await trouble.pause(result.error, result.wait)
  }
  // The name is taken: by what the next look shows, or else by what GitHub lists a moment later.
  if (result.kind === 'exists') await trouble.pauseIfAgain(hiddenError(wanted))
  if (result.kind !== 'stored') return undefined
  await verifyStored(shelf, wanted, result.asset)
  shelf.there.set(result.asset.name, result.asset)
  return result.asset
}

const busyError = ({ name }: Asset): ActionError =>
  new ActionError(
    'RELEASE_ASSET_STATE',
    `an upload of ${quote(name)} is under way, or broke off less than ten minutes ago`,
  )

const hiddenError = ({ name }: WantedAsset): ActionError =>
  new ActionError(
    'RELEASE_CHANGED',
    `GitHub has an asset for ${quote(name)} and does not list it under that name`,
  )

/** What stands under the name, if it is the very bytes; undefined if it is gone now, or may still change. */
async function settleWith(
  shelf: Shelf,
  wanted: WantedAsset,
  found: Asset,
  trouble: Trouble,
): Promise<Asset | undefined> {
  if (found.state === 'uploaded') {
    await assertSame(shelf.view, found, wanted)
    return found
  }
  if (!wanted.isBundle) throw strangeError(found)
  if (await isLeftover(shelf, found, trouble)) {
    await shelf.pace()
    await requestAssetDeletion(shelf.view.github, shelf.view.repository, found)
  } else await trouble.pause(busyError(found))
  return undefined
}

const strangeError = ({ name }: Asset): ActionError =>
  new ActionError('RELEASE_ASSET_STATE', `the upload of ${quote(name)} broke off and blocks its name`, {
    hint: 'Remove that asset by hand: nothing but half-uploaded bundles of ours is ever removed.',
  })

/** RELEASE_EXISTS unless it is the very same; where GitHub has no digest, its bytes are asked for. */
export async function assertSame(
  view: ReleaseView,
  found: Asset,
  own: Pick<WantedAsset, 'name' | 'size' | 'sha256'>,
): Promise<void> {
  const verdict = compareAsset(found, own)
  if (verdict === 'same') return
  if (verdict === 'unknown' && (await digestOf(view, found)) === own.sha256) return
  throw new ActionError('RELEASE_EXISTS', `${nameOf(view)} has another ${quote(own.name)} already`, {
    expected: `sha256:${own.sha256}`,
    found: found.digest === undefined ? `${found.size} bytes` : `sha256:${found.digest}`,
  })
}

export const digestOf = async (view: ReleaseView, asset: Asset): Promise<string> =>
  asset.digest ?? requestDownload(view.github, view.repository, asset, () => async () => undefined)

async function send(
  shelf: Shelf,
  wanted: WantedAsset,
  trouble: Trouble,
): Promise<UploadResult & { wait?: number }> {
  const { view, world, now } = shelf
  await shelf.pace()
  if (world.cancelled.aborted) throw new ActionError('CANCELLED', 'the job was cancelled')
  trouble.sending(shelf.there)
  const { name, label, contentType, size, chunks } = wanted
  const body = { size, chunks }
  try {
    const answer = await requestUpload(view.github, view.release, {
      name,
      contentType,
      body,
      ...(label !== undefined && { label }),
    })
    const result = parseUpload(answer, name, now())
    const asked = parseRetryAfter(answer.headers['retry-after'], now())
    return result.kind === 'failed' && asked !== undefined ? { ...result, wait: asked } : result
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    if (PASSING.has(error.code)) return { kind: 'failed', error }
    if (error.code === 'CANCELLED') shelf.onDoubt(name)
    throw error
  }
}

/** A new run would not find it, and upload it again. */
const renamedError = (wanted: WantedAsset, found: Asset): ActionError =>
  new ActionError(
    'RELEASE_ASSET_NAME',
    `GitHub stored ${quote(wanted.name)} under another name; it was removed again`,
    {
      expected: quote(wanted.name),
      found: quote(found.name),
    },
  )

/** What came of our own upload, by its own answer: so it may be removed if it is not what was sent. */
async function verifyStored(shelf: Shelf, wanted: WantedAsset, asset: Asset): Promise<void> {
  const { github, repository } = shelf.view
  if ([...shelf.there.values()].some(({ id }) => id === asset.id)) {
    throw new ActionError(
      'GITHUB_RESPONSE',
      `GitHub answers the upload of ${quote(wanted.name)} with another asset`,
    )
  }
  const digest = asset.state === 'uploaded' ? await digestOf(shelf.view, asset) : undefined
  const isSame = digest === wanted.sha256 && asset.size === wanted.size
  if (isSame && asset.name === wanted.name) return
  await requestAssetDeletion(github, repository, asset)
  if (isSame) throw renamedError(wanted, asset)
  throw new ActionError(
    'RELEASE_ASSET_MISMATCH',
    `GitHub stored something else than ${quote(wanted.name)}, which was removed again`,
    {
      expected: `sha256:${wanted.sha256}, ${wanted.size} bytes`,
      found: `${digest === undefined ? asset.state : `sha256:${digest}`}, ${asset.size} bytes`,
      hint: 'Something else wrote to the file while it was uploaded, or the transfer went wrong. Run the job again.',
    },
  )
}
