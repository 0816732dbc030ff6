import { ActionError } from '../../errors.ts'
import type { GitHub } from '../../github/api.ts'
import type { Asset } from '../../github/release.ts'
import { requestViewer } from '../../github/viewer.ts'
import type { Shelf } from './release-attach.ts'
import type { Trouble } from './release-trouble.ts'

/** Number of the account that this run uploads as; undefined if GitHub does not say. Asked once, and only when needed. */
export type Leftovers = () => Promise<number | undefined>

export function watchLeftovers(github: GitHub): Leftovers {
  let known: Promise<number | undefined> | undefined
  return () => {
    known ??= requestViewer(github).catch((error: unknown) => {
      if (error instanceof ActionError && error.code !== 'CANCELLED') return undefined
      throw error
    })
    return known
  }
}

/** No upload takes that long without being given up by GitHub or by us. */
export const LEFTOVER_AGE = 10 * 60_000

/** Whether the half-uploaded asset is one of ours that nobody waits for: of our own failed request, or over ten minutes old. */
export async function isLeftover(
  { now, leftovers }: Pick<Shelf, 'now' | 'leftovers'>,
  asset: Asset,
  trouble: Pick<Trouble, 'isOurs'>,
): Promise<boolean> {
  const isAbandoned = trouble.isOurs(asset) || now() - asset.createdAt > LEFTOVER_AGE
  return isAbandoned && asset.uploader !== undefined && asset.uploader === (await leftovers())
}
