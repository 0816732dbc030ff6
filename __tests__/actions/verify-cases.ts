import { existsSync, readFileSync } from 'node:fs'
import type { InstanceName, Shipped, ShippedInstance } from '../../src/actions/job/trust-source.ts'
import type { VerifyOutcome } from '../../src/actions/report/outcome.ts'
import { verify } from '../../src/actions/verify/verify.ts'
import type { Http } from '../../src/ports.ts'
import { withoutSharedData } from '../core/shared-data.ts'
import { type FakeTree, type FakeWorld, fakeWorld } from './fake-world.ts'

/** Real bundles of other people, and a world of memory in which they are verified. */

const DATA = '../shared/data'

export const skip = withoutSharedData

const json = (path: string) => JSON.parse(existsSync(path) ? readFileSync(path, 'utf8') : 'null')

const instance = (name: InstanceName): ShippedInstance => ({
  name,
  date: '2026-08-21',
  trustedRoot: json(`src/trust/${name}.trusted-root.json`),
  signingConfig: null,
})

export const SHIPPED: Shipped = {
  'public-good': instance('public-good'),
  staging: instance('staging'),
  github: instance('github'),
}

/** Twelve days after the trusted roots were taken. */
export const NOW = Date.UTC(2026, 8, 2)

/** A file of the shared data. Where they are absent the tests that ask are skipped. */
export const data = (path: string): Uint8Array =>
  withoutSharedData === false ? readFileSync(`${DATA}/${path}`) : new Uint8Array()

export const bundleOf = (name: string): Uint8Array =>
  data(
    existsSync(`${DATA}/conformance/${name}`)
      ? `conformance/${name}/bundle.sigstore.json`
      : `wild/conformance/${name}/bundle.sigstore.json`,
  )

/** The same on one line, as a `.jsonl` has it. */
export const lineOf = (name: string): string =>
  withoutSharedData === false ? JSON.stringify(JSON.parse(Buffer.from(bundleOf(name)).toString())) : ''

/** The repository whose workflow gives its identity away, and what the certificate of `happy-path-v0.3` says of it. */
export const BEACON = 'sigstore-conformance/extremely-dangerous-public-oidc-beacon'
export const BEACON_WORKFLOW = `${BEACON}/.github/workflows/extremely-dangerous-oidc-beacon.yml`
export const BEACON_RUN = '8347481628'
export const BEACON_COMMIT = 'c7b3dfb335f051e1c86bda4c716fac97df62ad81'

/** A job of the beacon's own repository. */
export const BEACON_ENV = {
  GITHUB_REPOSITORY: BEACON,
  GITHUB_REPOSITORY_ID: '632596897',
  GITHUB_REPOSITORY_OWNER_ID: '131804563',
  GITHUB_RUN_ID: BEACON_RUN,
  GITHUB_SHA: BEACON_COMMIT,
  GITHUB_REF: 'refs/heads/main',
  GITHUB_EVENT_NAME: 'workflow_dispatch',
}

/** A job of somebody else, who has to say whose files they are. */
export const OTHER_ENV = {
  GITHUB_REPOSITORY: 'octo/demo',
  GITHUB_REPOSITORY_ID: '1',
  GITHUB_REPOSITORY_OWNER_ID: '2',
  GITHUB_RUN_ID: '3',
  GITHUB_SHA: 'a'.repeat(40),
  GITHUB_REF: 'refs/heads/main',
  GITHUB_EVENT_NAME: 'push',
}

export interface VerifyCase {
  readonly tree: FakeTree
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly now?: number
  readonly cancelled?: AbortSignal
  readonly http?: Http
}

export async function runVerify({
  inputs = {},
  env = OTHER_ENV,
  now = NOW,
  ...rest
}: VerifyCase): Promise<FakeWorld & { readonly outcome: VerifyOutcome }> {
  const fake = fakeWorld({ ...rest, inputs, env, now })
  return { ...fake, outcome: await verify(fake.world, SHIPPED) }
}
