import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SigningConfigJson, TrustedRootJson } from '../sandbox/trust-files.ts'
import { succeed } from './command.ts'
import { privateEnvironment } from './processes.ts'
import type { Stack } from './stack.ts'

/** A transparency log and who gives the time, as clients are told to use them. */
export interface LogChoice {
  readonly title: string
  readonly rekorVersion: 1 | 2
  /** Paths. The trust config is both of the others in one, as sigstore-python wants it. */
  readonly signingConfig: string
  readonly trustConfig: string
  /** Whether a timestamp authority is on offer. */
  readonly hasAuthority: boolean
}

/** What cosign wrote about the stack: nothing of ours had a part in it. */
export interface TrustFiles {
  readonly trustedRoot: string
  readonly logs: readonly LogChoice[]
}

const START = '2024-01-01T00:00:00Z'
const OPERATOR = 'e2e'

/** Asks the servers for their keys and lets cosign write the trusted root and a signing config for each log. */
export async function createTrustFiles(cosign: string, stack: Stack): Promise<TrustFiles> {
  const { folder, urls, keys } = stack
  const [tsaChain, rekorV1Key] = await Promise.all([
    download(urls.tsaChain, join(folder, 'tsa-chain.pem')),
    download(`${urls.rekorV1}/api/v1/log/publicKey`, join(folder, 'rekor-v1.pub')),
  ])
  const trustedRoot = join(folder, 'trusted_root.json')
  const v2 = `url=${urls.rekorV2},public-key=${keys.rekorV2PublicKey},start-time=${START},origin=localhost`
  await cosignCreates(cosign, stack, [
    'trusted-root',
    'create',
    `--out=${trustedRoot}`,
    `--fulcio=url=${urls.fulcio},certificate-chain=${keys.caChain}`,
    `--ctfe=url=${urls.ctlog},public-key=${keys.ctPublicKey},start-time=${START}`,
    `--rekor=${v2}`,
    `--rekor=url=${urls.rekorV1},public-key=${rekorV1Key},start-time=${START}`,
    `--tsa=url=${urls.tsa},certificate-chain=${tsaChain}`,
  ])
  const choices = [
    { title: 'Rekor v2', rekorVersion: 2, hasAuthority: true },
    { title: 'Rekor v1', rekorVersion: 1, hasAuthority: true },
    { title: "Rekor v1's own time", rekorVersion: 1, hasAuthority: false },
  ] as const
  const logs = choices.map((choice, i) =>
    createLogChoice(cosign, stack, trustedRoot, { ...choice, number: i + 1 }),
  )
  return { trustedRoot, logs: await Promise.all(logs) }
}

interface Choice {
  readonly title: string
  readonly rekorVersion: 1 | 2
  readonly hasAuthority: boolean
  readonly number: number
}

async function createLogChoice(
  cosign: string,
  stack: Stack,
  trustedRoot: string,
  { title, rekorVersion, hasAuthority, number }: Choice,
): Promise<LogChoice> {
  const { folder, urls, issuer } = stack
  const signingConfig = join(folder, `signing_config_${number}.json`)
  const trustConfig = join(folder, `trust_config_${number}.json`)
  const service = (url: string, version: number): string =>
    `url=${url},api-version=${version},start-time=${START},operator=${OPERATOR}`
  await cosignCreates(cosign, stack, [
    'signing-config',
    'create',
    `--out=${signingConfig}`,
    `--fulcio=${service(urls.fulcio, 1)}`,
    `--rekor=${service(rekorVersion === 2 ? urls.rekorV2 : urls.rekorV1, rekorVersion)}`,
    '--rekor-config=ANY',
    ...(hasAuthority ? [`--tsa=${service(urls.tsa, 1)}`, '--tsa-config=ANY'] : []),
    `--oidc-provider=${service(issuer.url, 1)}`,
  ])
  const { tsaConfig, ...config } = readSigningConfig(signingConfig)
  // Without an authority cosign writes an empty tsaConfig, over which sigstore-python stumbles.
  const usable = hasAuthority ? { ...config, tsaConfig } : config
  writeFileSync(trustConfig, encodeTrustConfig(readTrustedRoot(trustedRoot), usable))
  return { title, rekorVersion, signingConfig, trustConfig, hasAuthority }
}

/** Both files in one, as sigstore-python wants them. */
export const encodeTrustConfig = (trustedRoot: TrustedRootJson, signingConfig: object): string =>
  JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.clienttrustconfig.v0.1+json',
    trustedRoot,
    signingConfig,
  })

export const readTrustedRoot = (path: string): TrustedRootJson => JSON.parse(readFileSync(path, 'utf8'))
export const readSigningConfig = (path: string): SigningConfigJson => JSON.parse(readFileSync(path, 'utf8'))

async function cosignCreates(cosign: string, { folder }: Stack, args: readonly string[]): Promise<void> {
  await succeed({ file: cosign, args, env: privateEnvironment(join(folder, 'home')) })
}

async function download(url: string, path: string): Promise<string> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
  writeFileSync(path, await answer.bytes())
  return path
}
