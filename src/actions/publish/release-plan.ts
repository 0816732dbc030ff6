import { encodeHex } from '../../core/bytes.ts'
import { startDigest } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { keepsName, predictAssetName } from '../../github/asset-name.ts'
import { MAX_ASSET_BYTES } from '../../github/asset-upload.ts'
import type { Asset } from '../../github/release.ts'
import type { World } from '../../ports.ts'
import type { AskedRelease } from '../inputs/release-inputs.ts'
import type { SignInputs } from '../inputs/sign-inputs.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import type { PlannedBundle, PlannedStatement, SignPlan } from '../sign/sign-plan.ts'
import type { ProvenBundle } from '../sign/signed-bundles.ts'
import { assertSame } from './release-attach.ts'
import { fetchBundle } from './release-bundles.ts'
import { isLeftover, LEFTOVER_AGE, watchLeftovers } from './release-leftovers.ts'
import { nameOf, type ReleaseView } from './release-view.ts'

/** A file that goes to the release, and the name that it has there. */
export interface PlannedAsset {
  readonly name: string
  /** Where it is, absolute. */
  readonly path: string
  /** The file's own name, if GitHub does not keep it. */
  readonly label?: string
}

/** What the release is to get. */
export interface ReleasePlan {
  readonly view: ReleaseView
  readonly asked: AskedRelease
  /** One for each file with bundles, in the order of the bundles. */
  readonly bundles: readonly PlannedAsset[]
  /** Subjects that the release is to have, if that was asked for. */
  readonly files: readonly PlannedAsset[]
  /** Bundles that the release has already under those names, by the path that each would have here. Not verified yet. */
  readonly found: ReadonlyMap<string, Uint8Array>
}

/**
 * Before anything is public: a bundle on the release that was not kept stands in the way of the new one. RELEASE_EXISTS.
 */
export function assertFree(
  { bundles }: Pick<SignPlan, 'bundles'>,
  { view, found }: ReleasePlan,
  kept: ReadonlyMap<PlannedBundle, ProvenBundle>,
): void {
  const blocked = bundles.find((one) => found.has(one.bundlePath) && kept.get(one)?.isElsewhere !== true)
  if (blocked === undefined) return
  const name = quote(lastPart(blocked.bundlePath))
  throw new ActionError(
    'RELEASE_EXISTS',
    `${nameOf(view)} has a ${name} that holds for other files or for another state of this one`,
    {
      hint: 'What others may have downloaded is never replaced. Remove that asset by hand, or release under a new tag.',
    },
  )
}

interface Planning {
  readonly world: World
  readonly inputs: SignInputs
  readonly roots: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const MOST_ASSETS = 1000
const AT_ONCE = 4

/** Finds out all that will not work. Only reads. RELEASE_*, FILE_TOO_LARGE. */
export async function planRelease(
  planning: Planning,
  view: ReleaseView,
  asked: AskedRelease,
  planned: readonly PlannedBundle[],
): Promise<ReleasePlan> {
  const bundles = distinct(planned.map(({ bundlePath }) => bundlePath)).map(plannedAsset)
  const files = asked.files ? distinct(planned.flatMap(pathsOf)).map(plannedAsset) : []
  assertNames([...bundles, ...files])
  if (asked.files) for (const one of planned) if (one.kind === 'statement') assertNamed(one)
  const there = new Map(view.assets.map((asset) => [asset.name, asset]))
  const all = [...bundles, ...files]
  assertOpen(
    view,
    all.find(({ name }) => there.get(name)?.state !== 'uploaded'),
  )
  assertRoom(view, all.filter(({ name }) => !there.has(name)).length)
  await mapConcurrently(files, AT_ONCE, (file) => checkFile(planning, view, file, there.get(file.name)))
  const texts = await mapConcurrently(bundles, AT_ONCE, (bundle) =>
    checkBundle(planning, view, bundle, there.get(bundle.name)),
  )
  const found = new Map(
    bundles.flatMap(({ path }, i): [string, Uint8Array][] => {
      const text = texts[i]
      return text === undefined ? [] : [[path, text]]
    }),
  )
  return { view, asked, bundles, files, found }
}

const distinct = (paths: readonly string[]): readonly string[] => [...new Set(paths)]

const pathsOf = (planned: PlannedBundle): readonly string[] =>
  planned.kind === 'message'
    ? [planned.subject.path]
    : planned.members.flatMap(({ path }) => (path === undefined ? [] : [path]))

/** On Windows `\` is no part of a name, and GitHub keeps it nowhere. */
const lastPart = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)

