import { ActionError } from '../../errors.ts'
import { requestDownload } from '../../github/asset-download.ts'
import type { Asset } from '../../github/release.ts'
import type { NewFile, World } from '../../ports.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import type { Job } from '../job/job.ts'
import { startProgress, stepProgress } from '../job/progress.ts'
import type { ShownRelease } from './verify-release-look.ts'

/** An asset on the disk, its size and digest those that GitHub tells. */
export interface DownloadedAsset {
  readonly asset: Asset
  /** In a folder where nobody looks for it. */
  readonly path: string
  /** SHA-256, hexadecimal. */
  readonly sha256: string
}

const AT_ONCE = 4

interface Place {
  readonly world: World
  readonly job: Job
}

/** All assets, into a private folder below RUNNER_TEMP. RELEASE_ASSET_MISMATCH, OUTPUT_WRITE, GITHUB_*, NET_*. */
export async function downloadAssets(
  shown: ShownRelease,
  { world, job }: Place,
): Promise<readonly DownloadedAsset[]> {
  const folder = await world.files.makePrivateFolder(job.temp, 'keyless-unverified-')
  const separator = job.platform === 'win32' ? '\\' : '/'
  const tell = progressOf(world, shown.assets.length)
  return mapConcurrently(shown.assets, AT_ONCE, async (asset) => {
    if (world.cancelled.aborted) throw new ActionError('CANCELLED', 'the job was cancelled')
    const path = folder + separator + asset.name
    const sha256 = await downloadOne(shown, asset, path, { world, job })
    tell()
    return { asset, path, sha256 }
  })
}

/** What an attempt that broke off left is removed before the next one begins. */
async function downloadOne(
  { github, repository }: ShownRelease,
  asset: Asset,
  path: string,
  { world: { files }, job }: Place,
): Promise<string> {
  let file = await files.create(path, [job.temp])
  let isFresh = true
  const sink = () => {
    let begun = false
    return async (chunk: Uint8Array): Promise<void> => {
      if (!begun && !isFresh) file = await createAgain(file)
      begun = true
      isFresh = false
      await file.write(chunk)
    }
  }
  const createAgain = async (old: NewFile): Promise<NewFile> => {
    await old.close()
    await files.remove(path, [job.temp])
    return files.create(path, [job.temp])
  }
  try {
    return await requestDownload(github, repository, asset, sink)
  } finally {
    await file.close()
  }
}

function progressOf({ clock, runner }: World, total: number): () => void {
  let progress = startProgress('downloaded', total, clock.monotonic())
  let done = 0
  return () => {
    done++
    const step = stepProgress(progress, done, clock.monotonic())
    progress = step.progress
    if (step.line !== undefined) runner.info(step.line)
  }
}
