import { randomBytes } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createJob, type Job } from '../sandbox/job.ts'
import type { JobIdentity } from './issuer.ts'
import { type LogChoice, readSigningConfig, readTrustedRoot, type TrustFiles } from './trust.ts'

/** Files that a release may well hold: what breaks shells and parsers is in their names and sizes. */
export const ARTIFACTS: readonly string[] = ['app.tar.gz', `it's "a file" – häßlich & 100%.bin`, 'empty.txt']

const CONTENTS: readonly Uint8Array[] = [randomBytes(20_000), randomBytes(3_000_000), new Uint8Array()]

/** Names that recipes and inputs use, all in the workspace. */
export const TRUSTED_ROOT = 'trusted_root.json'
export const SIGNING_CONFIG = 'signing_config.json'
export const TRUST_CONFIG = 'trust_config.json'

/** A job's workspace with the artifacts and the trust files of one log. */
export async function createWorkspace(
  folder: string,
  identity: JobIdentity,
  trust: TrustFiles,
  log: LogChoice,
): Promise<Job> {
  const job = await createJob({
    folder,
    claims: identity.claims,
    requestToken: identity.issuer.requestToken,
    tokenUrl: identity.tokenUrl,
    trustedRoot: readTrustedRoot(trust.trustedRoot),
    signingConfig: readSigningConfig(log.signingConfig),
  })
  cpSync(trust.trustedRoot, join(job.workspace, TRUSTED_ROOT))
  cpSync(log.signingConfig, join(job.workspace, SIGNING_CONFIG))
  cpSync(log.trustConfig, join(job.workspace, TRUST_CONFIG))
  ARTIFACTS.forEach((name, i) => void writeFileSync(join(job.workspace, name), CONTENTS[i] ?? ''))
  return job
}

/** The inputs that say which Sigstore and which log. */
export const instanceInputs = ({
  rekorVersion,
}: Pick<LogChoice, 'rekorVersion'>): Readonly<Record<string, string>> => ({
  sigstore: 'custom',
  'trusted-root': TRUSTED_ROOT,
  'signing-config': SIGNING_CONFIG,
  'rekor-version': String(rekorVersion),
})

/** A pattern that matches this name alone. */
export const literally = (name: string): string => name.replace(/[,[*?]/g, '[$&]')

/** The same job, its workspace changed afterwards. */
export function changedCopy(job: Job, name: string, change: (workspace: string) => void): Job {
  const workspace = `${job.workspace}-${name}`
  cpSync(job.workspace, workspace, { recursive: true })
  change(workspace)
  return { ...job, workspace, env: { ...job.env, GITHUB_WORKSPACE: workspace } }
}

/** The same job after somebody changed one byte of each of these; of an empty one there is none, so it gets one. */
export const tamperedCopy = (job: Job, files: readonly string[], name = 'tampered'): Job =>
  changedCopy(job, name, (workspace) => {
    for (const file of files) {
      const path = join(workspace, file)
      writeFileSync(path, tampered(readFileSync(path)))
    }
  })

export function tampered(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(0)
  const middle = Math.floor(bytes.length / 2)
  return bytes.map((byte, i) => (i === middle ? byte ^ 1 : byte))
}
