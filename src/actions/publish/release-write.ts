import { encodeHex } from '../../core/bytes.ts'
import { startDigest } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Identity } from '../../sigstore/identity.ts'
import { startProgress, stepProgress } from '../job/progress.ts'
import type { SignPlan } from '../sign/sign-plan.ts'
import type { SignRecord } from '../sign/sign-record.ts'
import { assertUnchanged, readSignedBundles } from '../sign/signed-bundles.ts'
import { type AttachedAsset, attach, openShelf, type Shelf, type WantedAsset } from './release-attach.ts'
import { verifyAttached } from './release-look.ts'
import type { PlannedAsset, ReleasePlan } from './release-plan.ts'
import { publishDraft } from './release-publish.ts'
import { nameOf } from './release-view.ts'

/**
 * Puts bundles and, if asked for, subjects on the release, one after the other; reads back what it put there; publishes
 * the draft if that was asked for. The record tells what is done, also of a run that fails.
 */
export async function writeRelease(
  plan: SignPlan,
  release: ReleasePlan,
  identity: Identity,
  record: SignRecord,
): Promise<void> {
  const { world, inputs, now } = plan
  const { view } = release
  record.release = { tag: view.release.tag, url: view.release.htmlUrl }
  await assertWritten(plan, record)
  const onDoubt = (name: string): void => {
    record.notes.push(`the upload of ${quote(name)} was broken off: it may be on ${nameOf(view)} or not`)
  }
  const shelf = await openShelf({ world, view, budget: inputs.timeBudget, now, onDoubt })
  const attached = await attachAll(plan, release, shelf, record)
  const assets = await verifyAttached(view, world, attached)
  if (release.asked.publish) await publishDraft(plan, release, { identity, assets }, record)
}

/** Each bundle on the disk is still the one that was verified. FILE_CHANGED. */
async function assertWritten({ world, roots }: SignPlan, { bundles }: SignRecord): Promise<void> {
  for await (const _ of readSignedBundles(world.files, roots, bundles));
}

async function attachAll(
  plan: SignPlan,
  { view, bundles, files }: ReleasePlan,
  shelf: Shelf,
  record: SignRecord,
): Promise<readonly AttachedAsset[]> {
  // Bundles first: so no file is ever there without its own.
  const planned = [
    ...bundles.map((asset) => ({ asset, isBundle: true })),
    ...files.map((asset) => ({ asset, isBundle: false })),
  ]
  const step = progressOf(plan, planned.length)
  const attached: AttachedAsset[] = []
  for (const { asset, isBundle } of planned) {
    try {
      const wanted = await describeFile(plan, asset, isBundle)
      if (isBundle) assertUnchanged(asset.path, wanted.sha256, record)
      else assertSigned(wanted, record)
      const one = await attach(shelf, wanted)
      attached.push(one)
      note(view.release.tag, one, record)
    } catch (error) {
      throw explainPart(error, attached.length, planned.length, nameOf(view))
    }
    step()
  }
  return attached
}

/** How far it got, since what is there stays there. */
function explainPart(error: unknown, done: number, total: number, name: string): unknown {
  if (!(error instanceof ActionError)) return error
  const { code, message, hint, expected, found } = error
  return new ActionError(code, `${message}; of ${total} files ${done} are on ${name}`, {
    cause: error,
    hint,
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
  })
}

function note(release: string, { asset, sha256, kept }: AttachedAsset, record: SignRecord): void {
  record.published.push({
    kind: 'release-asset',
    release,
    name: asset.name,
    digest: sha256,
    size: asset.size,
    url: asset.url,
    ...(kept && { kept }),
  })
}

/** A subject goes to the release as it was signed. FILE_CHANGED. */
function assertSigned({ name, sha256 }: WantedAsset, { subjects }: SignRecord): void {
  if (subjects.some(({ digest }) => digest === sha256)) return
  throw new ActionError('FILE_CHANGED', `${quote(name)} is not the file any more that was signed`)
}

async function describeFile(
  { world, roots }: SignPlan,
  { name, path, label }: PlannedAsset,
  isBundle: boolean,
): Promise<WantedAsset> {
  const sha256 = startDigest('sha256')
  let size = 0
  for await (const chunk of bytesOf(world, path, roots)) {
    sha256.update(chunk)
    size += chunk.length
  }
  return {
    name,
    ...(label !== undefined && { label }),
    contentType: isBundle && name.endsWith('.json') ? 'application/json' : 'application/octet-stream',
    size,
    sha256: encodeHex(sha256.finish()),
    chunks: () => bytesOf(world, path, roots),
    isBundle,
  }
}

/** Opened anew for each attempt. Each chunk is a copy: the connection holds on to what it was given. */
async function* bytesOf(
  { files }: SignPlan['world'],
  path: string,
  roots: readonly string[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await files.open(path, roots)
  try {
    for await (const chunk of file.chunks()) yield chunk.slice()
  } finally {
    await file.close()
  }
}

function progressOf({ world }: SignPlan, total: number): () => void {
  let progress = startProgress('on the release', total, world.clock.monotonic())
  let done = 0
  return () => {
    const step = stepProgress(progress, ++done, world.clock.monotonic())
    progress = step.progress
    if (step.line !== undefined) world.runner.info(step.line)
  }
}
