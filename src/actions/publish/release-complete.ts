import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Asset } from '../../github/release.ts'
import type { Bundle } from '../../sigstore/bundle.ts'
import { type ClaimedDigest, claimedDigests } from '../../sigstore/claimed-digests.ts'
import type { Evidence } from '../../sigstore/evidence.ts'
import { verifySubjectName } from '../../sigstore/statement.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import { artifactOfClaim } from '../sign/same-source.ts'
import { mayBeBundle } from '../subjects/bundle-sniff.ts'
import { digestOf } from './release-attach.ts'
import { fetchAsset, isOfBundleSize, parseBundles } from './release-bundles.ts'
import { nameOf, type ReleaseView } from './release-view.ts'

/** Who may have signed what is on the release. */
export interface Judge {
  /** Throws an ActionError unless the bundle holds for the digest, and was made from the repository, commit and ref of this run. */
  readonly prove: (bundle: Bundle, claim: ClaimedDigest) => Evidence
  /** Whether it was made by this very workflow: an asset needs one such bundle. */
  readonly isOurs: (evidence: Evidence) => boolean
  /** The bytes of a bundle that this run put there, if it is one. */
  readonly readOwn: (asset: Asset) => Promise<Uint8Array> | undefined
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
  const index = indexByClaim(standings)
  const faults: Fault[] = []
  await mapConcurrently(standings, AT_ONCE, async (one) => {
    for (const claiming of await bundlesIn(view, one.asset, judge)) {
      const error = judgeBundle(one, claiming, index, judge)
      if (error !== undefined) faults.push({ name: one.asset.name, error })
    }
  })
  const bare = standings.filter(({ isCovered, isUsed }) => !isCovered && !isUsed)
  const names = bare.map(({ asset }) => asset.name)
  assertNone(view, faults, names)
}

function indexByClaim(standings: readonly Standing[]): ReadonlyMap<ClaimedDigest, readonly Standing[]> {
  const index = new Map<ClaimedDigest, Standing[]>()
  for (const one of standings) {
    const sharing = index.get(one.claim)
    if (sharing === undefined) index.set(one.claim, [one])
    else sharing.push(one)
  }
  return index
}

interface ClaimingBundle {
  readonly bundle: Bundle
  readonly claims: readonly ClaimedDigest[]
}

/** None if the asset is anything but bundles. */
async function bundlesIn(
  view: ReleaseView,
  asset: Asset,
  { readOwn }: Judge,
): Promise<readonly ClaimingBundle[]> {
  const own = readOwn(asset)
  if (own === undefined && !(mayBeBundle(asset.name) && isOfBundleSize(asset))) return []
  const text = await (own ?? fetchAsset(view, asset))
  try {
    const bundles = parseBundles(asset.name, text) ?? []
    return bundles.map((bundle) => ({ bundle, claims: claimedDigests(bundle) }))
  } catch (error) {
    if (error instanceof ActionError) return []
    throw error
  }
}

/**
 * Resolves with what is wrong with it, if it is about an asset. GitHub tells the SHA-256 of an asset alone: what a bundle
 * says by another hash must hold whatever it is about.
 */
function judgeBundle(
  one: Standing,
  { bundle, claims }: ClaimingBundle,
  index: ReadonlyMap<ClaimedDigest, readonly Standing[]>,
  { prove, isOurs }: Judge,
): ActionError | undefined {
  const relevant = claims.filter((claim) => index.has(claim) || !claim.startsWith('sha256:'))
  const [first] = relevant
  if (first === undefined) return undefined
  one.isUsed ||= relevant.some((claim) => index.has(claim))
  try {
    const evidence = prove(bundle, first)
    const ours = isOurs(evidence)
    for (const claim of relevant) {
      for (const asset of namedOf(evidence, claim, index.get(claim) ?? [])) asset.isCovered ||= ours
    }
    return undefined
  } catch (error) {
    if (error instanceof ActionError) return error
    throw error
  }
}

/** Of two assets with the same bytes an attestation may name the one and not the other. SUBJECT_NAME if it names none. */
function namedOf(
  { statement }: Evidence,
  claim: ClaimedDigest,
  about: readonly Standing[],
): readonly Standing[] {
  if (statement === undefined) return about
  const artifact = artifactOfClaim(claim)
  const misnamed: ActionError[] = []
  const named = about.filter(({ asset }) => {
    try {
      verifySubjectName(statement, artifact, asset.name)
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
    why.push(`not every bundle in ${names} holds here (${first.error.message})`)
  }
  if (bare.length > 0) why.push(`${listed(bare)} on it have no valid bundle by this workflow at this commit`)
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
