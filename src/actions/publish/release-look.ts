import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Asset } from '../../github/release.ts'
import { requestAssets } from '../../github/releases.ts'
import type { World } from '../../ports.ts'
import { backOff } from '../job/patience.ts'
import type { AttachedAsset } from './release-attach.ts'
import { nameOf, type ReleaseView } from './release-view.ts'

/** A list may be a moment behind what was written, and others may write between two of its pages. */
const LOOKS = 3

/**
 * Lists the assets and holds them against what must be there; what looks wrong is looked at again before it is believed.
 * RELEASE_CHANGED.
 */
async function lookUntil(
  view: ReleaseView,
  world: Pick<World, 'clock' | 'random' | 'cancelled'>,
  verify: (assets: readonly Asset[]) => void,
): Promise<readonly Asset[]> {
  for (let look = 1; ; look++) {
    try {
      const assets = await requestAssets(view.github, view.repository, view.release)
      verify(assets)
      return assets
    } catch (error) {
      const isFinal = look === LOOKS || !(error instanceof ActionError) || error.code !== 'RELEASE_CHANGED'
      if (isFinal) throw error
      await world.clock.sleep(backOff(look, { world }), world.cancelled)
    }
  }
}

/** What is there, whatever it is. */
export const lookAtAssets = (
  view: ReleaseView,
  world: Pick<World, 'clock' | 'random' | 'cancelled'>,
): Promise<readonly Asset[]> => lookUntil(view, world, () => undefined)

/** Reads back what was attached: each under its id, with its name, size and digest. */
export const verifyAttached = (
  view: ReleaseView,
  world: Pick<World, 'clock' | 'random' | 'cancelled'>,
  attached: readonly AttachedAsset[],
): Promise<readonly Asset[]> =>
  lookUntil(view, world, (assets) => {
    const byId = new Map(assets.map((asset) => [asset.id, asset]))
    const odd = attached.find((one) => !isAsAttached(one, byId.get(one.asset.id)))
    if (odd === undefined) return
    const name = quote(odd.asset.name)
    throw new ActionError('RELEASE_CHANGED', `${name} was on the release and is not any more as it was`)
  })

const isAsAttached = ({ asset, sha256 }: AttachedAsset, now: Asset | undefined): boolean =>
  now !== undefined &&
  now.name === asset.name &&
  now.size === asset.size &&
  now.state === 'uploaded' &&
  (now.digest === undefined || now.digest === sha256)

/** The very same assets as before, by id, name, size and digest; `what` says what became of the release. */
export const verifyUnchanged = (
  view: ReleaseView,
  world: Pick<World, 'clock' | 'random' | 'cancelled'>,
  before: readonly Asset[],
  what: string,
): Promise<readonly Asset[]> =>
  lookUntil(view, world, (after) => {
    const known = new Map(before.map((asset) => [asset.id, stateOf(asset)]))
    const now = new Set(after.map(({ id }) => id))
    const odd =
      after.find((asset) => known.get(asset.id) !== stateOf(asset)) ?? before.find(({ id }) => !now.has(id))
    if (odd === undefined) return
    const name = quote(odd.name)
    throw new ActionError(
      'RELEASE_CHANGED',
      `${nameOf(view)} ${what}, and its asset ${name} changed meanwhile`,
    )
  })

const stateOf = ({ name, size, digest, state }: Asset): string => `${name} ${size} ${digest ?? ''} ${state}`
