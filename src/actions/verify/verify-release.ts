import { countText } from '../../core/counts.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Http } from '../../ports.ts'
import type { AskedDownload } from '../inputs/verify-inputs.ts'
import { nativePath } from '../job/paths.ts'
import { findRoot, resolveWritten } from '../job/roots.ts'
import type { SubjectOutcome, UnusedBundle } from '../report/outcome.ts'
import { policyOf } from './verify-policy.ts'
import { type DownloadedAsset, downloadAssets } from './verify-release-download.ts'
import { judgeAssets } from './verify-release-judge.ts'
import { lookAtRelease, type ShownRelease } from './verify-release-look.ts'
import type { VerifyRun } from './verify-subject.ts'

/** A release that was verified asset by asset. */
export interface JudgedRelease {
  /** Rows by the names of the assets. */
  readonly rows: readonly SubjectOutcome[]
  readonly unused: readonly UnusedBundle[]
  readonly notes: readonly string[]
  /** Where all assets are, bundles included; absent unless every one of them holds. */
  readonly downloadPath?: string
}

/** OUTPUT_EXISTS, FILE_OUTSIDE, INPUT_VALUE: whatever is wrong with the place, before anything is asked. */
export async function checkDownloadPath(
  { path: written }: AskedDownload,
  { world, job }: Pick<VerifyRun, 'world' | 'job'>,
): Promise<void> {
  if (written === undefined) return
  const parts = resolveWritten(written, job)
  if (findRoot(parts, job) === undefined) {
    throw new ActionError(
      'FILE_OUTSIDE',
      `\`download-path\` ${quote(written)} lies outside the workspace and RUNNER_TEMP`,
    )
  }
  const path = nativePath(parts, job.platform)
  const kind = await world.files.kind(path)
  if (kind === undefined) return
  if (kind === 'directory' && (await world.files.list(path)).length === 0) return
  const what = kind === 'directory' ? 'is not empty' : 'is no folder'
  throw new ActionError('OUTPUT_EXISTS', `\`download-path\` ${quote(written)} ${what}`, {
    hint: 'Name a folder that is not there yet or is empty: what was there before would look verified.',
  })
}

/** The release with the policy that goes with it: its tag, and the commit that this points to now. */
export async function showRelease(
  asked: AskedDownload,
  run: Pick<VerifyRun, 'world' | 'inputs' | 'job' | 'policy'> & { readonly http: Http },
  started: number,
): Promise<{ readonly shown: ShownRelease; readonly policy: VerifyRun['policy'] }> {
  const shown = await lookAtRelease(asked, run)
  const { release, commit } = shown
  const tagged = { tag: release.tag, ...(commit !== undefined && { commit }) }
  return { shown, policy: policyOf(run.inputs, run.job, started, tagged) }
}

/** Downloads, verifies and, if everything holds, puts the assets where they were asked for. */
export async function verifyRelease(
  asked: AskedDownload,
  shown: ShownRelease,
  run: VerifyRun,
): Promise<JudgedRelease> {
  const assets = await downloadAssets(shown, run)
  const { rows, unused } = await judgeAssets(assets, { ...run, namesCount: true })
  const notes = [describe(shown), ...describeExtra(rows)]
  const good = rows.filter(({ evidence }) => evidence !== undefined)
  if (good.length === 0 && rows.every(({ error }) => error === undefined)) {
    throw new ActionError('INTERNAL', 'no asset was verified and none failed')
  }
  if (good.length < rows.length) return { rows: rows.map((row) => withoutPlace(row, assets)), unused, notes }
  const { folder, paths } = await land(asked, assets, run)
  return { rows: rows.map((row) => moveRow(row, paths)), unused, notes, downloadPath: folder }
}

function describe({ release, repository, assets, commit }: ShownRelease): string {
  const what = release.draft ? 'the draft' : 'the release'
  const at = commit === undefined ? '' : `, whose tag points to ${commit}`
  return `${what} ${quote(release.tag)} of ${repository.owner}/${repository.repo}${at}, has ${countText(assets.length, 'asset')}`
}

const MOST_NAMED = 10

/** Assets with more than one bundle: each of them was verified. */
function describeExtra(rows: readonly SubjectOutcome[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { name } of rows) counts.set(name, (counts.get(name) ?? 0) + 1)
  const several = [...counts].filter(([, count]) => count > 1)
  const named = several.slice(0, MOST_NAMED).map(([name, count]) => `${quote(name)} ${count}`)
  const more = several.length > named.length ? ` and ${several.length - named.length} more` : ''
  return several.length === 0
    ? []
    : [`more than one bundle was verified for some assets: ${named.join(', ')}${more}`]
}

/** Of a release that does not hold no path is given out: a bundle is spoken of by its name. */
function withoutPlace(row: SubjectOutcome, assets: readonly DownloadedAsset[]): SubjectOutcome {
  const { path: _, bundlePath, ...rest } = row
  const bundle = assets.find(({ path }) => path === bundlePath)?.asset.name
  return { ...rest, ...(bundle !== undefined && { bundlePath: bundle }) }
}

/** Each asset's new path by its old one. A failure leaves nothing behind that was put there. */
async function land(
  { path: written }: AskedDownload,
  assets: readonly DownloadedAsset[],
  { world: { files }, job, roots }: VerifyRun,
): Promise<{ readonly folder: string; readonly paths: ReadonlyMap<string, string> }> {
  const folder =
    written === undefined
      ? await files.makePrivateFolder(job.temp, 'keyless-release-')
      : nativePath(resolveWritten(written, job), job.platform)
  const separator = job.platform === 'win32' ? '\\' : '/'
  const base = folder.replace(/[/\\]$/, '')
  const paths = new Map<string, string>()
  try {
    for (const { asset, path } of assets) {
      const to = base + separator + asset.name
      await files.move(path, to, roots)
      paths.set(path, to)
    }
  } catch (error) {
    // One that cannot be removed is no reason to leave the others, and not what went wrong.
    for (const to of paths.values()) await files.remove(to, roots).catch(() => undefined)
    throw error
  }
  return { folder: base, paths }
}

function moveRow(row: SubjectOutcome, paths: ReadonlyMap<string, string>): SubjectOutcome {
  const moved = (path: string | undefined): string | undefined => path && (paths.get(path) ?? path)
  const path = moved(row.path)
  const bundlePath = moved(row.bundlePath)
  return { ...row, ...(path !== undefined && { path }), ...(bundlePath !== undefined && { bundlePath }) }
}
