import { encodeHex } from '../../core/bytes.ts'
import { startDigest } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { ArtifactResult, Files } from '../../ports.ts'
import { mapConcurrently } from '../job/concurrently.ts'
import type { SignOutcome } from '../report/outcome.ts'
import { buildReport, encodeReport } from '../report/report.ts'
import type { SignPlan } from '../sign/sign-plan.ts'
import type { SignRecord } from '../sign/sign-record.ts'
import { assertUnchanged } from '../sign/signed-bundles.ts'
import { firstNaming, nameAfter } from './artifact-failure.ts'
import { type ArtifactPlan, REPORT_NAME } from './artifact-plan.ts'

const COPIED_AT_ONCE = 8

export type ArtifactSignPlan = SignPlan & { readonly artifact: ArtifactPlan }

/**
 * Makes one artifact of all bundles and of a report that is final but for this very upload, whose id and digest nobody
 * can know before it; then reads back what the service holds. To be called when everything else is done.
 */
export async function publishArtifact(
  plan: ArtifactSignPlan,
  record: SignRecord,
  outcome: SignOutcome,
): Promise<void> {
  const { folder, files } = await stage(plan, outcome, record)
  const { name, result } = await uploadPatiently(plan, folder, files, record)
  const { id = '', digest = '' } = result
  const { serverUrl, repository, runId } = plan.job
  const url = `${serverUrl}/${repository}/actions/runs/${runId}/artifacts/${id}`
  record.published.push({ kind: 'artifact', id, name, digest, url })
  verifyListed(name, result)
}

/** A folder of copies, so that a name in the artifact is ours to choose. */
async function stage(
  { world, job, roots, artifact }: ArtifactSignPlan,
  outcome: SignOutcome,
  record: SignRecord,
): Promise<{ readonly folder: string; readonly files: readonly string[] }> {
  const { files, runner } = world
  const folder = await files.makePrivateFolder(job.temp, 'keyless-artifact-')
  const separator = runner.platform === 'win32' ? '\\' : '/'
  const at = (place: string): string => folder + separator + place.replaceAll('/', separator)
  const copies = await mapConcurrently([...artifact.places], COPIED_AT_ONCE, async ([path, place]) => {
    assertUnchanged(path, await copyFile(files, path, roots, at(place), job.temp), record)
    return at(place)
  })
  await files.write(at(REPORT_NAME), [job.temp], encodeReport(buildReport(outcome)))
  return { folder, files: [...copies, at(REPORT_NAME)] }
}

/** A combined file may be of any size. Resolves with the SHA-256 of what was copied, hexadecimal. */
async function copyFile(
  files: Files,
  from: string,
  roots: readonly string[],
  to: string,
  temp: string,
): Promise<string> {
  const sha256 = startDigest('sha256')
  const source = await files.open(from, roots)
  try {
    const target = await files.create(to, [temp])
    try {
      for await (const chunk of source.chunks()) {
        sha256.update(chunk)
        await target.write(chunk)
      }
    } finally {
      await target.close()
    }
    return encodeHex(sha256.finish())
  } finally {
    await source.close()
  }
}

interface Uploaded {
  readonly name: string
  readonly result: ArtifactResult
}

/** Within the time budget, under the name that was asked for or, where this run has taken that, under a second one. */
async function uploadPatiently(
  plan: ArtifactSignPlan,
  folder: string,
  files: readonly string[],
  record: SignRecord,
): Promise<Uploaded> {
  const { world, inputs, artifact, job } = plan
  const end = world.clock.monotonic() + inputs.timeBudget
  let naming = firstNaming(artifact.name, job.runAttempt ?? '1')
  for (let tries = 1; ; tries++) {
    const { name } = naming
    const result = await uploadOnce(plan, name, folder, files)
    const found = result.id === undefined ? findOwn(result) : result
    if (found !== undefined) {
      if (name !== artifact.name) record.notes.push(renamed(artifact.name, name))
      return { name, result: found }
    }
    const next = nameAfter(naming, result)
    naming = next.naming
    if (next.error !== undefined) await waitBeforeNext(plan, next.error, tries, end)
  }
}

const renamed = (asked: string, name: string): string =>
  `the artifact is called ${quote(name)}: this run has one called ${quote(asked)}. The output \`artifact-name\` holds the name`

function uploadOnce(
  { world, artifact, inputs, job, caCertificates }: ArtifactSignPlan,
  name: string,
  folder: string,
  files: readonly string[],
): Promise<ArtifactResult> {
  const { retentionDays } = artifact
  return world.uploadArtifact({
    name,
    folder,
    files,
    ...(retentionDays !== undefined && { retentionDays }),
    service: artifact.service,
    token: artifact.token.reveal(),
    server: job.serverUrl,
    ...(caCertificates !== undefined && { caCertificates }),
    patience: inputs.timeBudget,
    onSecret: (secret) => world.runner.mask(secret),
    onLine: (line) => world.runner.debug(line),
  })
}

/** Where the last answer was lost the list may show that the artifact is complete all the same. */
function findOwn(result: ArtifactResult): ArtifactResult | undefined {
  if (result.digest === undefined) return undefined
  const own = result.listed?.find(({ digest }) => digest === `sha256:${result.digest}`)
  return own === undefined ? undefined : { ...result, id: own.id, size: own.size, stage: 'done' }
}

const FIRST_WAIT = 500
const LONGEST_WAIT = 30_000

async function waitBeforeNext(
  { world, inputs }: SignPlan,
  error: ActionError,
  tries: number,
  end: number,
): Promise<void> {
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(tries, 10))
  if (world.clock.monotonic() + wait >= end) {
    const budget = Math.round(inputs.timeBudget / 1000)
    throw new ActionError(error.code, `${error.message} (time budget ${budget} s)`, { cause: error })
  }
  world.runner.warning(`${error.message}; trying again`)
  await world.clock.sleep(wait, world.cancelled)
}

/** What the service lists under the id is what was sent: name, size and digest, where it tells one. */
function verifyListed(name: string, { id, size, digest, listed, failure }: ArtifactResult): void {
  if (listed === undefined) {
    throw new ActionError(
      'ARTIFACT_UPLOAD',
      `the artifact ${quote(name)} was uploaded and cannot be read back: ${quote(failure ?? '')}`,
    )
  }
  const found = listed.find((one) => one.id === id)
  const shown = `${size} bytes, sha256:${digest}`
  if (found === undefined) {
    throw new ActionError('ARTIFACT_DIGEST', `the run does not list the artifact ${quote(name)}`, {
      expected: shown,
    })
  }
  if (found.size === size && (found.digest ?? `sha256:${digest}`) === `sha256:${digest}`) return
  throw new ActionError('ARTIFACT_DIGEST', `the artifact ${quote(name)} is not what was uploaded`, {
    expected: shown,
    found: `${found.size} bytes, ${found.digest ?? 'no digest'}`,
  })
}