function plannedAsset(path: string): PlannedAsset {
  const own = lastPart(path)
  const name = predictAssetName(own)
  if (keepsName(name)) return { name, path, ...(name !== own && { label: own }) }
  throw new ActionError('RELEASE_ASSET_NAME', `GitHub leaves nothing of the name ${quote(own)}`)
}

function assertNames(planned: readonly PlannedAsset[]): void {
  const owners = new Map<string, PlannedAsset>()
  for (const one of planned) {
    const other = owners.get(one.name)
    if (other !== undefined) {
      const both = `${quote(other.path)} and ${quote(one.path)}`
      throw new ActionError('RELEASE_ASSET_NAME', `${both} would both be ${quote(one.name)} on the release`)
    }
    owners.set(one.name, one)
  }
}

/** An attestation names its files, and whoever verifies the release knows them by the names there. RELEASE_ASSET_NAME. */
function assertNamed({ members, subjects }: PlannedStatement): void {
  for (const { path, hash, hex } of members) {
    if (path === undefined) continue
    const { name } = plannedAsset(path)
    const names = subjects.filter(({ digest }) => digest[hash] === hex).map((one) => one.name ?? '')
    if (names.includes(name)) continue
    throw new ActionError(
      'RELEASE_ASSET_NAME',
      `the attestation would name ${quote(names[0] ?? '')}, which is ${quote(name)} on the release`,
    )
  }
}

/** RELEASE_IMMUTABLE if the release lacks something and can get nothing any more. */
function assertOpen(view: ReleaseView, missing: PlannedAsset | undefined): void {
  if (missing === undefined || !view.release.immutable) return
  throw new ActionError(
    'RELEASE_IMMUTABLE',
    `${nameOf(view)} is published and immutable, and lacks ${quote(missing.name)}: nothing was signed`,
  )
}

function assertRoom(view: ReleaseView, missing: number): void {
  const total = view.assets.length + missing
  if (missing === 0 || total <= MOST_ASSETS) return
  throw new ActionError(
    'RELEASE_FULL',
    `${nameOf(view)} would have ${total} assets; ${MOST_ASSETS} are the most`,
  )
}

/** The release lacks it and it is not too large, or the release has the very same. */
async function checkFile(
  { world, roots }: Planning,
  view: ReleaseView,
  { name, path }: PlannedAsset,
  there: Asset | undefined,
): Promise<void> {
  const file = await world.files.open(path, roots)
  try {
    if (file.size > MAX_ASSET_BYTES) {
      throw new ActionError(
        'FILE_TOO_LARGE',
        `${quote(path)} has ${file.size} bytes; GitHub takes less than 2 GiB`,
      )
    }
    if (there === undefined) return
    if (there.state !== 'uploaded') throw halfUploaded(there)
    const sha256 = startDigest('sha256')
    for await (const chunk of file.chunks()) sha256.update(chunk)
    await assertSame(view, there, { name, size: file.size, sha256: encodeHex(sha256.finish()) })
  } finally {
    await file.close()
  }
}

const halfUploaded = ({ name }: Asset): ActionError =>
  new ActionError('RELEASE_ASSET_STATE', `an upload of ${quote(name)} broke off, or is under way`)

/** The text of a bundle that is there and may be kept; undefined if the name is free, or will be. */
async function checkBundle(
  { inputs, now }: Planning,
  view: ReleaseView,
  { name }: PlannedAsset,
  there: Asset | undefined,
): Promise<Uint8Array | undefined> {
  if (there === undefined) return undefined
  if (there.state === 'uploaded') {
    if (inputs.existingBundles === 'keep-valid') return fetchBundle(view, there)
    throw new ActionError(
      'RELEASE_EXISTS',
      `${nameOf(view)} has ${quote(name)} already, and \`existing-bundles\` is \`${inputs.existingBundles}\``,
      {
        hint: 'What others may have downloaded is never replaced. Remove that asset by hand, or leave `existing-bundles` at `keep-valid`.',
      },
    )
  }
  const leftovers = watchLeftovers(view.github)
  if (await isLeftover({ now, leftovers }, there, { isOurs: () => false })) return undefined
  const age = now() - there.createdAt
  const time = new Date(there.createdAt + LEFTOVER_AGE).toISOString().slice(0, 16)
  throw new ActionError('RELEASE_ASSET_STATE', halfUploaded(there).message, {
    hint:
      age > LEFTOVER_AGE
        ? 'It was not this token that began it: remove the asset by hand.'
        : `Run the job again after ${time}Z: if it is a leftover of ours, it is removed then.`,
  })
}
