import { ActionError } from '../../errors.ts'
import type { Asset } from '../../github/release.ts'
import { requestPublication } from '../../github/releases.ts'
import type { Identity } from '../../sigstore/identity.ts'
import { verifyBundle } from '../../sigstore/verifier.ts'
import { assertSame } from '../sign/keep-valid.ts'
import type { SignPlan } from '../sign/sign-plan.ts'
import type { SignRecord } from '../sign/sign-record.ts'
import type { AttachedAsset } from './release-attach.ts'
import { assertComplete, type Proves } from './release-complete.ts'
import { verifyUnchanged } from './release-look.ts'
import type { ReleasePlan } from './release-plan.ts'
import { assertTag } from './release-tag.ts'
import { nameOf } from './release-view.ts'

export interface Finished {
  readonly identity: Identity
  readonly attached: readonly AttachedAsset[]
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
  { identity, attached, assets }: Finished,
  record: SignRecord,
): Promise<void> {
  const { github, repository, release } = view
  if (!release.draft) {
    record.notes.push(`${nameOf(view)} was published already and was left as it is`)
    return
  }
  const names = new Set(bundles.map(({ name }) => name))
  const own = {
    bundles: new Set(attached.filter(({ asset }) => names.has(asset.name)).map(({ sha256 }) => sha256)),
    subjects: new Set(record.subjects.flatMap(({ digest }) => (digest === undefined ? [] : [digest]))),
  }
  await assertComplete(view, assets, own, provesAs(plan, identity))
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

/** Another job of the same workflow, at the same commit and ref. */
const provesAs =
  ({ trust, now }: SignPlan, identity: Identity): Proves =>
  (bundle, artifact) => {
    try {
      const evidence = verifyBundle(bundle, artifact, { trust: trust.root, now: now() })
      assertSame(evidence, identity, 'an asset')
      return true
    } catch (error) {
      if (error instanceof ActionError) return false
      throw error
    }
  }
