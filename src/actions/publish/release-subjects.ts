import { parseUtf8 } from '../../core/bytes.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { requestDownload } from '../../github/asset-download.ts'
import { predictAssetName } from '../../github/asset-name.ts'
import type { Asset } from '../../github/release.ts'
import type { World } from '../../ports.ts'
import { kindOfAsset } from '../bundles/asset-kind.ts'
import type { AskedRelease } from '../inputs/release-inputs.ts'
import type { SignInputs } from '../inputs/sign-inputs.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import { readConfigFile } from '../job/config-file.ts'
import type { SignJob } from '../job/job.ts'
import type { SignSubjects } from '../sign/sign-subjects.ts'
import { mayBeBundle } from '../subjects/bundle-sniff.ts'
import { type ChecksumEntry, parseChecksums } from '../subjects/checksums.ts'
import type { Subject } from '../subjects/subjects.ts'
import { digestOf } from './release-attach.ts'
import { nameOf, type ReleaseView } from './release-view.ts'

interface Planning {
  readonly world: World
  readonly inputs: SignInputs
  readonly job: SignJob
}

const MAX_CHECKSUMS = 64 * 1024 * 1024
const AT_ONCE = 4

/**
 * The assets that are to be signed, downloaded into a private folder: what is signed are their bytes, whatever GitHub says
 * of them. INPUT_NO_MATCH, INPUT_CHECKSUMS, FILE_DIGEST_MISMATCH, FILE_IS_BUNDLE, RELEASE_ASSET_STATE,
 * RELEASE_ASSET_MISMATCH.
 */
export async function findAssetSubjects(
  planning: Planning,
  view: ReleaseView,
  which: AskedRelease['assets'],
): Promise<SignSubjects> {
  const wanted = which === 'listed' ? await listedAssets(planning, view) : allAssets(view)
  const { world, job } = planning
  const folder = await world.files.makePrivateFolder(job.temp, 'keyless-release-')
  const found = await mapConcurrently(wanted, AT_ONCE, (asset) => download(planning, view, asset, folder))
  const bundles = found.filter(({ isBundle }) => isBundle).map(({ subject }) => subject)
  const [named] = which === 'listed' ? bundles : []
  if (named !== undefined) {
    throw new ActionError(
      'FILE_IS_BUNDLE',
      `the checksums file lists ${quote(named.name)}, a Sigstore bundle`,
    )
  }
  const files = found.filter(({ isBundle }) => !isBundle).map(({ subject }) => subject)
  const notes = bundles.map(({ name }) => `the asset ${quote(name)} is a Sigstore bundle and was left out`)
  return {
    files: files.sort(byName),
    absent: [],
    named: [],
    notes: [...notes, ...noneNotes(planning, view, files)],
  }
}

/** Bytewise, as everywhere; the names are ASCII. */
const byName = (a: Subject, b: Subject): number => (a.name < b.name ? -1 : 1)

function noneNotes({ inputs }: Planning, view: ReleaseView, files: readonly Subject[]): readonly string[] {
  if (files.length > 0 || inputs.ifNoFilesFound === 'ignore') return []
  const message = `${nameOf(view)} has no asset to sign`
  if (inputs.ifNoFilesFound === 'warn') return [message]
  throw new ActionError('INPUT_NO_MATCH', message, {
    hint: 'Upload the files before this step, or use `release-files`.',
  })
}

/** Half-uploaded bundles aside: what becomes of them is decided where bundles are planned. */
function allAssets({ assets }: ReleaseView): readonly Asset[] {
  for (const { name, state } of assets) {
    if (state !== 'uploaded' && !mayBeBundle(name)) {
      throw new ActionError('RELEASE_ASSET_STATE', `the asset ${quote(name)} was never uploaded completely`, {
        hint: 'Upload it again, or remove it: it cannot be signed.',
      })
    }
  }
  return assets.filter(({ state }) => state === 'uploaded')
}

async function listedAssets({ world, inputs, job }: Planning, view: ReleaseView): Promise<readonly Asset[]> {
  const written = inputs.subjects?.checksums ?? ''
  const bytes = await readConfigFile(world.files, written, job, MAX_CHECKSUMS)
  const what = `the checksums file ${quote(written)}`
  const entries = parseChecksums(parseUtf8(bytes, 'INPUT_CHECKSUMS', what))
  const found = await mapConcurrently(entries, AT_ONCE, (entry) => findAsset(view, entry))
  return [...new Map(found.map((asset) => [asset.id, asset])).values()]
}

/** The asset of the line's name, which then must have its digest, or else the one with that digest. */
async function findAsset(view: ReleaseView, { name, digest }: ChecksumEntry): Promise<Asset> {
  const stored = predictAssetName(name.slice(name.lastIndexOf('/') + 1))
  const asset =
    view.assets.find((one) => one.name === stored) ?? view.assets.find((one) => one.digest === digest)
  if (asset === undefined) {
    throw new ActionError('INPUT_NO_MATCH', `${nameOf(view)} has no asset that is ${quote(name)}`, {
      hint: 'Upload the file before this step, or remove its line from the checksums.',
    })
  }
  if (asset.state !== 'uploaded') {
    throw new ActionError(
      'RELEASE_ASSET_STATE',
      `the asset ${quote(asset.name)} was never uploaded completely`,
    )
  }
  const found = await digestOf(view, asset)
  // Where GitHub has no digest the list's holds the coming download fast: what was looked at is what is signed.
  if (found === digest) return { ...asset, digest }
  throw new ActionError(
    'FILE_DIGEST_MISMATCH',
    `the asset ${quote(asset.name)} is not the file that the checksums name`,
    {
      expected: digest,
      found,
    },
  )
}

/** Each in a folder of its own: two names may differ in nothing but letter case. */
async function download(
  { world, job }: Planning,
  view: ReleaseView,
  asset: Asset,
  folder: string,
): Promise<{ readonly subject: Subject; readonly isBundle: boolean }> {
  const separator = job.platform === 'win32' ? '\\' : '/'
  const roots = [job.temp]
  let tries = 0
  let path = ''
  const begun: (() => Promise<void>)[] = []
  const sink = () => {
    path = [folder, `${asset.id}-${tries++}`, asset.name].join(separator)
    const file = world.files.create(path, roots)
    begun.push(async () => (await file).close())
    return async (chunk: Uint8Array) => (await file).write(chunk)
  }
  try {
    if (asset.size === 0) sink()
    const sha256 = await requestDownload(view.github, view.repository, asset, sink)
    for (const close of begun.splice(0)) await close()
    const subject = { name: asset.name, path, expectedDigest: sha256 }
    const { kind } = await kindOfAsset(world.files, path, roots)
    return { subject, isBundle: kind !== 'other' }
  } finally {
    for (const close of begun) await close().catch(() => undefined)
  }
}
