import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Asset } from '../../github/release.ts'
import type { Bundle } from '../../sigstore/bundle.ts'
import { type ClaimedDigest, claimedDigests } from '../../sigstore/claimed-digests.ts'
import type { Evidence } from '../../sigstore/evidence.ts'
import { verifySubjectName } from '../../sigstore/statement.ts'
import { bundlesOfAsset } from '../bundles/asset-kind.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import { artifactOfClaim } from '../sign/same-source.ts'
import { digestOf } from './release-attach.ts'
import { fetchAsset, isOfBundleSize } from './release-bundles.ts'
import { nameOf, type ReleaseView } from './release-view.ts'

/** Who may have signed what is on the release. */
export interface Judge {
  /** Throws an ActionError unless the bundle holds for the digest, and was made from the repository, commit and ref of this run. */
  readonly prove: (bundle: Bundle, claim: ClaimedDigest) => Evidence
  /** Whether it was made by this very workflow: an asset needs one such bundle. */
  readonly isOurs: (evidence: Evidence) => boolean
  /** The bytes of the asset, if this run has them at hand: it put the bundle there, or signed the file. */
  readonly readOwn: (asset: Asset, sha256: string) => Promise<OwnAsset | undefined>
}

export interface OwnAsset {
  readonly kind: 'bundle' | 'subject'
  readonly bytes: Uint8Array
}

interface Standing {
  readonly asset: Asset
  readonly claim: ClaimedDigest
  /** It has a bundle of ours. */
  isCovered: boolean
  /** It is about an asset, and so needs no bundle itself: if it does not hold for that, this is said of it. */
  isUsed: boolean
}

interface Fault {
  readonly name: string
  readonly error: ActionError
}

const AT_ONCE = 4

/**
 * RELEASE_INCOMPLETE unless whoever verifies the release will find that it holds: each asset has a bundle of this run, or of
 * another job of the same workflow at the same commit, and no bundle there is about an asset and fails. Only a bundle that
 * some asset uses needs none itself.
 */
export async function assertComplete(
  view: ReleaseView,
  assets: readonly Asset[],
  judge: Judge,
): Promise<void> {
  const half = assets.find(({ state }) => state !== 'uploaded')
  if (half !== undefined) {
    throw new ActionError('RELEASE_INCOMPLETE', `the asset ${quote(half.name)} was never uploaded completely`)
  }
  const standings = await mapConcurrently(assets, AT_ONCE, async (asset): Promise<Standing> => {
    return { asset, claim: `sha256:${await digestOf(view, asset)}`, isCovered: false, isUsed: false }
  })
  const index = Map.groupBy(standings, ({ claim }) => claim)
  const faults: Fault[] = []
  await mapConcurrently(standings, AT_ONCE, async (one) => {
    for (const claiming of await bundlesIn(view, one, judge)) {
      const error = judgeBundle(one, claiming, index, judge)
      if (error !== undefined) faults.push({ name: one.asset.name, error })
    }
  })
  const bare = standings.filter(({ isCovered, isUsed }) => !isCovered && !isUsed)
  const names = bare.map(({ asset }) => asset.name)
  assertNone(view, faults, names)
}

interface ClaimingBundle {
  readonly bundle: Bundle
  readonly isOwn: boolean
}

/** By content, as whoever verifies will see it; none if the asset is anything but bundles. */
async function bundlesIn(
  view: ReleaseView,
  { asset, claim }: Standing,
  { readOwn }: Judge,
): Promise<readonly ClaimingBundle[]> {
  if (!isOfBundleSize(asset)) return []
  const own = await readOwn(asset, claim.slice('sha256:'.length))
  const bundles = bundlesOfAsset(own?.bytes ?? (await fetchAsset(view, asset))) ?? []
  return bundles.map((bundle) => ({ bundle, isOwn: own?.kind === 'bundle' }))
}

/** What is wrong with it, if it is about an asset. */
function judgeBundle(
  one: Standing,
  { bundle, isOwn }: ClaimingBundle,
  index: ReadonlyMap<ClaimedDigest, readonly Standing[]>,
  judge: Judge,
): ActionError | undefined {
  const claims = claimedDigests(bundle)
  const relevant = claims.filter((claim) => index.has(claim))
  const [first] = relevant
  one.isUsed ||= first !== undefined
  try {
    if (!isOwn) assertComparable(claims)
    if (first === undefined) return undefined
    const evidence = judge.prove(bundle, first)
    const about = relevant.flatMap((claim) =>
      (index.get(claim) ?? []).map((standing) => ({ claim, standing })),
    )
    const named = namedOf(evidence, about)
    if (judge.isOurs(evidence)) for (const { standing } of named) standing.isCovered = true
    return undefined
  } catch (error) {
    if (error instanceof ActionError) return error
    throw error
  }
}

/** GitHub tells the SHA-256 of an asset alone: what a bundle of others says by another hash may be about any of them. */
function assertComparable(claims: readonly ClaimedDigest[]): void {
  const other = claims.find((claim) => !claim.startsWith('sha256:'))
  if (other === undefined) return
  throw new ActionError('SUBJECT_MISMATCH', 'it names a file by a hash that GitHub does not tell', {
    expected: 'sha256',
    found: other.slice(0, other.indexOf(':')),
  })
}

interface About {
  readonly claim: ClaimedDigest
  readonly standing: Standing
}

/** Of two assets with the same bytes an attestation may name the one and not the other. SUBJECT_NAME if it names none. */
function namedOf({ statement }: Evidence, about: readonly About[]): readonly About[] {
  if (statement === undefined) return about
  const misnamed: ActionError[] = []
  const named = about.filter(({ claim, standing }) => {
    try {
      verifySubjectName(statement, artifactOfClaim(claim), standing.asset.name)
      return true
    } catch (error) {
      if (!(error instanceof ActionError)) throw error
      misnamed.push(error)
      return false
    }
  })
  const [first] = misnamed
  if (named.length === 0 && first !== undefined) throw first
  return named
}

function assertNone(view: ReleaseView, faults: readonly Fault[], bare: readonly string[]): void {
  const [first] = faults
  const why = []
  if (first !== undefined) {
    const names = listed(faults.map(({ name }) => name))
    why.push(`a bundle in ${names} does not hold here: ${first.error.message}`)
  }
  if (bare.length > 0)
    why.push(`no valid bundle by this workflow at this commit is there for ${listed(bare)}`)
  if (why.length === 0) return
  const { expected, found } = first?.error ?? {}
  throw new ActionError('RELEASE_INCOMPLETE', `${nameOf(view)} was not published: ${why.join('; ')}`, {
    ...(first !== undefined && { cause: first.error }),
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
  })
}

const SHOWN = 5

function listed(all: readonly string[]): string {
  const names = [...new Set(all)]
  const shown = names.slice(0, SHOWN).map((name) => quote(name))
  return `${shown.join(', ')}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''}`
}
