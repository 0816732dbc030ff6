import { parseUtf8 } from '../core/bytes.ts'
import { PAE_PREFIX } from '../core/dsse.ts'
import { parseJson } from '../core/json.ts'
import { isJsonObject } from '../core/json-reader.ts'
import { ActionError } from '../errors.ts'
import type { Files, Http, World } from '../ports.ts'
import { verifyExpectedRef, verifyTrigger, verifyVisibility } from '../sigstore/identity.ts'
import { type SelectedServices, selectServices } from '../sigstore/service-selection.ts'
import { parseSigningConfig } from '../sigstore/signing-config.ts'
import { type ArtifactPlan, planArtifact } from './artifact-plan.ts'
import { placeBundles } from './bundle-places.ts'
import { checkBundlePlaces } from './bundle-places-check.ts'
import { mapConcurrently } from './concurrently.ts'
import { readConfigFile } from './config-file.ts'
import { connect } from './connection.ts'
import type { CorrectedClock } from './corrected-clock.ts'
import { findExisting } from './existing-bundles.ts'
import { parseSignJob, type SignJob } from './job.ts'
import { checkInputNames } from './known-inputs.ts'
import { readArtifact, startOfFile } from './read-artifact.ts'
import { assertExpected, assertSignable } from './sign-file.ts'
import { parseSignInputs, type SignInputs } from './sign-inputs.ts'
import type { SignRecord } from './sign-record.ts'
import { findSubjects, type Subject } from './subjects.ts'
import {
  MAX_CONFIG_BYTES,
  parseJsonFile,
  type Shipped,
  shippedTrust,
  type Trust,
  trustOfFile,
} from './trust-source.ts'

/** A subject, where its bundle goes, and whether one is there already. */
export interface PlannedSubject extends Subject {
  readonly bundlePath: string
  readonly hasBundle: boolean
}

/** What is known before anything leaves this machine. */
export interface SignPlan {
  readonly world: World
  readonly inputs: SignInputs
  readonly job: SignJob
  readonly roots: readonly string[]
  readonly trust: Trust
  readonly services: SelectedServices
  readonly publicLog: boolean
  readonly subjects: readonly PlannedSubject[]
  readonly http: Http
  readonly now: () => number
  readonly clock: CorrectedClock
  /** There if the bundles are to become a workflow artifact. */
  readonly artifact?: ArtifactPlan
  /** PEM text of `ca-certificates`. */
  readonly caCertificates?: string
}

/** Parses all inputs and finds whatever can be known to fail later. Nothing is requested from anybody. */
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
  const subjects = await planSubjects(world, inputs, job, roots, record)
  const artifact = subjects.length === 0 ? undefined : artifactPlanOf(world, inputs, job, subjects, record)
  const connection = await connect(world, inputs, job)
  return {
    ...{ world, inputs, job, roots, trust, services, publicLog, subjects },
    ...connection,
    now: connection.clock.now,
    ...(artifact !== undefined && { artifact }),
  }
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

const MAX_EVENT = 32 * 1024 * 1024

/** What the event's payload says. It is the runner's file; the token's claim decides once there is one. */
async function visibilityOf({ files }: World, job: SignJob): Promise<string | undefined> {
  if (job.eventPath === undefined || (await files.kind(job.eventPath)) !== 'file') return undefined
  const bytes = await readConfigFile(files, job.eventPath, job, MAX_EVENT)
  const code = 'ENVIRONMENT'
  const rules = { malformed: code, tooLarge: code, tooDeep: code, duplicate: code } as const
  const text = parseUtf8(bytes, code, 'the payload of the event').replace(/^\ufeff/, '')
  if (text.trim() === '') return undefined
  const event = parseJson(text, { maxBytes: MAX_EVENT, maxDepth: 256, ...rules }, 'the payload of the event')
  const repository = isJsonObject(event) ? event['repository'] : undefined
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

async function planSubjects(
  world: World,
  inputs: SignInputs,
  job: SignJob,
  roots: readonly string[],
  record: SignRecord,
): Promise<readonly PlannedSubject[]> {
  const found = await findSubjects(world.files, job, {
    ...inputs.subjects,
    ifNoFilesFound: inputs.ifNoFilesFound,
  })
  record.notes.push(...found.notices, ...found.warnings)
  const paths = placeBundles(found.subjects, inputs.bundles, job)
  await checkBundlePlaces(world.files, paths, job)
  record.subjects.push(...found.subjects.map(({ name, path }) => ({ name, path })))
  await checkContents(world, found.subjects, roots)
  return findExisting(world.files, inputs, roots, found.subjects, paths)
}

function artifactPlanOf(
  { runner }: World,
  { artifact: asked, sigstore }: SignInputs,
  job: SignJob,
  subjects: readonly PlannedSubject[],
  { notes }: SignRecord,
): ArtifactPlan | undefined {
  if (asked === undefined) return undefined
  const bundlePaths = subjects.map(({ bundlePath }) => bundlePath)
  return planArtifact({ runner, job, asked, bundlePaths, allowLoopback: sigstore.kind === 'custom', notes })
}

const CHECKED_AT_ONCE = 8

/** What cannot be read, must not be signed or does not match its checksum fails before a token is asked for. */
async function checkContents(
  { files }: World,
  subjects: readonly Subject[],
  roots: readonly string[],
): Promise<void> {
  await mapConcurrently(subjects, CHECKED_AT_ONCE, (subject) =>
    subject.expectedDigest === undefined
      ? checkStart(files, subject, roots)
      : checkWhole(files, subject, roots),
  )
}

async function checkWhole(files: Files, subject: Subject, roots: readonly string[]): Promise<void> {
  const { sha256, artifact } = await readArtifact(files, subject.path, roots, new Set())
  assertSignable(subject, artifact.looksSigned)
  assertExpected(subject, sha256)
}

async function checkStart(files: Files, subject: Subject, roots: readonly string[]): Promise<void> {
  const file = await files.open(subject.path, roots)
  try {
    const start = startOfFile()
    let length = 0
    for await (const chunk of file.chunks()) {
      start.update(chunk)
      length += chunk.length
      if (length >= PAE_PREFIX.length) break
    }
    assertSignable(subject, start.looksSigned())
  } finally {
    await file.close()
  }
}
