import { encodeHex } from '../../core/bytes.ts'
import { digest } from '../../core/digest.ts'
import { ActionError } from '../../errors.ts'
import type { Asset } from '../../github/release.ts'
import { requestPublication } from '../../github/releases.ts'
import type { Identity } from '../../sigstore/identity.ts'
import { MAX_LINES_BYTES } from '../sign/existing-bundles.ts'
import { isSameSigner, proveSource } from '../sign/same-source.ts'
import type { SignPlan } from '../sign/sign-plan.ts'
import type { SignRecord } from '../sign/sign-record.ts'
import { assertUnchanged } from '../sign/signed-bundles.ts'
import { assertComplete, type Judge, type OwnAsset } from './release-complete.ts'
import { verifyUnchanged } from './release-look.ts'
import type { ReleasePlan } from './release-plan.ts'
import { assertTag } from './release-tag.ts'
import { nameOf } from './release-view.ts'

export interface Finished {
  readonly identity: Identity
  /** As read back behind the last upload. */
  readonly assets: readonly Asset[]
}

/**
 * Publishes a draft of which each asset has a valid bundle. The assets are listed by id and digest right before and right
 * after: one that came, went or changed is RELEASE_CHANGED. A release that is published already is left alone.
 */
export async function publishDraft(
  plan: SignPlan,
  { view, bundles }: ReleasePlan,
  { identity, assets }: Finished,
  record: SignRecord,
): Promise<void> {
  const { github, repository, release } = view
  if (!release.draft) {
    record.notes.push(`${nameOf(view)} was published already and was left as it is`)
    return
  }
  await assertComplete(view, assets, judgeOf(plan, bundles, identity, record))
  await assertTag(plan, view)
  const before = await verifyUnchanged(view, plan.world, assets, 'was not published')
  const published = await requestPublication(github, repository, release)
  record.release = { tag: published.tag, url: published.htmlUrl }
  record.published.push({ kind: 'release', release: published.tag, url: published.htmlUrl })
  if (published.draft || published.id !== release.id) {
    throw new ActionError('GITHUB_RESPONSE', `GitHub did not publish ${nameOf(view)}`)
  }
  if (published.tag !== release.tag) {
    throw new ActionError('RELEASE_CHANGED', `${nameOf(view)} is published under another tag`, {
      expected: release.tag,
      found: published.tag,
    })
  }
  await verifyUnchanged(view, plan.world, before, 'is published')
}

/** What this run put there or signed it reads from the disk again, and nothing else than that. */
function judgeOf(
  plan: SignPlan,
  bundles: ReleasePlan['bundles'],
  identity: Identity,
  record: SignRecord,
): Judge {
  const paths = new Map(bundles.map(({ name, path }) => [name, path]))
  const subjects = new Map(record.subjects.map(({ digest, path }) => [digest, path]))
  const read = (path: string): Promise<Uint8Array> => plan.world.files.read(path, plan.roots, MAX_LINES_BYTES)
  const readBundle = async (path: string): Promise<OwnAsset> => {
    const bytes = await read(path)
    assertUnchanged(path, encodeHex(digest('sha256', bytes)), record)
    return { kind: 'bundle', bytes }
  }
  // A subject that changed here meanwhile is still on the release as it was signed.
  const readSubject = async (path: string, sha256: string): Promise<OwnAsset | undefined> => {
    if ((await plan.world.files.kind(path)) !== 'file') return undefined
    const bytes = await read(path)
    return encodeHex(digest('sha256', bytes)) === sha256 ? { kind: 'subject', bytes } : undefined
  }
  return {
    prove: (bundle, claim) => proveSource(plan, identity, bundle, claim),
    isOurs: (evidence) => isSameSigner(evidence, identity),
    readOwn: async ({ name }, sha256) => {
      const bundle = paths.get(name)
      if (bundle !== undefined) return readBundle(bundle)
      const subject = subjects.get(sha256)
      return subject === undefined ? undefined : readSubject(subject, sha256)
    },
  }
}
