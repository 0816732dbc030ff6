import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job } from '../../sandbox/job.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { verifyBySigstoreJs } from '../sandbox/client.ts'
import { dataOf, type Run, run, type Variables, writeFiles } from './program.ts'

export const NAME = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'

export const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')

export const SPDX =
  '{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"app","big":12345678901234567890}'

/** What to say, and under which type. */
export interface Attested {
  readonly inputs: Variables
  readonly type: string
  readonly kind: 'provenance' | 'sbom' | 'attestation'
}

export const PROVENANCE: Attested = {
  inputs: { INPUT_ATTEST: 'provenance' },
  type: 'https://slsa.dev/provenance/v1',
  kind: 'provenance',
}
/** Needs a file `sbom.json`. */
export const SBOM: Attested = {
  inputs: { INPUT_ATTEST: 'sbom', 'INPUT_SBOM-PATH': 'sbom.json' },
  type: 'https://spdx.dev/Document/v2.3',
  kind: 'sbom',
}
export const CUSTOM: Attested = {
  inputs: {
    INPUT_ATTEST: 'custom',
    'INPUT_PREDICATE-TYPE': 'https://example.com/scan/v1',
    INPUT_PREDICATE: '{ "result": "passed" }',
  },
  type: 'https://example.com/scan/v1',
  kind: 'attestation',
}

export async function jobWith(
  sandbox: Sandbox,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<Job> {
  const job = await sandbox.newJob()
  await writeFiles(job, files)
  return job
}

/** Runs `dist/sign.js` to success. */
export async function attest(job: Job, inputs: Variables): Promise<Run> {
  const done = await run('sign', { ...job.env, ...inputs })
  assert.equal(done.code, 0, done.text)
  assert.equal(done.stderr, '')
  assert.deepEqual(dataOf(done, 'error'), [])
  return done
}

/** The statement's text in a bundle that an independent client accepts. */
export function payloadIn(text: string, sandbox: Sandbox): string {
  const bundle = JSON.parse(text)
  assert.equal(verifyBySigstoreJs(bundle, sandbox.trustedRoot), NAME)
  assert.equal(bundle.dsseEnvelope.payloadType, 'application/vnd.in-toto+json')
  return Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()
}

export const payloadOf = async (job: Job, file: string, sandbox: Sandbox): Promise<string> =>
  payloadIn(await readFile(join(job.workspace, file), 'utf8'), sandbox)

/** `[token, certificate, v1 entries, v2 entries, timestamps]` */
export const countsOf = (sandbox: Sandbox): readonly number[] =>
  (['token', 'fulcio', 'rekor-v1', 'rekor-v2', 'tsa'] as const).map((service) =>
    sandbox.requests.count(service),
  )
