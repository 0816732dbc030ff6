import { isJsonObject } from '../../core/json-reader.ts'
import { ActionError } from '../../errors.ts'
import type { World } from '../../ports.ts'
import { verifyExpectedRef, verifyTrigger, verifyVisibility } from '../../sigstore/identity.ts'
import { type SelectedServices, selectServices } from '../../sigstore/service-selection.ts'
import { parseSigningConfig } from '../../sigstore/signing-config.ts'
import { checkInputNames } from '../inputs/known-inputs.ts'
import { parseSignInputs, type SignInputs } from '../inputs/sign-inputs.ts'
import { readConfigFile } from '../job/config-file.ts'
import { connect } from '../job/connection.ts'
import { readEvent } from '../job/event.ts'
import { parseSignJob, type SignJob } from '../job/job.ts'
import { withoutAbsent } from '../job/present.ts'
import {
  MAX_CONFIG_BYTES,
  parseJsonFile,
  type Shipped,
  shippedTrust,
  type Trust,
  trustOfFile,
} from '../job/trust-source.ts'
import { type ArtifactPlan, planArtifact } from '../publish/artifact-plan.ts'
import { planRelease } from '../publish/release-plan.ts'
import { findAssetSubjects } from '../publish/release-subjects.ts'
import { assertTag } from '../publish/release-tag.ts'
import { expectTag, lookAtRelease, type ReleaseView } from '../publish/release-view.ts'
import { planStore } from '../publish/store-plan.ts'
import { type Planning, planMessages, planStatements } from './plan-bundles.ts'
import { readPredicate } from './planned-predicate.ts'
import type { PlannedBundle, SignPlan } from './sign-plan.ts'
import type { SignRecord } from './sign-record.ts'
import { findSignSubjects } from './sign-subjects.ts'

/** Parses all inputs and finds whatever can be known to fail later. Only reads: where nothing is to be published not even that. */
export async function preflight(world: World, shipped: Shipped, record: SignRecord): Promise<SignPlan> {
  record.notes.push(...checkInputNames(world.runner.inputs, 'sign'))
  const inputs = parseSignInputs(world.runner.inputs)
  for (const secret of [inputs.identityToken, inputs.githubToken])
    if (secret !== undefined) world.runner.mask(secret.reveal())
  const job = parseSignJob(world.runner)
  const roots = [job.workspace, job.temp]
  assertInstance(inputs, job)
  const trust = await loadTrust(world, inputs, job, shipped)
  record.trust = trust.info
  const services = await loadServices(world, inputs, job, shipped, trust)
  const publicLog = isPublic(inputs, services)
  if (trust.root.isGitHub) record.notes.push(NOT_PUBLIC)
  await checkJob(world, inputs, job, publicLog)
  const { http, clock, caCertificates } = await connect(world, inputs, job)
  const common = { world, inputs, job, roots, http, now: clock.now }
  const planned = await planAll(common, record)
  const storing = await planStore({ ...common, ...planned }, planned.bundles, record)
  const artifact = artifactPlanOf(common, planned.bundles, record)
  const own = withoutAbsent({ storing, artifact, caCertificates })
  return { ...common, trust, services, publicLog, clock, ...planned, ...own }
}

/** Where nothing is signed nothing is uploaded. */
function artifactPlanOf(
  { world: { runner }, inputs: { artifact: asked, sigstore }, job }: Planning,
  bundles: readonly PlannedBundle[],
  { notes }: SignRecord,
): ArtifactPlan | undefined {
  if (asked === undefined || bundles.length === 0) return undefined
  const bundlePaths = bundles.map(({ bundlePath }) => bundlePath)
  return planArtifact({ runner, job, asked, bundlePaths, allowLoopback: sigstore.kind === 'custom', notes })
}

type Common = Planning & Pick<SignPlan, 'http' | 'now'>

/** What is on the disk and, if there is a release, what is there. Without one nothing is requested from anybody. */
async function planAll(
  common: Common,
  record: SignRecord,
): Promise<Pick<SignPlan, 'inputs' | 'bundles' | 'release'>> {
  const { inputs } = common
  if (inputs.release === undefined) return { inputs, bundles: await planBundles(common, record) }
  const view = await lookAtRelease(common, inputs.release)
  const expecting = { ...common, inputs: expectTag(common, view) }
  const bundles = await planBundles(expecting, record, view)
  const release = await planRelease(expecting, view, inputs.release, bundles)
  if (inputs.release.publish && view.release.draft) await assertTag(expecting, view)
  return { inputs: expecting.inputs, bundles, release }
}

