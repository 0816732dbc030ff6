import { existsSync } from 'node:fs'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { succeed } from '../e2e/command.ts'
import { privateEnvironment } from '../e2e/processes.ts'
import { createSigners } from '../e2e/signers.ts'
import { readSigningConfig, readTrustedRoot } from '../e2e/trust.ts'
import { createJob } from '../sandbox/job.ts'
import { assertSigned, runAction, writeFiles } from './action.ts'
import { logOf, type RealStack } from './real-stack.ts'

/** Somebody who signs files on the real servers. */
export interface BatchSigner {
  readonly name: string
  /** How it signs several, in words. */
  readonly manner: string
  /** Milliseconds for so many files, from the first start of a process to the end of the last. Throws unless all are signed. */
  readonly sign: (files: number) => Promise<number>
}

export interface BatchSigners {
  readonly ours: BatchSigner
  readonly cosign: BatchSigner
  readonly python: BatchSigner
  readonly js: BatchSigner
}

const BYTES = 20_000

/** Each call makes files of its own; what they cost to write is not measured. */
export async function createBatchSigners(real: RealStack, version: 1 | 2): Promise<BatchSigners> {
  const folder = await mkdtemp(join(real.stack.folder, `bench-v${version}-`))
  const program = await bundleSigstoreJs(folder)
  const context = { real, version, folder }
  return {
    ours: { name: 'keyless', manner: 'one process', sign: (files) => signOurs(context, files) },
    cosign: {
      name: `cosign ${real.tools.versions.cosign}`,
      manner: 'a process for each file',
      sign: (files) => signWithCosign(context, files),
    },
    python: {
      name: `sigstore-python ${real.tools.versions['sigstore-python']}`,
      manner: 'one process for all files',
      sign: (files) => signWithPython(context, files),
    },
    js: {
      name: '@sigstore/sign',
      manner: 'a loop in one process, bundled as an action is',
      sign: (files) => signWithJs(context, files, program),
    },
  }
}

interface Context {
  readonly real: RealStack
  readonly version: 1 | 2
  readonly folder: string
}

async function signOurs({ real, version, folder }: Context, files: number): Promise<number> {
  const { claims, issuer, tokenUrl } = real.addJob()
  const log = logOf(real.trust, version)
  const job = await createJob({
    folder,
    claims,
    requestToken: issuer.requestToken,
    tokenUrl,
    trustedRoot: readTrustedRoot(real.trust.trustedRoot),
    signingConfig: readSigningConfig(log.signingConfig),
  })
  const paths = await writeFiles(job.workspace, files, BYTES)
  const env = { ...job.env, 'INPUT_SUBJECT-PATH': 'dist/*', 'INPUT_REKOR-VERSION': String(version) }
  const run = assertSigned(await runAction('sign', env))
  assertAllThere(paths.map((path) => `${path}.sigstore.json`))
  return run.milliseconds
}

async function signWithCosign({ real, version, folder }: Context, files: number): Promise<number> {
  const cosign = createSigners(real.tools).find(
    ({ client, content }) => client.startsWith('cosign') && content === 'message signature',
  )
  if (cosign === undefined) throw new Error('nobody knows how to call cosign')
  const { paths, token } = await prepare(real, folder, files)
  const order = {
    folder: real.stack.folder,
    urls: real.stack.urls,
    trustedRoot: real.trust.trustedRoot,
    log: logOf(real.trust, version),
    token,
  }
  return timed(async () => {
    for (const path of paths) await cosign.sign({ ...order, artifact: path, bundle: `${path}.sigstore.json` })
    return paths.map((path) => `${path}.sigstore.json`)
  })
}

async function signWithPython({ real, version, folder }: Context, files: number): Promise<number> {
  const { paths, token } = await prepare(real, folder, files)
  const config = logOf(real.trust, version).trustConfig
  const args = ['-m', 'sigstore', '--trust-config', config, 'sign', '--identity-token', token, ...paths]
  const env = privateEnvironment(join(real.stack.folder, 'home'))
  return timed(async () => {
    await succeed({ file: real.tools.python, args, env })
    return paths.map((path) => `${path}.sigstore.json`)
  })
}

async function signWithJs(
  { real, version, folder }: Context,
  files: number,
  program: string,
): Promise<number> {
  const { paths, token, work } = await prepare(real, folder, files)
  const args = [program, logOf(real.trust, version).signingConfig, ...paths]
  const env = { ...privateEnvironment(work), TOKEN: token }
  return timed(async () => {
    await succeed({ file: process.execPath, args, env })
    return paths.map((path) => `${path}.sigstore.json`)
  })
}

async function prepare(real: RealStack, folder: string, files: number) {
  const work = await mkdtemp(join(folder, 'work-'))
  const paths = await writeFiles(work, files, BYTES)
  return { paths, work, token: real.addJob().token() }
}

async function timed(work: () => Promise<readonly string[]>): Promise<number> {
  const started = performance.now()
  const bundles = await work()
  const milliseconds = performance.now() - started
  assertAllThere(bundles)
  return milliseconds
}

function assertAllThere(paths: readonly string[]): void {
  const missing = paths.filter((path) => !existsSync(path))
  if (missing.length > 0) throw new Error(`${missing.length} of ${paths.length} bundles were not made`)
}

async function bundleSigstoreJs(folder: string): Promise<string> {
  const outfile = join(folder, 'sigstore-js', 'sign.cjs')
  await mkdir(join(folder, 'sigstore-js'))
  const entryPoints = [join(import.meta.dirname, 'sigstore-js-sign.ts')]
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' })
  return outfile
}