const NOT_PUBLIC =
  "GitHub's own Sigstore instance: signatures and certificates are in no public log, and nobody can watch it for misuse. A signed timestamp stands in for the log"

/** GitHub runs one instance for github.com and one for each tenant of `ghe.com`, and none for servers of one's own. */
function assertInstance({ sigstore }: SignInputs, { serverUrl }: SignJob): void {
  if (sigstore.kind !== 'github' || serverUrl === 'https://github.com') return
  throw new ActionError(
    'INPUT_CONFLICT',
    `\`sigstore: github\` is the instance of https://github.com, and the job runs on ${serverUrl}`,
    {
      hint: 'Under data residency set `sigstore: custom` with the `trusted-root` of your tenant and a `signing-config` that names its Fulcio and timestamp authority.',
    },
  )
}

const isPublic = ({ sigstore: { kind } }: SignInputs, services: SelectedServices): boolean =>
  kind === 'public-good' || kind === 'staging' || (kind === 'custom' && isPublicInstance(services))

/** A pinned copy of the public files is `custom`, and what it logs is as public. */
const isPublicInstance = ({ fulcio, rekor }: SelectedServices): boolean =>
  [fulcio, ...rekor.urls].some(({ hostname }) => /(?:^|\.)sigst(?:ore|age)\.dev$/.test(hostname))

async function checkJob(world: World, inputs: SignInputs, job: SignJob, publicLog: boolean): Promise<void> {
  verifyTrigger(job.eventName, { allow: inputs.allowUnsafeTrigger })
  verifyExpectedRef(job.ref, inputs.expectedRef)
  const visibility = await visibilityOf(world, job)
  verifyVisibility(visibility, { allow: inputs.allowPrivateRepository, publicLog })
}

/** What the event's payload says. It is the runner's file; the token's claim decides once there is one. */
async function visibilityOf(world: World, job: SignJob): Promise<string | undefined> {
  const repository = (await readEvent(world, job))?.['repository']
  if (!isJsonObject(repository)) return undefined
  const { visibility, private: isPrivate } = repository
  if (typeof visibility === 'string') return visibility
  return isPrivate === true ? 'private' : undefined
}

async function loadTrust(
  world: World,
  { sigstore }: SignInputs,
  job: SignJob,
  shipped: Shipped,
): Promise<Trust> {
  if (sigstore.kind !== 'custom') return shippedTrust(shipped[sigstore.kind], world.clock.now())
  const bytes = await readConfigFile(world.files, sigstore.trustedRoot, job, MAX_CONFIG_BYTES)
  return trustOfFile(bytes, sigstore.trustedRoot)
}

async function loadServices(
  world: World,
  { sigstore, rekorVersion }: SignInputs,
  job: SignJob,
  shipped: Shipped,
  { root }: Trust,
): Promise<SelectedServices> {
  const allowLoopbackHttp = sigstore.kind === 'custom'
  const withoutLog = root.isGitHub
  const rules = { now: world.clock.now(), rekorVersion, allowLoopbackHttp, withoutLog }
  if (sigstore.kind === 'custom') {
    const bytes = await readConfigFile(world.files, sigstore.signingConfig, job, MAX_CONFIG_BYTES)
    const json = parseJsonFile(bytes, 'CONFIG_INVALID', sigstore.signingConfig)
    return selectServices(parseSigningConfig(json), rules)
  }
  const { signingConfig, signingConfigV2 } = shipped[sigstore.kind]
  const json = rekorVersion === 2 && signingConfigV2 !== undefined ? signingConfigV2 : signingConfig
  return selectServices(parseSigningConfig(json), rules)
}

async function planBundles(
  planning: Planning,
  record: SignRecord,
  view?: ReleaseView,
): Promise<readonly PlannedBundle[]> {
  const { world, inputs, job } = planning
  const predicate = await readPredicate(world, inputs.attest, job)
  const { assets = 'off' } = inputs.release ?? {}
  const found =
    view === undefined || assets === 'off'
      ? await findSignSubjects(world, inputs, job)
      : await findAssetSubjects(planning, view, assets)
  record.notes.push(...found.notes)
  return predicate === undefined
    ? planMessages(planning, found, record)
    : planStatements(planning, found, predicate, record)
}
